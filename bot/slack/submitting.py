"""What sent modals do: judge anew, decide, and say what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from slack_sdk import WebClient

from bot.engine.asking import Asker
from bot.engine.service import Service
from bot.errors import UsageError
from bot.model import Address, AddressKind, ProposalState
from bot.slack.blocks.escape import Markup
from bot.slack.clicks import About, actor_of, entered
from bot.slack.deciding import Deciding
from bot.slack.showing import show_outcome

Handler = Callable[[Mapping[str, Any]], Markup]


@dataclass(frozen=True, slots=True)
class Submitting:
    """The modals. `changed` is called after something was decided, so that others look at once.

    `pauses` are the seconds between looks whether a modal can show what came of it.
    """

    service: Service
    asker: Asker
    client: WebClient
    clock: Callable[[], datetime]
    changed: Callable[[], None]
    pauses: Sequence[float]

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
        return self._deciding.deny(About.of_modal(view), entered(view, "reason"), actor_of(body))

    def snooze(self, body: Mapping[str, Any]) -> Markup:
        """Put off for some days, or until one."""
        view = body["view"]
        span = entered(view, "days")
        until = (
            _day(entered(view, "until"))
            if span == "date"
            else self.clock() + timedelta(days=_number(span))
        )
        return self._deciding.snooze(
            About.of_modal(view), until, entered(view, "reason"), actor_of(body)
        )

    def exempt(self, body: Mapping[str, Any]) -> Markup:
        """Accept for a while, or ask for it."""
        view = body["view"]
        until = _day(entered(view, "until"))
        return self._deciding.exempt(
            About.of_modal(view), until, entered(view, "reason"), actor_of(body)
        )

    def hand_over(self, body: Mapping[str, Any]) -> Markup:
        """Someone else's, who is asked at once."""
        view = body["view"]
        owner = Address(AddressKind.USER, entered(view, "owner"))
        return self._deciding.hand_over(About.of_modal(view), owner, actor_of(body))

    @property
    def _deciding(self) -> Deciding:
        return Deciding(self.service, self.asker, self.changed)

    def show(self, body: Mapping[str, Any], text: Markup) -> None:
        """Show what came of it in the modal that was sent."""
        show_outcome(self.client, body, text, self.pauses)


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
