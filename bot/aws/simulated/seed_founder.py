"""A third company in a simulated account: its founder works as root, and some were fenced long ago.

It has what the first one can't have beside its own stories: an account that nobody but root
administers, and a root user with virtual MFA alone.
"""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import ALL_BUT_IAM, DOMAIN
from bot.model import CONSOLE_FENCE
from remediations._fence_documents import CONSOLE_DOCUMENT, INACTIVE_DOCUMENT, INACTIVE_FENCE

#: Behind their fence, and missed by nobody; and those who were there since.
GONE, AWAY = "former.partner", "svc-old-backup"
TRIED, BACK = "former.contractor", "noa.lindqvist"


def fill_founder(account: AccountBuilder) -> None:
    """Fill an empty account."""
    account.root(mfa=True, mfa_kind="virtual", password_last_used=account.ago(days=1))
    account.password_policy(max_age=90)
    account.trail("everything", multi_region=True, validation=True)
    account.group("makers")
    account.attach(account.policy("all-but-iam", ALL_BUT_IAM), group="makers")
    # May do nearly everything, and yet administers nothing.
    _member(account, "kim.sato", signed_in=2)
    account.mfa("kim.sato", kind="fido")
    _member(account, GONE, signed_in=500)
    account.ssh_key(GONE, created=account.ago(days=600), status="Inactive")
    account.inline(INACTIVE_FENCE, dict(INACTIVE_DOCUMENT), user=GONE)
    _member(account, TRIED, signed_in=500)
    account.key(TRIED, created=account.ago(days=80), last_used=account.ago(days=5))
    account.inline(INACTIVE_FENCE, dict(INACTIVE_DOCUMENT), user=TRIED)
    _member(account, AWAY, signed_in=400)
    account.key(AWAY, created=account.ago(days=60), last_used=account.ago(hours=3))
    account.inline(CONSOLE_FENCE, dict(CONSOLE_DOCUMENT), user=AWAY)
    _member(account, BACK, signed_in=5)
    account.inline(CONSOLE_FENCE, dict(CONSOLE_DOCUMENT), user=BACK)


def _member(account: AccountBuilder, name: str, *, signed_in: int) -> None:
    tags = {"owner": f"founder@{DOMAIN}"}
    account.user(name, tags=tags, created=account.ago(days=900), groups=["makers"])
    account.password(name, last_used=account.ago(days=signed_in))
