"""SSH keys of users who didn't try CodeCommit for long; test_unused_for_a_service has the rest."""

from datetime import timedelta

from bot.aws.simulated import AccountBuilder
from tests.remediations import aged


def _idle(account: AccountBuilder, user: str, idle: timedelta) -> None:
    aged.with_ssh_key(account, user, created=account.ago(days=200))
    account.use_service(user, "codecommit", at=account.now - idle)


def seed(account: AccountBuilder) -> None:
    """The user, who works with an access key, last pulled four months ago."""
    _idle(account, aged.HOSTILE, timedelta(days=120))
    account.key(aged.HOSTILE, created=account.ago(days=20), last_used=account.ago(days=1))


def just_within(account: AccountBuilder) -> None:
    """Last tried exactly 90 days ago."""
    _idle(account, "program", timedelta(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """Last tried 90 days and a second ago."""
    _idle(account, "program", timedelta(days=90, seconds=1))
