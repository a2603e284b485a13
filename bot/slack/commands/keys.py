"""What a key is that someone found: the command `key`, and the shortcut on a message."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.engine.service import Service
from bot.errors import UsageError
from bot.model import Actor
from bot.slack.acting import Handler
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.key_answer import MOST_KEYS, keys_answer, no_key
from bot.slack.clicks import chooser_of
from bot.slack.commands.asked import Asked, Body, Run
from bot.slack.commands.catalogue import COMMANDS
from bot.slack.commands.replying import Replying
from bot.slack.manifest import COMMAND, SHORTCUT
from bot.slack.pasted import Pasted, pasted_in


@dataclass(frozen=True, slots=True)
class Keys:
    """Looks keys up for every colleague. Of what they stand in, nothing is kept or repeated."""

    service: Service
    replying: Replying

    def runs(self) -> Mapping[str, Run]:
        """What each command does, by its name."""
        return {"key": self.key}

    def shortcuts(self) -> Mapping[str, Handler]:
        """What each shortcut on a message does, by its callback id."""
        return {SHORTCUT: self.what_is_this_key}

    def key(self, asked: Asked) -> Payload:
        """The keys that were named."""
        pasted = pasted_in(asked.typed.rest)
        if not pasted.key_ids:
            raise UsageError(
                "name an access key by its id, which begins with AKIA or ASIA",
                hint=f"It goes: {COMMANDS['key'].usage}",
            )
        return self._looked_up(pasted, asked.actor, f"{COMMAND} key")

    def what_is_this_key(self, body: Body) -> None:
        """The keys in a message, told in private to whoever asks."""
        pasted = pasted_in(body.get("message"))
        payload = self._looked_up(pasted, chooser_of(body), SHORTCUT)
        self.replying.answer(body, payload)

    def _looked_up(self, pasted: Pasted, actor: Actor, what: str) -> Payload:
        known = self.service.identify(pasted.key_ids[:MOST_KEYS], actor, what)
        if not known:
            return no_key(with_secret=pasted.with_secret)
        more = len(pasted.key_ids) - len(known)
        return keys_answer(known, more=more, with_secret=pasted.with_secret)
