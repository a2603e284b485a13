"""A policy that nobody holds is deleted with all of its versions, unless somebody takes it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import Manual, Plan, Protection, Risk
from remediations.managed_policies import unattached_customer_policy as control
from tests.remediations.acting import Acting, rights, snapshot_of, stopped_by
from tests.remediations.groups.moving import allow, findings, names, planned

ARN = "arn:aws:iam::123456789012:policy/old-job"
HOSTILE = ["a@b", "a,b", "a+b", "a=b", "it.s-a_policy"]


def seed(account: AccountBuilder, days: float = 120, name: str = "old-job") -> None:
    """A policy of old with two versions, that nobody holds."""
    old = [allow("s3:ListBucket")]
    account.policy(name, allow(), created=account.ago(days=days), older_versions=old)


def just_within(account: AccountBuilder) -> None:
    """Changed 90 days ago."""
    seed(account, 90)


def just_beyond(account: AccountBuilder) -> None:
    """Changed a second more than 90 days ago."""
    seed(account, 90 + 1 / 86400)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_deleted_with_its_versions(account: AccountBuilder, name: str) -> None:
    """AWS refuses to delete a policy that has other versions, so those go first."""
    seed(account, name=name)
    fix = planned(control, account)
    assert names(fix) == ["delete-version-v1", "delete-policy"]
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.IRREVERSIBLE
    assert Guard.on(snapshot_of(account))(fix) is None

    Acting(account, fix).apply()

    assert not snapshot_of(account).customer_policies


def test_every_text_is_in_the_plan(account: AccountBuilder) -> None:
    """What is deleted for good can be made again from the journal, which keeps the plan."""
    seed(account)

    kept = json.dumps(planned(control, account).data())

    assert "s3:ListBucket" in kept
    assert "s3:GetObject" in kept


def _attached(account: AccountBuilder, arn: str) -> None:
    account.role("r", attached=[arn])


def _bounding(account: AccountBuilder, arn: str) -> None:
    account.user("u", boundary=arn)


@pytest.mark.parametrize(
    ("use", "settings"),
    [
        pytest.param(_attached, {}, id="attached"),
        pytest.param(_bounding, {}, id="a boundary"),
        pytest.param(lambda account, arn: None, {"left_alone": ["OLD-*"]}, id="left alone"),
        pytest.param(lambda account, arn: None, {"days": 121}, id="younger than was set"),
    ],
)
def test_what_does_not_count(
    account: AccountBuilder, use: Callable[[AccountBuilder, str], Any], settings: dict[str, Any]
) -> None:
    """Look-alikes; the same policy without the difference is found."""
    seed(account)
    use(account, ARN)
    assert not findings(control, snapshot_of(account), **settings)

    account.policy("other", allow(), created=account.ago(days=200))

    found = findings(control, snapshot_of(account), **settings)
    assert [each.resource.name for each in found] == ["other"]


def test_a_new_version_makes_it_young(account: AccountBuilder) -> None:
    """Somebody works on it: the age is that of the newest version, not of the policy."""
    seed(account)
    account.client().create_policy_version(
        PolicyArn=ARN, PolicyDocument=json.dumps(allow("s3:PutObject"))
    )

    assert not findings(control, snapshot_of(account))


def test_a_protected_policy_is_not_looked_at(account: AccountBuilder) -> None:
    """And a plan for it would be refused."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    protection = Protection(protected=("*:policy/old-*",))

    assert not findings(control, snapshot_of(account, protection))
    assert "protected list" in (Guard.on(snapshot_of(account, protection))(fix) or "")


@pytest.mark.parametrize("until", ["delete-version-v1", "delete-policy"])
@pytest.mark.parametrize("use", [_attached, _bounding])
def test_somebody_takes_it_meanwhile(
    account: AccountBuilder, until: str, use: Callable[[AccountBuilder, str], Any]
) -> None:
    """Then nothing more is deleted, whether it is attached or a boundary."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    why = stopped_by(account, fix, until, lambda: use(account, ARN))

    assert why == ["somebody has old-job by now"]


def test_another_policy_of_that_name(account: AccountBuilder) -> None:
    """Made anew meanwhile, it is none of this plan's business."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    def anew() -> None:
        account.policy("old-job", allow("s3:PutObject"))

    assert stopped_by(account, fix, "delete-policy", anew) == [
        "old-job is another policy now",
        "the document of old-job, version v2, is another one",
    ]


def test_another_text(account: AccountBuilder) -> None:
    """The journal would keep another text than the one that is deleted."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    def rewrite() -> None:
        policy = account.iam.get_policy(ARN)
        policy.versions[0].document = json.dumps(allow("s3:PutObject"))

    assert stopped_by(account, fix, "delete-version-v1", rewrite) == [
        "the document of old-job, version v1, is another one"
    ]


def test_a_document_that_can_not_be_kept(account: AccountBuilder) -> None:
    """What can't be written down exactly isn't deleted by Locksmith."""
    condition = {"NumericEquals": {"s3:max-keys": 1.5}}
    account.policy("odd", allow(Condition=condition), created=account.ago(days=200))
    before = rights(account)

    fix = planned(control, account)

    assert isinstance(fix, Manual)
    assert "can't be kept exactly" in fix.reason
    assert rights(account) == before
