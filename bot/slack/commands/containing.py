"""`contain`: shut every door of a user at once, and say which are shut."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.engine.asking import Asker
from bot.engine.doors import Contained
from bot.engine.service import Service
from bot.engine.telling import tell_contained
from bot.errors import UsageError
from bot.model import Actor
from bot.slack.blocks.answers import word
from bot.slack.blocks.containing import contain_answer
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.escape import code, say
from bot.slack.commands.asked import Asked, Run
from bot.slack.commands.catalogue import COMMANDS
from bot.slack.commands.parsing import readable
from bot.slack.commands.replying import Replying

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Containing:
    """The command. `changed` is called once it was done, so that the channel is told at once."""

    service: Service
    asker: Asker
    replying: Replying
    changed: Callable[[], None]

    def runs(self) -> Mapping[str, Run]:
        """What each command does, by its name."""
        return {"contain": self.contain}

    def contain(self, asked: Asked) -> Payload:
        """Contain the user who was named: says that it began, and then every door."""
        self.service.require_security(asked.actor, "contain")
        user = readable(asked.typed.rest).strip("`")
        if len(user.split()) != 1:
            raise UsageError(
                "contain takes the name or the ARN of one IAM user",
                hint=f"It goes: {COMMANDS['contain'].usage}",
            )
        began = say("Containing {user}. What comes of it is told here.", user=code(user))
        self.replying.answer(asked.body, word(began))
        contained = contain_command(self.service, self.asker, user, asked.actor)
        self.changed()
        return contain_answer(contained)


def contain_command(service: Service, asker: Asker, user: str, actor: Actor) -> Contained:
    """Contain a user, and give the security channel the card of it."""
    contained = service.contain(user, actor, _log.info)
    for proposal in contained.proposals:
        tell_contained(asker.store, asker.security_channel, proposal.id)
    return contained
