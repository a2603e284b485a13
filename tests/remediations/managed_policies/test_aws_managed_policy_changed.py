"""A new version of one of AWS's policies that allows more is told of, for as long as it is news."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Severity
from remediations.managed_policies import aws_managed_policy_changed as control
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import allow, findings, planned

NAME = "AmazonSQSReadOnlyAccess"


def seed(account: AccountBuilder, days: float = 3, *olders: tuple[float, Any]) -> None:
    """A role with one of AWS's policies, which could do less until a few days ago."""
    account.role("watcher", attached=[NAME])
    account.aws_versions(
        NAME,
        changed=account.ago(days=days),
        older=[
            (account.ago(days=age), document)
            for age, document in olders or ((400, allow("sqs:ListQueues")),)
        ],
    )


def just_within(account: AccountBuilder) -> None:
    """Changed a second more than 30 days ago: no news any more."""
    seed(account, 30 + 1 / 86400)


def just_beyond(account: AccountBuilder) -> None:
    """Changed 30 days ago."""
    seed(account, 30)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_what_came_in_is_told(account: AccountBuilder) -> None:
    seed(account)

    (finding,) = findings(control, snapshot_of(account))
    fix = planned(control, account)

    assert finding.summary == f"AWS's {NAME} allows more since its version v2"
    assert finding.evidence["compared_with"] == "v1"
    assert "sqs:GetQueueUrl" in str(finding.evidence["came_in"])
    assert "sqs:ListQueues," not in str(finding.evidence["came_in"])
    assert finding.evidence["held_by"] == ["role watcher"]
    assert isinstance(fix, Manual)
    assert "--version-id v1" in fix.steps[2]


def test_several_changes_are_one(account: AccountBuilder) -> None:
    """Compared is with what was in force when the days began, not with the last but one."""
    queues, urls = allow("sqs:ListQueues"), allow("sqs:*")
    seed(account, 3, (400, queues), (10, urls))

    (finding,) = findings(control, snapshot_of(account))
    assert finding.evidence["compared_with"] == "v1"

    assert not findings(control, snapshot_of(account), days=5)  # since then it only lost some


def test_where_aws_was_quicker(account: AccountBuilder) -> None:
    """Only versions of the last days are known: the oldest of them is compared with."""
    seed(account, 3, (20, allow("sqs:ListQueues")), (10, allow("sqs:*")))

    (finding,) = findings(control, snapshot_of(account))

    assert finding.evidence["compared_with"] == "v1"


@pytest.mark.parametrize(
    ("name", "former", "severity"),
    [
        (NAME, allow("sqs:ListQueues"), Severity.INFO),
        ("AmazonSQSFullAccess", allow("sqs:*Message*"), Severity.MEDIUM),  # AddPermission came in
        ("AmazonKinesisFirehoseFullAccess", allow("firehose:List*"), Severity.LOW),
    ],
)
def test_how_bad_it_is(
    account: AccountBuilder, name: str, former: dict[str, Any], severity: Severity
) -> None:
    """Reading is for information, handing out rights worth a look."""
    account.role("r", attached=[name])
    account.aws_versions(name, changed=account.ago(days=1), older=[(account.ago(days=90), former)])

    assert [each.severity for each in findings(control, snapshot_of(account))] == [severity]


@pytest.mark.parametrize(
    "former",
    [
        pytest.param(allow("sqs:*"), id="narrowed"),
        pytest.param(allow(["sqs:*", "sns:*"]), id="narrowed by more"),
    ],
)
def test_what_allows_less_is_no_news(account: AccountBuilder, former: dict[str, Any]) -> None:
    seed(account, 3, (400, former))

    assert not findings(control, snapshot_of(account))


def test_nobody_holds_it_or_nobody_needs_to_hear(account: AccountBuilder) -> None:
    seed(account)
    assert not findings(control, snapshot_of(account), left_alone=["*ReadOnlyAccess"])
    account.user("bounded", boundary=NAME)
    account.client().detach_role_policy(
        RoleName="watcher", PolicyArn=f"arn:aws:iam::aws:policy/{NAME}"
    )

    assert not findings(control, snapshot_of(account))


def test_what_only_a_service_linked_role_holds_is_aws_own(account: AccountBuilder) -> None:
    """Nobody works with what such a policy gives."""
    name = "AWSSupportServiceRolePolicy"
    account.service_linked_role("support.amazonaws.com", "Support", attached=name)
    account.aws_versions(
        name,
        changed=account.ago(days=3),
        older=[(account.ago(days=400), allow("sqs:ListQueues"))],
    )

    assert not findings(control, snapshot_of(account))


def test_one_version_alone_says_nothing(account: AccountBuilder) -> None:
    account.role("watcher", attached=[NAME])
    account.aws_versions(NAME, changed=account.ago(days=1), older=[])

    assert not findings(control, snapshot_of(account))
