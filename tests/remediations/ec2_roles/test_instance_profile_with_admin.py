"""A role that instances have and that administers the account is told, with who has it."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part
from remediations.ec2_roles import instance_profile_with_admin as control
from tests.remediations.ec2_roles.running import PROFILE, instance, one_region, role, running
from tests.remediations.people import found, planned
from tests.remediations.renaming import ANYTHING, SUFFIX

SETTINGS: dict[str, Any] = {"enabled": True}


def may(actions: Any, **more: Any) -> dict[str, Any]:
    """A policy that allows actions on everything."""
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [allowed]}


def seed(account: AccountBuilder) -> None:
    """One instance's role reads a bucket, another one's does all of IAM; nobody has a third."""
    one_region(account)
    for name, actions in (("reader", "s3:GetObject"), ("deployer", "iam:*"), ("spare", "iam:*")):
        account.role(name, last_used=account.ago(days=1))
        account.inline("rights", may(actions), role=name)
        account.instance_profile(name + SUFFIX, name)
    account.instance("reports", profile="reader" + SUFFIX)
    account.instance(ANYTHING, profile="deployer" + SUFFIX)


def snapshot(*documents: dict[str, Any], **facts: Any) -> Any:
    """One instance whose role has these policies."""
    empty = {Part.CUSTOMER_POLICIES.value: (), Part.AWS_POLICIES.value: ()}
    one = instance(profile=PROFILE, **facts)
    return running(one, roles=(role("app", *documents),), **empty)


DENIED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}],
}


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([may("*")], True, id="everything"),
        pytest.param([may("iam:*")], True, id="all of IAM"),
        pytest.param([may("*"), DENIED], False, id="everything, IAM denied"),
        pytest.param([may("s3:*")], False, id="all of S3"),
        pytest.param([], False, id="nothing"),
    ],
)
def test_which_roles_are_found(documents: list[dict[str, Any]], expected: bool) -> None:
    assert bool(found(control, snapshot(*documents))) is expected


def test_under_conditions_is_said() -> None:
    office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    (finding,) = found(control, snapshot(may("*", Condition=office)))
    assert "under conditions" in finding.summary


def test_instances_that_may_administer_are_left_out() -> None:
    assert found(control, snapshot(may("*"), name="pipeline-1"), left_out=("pipeline-*",)) == []


def test_people_find_out_what_it_needs() -> None:
    fix = planned(control, snapshot(may("*")))
    assert isinstance(fix, Manual)
    assert "generate-service-last-accessed-details" in fix.steps[0]
    assert "replace-iam-instance-profile-association" in fix.steps[2]
