"""Credentials by their age: the seeds that the controls on SSH keys and the like share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.aws.simulated import AccountBuilder

#: A user whose name needs quoting.
HOSTILE = "o'brien+git,two@example.org"
#: Makes a user with one credential, and gives its id.
Make = Callable[..., str]
Seed = Callable[[AccountBuilder], None]

GIT: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"}],
}


def seeds(make: Make) -> tuple[Seed, Seed, Seed]:
    """The seed of a control on old ones, and those just within and just beyond 90 days."""

    def seed(account: AccountBuilder) -> None:
        """One of four months ago, of a user who also has an access key in use."""
        make(account, HOSTILE, created=account.ago(days=120))
        account.key(HOSTILE, created=account.ago(days=20), last_used=account.ago(days=1))

    def just_within(account: AccountBuilder) -> None:
        make(account, "program", created=account.ago(days=90))

    def just_beyond(account: AccountBuilder) -> None:
        make(account, "program", created=account.ago(days=90) - timedelta(seconds=1))

    return seed, just_within, just_beyond


def with_ssh_key(account: AccountBuilder, user: str, **facts: Any) -> str:
    """A user of CodeCommit with an SSH key."""
    account.group("git-users")
    account.inline("git", GIT, group="git-users")
    account.user(user, created=account.ago(days=900), groups=["git-users"])
    return account.ssh_key(user, **facts)


def with_signing_certificate(account: AccountBuilder, user: str, **facts: Any) -> str:
    """A user with a signing certificate."""
    account.user(user, created=account.ago(days=900))
    return account.signing_certificate(user, **facts)


def with_service_credential(account: AccountBuilder, user: str, **facts: Any) -> str:
    """A user with a credential for one service."""
    account.user(user, created=account.ago(days=900))
    return account.service_credential(user, **facts)
