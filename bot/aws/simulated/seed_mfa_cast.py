"""People with a story about MFA: privileged without it, held to it, and those who keep the rule."""

from __future__ import annotations

from collections.abc import Callable

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import aware
from bot.aws.simulated.company import DOMAIN, document, statement
from bot.model import MFA_FENCE, Account, User
from remediations._fence_documents import mfa_document

#: A person who manages identities, one whose rights take MFA, two behind the fence until
#: MFA, and one who signed in from where she never was before.
WITHOUT_MFA, WITH_MFA_ONLY = "mateo.silva", "ines.duarte"
ENROLLED, FENCED, ELSEWHERE = "sofia.marino", "kwame.mensah", "nadia.haddad"


def _person(
    account: AccountBuilder, name: str, team: str, signed_in: int, *, age: int = 260
) -> None:
    tags = {"team": team, "owner": f"{name}@{DOMAIN}"}
    account.user(name, tags=tags, created=account.ago(days=age))
    account.member(name, team)
    account.password(name, changed=account.ago(days=50), last_used=account.ago(days=signed_in))


def _privileged_without_mfa(account: AccountBuilder) -> None:
    """Makes and changes users every week, with a password alone."""
    _person(account, WITHOUT_MFA, "web", 4)
    account.attach("IAMFullAccess", user=WITHOUT_MFA)


def _rights_that_take_mfa(account: AccountBuilder) -> None:
    """May do everything, but only with MFA, whatever signs the request."""
    _person(account, WITH_MFA_ONLY, "data", 2)
    account.mfa(WITH_MFA_ONLY, kind="fido", enabled=account.ago(days=250))
    allow = statement("Allow", "*", "*")
    allow["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    account.inline("everything-with-mfa", document(allow), user=WITH_MFA_ONLY)
    account.key(WITH_MFA_ONLY, created=account.ago(days=30), last_used=account.ago(hours=30))


def _enrolled_behind_the_fence(account: AccountBuilder) -> None:
    """Was held to MFA and has enrolled a security key yesterday."""
    _person(account, ENROLLED, "payments", 1)
    _fence(account, ENROLLED)
    account.mfa(ENROLLED, kind="fido", enabled=account.ago(days=1))


def _still_fenced(account: AccountBuilder) -> None:
    """Is held to MFA and has not enrolled anything yet."""
    _person(account, FENCED, "payments", 3)
    _fence(account, FENCED)


def _from_somewhere_new(account: AccountBuilder) -> None:
    """Signs in without MFA, and since yesterday from a network where she never was before."""
    _person(account, ELSEWHERE, "data", 1, age=80)
    for days in (60, 31, 8):
        account.signed_in(ELSEWHERE, "192.0.2.44", at=account.ago(days=days))
    account.signed_in(ELSEWHERE, "203.0.113.9", at=account.ago(days=1), region="eu-north-1")


def _fence(account: AccountBuilder, name: str) -> None:
    made = account.iam.get_user(name)
    user = User(name, made.id, made.arn, made.path, aware(made.create_date))
    home = Account(account.account_id, account.iam.partition)
    account.inline(MFA_FENCE, dict(mfa_document(user, home, include_keys=False)), user=name)


MFA_CAST: tuple[Callable[[AccountBuilder], None], ...] = (
    _privileged_without_mfa,
    _rights_that_take_mfa,
    _enrolled_behind_the_fence,
    _still_fenced,
    _from_somewhere_new,
)
