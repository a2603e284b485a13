"""Passwords that nobody uses are fenced off; keys of the same user go on working."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import CONSOLE_FENCE, Manual, Plan, Protection, Risk
from bot.policy import document_size
from remediations._fence_documents import CONSOLE_DOCUMENT
from remediations.unused_credentials import unused_console_password as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, person, planned, seen

SECOND = timedelta(seconds=1)
NAME = "left+behind,one@example.org"


def _idle(account: AccountBuilder, used: timedelta) -> None:
    account.user(NAME, path="/people/", created=account.ago(days=900))
    account.mfa(NAME)
    account.password(NAME, changed=account.ago(days=80), last_used=account.now - used)


def seed(account: AccountBuilder) -> None:
    """Somebody who hasn't signed in for two months, and whose key is in use."""
    _idle(account, timedelta(days=60))
    account.key(NAME, created=account.ago(days=20), last_used=account.ago(days=1))


def just_within(account: AccountBuilder) -> None:
    """Signed in exactly 45 days ago."""
    _idle(account, timedelta(days=45))


def just_beyond(account: AccountBuilder) -> None:
    """Signed in 45 days and a second ago."""
    _idle(account, timedelta(days=45) + SECOND)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"used": ago(46), "changed": ago(300)}, True, id="used too long ago"),
        pytest.param({"used": ago(45), "changed": ago(300)}, False, id="used at the limit"),
        pytest.param({"changed": ago(46)}, True, id="never used, changed too long ago"),
        pytest.param({"changed": ago(45)}, False, id="never used, changed at the limit"),
        pytest.param({"used": ago(300), "changed": ago(3)}, False, id="reset three days ago"),
        pytest.param({}, True, id="never used, no change known, user is old"),
        pytest.param({"created": ago(3)}, False, id="never used, user is new"),
        pytest.param({"password": False, "used": ago(300)}, False, id="no password any more"),
        pytest.param({"password": None}, False, id="not supported"),
    ],
)
def test_which_passwords_are_found(facts: dict[str, Any], expected: bool) -> None:
    """Without any sign of life for longer than the limit."""
    one = person(**{"password": True, **facts})
    assert bool(found(control, seen(one))) is expected


def test_listusers_knows_a_use_that_the_report_does_not() -> None:
    """The newer of both counts."""
    one = person(password=True, changed=ago(300), used=ago(200))
    assert found(control, seen(one, use={"alice": ago(100)}))
    assert not found(control, seen(one, use={"alice": ago(1)}))


def test_a_row_of_a_former_user_counts_for_nobody() -> None:
    """The user was made anew under the same name; the report still has the old one."""
    one = person(password=True, created=ago(100), row_created=ago(900), changed=ago(300))
    assert not found(control, seen(one))


def test_break_glass_is_left_out_and_protected_is_reported() -> None:
    """A break-glass password is meant to be unused."""
    one = person(password=True, changed=ago(300))
    assert not found(control, seen(one, protection=Protection(break_glass=(one.user.arn,))))
    assert found(control, seen(one, protection=Protection(protected=(one.user.arn,))))


def test_the_fence_stops_temporary_credentials_only() -> None:
    """Requests with a long-term key have no token, hence no issue time."""
    (statement,) = CONSOLE_DOCUMENT["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Null": {"aws:TokenIssueTime": "false"}}
    fix = planned(control, seen(person(password=True, changed=ago(300))))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.REVERSIBLE
    assert any("roles" in line and "12 hours" in line for line in fix.breaks)
    assert json.loads(str(fix.steps[0].do.params["PolicyDocument"])) == CONSOLE_DOCUMENT
    assert fix.steps[0].do.params["PolicyName"] == "Locksmith-ConsoleFence"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(json.dumps(CONSOLE_DOCUMENT, indent=2), 0, id="the fence stands"),
        pytest.param('{"Version":"2012-10-17","Statement":[]}', 1, id="it was hollowed out"),
        pytest.param("not JSON", 1, id="it can't be read"),
    ],
)
def test_only_the_very_fence_counts(text: str, expected: int) -> None:
    """A policy of its name that does something else is a finding, and for people to settle."""
    one = person(password=True, changed=ago(300), inline={CONSOLE_FENCE: text})
    snapshot = seen(one)
    assert len(found(control, snapshot)) == expected
    if expected:
        fix = planned(control, snapshot)
        assert isinstance(fix, Manual)
        assert "not as Locksmith puts it" in fix.reason


@pytest.mark.parametrize(("spare", "kind"), [(0, Plan), (-1, Manual)], ids=["fits", "one too many"])
def test_the_fence_must_fit_into_what_the_user_has_left(spare: int, kind: type) -> None:
    """AWS counts all inline policies of a user together, without white space."""
    room = 2048 - document_size(CONSOLE_DOCUMENT) - spare
    text = '{"Version":"2012-10-17","Statement":[],"Id":"%s"}'
    filler = text % ("x" * (room - document_size(text % "")))
    one = person(password=True, changed=ago(300), inline={"other": filler + " \n" * 50})
    assert isinstance(planned(control, seen(one)), kind)


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(
            lambda account: account.use_password(NAME), "signed in meanwhile", id="signed in"
        ),
        pytest.param(
            lambda account: account.client().delete_login_profile(UserName=NAME),
            "no console password any more",
            id="password deleted",
        ),
        pytest.param(
            lambda account: account.password(NAME, created=account.ago(days=1)),
            "got a new password",
            id="new password",
        ),
        pytest.param(
            lambda account: account.inline(CONSOLE_FENCE, "{}", user=NAME),
            "has an inline policy Locksmith-ConsoleFence already",
            id="fenced by somebody else",
        ),
    ],
)
def test_what_happened_meanwhile_stops_it(meanwhile: Any, why: str) -> None:
    """The plan's first look refuses a password that is not as it was."""
    with mock_account(NOW) as account:
        just_beyond(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert acting.broken(fix.steps[0].before) == []
        meanwhile(account)
        assert any(why in said for said in acting.broken(fix.steps[0].before))
