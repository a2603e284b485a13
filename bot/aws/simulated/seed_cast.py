"""The people and programs with a story: each breaks a rule, or must not be touched.

They come first in every seeded account, whatever its size, so that each control finds something.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import (
    DENY_OUTSIDE_EUROPE,
    DOMAIN,
    FULL_ADMIN,
    document,
    narrow,
    statement,
)

ADMIN_GROUP = "platform-admins"
BREAK_GLASS_USER = "break-glass-1"
STACK_TAGS = {
    "aws:cloudformation:stack-name": "deploy-pipeline",
    "aws:cloudformation:logical-id": "DeployUser",
}


def _owned(team: str, owner: str) -> dict[str, str]:
    return {"team": team, "owner": f"{owner}@{DOMAIN}"}


def _lead_administrator(account: AccountBuilder) -> None:
    """An administrator as it should be: through a group, with MFA, signing in."""
    name = "amara.okafor"
    account.user(name, tags=_owned("platform", name), created=account.ago(days=1400))
    account.member(name, ADMIN_GROUP)
    account.password(name, changed=account.ago(days=70), last_used=account.ago(days=1))
    account.mfa(name, kind="fido", enabled=account.ago(days=600))


def _second_administrator(account: AccountBuilder) -> None:
    """Another administrator, with a key in daily use."""
    name = "jonas.lindqvist"
    account.user(name, tags=_owned("platform", name), created=account.ago(days=1100))
    account.member(name, ADMIN_GROUP)
    account.password(name, changed=account.ago(days=40), last_used=account.ago(days=3))
    account.mfa(name, enabled=account.ago(days=900))
    account.key(name, created=account.ago(days=35), last_used=account.ago(hours=20), service="ec2")


def _break_glass(account: AccountBuilder) -> None:
    """The way in when all else fails: never used, and to be left alone."""
    account.user(
        BREAK_GLASS_USER,
        path="/emergency/",
        tags={"purpose": "break-glass", **_owned("security", "security")},
        created=account.ago(days=1500),
    )
    account.attach("AdministratorAccess", user=BREAK_GLASS_USER)
    account.password(BREAK_GLASS_USER)
    account.mfa(BREAK_GLASS_USER, kind="hardware", enabled=account.ago(days=1500))


def _no_mfa(account: AccountBuilder) -> None:
    """Signs in daily without a second factor."""
    name = "priya.raman"
    account.user(name, tags=_owned("payments", name), created=account.ago(days=420))
    account.member(name, "payments")
    account.password(name, last_used=account.ago(days=2))


def _forgotten_password(account: AccountBuilder) -> None:
    """Has not signed in for seven months, but works with a key, and has begun to rotate it."""
    name = "tomasz.nowak"
    account.user(name, tags=_owned("data", name), created=account.ago(days=900))
    account.member(name, "data")
    account.password(name, last_used=account.ago(days=210))
    account.mfa(name, enabled=account.ago(days=800))
    account.key(name, created=account.ago(days=20), last_used=account.ago(hours=5))
    account.key(name, created=account.ago(days=3))


def _old_key(account: AccountBuilder) -> None:
    """A program whose key is in use and more than a year old, with a policy of its own."""
    name = "svc-billing-export"
    account.user(name, tags=_owned("finance", "finance-tools"), created=account.ago(days=800))
    account.attach("AmazonS3ReadOnlyAccess", user=name)
    account.key(name, created=account.ago(days=400), last_used=account.ago(hours=9))


def _idle_key(account: AccountBuilder) -> None:
    """A program that stopped half a year ago, with an inline policy, its key still on, and a
    password with which somebody once looked what it does.
    """
    name = "svc-legacy-ftp"
    account.user(name, tags={"team": "warehouse"}, created=account.ago(days=1300))
    account.inline("ftp-drop", narrow("s3", "ftp-drop"), user=name)
    account.key(name, created=account.ago(days=500), last_used=account.ago(days=190))
    account.password(name, last_used=account.ago(days=20))


def _never_used_key(account: AccountBuilder) -> None:
    """Made a key four months ago and never used it."""
    name = "chen.wei"
    account.user(name, tags=_owned("web", name), created=account.ago(days=300))
    account.member(name, "web")
    account.password(name, changed=account.ago(days=60), last_used=account.ago(days=5))
    account.mfa(name, enabled=account.ago(days=290))
    account.key(name, created=account.ago(days=120))


def _half_rotated(account: AccountBuilder) -> None:
    """A program that was rotated, whose old key was switched off and left."""
    name = "svc-reports"
    account.user(name, tags=_owned("data", "data-platform"), created=account.ago(days=700))
    account.member(name, "data")
    old, new = account.ago(days=420), account.ago(days=30)
    used, off = account.ago(days=200), account.ago(days=190)
    account.key(name, created=old, last_used=used, status="Inactive", changed=off)
    account.key(name, created=new, last_used=account.ago(hours=2), service="dynamodb")


def _contractor_administrator(account: AccountBuilder) -> None:
    """A contractor who was made an administrator directly and never came."""
    name = "contractor-diego.alvarez"
    tags = {**_owned("warehouse", "warehouse-lead"), "contract-end": "2026-06-30"}
    account.user(name, path="/contractors/", tags=tags, created=account.ago(days=240))
    account.attach("AdministratorAccess", user=name)
    account.password(name, reset_required=True)


def _inline_administrator(account: AccountBuilder) -> None:
    """Gave herself everything during an incident, in an inline policy."""
    name = "lena.fischer"
    account.user(name, tags=_owned("data", name), created=account.ago(days=650))
    account.member(name, "data")
    account.inline("temporary-incident-access", FULL_ADMIN, user=name)
    account.password(name, changed=account.ago(days=80), last_used=account.ago(days=9))
    account.mfa(name, enabled=account.ago(days=640))


def _denied(account: AccountBuilder) -> None:
    """Held to Europe by a Deny, beside a policy attached to him directly."""
    name = "hassan.ali"
    account.user(name, tags=_owned("support", name), created=account.ago(days=380))
    account.inline("europe-only", DENY_OUTSIDE_EUROPE, user=name)
    account.attach("AmazonEC2ReadOnlyAccess", user=name)
    account.password(name, last_used=account.ago(days=6))
    account.mfa(name, enabled=account.ago(days=370))


def _owned_by_a_stack(account: AccountBuilder) -> None:
    """A program that CloudFormation made; changes belong into the template."""
    name = "svc-deploy"
    account.user(name, tags={**STACK_TAGS, "team": "platform"}, created=account.ago(days=500))
    policy = account.policy(
        "deploy-pipeline-access",
        document(
            statement("Allow", ["cloudformation:*", "s3:PutObject"], "*"),
            statement("Allow", "iam:PassRole", "arn:aws:iam::*:role/app-*"),
        ),
        tags=STACK_TAGS,
        created=account.ago(days=500),
    )
    account.attach(policy, user=name)
    account.key(name, created=account.ago(days=130), last_used=account.ago(days=1))


def _comma_in_name(account: AccountBuilder) -> None:
    """A name with a comma in it, which breaks careless readers of the report."""
    name = "ito,kenji"
    account.user(name, tags=_owned("mobile", "kenji.ito"), created=account.ago(days=200))
    account.password(name, last_used=account.ago(days=11))
    account.mfa(name, enabled=account.ago(days=199))
    account.attach("IAMUserChangePassword", user=name)


def _quarantined(account: AccountBuilder) -> None:
    """AWS saw this program's key in public and put a quarantine on it."""
    name = "svc-analytics"
    account.user(name, tags=_owned("data", "data-platform"), created=account.ago(days=450))
    account.attach("AWSCompromisedKeyQuarantineV3", user=name)
    account.key(name, created=account.ago(days=310), last_used=account.ago(days=60), service="ec2")


def _nobodys(account: AccountBuilder) -> None:
    """An old build server's user: no tags, two old keys, one still in use, too much power."""
    name = "jenkins"
    account.user(name, created=account.ago(days=1700))
    account.attach("PowerUserAccess", user=name)
    account.key(
        name, created=account.ago(days=1500), last_used=account.ago(hours=30), service="ecr"
    )
    account.key(name, created=account.ago(days=720), last_used=account.ago(days=310))
    account.service_credential(name, created=account.ago(days=900))


def _bounded(account: AccountBuilder) -> None:
    """Works inside a permissions boundary; an address for a name."""
    name = f"grace.obrien@{DOMAIN}"
    account.user(
        name,
        tags=_owned("web", "grace.obrien"),
        created=account.ago(days=90),
        boundary="PowerUserAccess",
    )
    account.member(name, "web")
    account.password(name, last_used=account.ago(days=1))
    account.mfa(name, enabled=account.ago(days=89))


CAST: tuple[Callable[[AccountBuilder], None], ...] = (
    _lead_administrator,
    _second_administrator,
    _break_glass,
    _no_mfa,
    _forgotten_password,
    _old_key,
    _idle_key,
    _never_used_key,
    _half_rotated,
    _contractor_administrator,
    _inline_administrator,
    _denied,
    _owned_by_a_stack,
    _comma_in_name,
    _quarantined,
    _nobodys,
    _bounded,
)
