"""One command as someone gave it, and what carries it out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.model import Actor
from bot.slack.blocks.elements import Payload
from bot.slack.commands.parsing import Typed

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, by whom, and the page of the answer that is wanted."""

    typed: Typed
    actor: Actor
    body: Body
    page: int = 1

    @property
    def user(self) -> str:
        """The person's id in Slack."""
        return self.actor.name.rpartition("/")[2]


#: Carries a command out; None where it has shown its answer already, as a modal.
Run = Callable[[Asked], Payload | None]
