"""A role that nobody uses is fenced, by when it was used and never by what is attached to it."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Plan, Protection, Risk
from remediations._fence_documents import UNUSED_DOCUMENT, UNUSED_FENCE
from remediations.least_privilege import unused_role as control
from tests.remediations.acting import Acting, stopped_by
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found, planned

SECOND = timedelta(seconds=1)
NAME = "reports+old,by.mail@example.org"


def _idle(account: AccountBuilder, idle: timedelta) -> None:
    account.role(NAME, created=account.ago(days=800), last_used=account.now - idle)
    account.inline("reports", {**UNUSED_DOCUMENT, "Statement": []}, role=NAME)


def seed(account: AccountBuilder) -> None:
    """A role of something that stopped four months ago."""
    _idle(account, timedelta(days=120))


def just_within(account: AccountBuilder) -> None:
    """Last used exactly 90 days ago."""
    _idle(account, timedelta(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """Last used 90 days and a second ago."""
    _idle(account, timedelta(days=90) + SECOND)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


@pytest.mark.parametrize(
    ("made", "used", "expected"),
    [
        pytest.param(800, None, True, id="never used"),
        pytest.param(90, None, False, id="never used, at the limit"),
        pytest.param(91, None, True, id="never used, beyond"),
        pytest.param(10, None, False, id="made lately"),
        pytest.param(800, 91, True, id="used long ago"),
        pytest.param(800, 90, False, id="used at the limit"),
        pytest.param(800, 0, False, id="in use"),
        pytest.param(10, 300, False, id="made anew under an old name"),
    ],
)
@pytest.mark.parametrize("attached", [(), ("AmazonS3ReadOnlyAccess",)], ids=["bare", "attached"])
def test_use_and_age_count_and_what_is_attached_does_not(
    account: AccountBuilder, made: int, used: int | None, expected: bool, attached: tuple[str, ...]
) -> None:
    last_used = None if used is None else account.ago(days=used)
    account.role("r", created=account.ago(days=made), last_used=last_used, attached=attached)
    assert bool(found(control, look(account))) is expected


def _on_instance(account: AccountBuilder) -> None:
    account.role("r", created=account.ago(days=800))
    account.iam.create_instance_profile("p", "/", [])
    account.iam.add_role_to_instance_profile("p", "r")


@pytest.mark.parametrize(
    ("build", "settings"),
    [
        pytest.param(_on_instance, {}, id="in an instance profile"),
        pytest.param(
            lambda a: a.service_linked_role("support.amazonaws.com", "Support"),
            {},
            id="service-linked",
        ),
        pytest.param(lambda a: a.identity_center_role("ReadOnlyAccess"), {}, id="Identity Center"),
        pytest.param(
            lambda a: a.role("Drill-2024", created=a.ago(days=800)),
            {"seasonal": ["drill-*"]},
            id="seasonal",
        ),
    ],
)
def test_who_is_left_out(
    account: AccountBuilder, build: Callable[[AccountBuilder], Any], settings: dict[str, Any]
) -> None:
    build(account)
    for role in account.iam.roles.values():
        role.create_date = account.ago(days=800).replace(tzinfo=None)
    assert not found(control, look(account), **settings)


def test_break_glass_is_left_out_and_protection_is_no_excuse(account: AccountBuilder) -> None:
    account.role("r", created=account.ago(days=800))
    arn = look(account).roles[0].arn
    assert not found(control, look(account, Protection(break_glass=(arn,))))
    assert not found(control, look(account, Protection(own=(arn,))))
    assert found(control, look(account, Protection(protected=(arn,))))


def test_the_fence_denies_everything_and_is_taken_away_by_one_call(account: AccountBuilder) -> None:
    seed(account)
    fix = planned(control, look(account))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.DISRUPTIVE
    (step,) = fix.steps
    assert json.loads(str(step.do.params["PolicyDocument"]))["Statement"] == [
        {"Sid": "UnusedRole", "Effect": "Deny", "Action": "*", "Resource": "*"}
    ]
    assert step.undo is not None
    assert (step.undo.operation, step.undo.params["RoleName"]) == ("DeleteRolePolicy", NAME)


def test_a_fenced_role_is_no_finding_and_a_hollow_fence_is_for_people(
    account: AccountBuilder,
) -> None:
    seed(account)
    account.inline(UNUSED_FENCE, UNUSED_DOCUMENT, role=NAME)
    assert not found(control, look(account))
    account.inline(UNUSED_FENCE, {"Version": "2012-10-17", "Statement": []}, role=NAME)
    fix = planned(control, look(account))
    assert isinstance(fix, Manual)
    assert "not as Locksmith puts it" in fix.reason


@pytest.mark.parametrize(("room", "manual"), [(0, False), (-1, True)])
def test_room_for_the_fence(account: AccountBuilder, room: int, manual: bool) -> None:
    """As many characters as AWS allows all inline policies of a role together."""
    account.role("r", created=account.ago(days=800))
    text = str(_plan(account).steps[0].do.params["PolicyDocument"])
    account.quota("RolePolicySizeQuota", len(text) + room)
    assert isinstance(planned(control, look(account)), Manual) is manual


def _plan(account: AccountBuilder) -> Plan:
    fix = planned(control, look(account))
    assert isinstance(fix, Plan)
    return fix


def _used(account: AccountBuilder) -> None:
    account.iam.get_role(NAME).last_used = account.now.replace(tzinfo=None)


def _profile(account: AccountBuilder) -> None:
    account.iam.create_instance_profile("p", "/", [])
    account.iam.add_role_to_instance_profile("p", NAME)


def _another(account: AccountBuilder) -> None:
    account.iam.delete_role_policy(NAME, "reports")
    account.iam.delete_role(NAME)
    account.role(NAME, created=account.ago(days=800))


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(_used, "was used meanwhile", id="used"),
        pytest.param(_profile, "is in an instance profile by now", id="on an instance"),
        pytest.param(_another, "is another role now", id="a namesake"),
    ],
)
def test_what_happened_meanwhile_stops_it(
    account: AccountBuilder, meanwhile: Callable[[AccountBuilder], None], why: str
) -> None:
    seed(account)
    said = stopped_by(account, _plan(account), "fence", lambda: meanwhile(account))
    assert any(why in each for each in said)


def test_nothing_stops_it_where_nothing_happened(account: AccountBuilder) -> None:
    just_beyond(account)
    fix = _plan(account)
    assert not Acting(account, fix).broken(fix.steps[0].before)
