"""Who is no administrator manages no permissions; AWS's labels are not the last word."""

from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Severity
from remediations.access_levels import permissions_management_granted_broadly as control
from tests.remediations.access_levels.policies import Common, allow, give, give_unused
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import findings

ACTIONS = ("s3:PutBucketPolicy",)

#: AWS saw nobody use them.
SETTINGS = {"unused_days": 90}


def seed(account: AccountBuilder) -> None:
    """A role of old with a policy that allows them on every resource, and uses none of them."""
    give_unused(account, *ACTIONS)


def plan_just_within(account: AccountBuilder) -> None:
    """All of them were tried 90 days ago."""
    give_unused(account, *ACTIONS, tried=timedelta(days=90))


def plan_just_beyond(account: AccountBuilder) -> None:
    """A second longer ago."""
    give_unused(account, *ACTIONS, tried=timedelta(days=90, seconds=1))


class TestPermissionsManagementGrantedBroadly(Common):
    """What all of these controls have in common, and what this one is about."""

    control = control
    actions = ACTIONS
    arn = "arn:aws:s3:::one"

    @pytest.mark.parametrize(
        ("action", "severity"),
        [
            ("s3:PutBucketPolicy", Severity.MEDIUM),
            ("lambda:AddPermission", Severity.MEDIUM),
            ("kms:CreateGrant", Severity.MEDIUM),
            ("iam:PassRole", Severity.HIGH),  # AWS calls it Write
            ("iam:CreateAccessKey", Severity.HIGH),
            ("sts:AssumeRole", Severity.HIGH),
            ("iam:AttachRolePolicy", Severity.HIGH),
            ("s3:PutObject", None),
            ("iam:ListRoles", None),
        ],
    )
    def test_what_manages_permissions(
        self, account: AccountBuilder, action: str, severity: Severity | None
    ) -> None:
        give(account, allow(action))

        found = findings(control, snapshot_of(account))

        assert [each.severity for each in found] == ([severity] if severity else [])

    def test_services_that_are_allowed(self, account: AccountBuilder) -> None:
        give(account, allow("s3:PutBucketPolicy"))

        assert not findings(control, snapshot_of(account), allowed=["S3"])
        assert findings(control, snapshot_of(account), allowed=["s3control"])

    def test_a_pattern_is_expanded(self, account: AccountBuilder) -> None:
        """All of a service has its permissions management in it."""
        give(account, allow("sqs:*"))

        (finding,) = findings(control, snapshot_of(account))

        assert finding.evidence["actions"] == [
            "sqs:AddPermission",
            "sqs:RemovePermission",
            "sqs:SetQueueAttributes",
        ]
