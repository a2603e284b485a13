"""What the company that does everything right does with its rights: all are used, some only just,
and what was taken nobody needed.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.company import ACTIONS, document, statement

#: A day more, and it would count as unused.
_JUST_USED = 89
_RIGHTS = {
    "developers": ACTIONS["s3"],
    "invoice-mailers": ACTIONS["sqs"],
    "orders-api": ACTIONS["dynamodb"],
    "nightly": ("iam:PassRole",),
}
_QUEUES = "arn:aws:sqs:*:*:invoices-*"


def keep_in_use(account: AccountBuilder, enrolling: Iterable[str]) -> None:
    """Everyone tried each of their rights lately, and people what they enrol with."""
    for name in account.iam.users:
        _use(account, name, enrolling)
    for holder, actions in _RIGHTS.items():
        group = account.iam.groups.get(holder)
        for name in [user.name for user in group.users] if group else [holder]:
            _use(account, name, actions)
    _cut(account)
    _explained(account)


def _use(account: AccountBuilder, name: str, actions: Iterable[str]) -> None:
    for action in actions:
        account.use_action(name, action, at=account.ago(days=_JUST_USED))


def _cut(account: AccountBuilder) -> None:
    """A policy lost a right a week ago: nobody was refused it since, but something else was."""
    name, why = "invoice-mailer-north", "because no identity-based policy allows the action"
    policy = account.policy(
        "invoice-mailer-retries",
        document(statement("Allow", list(ACTIONS["sqs"]), _QUEUES)),
        created=account.ago(days=300),
        older_versions=[document(statement("Allow", [*ACTIONS["sqs"], "sqs:PurgeQueue"], _QUEUES))],
    )
    newest = account.iam.managed_policies[policy].versions[-1]
    newest.create_date = moto_time(account.ago(days=7))
    account.attach(policy, group="invoice-mailers")
    account.refused("sqs:PurgeQueue", name, why=why, at=account.ago(days=8))
    account.refused("sqs:CreateQueue", name, why=why, at=account.ago(days=2))


def _explained(account: AccountBuilder) -> None:
    """Analyzers of unused access that found what only AWS changes, or what is gone by now."""
    own = f"arn:aws:iam::{account.account_id}:role"
    linked = f"{own}/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"
    for region in sorted(account.iam.regions):
        account.analyzer("unused-access", kind="ACCOUNT_UNUSED_ACCESS", region=region)
        for arn in (linked, f"{own}/orders-api-of-last-year"):
            account.unused_access("unused-access", "UnusedIAMRole", arn, region=region)
        account.unused_access(
            "unused-access",
            "UnusedPermission",
            f"{own}/orders-api",
            rights={"dynamodb": ["DeleteTable"]},
            region=region,
        )
