"""Keys and passwords that nobody uses, and the fence before a password."""

from collections.abc import Iterator

from bot.credentials import (
    is_older,
    key_active_at,
    owned_keys,
    password_active_at,
    sends_mail,
    with_password,
)
from bot.model import (
    CONSOLE_FENCE,
    AccessKey,
    Expect,
    Finding,
    Manual,
    Plan,
    ReportRow,
    Risk,
    Snapshot,
    User,
)
from remediations import _reads as reads
from remediations._fence import fence, is_shut_out
from remediations._fence_documents import CONSOLE_DOCUMENT


def idle_keys(snapshot: Snapshot, days: int) -> Iterator[tuple[User, AccessKey]]:
    """Active keys without a sign of life for so many days, with their users.

    Left out are those of break-glass users, and of users that send mail through Amazon SES.
    """
    for user, key in owned_keys(snapshot):
        left_out = snapshot.protection.is_break_glass(user.arn) or sends_mail(user)
        idle = is_older(key_active_at(key), days, snapshot.taken_at)
        if key.active and idle and not left_out:
            yield user, key


def idle_passwords(snapshot: Snapshot, days: int) -> Iterator[tuple[User, ReportRow]]:
    """Passwords without a sign-in for so many days, by their users.

    Left out are break-glass users, and those who can't sign in for a fence.
    """
    for user, row in with_password(snapshot):
        active = password_active_at(user, row, snapshot)
        left_out = snapshot.protection.is_break_glass(user.arn) or is_shut_out(user)
        if not left_out and is_older(active, days, snapshot.taken_at):
            yield user, row


def fence_password(
    finding: Finding,
    user: User,
    snapshot: Snapshot,
    days: int,
    guards: tuple[Expect, ...] = (),
) -> Plan | Manual:
    """Deny the user the console, if the password is so old and unused for so many days."""
    return fence(
        finding,
        user,
        snapshot,
        name=CONSOLE_FENCE,
        document=CONSOLE_DOCUMENT,
        guards=(
            reads.has_password(user),
            reads.password_made_before(user, days),
            reads.password_unused_for(user, days),
            *guards,
        ),
        risk=Risk.REVERSIBLE,
        summary=f"Fence off {user.name}'s console password, which nobody uses; keys go on working",
        breaks=(
            f"{user.name} can do nothing in the console until the fence is taken away",
            f"Temporary credentials of {user.name} (GetSessionToken) are refused",
            f"Sessions of roles that {user.name} assumed before stay open up to 12 hours",
        ),
    )
