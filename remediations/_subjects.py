"""Whom findings are about, and who is left out."""

from fnmatch import fnmatchcase

from bot.model import ManagedPolicy, Resource, Snapshot, User
from remediations._policy_reads import Holder, kind_of


def is_left_out(user: User, snapshot: Snapshot) -> bool:
    """Whether a user is none of these controls' business: for emergencies, or Locksmith's own."""
    protection = snapshot.protection
    return protection.is_break_glass(user.arn) or protection.is_own(user.arn)


def is_named(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name is one of the patterns', with * and ?, whatever its case."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def account_resource(snapshot: Snapshot) -> Resource:
    """The account itself, and so its root user."""
    account = snapshot.account
    return Resource("account", account.id, account.iam_arn("root"), account.id)


def resource_of(one: Holder | ManagedPolicy) -> Resource:
    """The user, group, role or managed policy."""
    kind = "policy" if isinstance(one, ManagedPolicy) else kind_of(one).lower()
    return Resource(kind, one.name, one.arn, one.id)
