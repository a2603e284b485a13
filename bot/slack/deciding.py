"""Decisions that come from modals and from commands alike: take them, and say what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.engine.asking import Asker
from bot.engine.service import Service
from bot.engine.views import ProposalView
from bot.model import Actor, Address, ProposalState
from bot.slack.blocks.escape import Markup, address, code, say
from bot.slack.blocks.escape import date as moment
from bot.slack.blocks.words import counted
from bot.slack.clicks import About


@dataclass(frozen=True, slots=True)
class Deciding:
    """Each is judged by the service. `changed` is called after something was decided."""

    service: Service
    asker: Asker
    changed: Callable[[], None]

    def deny(self, about: About, reason: str, actor: Actor) -> Markup:
        """A no, with its reason."""
        self.service.deny(about.proposal_id, reason, actor, digest=about.digest)
        self.changed()
        return Markup("Denied. Nothing is changed.")

    def snooze(self, about: About, until: datetime, reason: str, actor: Actor) -> Markup:
        """Put off until a moment."""
        self.service.snooze(about.proposal_id, until, reason, actor, digest=about.digest)
        self.changed()
        return say("Put off until {when}.", when=moment(until))

    def exempt(self, about: About, until: datetime, reason: str, actor: Actor) -> Markup:
        """Accept for a while, or ask for it."""
        self.service.require_shown(about.proposal_id, about.digest, actor)
        done = self.service.exempt_question(about.proposal_id, reason, until, actor)
        self.changed()
        if done.proposal.state is ProposalState.CANCELLED:
            return say("Accepted until {when}. It comes back by itself.", when=moment(until))
        return Markup("Asked. A second person must confirm it, on the same message.")

    def hand_over(self, about: About, owner: Address, actor: Actor) -> Markup:
        """Someone else's, who is asked at once."""
        self.service.require_shown(about.proposal_id, about.digest, actor)
        self.service.hand_over(about.proposal_id, owner, actor)
        self.asker.re_ask(about.proposal_id)
        self.changed()
        return say("Handed over to {who}.", who=address(owner.value))

    def hand_over_thing(self, named: str, owner: Address, actor: Actor) -> Markup:
        """Remember whose a thing is, by its name, and ask them what is open about it."""
        asked = self.service.hand_over_resource(named, owner, actor)
        for view in asked:
            self.asker.re_ask(view.proposal.id)
        self.changed()
        who = address(owner.value)
        if not asked:
            return say("{thing} is {who}'s from now on.", thing=code(named), who=who)
        count = counted(len(asked), "question")
        return say(
            "{thing} is {who}'s, who has {count} about it.", thing=code(named), who=who, count=count
        )

    def undo(self, any_id: str, actor: Actor) -> ProposalView:
        """Propose to take an execution back, and ask in the same thread."""
        view = self.service.undo(any_id, actor)
        self.asker.ask(view.proposal.account.id)
        self.changed()
        return view
