"""A password behind its fence that nobody misses is deleted, and then the fence goes."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import CONSOLE_FENCE, Manual, Part, Plan, Protection, Risk, Snapshot
from remediations._fence_documents import CONSOLE_DOCUMENT, INACTIVE_DOCUMENT, INACTIVE_FENCE
from remediations.unused_credentials import fenced_console_password as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, person, planned, seen

SECOND = timedelta(seconds=1)
NAME = "away,for+good@example.org"
PUT = ago(100)
FENCED = {CONSOLE_FENCE: json.dumps(CONSOLE_DOCUMENT)}


def _fenced(account: AccountBuilder, since: timedelta) -> None:
    """Somebody whose key is in daily use, and whose password is not."""
    account.user(NAME, path="/people/", created=account.ago(days=900))
    account.password(NAME, changed=account.ago(days=80), last_used=account.ago(days=400))
    account.iam.simulated_user(NAME).password_changed = account.iam.simulated_user(NAME).create_date
    account.mfa(NAME)
    account.key(NAME, created=account.ago(days=20), last_used=account.ago(hours=2))
    account.inline(CONSOLE_FENCE, dict(CONSOLE_DOCUMENT), user=NAME)
    vars(account)["fences"] = {(NAME, CONSOLE_FENCE): account.now - since}


def seed(account: AccountBuilder) -> None:
    """The fence stands for four months."""
    _fenced(account, timedelta(days=120))


def just_within(account: AccountBuilder) -> None:
    """The fence stands for exactly 90 days."""
    _fenced(account, timedelta(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """The fence stands for 90 days and a second."""
    _fenced(account, timedelta(days=90) + SECOND)


def behind(since: datetime | None = PUT, **facts: Any) -> Snapshot:
    """One person with a password behind the fence."""
    protection = facts.pop("protection", None)
    given: dict[str, Any] = {"password": True, "changed": ago(300), "inline": FENCED, **facts}
    put = {} if since is None else {("AIDAALICE", CONSOLE_FENCE): since}
    return seen(person(**given), parts={Part.FENCES: put}, protection=protection)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="never used"),
        pytest.param({"used": ago(101)}, True, id="used before the fence"),
        pytest.param({"since": ago(90)}, False, id="fence at the limit"),
        pytest.param({"since": None}, True, id="no record of the fence"),
        pytest.param({"used": ago(90)}, False, id="used within the grace"),
        pytest.param(
            {"since": None, "used": ago(90)}, False, id="no record, and used within the grace"
        ),
        pytest.param({"since": ago(200), "used": ago(150)}, False, id="used since the fence"),
        pytest.param({"since": ago(200), "changed": ago(150)}, False, id="set anew since"),
        pytest.param({"password": False}, False, id="no password"),
        pytest.param({"inline": {}}, False, id="no fence"),
        pytest.param(
            {"inline": {CONSOLE_FENCE: '{"Version":"2012-10-17","Statement":[]}'}},
            False,
            id="hollow fence",
        ),
        pytest.param(
            {"inline": {**FENCED, INACTIVE_FENCE: json.dumps(INACTIVE_DOCUMENT)}},
            False,
            id="fenced off whole",
        ),
        pytest.param(
            {"attached": ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",)},
            False,
            id="under quarantine",
        ),
        pytest.param(
            {"protection": Protection(break_glass=("arn:aws:iam::123456789012:user/alice",))},
            False,
            id="break-glass",
        ),
    ],
)
def test_which_passwords_are_found(facts: dict[str, Any], expected: bool) -> None:
    assert bool(found(control, behind(**facts))) is expected


def test_without_a_record_people_do_it() -> None:
    fix = planned(control, behind(None))
    assert isinstance(fix, Manual)
    assert "no record of putting Locksmith-ConsoleFence" in fix.reason


@pytest.mark.parametrize(
    ("since", "said"),
    [
        pytest.param(PUT, "behind a fence since 2026-08-16", id="recorded"),
        pytest.param(None, "behind a fence since nobody knows when", id="not recorded"),
    ],
)
def test_it_says_since_when_the_fence_stands(since: datetime | None, said: str) -> None:
    (finding,) = found(control, behind(since))
    assert finding.summary.endswith(said)


def test_the_password_goes_first_and_then_the_fence() -> None:
    """At no time could anybody sign in without the fence."""
    fix = planned(control, behind())
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.IRREVERSIBLE
    assert [step.do.operation for step in fix.steps] == ["DeleteLoginProfile", "DeleteUserPolicy"]


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(lambda a: a.use_password(NAME), "signed in meanwhile", id="signed in"),
        pytest.param(
            lambda a: a.password(NAME, created=a.now), "got a new password", id="new password"
        ),
        pytest.param(
            lambda a: a.client().delete_user_policy(UserName=NAME, PolicyName=CONSOLE_FENCE),
            "is not as Locksmith put it",
            id="fence gone",
        ),
    ],
)
def test_what_happens_meanwhile_stops_it(meanwhile: Any, why: str) -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert not acting.broken(fix.steps[0].before)
        meanwhile(account)
        assert any(why in said for said in acting.broken(fix.steps[0].before))


def test_a_password_that_is_set_between_keeps_its_fence() -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        step = acting.apply(until="unfence")
        assert step is not None
        account.password(NAME, created=account.now)
        assert any("has a console password" in said for said in acting.broken(step.before))
