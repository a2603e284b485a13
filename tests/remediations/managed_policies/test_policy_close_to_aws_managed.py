"""A policy that is nearly one of AWS's is named, with the difference and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.aws_policies import document_of
from bot.model import Manual
from bot.policy import aws_managed_policies
from remediations.managed_policies import policy_close_to_aws_managed as control
from remediations.managed_policies._likeness import allowed_actions
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import allow, findings, planned

NEAR = "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"
READS = sorted(allowed_actions(aws_managed_policies()["AmazonSSMReadOnlyAccess"].document))


def some(left_out: int, **changes: Any) -> dict[str, Any]:
    """Action by action what AWS's policy on reading of fleets allows, but for some."""
    document = allow(**changes)
    document["Statement"][0]["Action"] = READS[left_out:]
    return document


def most(percent: int) -> int:
    """How many actions may be left out at most, so that so many of 100 are alike."""
    return next(
        out for out in range(len(READS)) if 100 * (len(READS) - out - 1) // len(READS) < percent
    )


def seed(account: AccountBuilder, left_out: int = 1) -> None:
    """A role with AWS's policy on reading of fleets, written anew and almost whole."""
    account.role("reports", attached=[account.policy("read-fleet", some(left_out))])


def just_within(account: AccountBuilder) -> None:
    """One action too few are alike."""
    seed(account, most(90) + 1)


def just_beyond(account: AccountBuilder) -> None:
    """Just enough are."""
    seed(account, most(90))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_the_difference_is_told(account: AccountBuilder) -> None:
    """What AWS's allows beyond, and what it takes in later; yours allows nothing more."""
    seed(account)

    (finding,) = findings(control, snapshot_of(account))
    fix = planned(control, account)

    assert finding.summary == "read-fleet is nearly AWS's AmazonSSMReadOnlyAccess"
    assert finding.evidence["only_yours_allows"] == []
    assert f"{READS[0]} on *" in finding.evidence["only_aws_allows"]
    assert isinstance(fix, Manual)
    assert fix.steps[0].endswith(f"policy/read-fleet {NEAR}")


def test_the_same_today_but_not_later(account: AccountBuilder) -> None:
    """Every action that there is, but none that AWS adds: alike in all, and yet no copy."""
    seed(account, 0)

    (finding,) = findings(control, snapshot_of(account), likeness=100)

    assert finding.evidence["alike_percent"] == 100
    assert "and what AWS adds to it later" in str(finding.evidence["only_aws_allows"])


def test_the_nearest_is_named(account: AccountBuilder) -> None:
    """Not the first that is near enough."""
    document = document_of("AmazonEC2ReadOnlyAccess")
    document = {
        **document,
        "Statement": [*document["Statement"], allow("sqs:ListQueues")["Statement"][0]],
    }
    account.role("r", attached=[account.policy("p", document)])

    (finding,) = findings(control, snapshot_of(account))

    assert finding.evidence["nearly"] == "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


#: As AWS's policy of power users, but that IAM is in it.
NEARLY_ALL = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "NotAction": ["account:*", "organizations:*"], "Resource": "*"}
    ],
}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(some(1, Resource="arn:aws:ssm:*:*:parameter/reports/*"), id="named ones"),
        pytest.param(
            some(1, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), id="with MFA"
        ),
        pytest.param(some(1, Effect="Deny"), id="denied"),
        pytest.param(document_of("AmazonSSMReadOnlyAccess"), id="a copy"),
        pytest.param(document_of("AdministratorAccess"), id="full administration"),
        pytest.param(NEARLY_ALL, id="nearly all, which an administrator has"),
        pytest.param(allow("sqs:ReceiveMessage"), id="something else"),
        pytest.param(allow("unheard-of:Do"), id="nobody knows it"),
    ],
)
def test_what_does_not_count(account: AccountBuilder, document: dict[str, Any]) -> None:
    account.role("r", attached=[account.policy("p", document)])

    assert not findings(control, snapshot_of(account))


def test_held_by_nobody_or_left_alone(account: AccountBuilder) -> None:
    account.policy("read-fleet", some(1))
    assert not findings(control, snapshot_of(account))

    account.role("r", attached=[account.policy("keep-fleet", some(1))])

    assert findings(control, snapshot_of(account))
    assert not findings(control, snapshot_of(account), left_alone=["KEEP*"])
