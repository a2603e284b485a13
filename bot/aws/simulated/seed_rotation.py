"""Credentials that should have been renewed, each with one beside it that is as it should be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import DOMAIN, document, statement

SMTP_USER = "ses-smtp-user.20250312-101500"
_BUILD_SERVER, _DEVELOPER, _HALF_WAY = "jenkins", "chen.wei", f"grace.obrien@{DOMAIN}"


def _smtp_user(account: AccountBuilder) -> None:
    """Sends the company's mail; its key is old, and no robot may change it."""
    account.user(SMTP_USER, tags={"team": "platform"}, created=account.ago(days=620))
    send = document(statement("Allow", "ses:SendRawEmail", "*"))
    account.inline("AmazonSesSendingAccess", send, user=SMTP_USER)
    account.key(
        SMTP_USER, created=account.ago(days=620), last_used=account.ago(hours=1), service="ses"
    )


MAIL_CAST: tuple[Callable[[AccountBuilder], None], ...] = (_smtp_user,)


def seed_credentials(account: AccountBuilder) -> None:
    """What the cast has besides, where they are there, and the account's TLS certificates."""
    present = account.iam.users
    if _BUILD_SERVER in present:
        account.attach("AWSCodeCommitPowerUser", user=_BUILD_SERVER)
        account.ssh_key(_BUILD_SERVER, created=account.ago(days=700))
        account.ssh_key(_BUILD_SERVER, created=account.ago(days=12))
        account.signing_certificate(_BUILD_SERVER, created=account.ago(days=1600))
    if _DEVELOPER in present:
        account.signing_certificate(_DEVELOPER, created=account.ago(days=25))
        account.service_credential(
            _DEVELOPER, "bedrock.amazonaws.com", created=account.ago(days=10)
        )
    if _HALF_WAY in present:
        # Made a new key and forgot the one before.
        account.key(_HALF_WAY, created=account.ago(days=85), last_used=account.ago(days=22))
        account.key(_HALF_WAY, created=account.ago(days=21), last_used=account.ago(hours=4))
    ends = {"www": -40, "booking": 20, "api": 200}
    for name, days in ends.items():
        account.server_certificate(f"{name}.{DOMAIN}", expires=account.now + timedelta(days=days))
