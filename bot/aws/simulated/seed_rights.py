"""Rights that nobody needs any more or that are broader than the work, each with one beside it that
is as it should be.
"""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.company import DOMAIN, document, narrow, statement, trust

#: The roles and policies that this makes.
MADE_ROLES = (
    "customs-import-2023", "year-end-closing", "analyst-shell", "analyst-shell-no-files",
    "release-runner", "preview-runner",
)  # fmt: skip
MADE_POLICIES = ("nightly-etl", "nightly-export")
_FENCE = "Locksmith-UnusedRole"
_DENY = {"Sid": "UnusedRole", "Effect": "Deny", "Action": "*", "Resource": "*"}
_MISSING = "tomasz.nowak"
_OWNED = {"team": "data", "owner": f"data-platform@{DOMAIN}"}


def seed_rights(account: AccountBuilder) -> None:
    """Roles that were fenced, that have all of CloudShell, or that could become more."""
    forgotten, missed, shell, without_files, climber, kept_down = MADE_ROLES
    _fenced(account, forgotten, used=210)
    _fenced(account, missed, used=100)
    _shells(account, shell, without_files)
    _pipelines(account, climber, kept_down)
    cut, grown = MADE_POLICIES
    _taken_too_much(account, cut)
    _came_to_allow_more(account, grown, climber)
    _watched(account, climber)


def _fenced(account: AccountBuilder, name: str, used: int) -> None:
    """One that nobody misses, and one that somebody did."""
    account.role(
        name,
        trust=trust({"Service": "ecs-tasks.amazonaws.com"}),
        tags=_OWNED,
        created=account.ago(days=900),
        last_used=account.ago(days=used),
    )
    account.inline("import", narrow("s3", name), role=name)
    account.inline(_FENCE, document(_DENY), role=name)


def _shells(account: AccountBuilder, broad: str, without_files: str) -> None:
    """All of CloudShell, and CloudShell without files."""
    people = trust({"AWS": f"arn:aws:iam::{account.account_id}:root"})
    lately = account.ago(days=3)
    account.role(
        broad,
        trust=people,
        tags=_OWNED,
        created=account.ago(days=300),
        last_used=lately,
        attached=["AWSCloudShellFullAccess"],
    )
    account.role(
        without_files,
        trust=people,
        tags=_OWNED,
        created=account.ago(days=300),
        last_used=lately,
    )
    actions = ["cloudshell:CreateEnvironment", "cloudshell:CreateSession"]
    account.inline("shell", document(statement("Allow", actions, "*")), role=without_files)


def _pipelines(account: AccountBuilder, climber: str, kept_down: str) -> None:
    """One that may write its own policies, and one that may do so for others only."""
    for name, target in ((climber, climber), (kept_down, "preview-app-*")):
        account.role(
            name,
            trust=trust({"Service": "codebuild.amazonaws.com"}),
            tags=_OWNED,
            created=account.ago(days=200),
            last_used=account.ago(hours=2),
        )
        may = statement("Allow", "iam:PutRolePolicy", f"arn:aws:iam::*:role/{target}")
        account.inline("roles", document(may), role=name)


def _came_to_allow_more(account: AccountBuilder, name: str, role: str) -> None:
    """A policy that could read until three days ago, and writes since."""
    policy = account.policy(
        name,
        narrow("s3", name),
        created=account.ago(days=400),
        older_versions=[document(statement("Allow", "s3:ListBucket", "arn:aws:s3:::*"))],
    )
    grown = account.iam.managed_policies[policy].versions[-1]
    grown.create_date = moto_time(account.ago(days=3))
    account.attach(policy, role=role)


def _taken_too_much(account: AccountBuilder, name: str) -> None:
    """A policy that was cut a week ago: one call is missed since, another never was allowed."""
    queues = "arn:aws:sqs:*:*:etl-*"
    policy = account.policy(
        name,
        document(statement("Allow", ["sqs:SendMessage", "sqs:GetQueue*"], queues)),
        created=account.ago(days=500),
        older_versions=[document(statement("Allow", "sqs:*", queues))],
    )
    cut = account.iam.managed_policies[policy].versions[-1]
    cut.create_date = moto_time(account.ago(days=7))
    account.attach(policy, group="data")
    if _MISSING in account.iam.users:
        why = "because no identity-based policy allows the action"
        account.refused("sqs:PurgeQueue", _MISSING, why=why, at=account.ago(days=2))
        account.refused("sqs:CreateQueue", _MISSING, why=why, at=account.ago(days=20))


def _watched(account: AccountBuilder, role: str) -> None:
    """The analyzer for unused access found rights that a role in use never needs."""
    arn = account.iam.get_role(role).arn
    rights = {"iam": ("PutRolePolicy",)}
    account.unused_access(
        "unused-access", "UnusedPermission", arn, rights=rights, region="us-east-1"
    )
