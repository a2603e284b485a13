"""What sent modals do: judge anew, decide, and say what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from slack_sdk import WebClient

from bot.engine.asking import Asker
from bot.engine.service import Service
from bot.errors import UsageError
from bot.model import Address, AddressKind, ProposalState
from bot.slack.blocks.escape import Markup, address, say
from bot.slack.blocks.escape import date as moment
from bot.slack.blocks.modals import word_modal
from bot.slack.calling import call
from bot.slack.clicks import About, actor_of, entered

Handler = Callable[[Mapping[str, Any]], Markup]


@dataclass(frozen=True, slots=True)
class Submitting:
    """The modals. `changed` is called after something was decided, so that others look at once."""

    service: Service
    asker: Asker
    client: WebClient
    clock: Callable[[], datetime]
    changed: Callable[[], None]

    def handlers(self) -> Mapping[str, Handler]:
        """What each modal does, by its callback id; each says what came of it."""
        return {
            "approve_modal": self.approve,
            "deny_modal": self.deny,
            "snooze_modal": self.snooze,
            "exempt_modal": self.exempt,
            "not_mine_modal": self.hand_over,
        }

    def approve(self, body: Mapping[str, Any]) -> Markup:
        """A yes to what can't be undone."""
        view = body["view"]
        about = About.of_modal(view)
        done = self.service.approve(
            about.proposal_id,
            about.digest,
            actor_of(body),
            typed=entered(view, "typed"),
            code=entered(view, "code"),
        )
        self.changed()
        if done.proposal.state is ProposalState.APPROVED:
            return Markup("Approved. The message tells what comes of it.")
        return Markup("Your yes is written down. It takes another person too.")

    def deny(self, body: Mapping[str, Any]) -> Markup:
        """A no, with its reason."""
        view = body["view"]
        about = About.of_modal(view)
        reason = entered(view, "reason")
        self.service.deny(about.proposal_id, reason, actor_of(body), digest=about.digest)
        self.changed()
        return Markup("Denied. Nothing is changed.")

    def snooze(self, body: Mapping[str, Any]) -> Markup:
        """Put off for some days, or until one."""
        view = body["view"]
        about = About.of_modal(view)
        span = entered(view, "days")
        until = (
            _day(entered(view, "until"))
            if span == "date"
            else self.clock() + timedelta(days=_number(span))
        )
        self.service.snooze(
            about.proposal_id,
            until,
            entered(view, "reason"),
            actor_of(body),
            digest=about.digest,
        )
        self.changed()
        return say("Put off until {when}.", when=moment(until))

    def exempt(self, body: Mapping[str, Any]) -> Markup:
        """Accept for a while, or ask for it."""
        view = body["view"]
        about = About.of_modal(view)
        until = _day(entered(view, "until"))
        done = self.service.exempt_question(
            about.proposal_id, entered(view, "reason"), until, actor_of(body)
        )
        self.changed()
        if done.proposal.state is ProposalState.CANCELLED:
            return say("Accepted until {when}. It comes back by itself.", when=moment(until))
        return Markup("Asked. A second person must confirm it, on the same message.")

    def hand_over(self, body: Mapping[str, Any]) -> Markup:
        """Someone else's, who is asked at once."""
        view = body["view"]
        about = About.of_modal(view)
        owner = Address(AddressKind.USER, entered(view, "owner"))
        why_not = self.asker.owners.why_not(owner)
        if why_not:
            return say(
                "{who} {why}, so nothing was changed.", who=address(owner.value), why=why_not
            )
        self.service.hand_over(about.proposal_id, owner, actor_of(body))
        self.asker.re_ask(about.proposal_id)
        self.changed()
        return say("Handed over to {who}.", who=address(owner.value))

    def show(self, body: Mapping[str, Any], text: Markup) -> None:
        """Show what came of it in the modal that was sent."""
        view_id = (body.get("view") or {}).get("id")
        call(self.client.views_update, view_id=view_id, view=word_modal("Locksmith", text))


def _day(text: str) -> datetime:
    """The beginning of a picked day, in UTC. Raises UsageError for none."""
    try:
        return datetime.combine(date.fromisoformat(text), time(tzinfo=UTC))
    except ValueError:
        raise UsageError("choose a day") from None


def _number(text: str) -> int:
    if text not in {"1", "7", "30"}:
        raise UsageError("choose for how long")
    return int(text)
