"""Rights that nobody needs any more or that are broader than the work, each with one beside it that
is as it should be.
"""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import DOMAIN, document, narrow, statement, trust

#: The roles that this makes.
MADE_ROLES = (
    "customs-import-2023", "year-end-closing", "analyst-shell", "analyst-shell-no-files",
    "release-runner", "preview-runner",
)  # fmt: skip
_FENCE = "Locksmith-UnusedRole"
_DENY = {"Sid": "UnusedRole", "Effect": "Deny", "Action": "*", "Resource": "*"}
_OWNED = {"team": "data", "owner": f"data-platform@{DOMAIN}"}


def seed_rights(account: AccountBuilder) -> None:
    """Roles that were fenced, that have all of CloudShell, or that could become more."""
    forgotten, missed, shell, without_files, climber, kept_down = MADE_ROLES
    _fenced(account, forgotten, used=210)
    _fenced(account, missed, used=100)
    _shells(account, shell, without_files)
    _pipelines(account, climber, kept_down)


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
