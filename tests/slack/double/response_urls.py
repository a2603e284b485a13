"""The right to answer one interaction: five times, within half an hour."""

from dataclasses import dataclass
from datetime import datetime

USES, SECONDS = 5, 30 * 60


@dataclass(slots=True)
class ResponseUrl:
    """Where an interaction came from; `message_ts` is None for commands."""

    channel: str
    user: str
    made_at: datetime
    message_ts: str | None = None
    used: int = 0

    def problem(self, now: datetime) -> str | None:
        """Why it can't be used any more, if it can't."""
        if (now - self.made_at).total_seconds() > SECONDS:
            return "expired_url"
        return "used_url" if self.used >= USES else None
