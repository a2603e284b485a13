"""A fenced role that nobody missed goes for good, with everything about it saved."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import Manual, Plan, Protection, Risk
from remediations._fence_documents import UNUSED_DOCUMENT, UNUSED_FENCE
from remediations.least_privilege import fenced_unused_role as control
from remediations.least_privilege import unused_role
from tests.remediations.acting import Acting, stopped_by
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found, planned

NAME = "reports+old,by.mail@example.org"
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}],
}


def _idle(account: AccountBuilder, fenced: timedelta) -> None:
    account.role(
        NAME,
        created=account.ago(days=800),
        last_used=account.ago(days=399),
        attached=["AmazonS3ReadOnlyAccess"],
        tags={"team": "data"},
    )
    account.inline("reports", READ, role=NAME)
    account.inline(UNUSED_FENCE, UNUSED_DOCUMENT, role=NAME)
    vars(account)["fences"] = {(NAME, UNUSED_FENCE): account.now - fenced}


def seed(account: AccountBuilder) -> None:
    """Fenced four months ago, and not missed."""
    _idle(account, timedelta(days=120))


def just_within(account: AccountBuilder) -> None:
    """The fence stands for exactly 90 days."""
    _idle(account, timedelta(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """The fence stands for 90 days and a second."""
    _idle(account, timedelta(days=90, seconds=1))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


def _plan(account: AccountBuilder) -> Plan:
    fix = planned(control, look(account))
    assert isinstance(fix, Plan)
    return fix


def test_only_a_role_behind_the_very_fence(account: AccountBuilder) -> None:
    """Without it, or behind one that somebody changed, the role is only asked about for a fence."""
    seed(account)
    assert not found(unused_role, look(account))
    account.inline(UNUSED_FENCE, {"Version": "2012-10-17", "Statement": []}, role=NAME)
    assert not found(control, look(account))
    account.iam.delete_role_policy(NAME, UNUSED_FENCE)
    assert not found(control, look(account))
    assert found(unused_role, look(account))


def test_without_a_record_of_the_fence_people_look(account: AccountBuilder) -> None:
    """Nobody knows since when it stands, so nothing is deleted."""
    seed(account)
    vars(account)["fences"] = {}
    fix = planned(control, look(account))
    assert isinstance(fix, Manual)
    assert "no record" in fix.reason


def test_who_was_missed_since_is_no_finding(account: AccountBuilder) -> None:
    """A call that the fence denied counts as use: older than the grace, but after the fence."""
    seed(account)
    account.iam.get_role(NAME).last_used = account.ago(days=100).replace(tzinfo=None)
    assert not found(control, look(account))


def test_rights_go_before_the_fence_and_the_role_last(account: AccountBuilder) -> None:
    """At no moment has the role a right: the fence is the last policy to go."""
    seed(account)
    fix = _plan(account)
    done = [(step.do.operation, step.do.params.get("PolicyName")) for step in fix.steps]
    assert done == [
        ("DetachRolePolicy", None),
        ("DeleteRolePolicy", "reports"),
        ("DeleteRolePolicy", UNUSED_FENCE),
        ("DeleteRole", None),
    ]
    assert fix.risk is Risk.IRREVERSIBLE
    Acting(account, fix).apply()
    assert NAME not in {role.name for role in account.iam.roles.values()}


def test_everything_about_the_role_is_saved(account: AccountBuilder) -> None:
    """What AWS forgets stands in the plan and in the finding."""
    seed(account)
    snapshot = look(account)
    (finding,) = found(control, snapshot)
    assert finding.evidence["tags"] == {"team": "data"}
    assert json.loads(str(finding.evidence["trust"]))["Statement"]
    kept = json.dumps(_plan(account).data())
    assert "arn:aws:s3:::x/*" in kept
    assert "ec2.amazonaws.com" in kept
    assert "AmazonS3ReadOnlyAccess" in kept


def test_the_guard_lets_a_fence_go_only_with_its_role(account: AccountBuilder) -> None:
    """Taken out of the plan, or in another place of it, the deletion of a fence is refused."""
    seed(account)
    fix, judge = _plan(account), Guard.on(look(account))
    assert judge(fix) is None
    shorter = Plan(fix.account, fix.subject, fix.steps[:-1], fix.summary)
    detach, delete, lift, gone = fix.steps
    earlier = Plan(fix.account, fix.subject, (detach, lift, delete, gone), fix.summary)
    for plan in (shorter, earlier):
        assert "was placed by Locksmith" in (judge(plan) or "")


def test_protected_roles_are_refused(account: AccountBuilder) -> None:
    seed(account)
    arn = next(role.arn for role in account.iam.roles.values())
    snapshot = look(account, Protection(protected=(arn,)))
    (finding,) = found(control, snapshot)
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Plan)
    assert "protected list" in (Guard.on(snapshot)(fix) or "")


def test_what_cannot_be_kept_exactly_is_for_people(account: AccountBuilder) -> None:
    """A fraction in a document can't be written back word for word."""
    seed(account)
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",'
    text += '"Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":1.5}}}]}'
    account.iam.get_role(NAME).policies["odd"] = text
    fix = planned(control, look(account))
    assert isinstance(fix, Manual)
    assert "can't be kept exactly" in fix.reason


def _used(account: AccountBuilder) -> None:
    account.iam.get_role(NAME).last_used = account.now.replace(tzinfo=None)


def _other_trust(account: AccountBuilder) -> None:
    account.iam.get_role(NAME).assume_role_policy_document = json.dumps(READ)


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(_used, "was used meanwhile", id="used"),
        pytest.param(_other_trust, "the trust policy of", id="another trust"),
    ],
)
def test_what_happened_meanwhile_stops_the_deletion(
    account: AccountBuilder, meanwhile: Callable[[AccountBuilder], None], why: str
) -> None:
    seed(account)
    said = stopped_by(account, _plan(account), "delete-role", lambda: meanwhile(account))
    assert any(why in each for each in said)
