"""A policy that lately came to allow more is asked about, and set back to what it was."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.errors import PlanError
from bot.model import Finding, Manual, Plan, Protection, Risk, Severity
from remediations.least_privilege import customer_policy_widened as control
from tests.remediations.acting import apply_and_undo, snapshot_of, stopped_by
from tests.remediations.contract import NOW
from tests.remediations.people import found

ODD = "o'neil+a,b@example.org"


def allowing(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """A document of one Allow."""
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


READ, WRITE = allowing("s3:GetObject"), allowing("s3:GetObject", "s3:PutObject")


def _changed(
    account: AccountBuilder,
    age: timedelta,
    before: dict[str, Any] = READ,
    now: dict[str, Any] = WRITE,
    *,
    first: Sequence[dict[str, Any]] = (),
    held: bool = True,
) -> str:
    older = [*first, before]
    arn = account.policy("app", now, created=account.ago(days=300), older_versions=older)
    newest = account.iam.managed_policies[arn].versions[-1]
    newest.create_date = (account.now - age).replace(tzinfo=None)
    if held:
        account.role(ODD, last_used=account.ago(days=1))
        account.attach(arn, role=ODD)
    return arn


def seed(account: AccountBuilder) -> None:
    """Three days ago the policy of an application came to write."""
    _changed(account, timedelta(days=3))


def just_within(account: AccountBuilder) -> None:
    """It changed exactly 14 days ago, which is asked about no more."""
    _changed(account, timedelta(days=14))


def just_beyond(account: AccountBuilder) -> None:
    """It changed a second less than 14 days ago."""
    _changed(account, timedelta(days=14) - timedelta(seconds=1))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


def seen(account: AccountBuilder, **settings: Any) -> list[Finding]:
    return found(control, snapshot_of(account), **settings)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param(READ, WRITE, True, id="an action more"),
        pytest.param(WRITE, READ, False, id="an action fewer"),
        pytest.param(READ, allowing("S3:getobject"), False, id="the same in other letters"),
        pytest.param(allowing("s3:Get*"), allowing("s3:*"), True, id="a wider pattern"),
        pytest.param(
            allowing("s3:GetObject", resource="arn:aws:s3:::a/*"), READ, True, id="more resources"
        ),
        pytest.param(
            READ, allowing("s3:PutObject", resource="arn:aws:s3:::a/*"), True, id="another action"
        ),
        pytest.param(
            allowing("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}}),
            READ,
            False,
            id="a condition less, which may always have held",
        ),
    ],
)
def test_what_counts_as_more(
    account: AccountBuilder, before: dict[str, Any], now: dict[str, Any], expected: bool
) -> None:
    _changed(account, timedelta(days=3), before, now)
    assert bool(seen(account)) is expected


def test_it_is_set_back_and_forth(account: AccountBuilder) -> None:
    """The new version stays where it is; undone, it is in force again."""
    seed(account)
    snapshot = snapshot_of(account)
    (finding,) = found(control, snapshot)
    assert finding.evidence["more"] == ["s3:PutObject on *"]
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.DISRUPTIVE
    for _ in apply_and_undo(account, fix):
        assert not seen(account)
        (policy,) = snapshot_of(account).customer_policies
        assert (policy.default.id, len(policy.versions)) == ("v1", 2)


def test_the_first_version_and_one_set_back_to_are_not_compared(account: AccountBuilder) -> None:
    account.policy("new", WRITE, created=account.ago(days=1))
    assert not seen(account)
    arn = _changed(account, timedelta(days=3), WRITE, READ)
    account.client().set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert not seen(account)


def test_what_was_there_before_and_comes_back_is_no_news(account: AccountBuilder) -> None:
    """Taken away, missed, and given back in part."""
    whole = allowing("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    _changed(account, timedelta(days=3), first=[whole])
    assert not seen(account)


@pytest.mark.parametrize(
    ("now", "held", "severity"),
    [
        pytest.param(WRITE, True, Severity.MEDIUM, id="held"),
        pytest.param(WRITE, False, Severity.LOW, id="nobody has it"),
        pytest.param(allowing("*"), True, Severity.CRITICAL, id="administrators now"),
    ],
)
def test_how_bad_it_is(
    account: AccountBuilder, now: dict[str, Any], held: bool, severity: Severity
) -> None:
    _changed(account, timedelta(days=3), now=now, held=held)
    assert [each.severity for each in seen(account)] == [severity]


def test_who_set_it_back_meanwhile_needs_no_plan(account: AccountBuilder) -> None:
    """The version in force is the first one again, which has nothing before it."""
    arn = _changed(account, timedelta(days=3))
    (finding,) = seen(account)
    account.client().set_default_policy_version(PolicyArn=arn, VersionId="v1")
    with pytest.raises(PlanError, match="app has no version before the one in force"):
        control.plan(finding, snapshot_of(account), control.CONTROL.settings())


def test_expected_changes_are_left_alone(account: AccountBuilder) -> None:
    seed(account)
    assert not seen(account, expected=["APP*"])
    assert seen(account, expected=["other"])


def test_whom_it_must_not_hit(account: AccountBuilder) -> None:
    seed(account)
    snapshot = snapshot_of(account, Protection(protected=(f"*:role/{ODD}",)))
    (finding,) = found(control, snapshot)
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Manual)
    assert "protected list" in fix.reason


def test_a_third_version_meanwhile_stops_it(account: AccountBuilder) -> None:
    arn = _changed(account, timedelta(days=3))
    snapshot = snapshot_of(account)
    (finding,) = found(control, snapshot)
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Plan)

    def meddle() -> None:
        account.iam.create_policy_version(arn, str(READ).replace("'", '"'), set_as_default=True)

    assert stopped_by(account, fix, "set-default", meddle) == ["another version of app is in force"]
