"""How the company keeps its users: groups that are empty or alike, a team without a group, a shared
user, and beside each something that only looks like it.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import DOMAIN, SERVICES

#: Programs of one team that hold the same policy, each by itself.
DOCKS = ("svc-dock-north", "svc-dock-south", "svc-dock-west")
SHARED_USER = "support"
GROUPS = ("interns-2024", "hackathon", "on-call", "on-call-europe", "on-call-leads")
NEVER_ON_CALL = "tomasz.nowak"
_WATCH = "CloudWatchReadOnlyAccess"


def _dock(name: str) -> Callable[[AccountBuilder], None]:
    def member(account: AccountBuilder) -> None:
        tags = {"team": "warehouse", "owner": f"warehouse@{DOMAIN}"}
        account.user(name, tags=tags, created=account.ago(days=260))
        account.attach("AmazonSQSReadOnlyAccess", user=name)
        account.key(name, created=account.ago(days=50), last_used=account.ago(hours=3))

    return member


def _shared(account: AccountBuilder) -> None:
    """Who signs in as support nobody can say; a name like it belongs to one person elsewhere."""
    tags = {"team": "support", "owner": f"support@{DOMAIN}"}
    account.user(SHARED_USER, tags=tags, created=account.ago(days=900))
    account.member(SHARED_USER, "support")
    account.password(SHARED_USER, changed=account.ago(days=60), last_used=account.ago(hours=7))
    account.mfa(SHARED_USER, enabled=account.ago(days=800))


#: They come after the cast.
KEPT: tuple[Callable[[AccountBuilder], None], ...] = (*map(_dock, DOCKS), _shared)


def keep_groups(account: AccountBuilder) -> None:
    """An empty group of old and a new one; two groups that grant the same, and one with more."""
    account.group("interns-2024", attached=["ReadOnlyAccess"], created=account.ago(days=500))
    account.group("hackathon", attached=["ReadOnlyAccess"], created=account.ago(days=4))
    members = {
        "on-call": ("amara.okafor", "jonas.lindqvist", "tomasz.nowak"),
        "on-call-europe": ("chen.wei", "priya.raman"),
        "on-call-leads": ("amara.okafor",),
    }
    for group, people in members.items():
        there = [name for name in people if name in account.iam.users]
        account.group(group, attached=[_WATCH], members=there, created=account.ago(days=600))
    account.attach("IAMReadOnlyAccess", group="on-call-leads")
    _remember_use(account)


def _remember_use(account: AccountBuilder) -> None:
    """Everybody used what they may lately, but for one who looks at no metrics on call."""
    for user in list(account.iam.users):
        used = ("s3", "dynamodb") if user == NEVER_ON_CALL else SERVICES
        for service in used:
            account.use_service(user, service, at=account.ago(days=5))
