"""What is about one question: show it, decide it, take it back, say whose it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.engine.service import Service
from bot.engine.views import ProposalView
from bot.model import Actor
from bot.slack.acting import Acting
from bot.slack.blocks.answers import finding_answer, word
from bot.slack.blocks.card import card
from bot.slack.blocks.elements import Payload
from bot.slack.clicks import About
from bot.slack.commands.asked import Asked, Run
from bot.slack.commands.parsing import (
    id_and_rest,
    only_id,
    reason_in,
    thing_and_owner,
    until_and_reason,
)
from bot.slack.deciding import Deciding
from bot.slack.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Questions:
    """Decides by the same service as buttons do, on the plan as it is when the command comes."""

    service: Service
    renderer: Renderer
    deciding: Deciding
    acting: Acting
    clock: Callable[[], datetime]

    def runs(self) -> Mapping[str, Run]:
        """What each command does, by its name."""
        return {
            "show": self.show,
            "approve": self.approve,
            "deny": self.deny,
            "snooze": self.snooze,
            "exempt": self.exempt,
            "undo": self.undo,
            "owner": self.owner,
        }

    def show(self, asked: Asked) -> Payload:
        """The card of what an id means; a finding that nobody was asked about as it is."""
        any_id = only_id(asked.typed)
        if any_id.startswith("p-"):
            return self.card_of(any_id, asked.actor)
        if any_id.startswith("x-"):
            return self.card_of(self.service.execution(any_id).proposal_id, asked.actor)
        view = self.service.finding(any_id)
        if view.proposal is not None:
            return self.card_of(view.proposal.id, asked.actor)
        self.service.require_security(asked.actor, "show a finding")
        return finding_answer(view, self.clock())

    def approve(self, asked: Asked) -> Payload:
        """The card whose buttons approve exactly the plan that it shows; a word alone never does.

        What can't be undone is approved in a modal only, which its button opens.
        """
        asks = self.service.open_proposal(only_id(asked.typed))
        return self.card_of(asks.id, asked.actor)

    def deny(self, asked: Asked) -> Payload | None:
        """Deny for the reason given, or ask for it."""
        about, rest = self._about(asked)
        if not rest:
            self._open(asked, "deny", about)
            return None
        return word(self.deciding.deny(about, reason_in(rest), asked.actor))

    def snooze(self, asked: Asked) -> Payload | None:
        """Put off as given, or ask for how long."""
        about, rest = self._about(asked)
        if not rest:
            self._open(asked, "snooze", about)
            return None
        until, reason = until_and_reason(asked.typed, rest, self.clock())
        return word(self.deciding.snooze(about, until, reason, asked.actor))

    def exempt(self, asked: Asked) -> Payload | None:
        """Accept as given, or ask for how long and why."""
        about, rest = self._about(asked)
        if not rest:
            self._open(asked, "exempt", about)
            return None
        until, reason = until_and_reason(asked.typed, rest, self.clock())
        return word(self.deciding.exempt(about, until, reason, asked.actor))

    def undo(self, asked: Asked) -> Payload:
        """The question whether to take a fix back."""
        return self.undone(only_id(asked.typed), asked.actor)

    def owner(self, asked: Asked) -> Payload:
        """Remember whose something is, and ask them."""
        thing, owner = thing_and_owner(asked.typed)
        return word(self.deciding.hand_over_thing(thing, owner, asked.actor))

    def card_of(self, proposal_id: str, actor: Actor) -> Payload:
        """The card of a question, for whom it concerns."""
        self.service.require_involved(proposal_id, actor)
        return self._card(self.service.proposal(proposal_id))

    def undone(self, any_id: str, actor: Actor) -> Payload:
        """The card of the new question whether to take an execution back."""
        return self._card(self.deciding.undo(any_id, actor))

    def _card(self, view: ProposalView) -> Payload:
        return card(self.renderer.question(view))

    def _about(self, asked: Asked) -> tuple[About, str]:
        any_id, rest = id_and_rest(asked.typed)
        asks = self.service.open_proposal(any_id)
        return About(asks.id, asks.digest), rest

    def _open(self, asked: Asked, name: str, about: About) -> None:
        self.service.require_involved(about.proposal_id, asked.actor)
        self.acting.open(asked.body, name, about)
