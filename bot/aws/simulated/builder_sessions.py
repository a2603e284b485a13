"""Sessions of roles in the event history: when they began, and what they were refused."""

from __future__ import annotations

from datetime import datetime

from bot.aws.simulated.builder_events import EventsBuilder
from bot.aws.simulated.event_records import refusal_of_session, session_of


class SessionsBuilder(EventsBuilder):
    """What CloudTrail recorded of sessions."""

    def took_on(
        self, role: str, session: str, *, at: datetime | None = None, region: str = "us-east-1"
    ) -> None:
        """That a role was assumed under a session's name, by the program of a user."""
        one = self.iam.get_role(role)
        when = at or self.iam.clock.now()
        names = {"name": one.name, "id": one.id, "arn": one.arn}
        event = session_of(names, session, when, self.account_id, region)
        self._history(region).events.append(event)

    def refused_session(
        self,
        action: str,
        role: str,
        session: str,
        *,
        why: str = "because no identity-based policy allows the action",
        at: datetime | None = None,
        region: str = "us-east-1",
    ) -> None:
        """A call that AWS refused a role's session; `why` is how AWS's message ends."""
        one = self.iam.get_role(role)
        when = at or self.iam.clock.now()
        names = {"name": one.name, "id": one.id, "arn": one.arn}
        event = refusal_of_session(action, names, session, when, self.account_id, region, why)
        self._history(region).events.append(event)
