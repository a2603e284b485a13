"""The roles that Identity Center made in an account, and when somebody came by them."""

from collections.abc import Sequence
from datetime import datetime

from bot.credentials import is_older
from bot.model import Role, Snapshot

# https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
_PATH = "/aws-reserved/sso.amazonaws.com/"
_NAME = "AWSReservedSSO_"


def used_roles(snapshot: Snapshot, days: int) -> tuple[Role, ...]:
    """Its roles that were used within `days` days; none means that it isn't in use here."""
    return tuple(
        role
        for role in snapshot.roles
        if role.path.startswith(_PATH)
        and role.name.startswith(_NAME)
        and role.last_used is not None
        and not is_older(role.last_used, days, snapshot.taken_at)
    )


def permission_set(role: Role) -> str:
    """The permission set that a role stands for: its name without prefix and random end."""
    return role.name.removeprefix(_NAME).rpartition("_")[0]


def last_used(roles: Sequence[Role]) -> datetime | None:
    """When somebody last came by one of the roles."""
    return max((role.last_used for role in roles if role.last_used), default=None)
