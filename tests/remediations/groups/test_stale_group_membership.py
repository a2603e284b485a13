"""Who uses nothing of a group is taken out of it, where AWS's reports are sure."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import Manual, Part, Plan, Protection, Risk, Snapshot
from remediations.groups import stale_group_membership as control
from tests.remediations.acting import apply_and_undo, stopped_by
from tests.remediations.contract import NOW
from tests.remediations.groups.moving import allow, deny
from tests.remediations.looking import look
from tests.remediations.people import found

OWNED = {"owner": "o@example.org"}
INSTANT = 1 / 86400
OLD = 400


def _member(account: AccountBuilder, days: float | None = None, **more: Any) -> None:
    """ann is in a group for SQS, and last used it so many days ago."""
    old = account.ago(days=more.get("made", OLD))
    account.group("queues", created=account.ago(days=more.get("group_made", OLD)))
    account.inline("sqs", more.get("document", allow("sqs:ReceiveMessage")), group="queues")
    name = more.get("name", "ann")
    account.user(name, created=old, tags=OWNED, groups=["queues"])
    account.key(name, created=account.ago(days=20), last_used=account.ago(days=1))
    if days is not None:
        account.use_service(name, "sqs", at=account.ago(days=days))


def seed(account: AccountBuilder) -> None:
    """The healthy account's people use what they may, and so does bob; ann never did."""
    _in_use(account)
    _member(account)
    account.user("bob", created=account.ago(days=OLD), tags=OWNED, groups=["queues"])
    account.key("bob", created=account.ago(days=20), last_used=account.ago(days=1))
    account.use_service("bob", "sqs", at=account.ago(days=1))


def _in_use(account: AccountBuilder) -> None:
    for user in list(account.iam.users):
        account.use_service(user, "s3", at=account.ago(days=1))


def just_within(account: AccountBuilder) -> None:
    """Used 90 days ago."""
    _in_use(account)
    _member(account, 90)


def just_beyond(account: AccountBuilder) -> None:
    """Used a second more than 90 days ago."""
    _in_use(account)
    _member(account, 90 + INSTANT)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, True, id="never used"),
        pytest.param({"days": 89}, False, id="in use"),
        pytest.param({"days": 91}, True, id="not for long"),
        pytest.param({"made": 80}, False, id="a young user"),
        pytest.param({"group_made": 80}, False, id="a young group"),
        pytest.param({"document": deny()}, False, id="a group that denies"),
        pytest.param({"document": allow("*")}, True, id="everything, and nothing used"),
        pytest.param({"document": allow("*"), "days": 3}, False, id="everything, one used"),
        pytest.param({"document": allow("s*:Get*"), "days": 3}, False, id="a pattern of services"),
        pytest.param({"document": allow("SQS:*"), "days": 3}, False, id="in capitals"),
    ],
)
def test_what_counts(account: AccountBuilder, more: dict[str, Any], expected: bool) -> None:
    _member(account, **more)
    assert bool(found(control, look(account))) is expected


def test_all_but_some_is_everything(account: AccountBuilder) -> None:
    """NotAction leaves nearly all services, so one that is used is enough."""
    document = allow()
    document["Statement"][0]["NotAction"] = [document["Statement"][0].pop("Action")]
    _member(account, 3, document=document)
    assert not found(control, look(account))


@pytest.mark.parametrize(
    ("joined", "expected"),
    [pytest.param(89, False, id="within the limit"), pytest.param(None, True, id="not known")],
)
def test_who_joined_lately_is_not_judged(
    account: AccountBuilder, joined: float | None, expected: bool
) -> None:
    """CloudTrail remembers 90 days: who isn't in there joined before."""
    _member(account)
    account.added("bob", "queues", at=account.ago(days=1))
    if joined is not None:
        account.added("ann", "queues", at=account.ago(days=joined))
    assert bool(found(control, look(account))) is expected


def test_a_service_that_the_report_does_not_know_is_not_guessed(account: AccountBuilder) -> None:
    """No data is no proof that nothing was used."""
    _member(account, document=allow(["sqs:*", "madeup:Do"]))
    assert not found(control, look(account))


def test_whose_report_is_missing_is_not_judged(account: AccountBuilder) -> None:
    """Somebody who went away between two calls."""
    _member(account)
    snapshot = look(account)
    assert found(control, snapshot)
    without = type(snapshot.last_access)({}, {})
    assert not found(control, _with(snapshot, without))


def _with(snapshot: Snapshot, access: Any) -> Snapshot:
    return replace(snapshot, parts={**snapshot.parts, Part.LAST_ACCESS: access})


@pytest.mark.parametrize(
    "protection",
    [
        Protection(break_glass=("*:user/ann",)),
        Protection(own=("arn:aws:iam::123456789012:user/ann",)),
    ],
)
def test_break_glass_and_own_users_are_left_out(
    account: AccountBuilder, protection: Protection
) -> None:
    _member(account)
    assert not found(control, look(account, protection))


def _fix(account: AccountBuilder) -> Plan | Manual:
    snapshot = look(account)
    (finding,) = found(control, snapshot)
    return control.plan(finding, snapshot, control.CONTROL.settings())


@pytest.mark.parametrize("name", ["ann", "a@b", "a,b", "a+b=c"])
def test_out_of_the_group_and_back(account: AccountBuilder, name: str) -> None:
    _member(account, name=name)
    fix = _fix(account)
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.REVERSIBLE
    for _ in apply_and_undo(account, fix):
        after = look(account)
        assert after.users_by_name[name].groups == ()
        assert not found(control, after)


Meddle = Callable[[AccountBuilder], object]


@pytest.mark.parametrize(
    ("meddle", "why"),
    [
        pytest.param(
            lambda a: a.attach("ReadOnlyAccess", group="queues"),
            "the policies of queues changed",
            id="the group grants more by now",
        ),
        pytest.param(
            lambda a: a.client().remove_user_from_group(GroupName="queues", UserName="ann"),
            "ann is not in queues",
            id="not in it any more",
        ),
    ],
)
def test_the_world_changes_meanwhile(account: AccountBuilder, meddle: Meddle, why: str) -> None:
    _member(account)
    fix = _fix(account)
    assert isinstance(fix, Plan)
    assert why in stopped_by(account, fix, "leave", lambda: meddle(account))


@pytest.mark.parametrize("pattern", ["*:user/ann", "*:group/queues"])
def test_whoever_is_protected_is_left_in(account: AccountBuilder, pattern: str) -> None:
    _member(account)
    fix = _fix(account)
    assert isinstance(fix, Plan)
    guarded = look(account, Protection(protected=(pattern,)))
    assert "protected list" in (Guard.on(guarded)(fix) or "")


def test_a_document_that_can_not_be_compared_is_for_people(account: AccountBuilder) -> None:
    odd = allow("sqs:*", Condition={"NumericEquals": {"sqs:x": 1.5}})
    _member(account, document=odd)
    assert isinstance(_fix(account), Manual)
