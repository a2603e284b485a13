"""Keys that were switched off long ago are deleted, and that is final."""

from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Plan, Protection, Risk
from remediations.unused_credentials import inactive_access_key as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)


def _inactive(account: AccountBuilder, changed: timedelta) -> str:
    account.user("program", created=account.ago(days=900))
    return account.key(
        "program",
        created=account.ago(days=800),
        last_used=account.ago(days=700),
        status="Inactive",
        changed=account.now - changed,
    )


def seed(account: AccountBuilder) -> None:
    """A key that was switched off a hundred days ago, beside one in use."""
    _inactive(account, timedelta(days=100))
    account.key("program", created=account.ago(days=20), last_used=account.ago(hours=3))


def just_within(account: AccountBuilder) -> None:
    """Switched off exactly 90 days ago."""
    _inactive(account, timedelta(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """Switched off 90 days and a second ago."""
    _inactive(account, timedelta(days=90) + SECOND)


def off(changed: Any, **more: Any) -> Any:
    """A key as the report has it: "created" is its last change."""
    return key(created=changed, active=False, **more)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(off(ago(91)), True, id="off too long"),
        pytest.param(off(ago(90)), False, id="off for the grace"),
        pytest.param(off(ago(1)), False, id="switched off yesterday"),
        pytest.param(off(ago(400), last_used=ago(90) - SECOND), True, id="used before the grace"),
        pytest.param(off(ago(400), last_used=ago(90)), False, id="used within the grace"),
        pytest.param(key(created=ago(400)), False, id="active"),
    ],
)
def test_which_keys_are_found(one: Any, expected: bool) -> None:
    """Off for longer than the grace, and not used within it."""
    assert bool(found(control, seen(person(keys=(one,))))) is expected


OLD = key(created=ago(800), active=False, key_id="AKIA1", slot=1)


@pytest.mark.parametrize(
    ("reported", "listed", "expected"),
    [
        pytest.param((off(ago(100)),), OLD, True, id="the report tells since when"),
        pytest.param((off(ago(10)),), OLD, False, id="off since ten days, made long ago"),
        pytest.param((key(created=ago(800)),), OLD, False, id="the report has it as active"),
        pytest.param((), OLD, False, id="the report doesn't know it"),
        pytest.param(
            (off(ago(100), slot=2), off(ago(10), slot=1)), OLD, False, id="the other slot is older"
        ),
        pytest.param(
            (off(ago(100), slot=1), off(ago(10), slot=2)), OLD, True, id="the other slot is younger"
        ),
        pytest.param(
            (off(ago(100), slot=1), off(ago(10), slot=2)),
            key(created=ago(800), active=False, key_id="AKIA1", slot=None),
            False,
            id="the slot isn't known: the latest change counts",
        ),
        pytest.param(
            (off(ago(100)),), key(created=ago(800), key_id="AKIA1"), False, id="listed as active"
        ),
    ],
)
def test_a_named_key_is_off_since_the_report_says(
    reported: tuple[Any, ...], listed: Any, expected: bool
) -> None:
    """CreateDate is no help: a key is not deleted because it was made long ago."""
    snapshot = seen(person(keys=reported, listed=(listed,)))
    assert bool(found(control, snapshot)) is expected


def test_it_says_that_it_is_final() -> None:
    """Risk, summary and step leave no doubt."""
    fix = planned(control, seen(person(keys=(off(ago(100)),), listed=(OLD,))))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.IRREVERSIBLE
    assert "can't be undone" in fix.summary
    assert fix.steps[0].undo is None
    assert "no copy" in fix.steps[0].irreversible_because
    assert any("36 hours" in line for line in fix.breaks)


def named(created: Any = None, last_used: Any = None, slot: int | None = 1) -> Any:
    """An inactive key as AWS lists it."""
    made = created or ago(800)
    return key(created=made, last_used=last_used, active=False, key_id="AKIA1", slot=slot)


@pytest.mark.parametrize(
    ("reported", "listed", "since"),
    [
        pytest.param((off(ago(100)),), named(), "2026-08-16T12:00:00Z", id="changed since made"),
        pytest.param(
            (off(ago(100)),),
            named(last_used=ago(100) - SECOND),
            "2026-08-16T12:00:00Z",
            id="changed since used",
        ),
        pytest.param((off(ago(800)),), named(), None, id="not changed since made"),
        pytest.param(
            (off(ago(800) + timedelta(seconds=59)),), named(), None, id="told a little differently"
        ),
        pytest.param((off(ago(300)),), named(last_used=ago(200)), None, id="used since changed"),
        pytest.param((off(ago(200)),), named(last_used=ago(200)), None, id="used as it changed"),
        pytest.param(
            (off(ago(300), slot=1), off(ago(800), slot=2)),
            named(slot=None),
            None,
            id="the slot isn't known, and one was never changed",
        ),
        pytest.param(
            (off(ago(300), slot=1), off(ago(100), slot=2)),
            named(slot=None),
            "2026-08-16T12:00:00Z",
            id="the slot isn't known: the latest change counts",
        ),
    ],
)
def test_only_a_key_known_to_be_off_for_long_is_deleted(
    reported: tuple[Any, ...], listed: Any, since: str | None
) -> None:
    """AWS's "last rotated" is the creation or the last change: it need not be the switching-off."""
    snapshot = seen(person(keys=reported, listed=(listed,)))
    (finding,) = found(control, snapshot)
    fix = planned(control, snapshot)
    assert finding.evidence["inactive_since"] == (since or "unknown")
    assert ("switched off 100 days ago" in finding.summary) is bool(since)
    assert isinstance(fix, Plan if since else Manual)


@pytest.mark.parametrize(
    ("one", "since"),
    [
        pytest.param(off(ago(100)), "unknown", id="never used: changed, or just made"),
        pytest.param(off(ago(100), last_used=ago(99)), "unknown", id="used since"),
        pytest.param(
            off(ago(100), last_used=ago(200)), "2026-08-16T12:00:00Z", id="changed since used"
        ),
    ],
)
def test_what_the_report_alone_tells(one: Any, since: str) -> None:
    """It doesn't say when a key was made, but surely before it was used."""
    (finding,) = found(control, seen(person(keys=(one,))))
    assert finding.evidence["inactive_since"] == since


def test_where_it_is_unknown_people_find_out() -> None:
    """They look in CloudTrail; the summary claims no more than is known."""
    snapshot = seen(person(keys=(off(ago(300)),), listed=(named(last_used=ago(200)),)))
    (finding,) = found(control, snapshot)
    assert finding.summary == "alice has an inactive access key, last used 200 days ago for s3"
    fix = planned(control, snapshot)
    assert isinstance(fix, Manual)
    assert "less than 90 days ago" in fix.reason
    assert "UpdateAccessKey" in fix.steps[0]
    assert "--access-key-id AKIA1" in fix.steps[2]


def test_protected_users_are_reported() -> None:
    """What is done about them is the planner's to refuse."""
    alice = person(keys=(off(ago(91)),))
    assert found(control, seen(alice, protection=Protection(break_glass=(alice.user.arn,))))


def test_switched_on_meanwhile_it_stays() -> None:
    """An active key is never deleted, nor one that was used within the grace."""
    with mock_account(NOW) as account:
        key_id = _inactive(account, timedelta(days=100))
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting, before = Acting(account, fix), fix.steps[0].before
        assert acting.broken(before) == []
        account.iam.access_keys[key_id].create_date = account.ago(days=90)
        assert acting.broken(before) == [f"the key {key_id} was made less than 90 days ago"]
        account.iam.access_keys[key_id].create_date = account.ago(days=800)
        account.use_key(key_id, at=account.ago(days=3))
        assert acting.broken(before) == [f"the key {key_id} was used in the last 90 days"]
        account.client().update_access_key(UserName="program", AccessKeyId=key_id, Status="Active")
        assert f"the key {key_id} is not Inactive" in acting.broken(before)


def test_keys_of_smtp_users_are_left_to_people() -> None:
    """No robot deletes what a mail server may be waiting for."""
    off = key(created=ago(150), last_used=ago(200), active=False)
    mail = person("ses-smtp-user.20240101-120000", keys=(off,))
    fix = planned(control, seen(mail))
    assert isinstance(fix, Manual)
    assert "SMTP" in fix.reason
