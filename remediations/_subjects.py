"""Whom findings are about, and who is left out."""

from fnmatch import fnmatchcase

from bot.model import Resource, Snapshot, User


def is_left_out(user: User, snapshot: Snapshot) -> bool:
    """Whether a user is none of these controls' business: for emergencies, or Locksmith's own."""
    protection = snapshot.protection
    return protection.is_break_glass(user.arn) or protection.is_own(user.arn)


def is_named(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name is one of the patterns', with * and ?, whatever its case."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def account_resource(snapshot: Snapshot) -> Resource:
    """The account itself."""
    account = snapshot.account
    return Resource("account", account.id, account.iam_arn("root"), account.id)


def user_resource(user: User) -> Resource:
    """The user."""
    return Resource("user", user.name, user.arn, user.id)
