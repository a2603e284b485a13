"""Tokens, and what each may do."""

from dataclasses import dataclass

from tests.slack.double.refusals import Refused

#: Every scope that any method of the double asks for; an app's manifest should ask for fewer.
BOT_SCOPES = frozenset({
    "chat:write", "commands", "im:write", "im:read", "im:history", "channels:read",
    "channels:history", "groups:read", "groups:history", "users:read", "users:read.email",
    "usergroups:read", "team:read",
})  # fmt: skip


@dataclass(slots=True)
class Token:
    """A token: `kind` is `bot` (xoxb) or `app` (xapp)."""

    value: str
    kind: str
    scopes: frozenset[str]
    revoked: bool = False

    @property
    def provided(self) -> str:
        """Its scopes as the header and `missing_scope` show them."""
        return ",".join(sorted(self.scopes))

    def need(self, *any_of: str) -> None:
        """Refuse with `missing_scope` unless it has one of these scopes."""
        if any_of and not self.scopes & set(any_of):
            raise Refused("missing_scope", needed=",".join(any_of), provided=self.provided)
