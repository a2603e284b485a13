"""A user without any sign of life is fenced off, before anything else of the user is touched."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Part, Plan, Protection, Risk, ServiceCredential, UserCredential
from remediations._fence_documents import INACTIVE_DOCUMENT, INACTIVE_FENCE
from remediations.unused_credentials import inactive_user as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)
NAME = "left+us,long.ago@example.org"


def _idle(account: AccountBuilder, idle: timedelta) -> None:
    account.user(NAME, path="/people/", created=account.ago(days=900))
    account.password(NAME, changed=account.ago(days=89), last_used=account.ago(days=700))
    account.iam.simulated_user(NAME).password_changed = (account.now - idle).replace(tzinfo=None)
    account.mfa(NAME)


def seed(account: AccountBuilder) -> None:
    """Somebody who left; the password was changed last four months ago and never used since."""
    _idle(account, timedelta(days=120))


def just_within(account: AccountBuilder) -> None:
    """The last sign of life was exactly 90 days ago."""
    _idle(account, timedelta(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """The last sign of life was 90 days and a second ago."""
    _idle(account, timedelta(days=90) + SECOND)


NONE: dict[Part, Any] = {Part.SERVICE_CREDENTIALS: ()}


def service(user: str = "alice", *, active: bool = True) -> dict[Part, Any]:
    one = ServiceCredential("ACCA1", user, "codecommit.amazonaws.com", active, ago(500))
    return {Part.SERVICE_CREDENTIALS: (one,)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="no credentials at all"),
        pytest.param({"created": ago(90)}, False, id="a new user"),
        pytest.param({"password": True, "changed": ago(300), "used": ago(91)}, True, id="idle"),
        pytest.param(
            {"password": True, "changed": ago(300), "used": ago(90)}, False, id="at limit"
        ),
        pytest.param({"password": True, "changed": ago(5)}, False, id="a new password"),
        pytest.param({"password": False, "used": ago(5)}, False, id="signed in before it was gone"),
        pytest.param({"keys": (key(created=ago(400), last_used=ago(91)),)}, True, id="idle key"),
        pytest.param({"keys": (key(created=ago(400), last_used=ago(90)),)}, False, id="used key"),
        pytest.param({"keys": (key(created=ago(90)),)}, False, id="a new key"),
        pytest.param(
            {"keys": (key(created=ago(3), active=False),)},
            True,
            id="a key that is off, by whomever",
        ),
        pytest.param(
            {"keys": (key(created=ago(400), last_used=ago(3), active=False),)},
            False,
            id="a key that was used and is off",
        ),
        pytest.param(
            {
                "password": True,
                "changed": ago(300),
                "keys": (key(created=ago(400), last_used=ago(1)),),
            },
            False,
            id="a key in use beside an idle password",
        ),
    ],
)
def test_who_is_found(facts: dict[str, Any], expected: bool) -> None:
    """Every sign of life counts, whatever it came by."""
    assert bool(found(control, seen(person(**facts), parts=NONE))) is expected


def test_live_facts_win_over_the_report() -> None:
    """ListUsers knows a sign-in, ListAccessKeys a use, that the report doesn't."""
    idle = person(password=True, changed=ago(300))
    assert found(control, seen(idle, parts=NONE))
    assert not found(control, seen(idle, use={"alice": ago(1)}, parts=NONE))
    listed = key(created=ago(400), last_used=ago(1), key_id="AKIA1")
    assert not found(control, seen(person(listed=(listed,)), parts=NONE))


def test_what_aws_does_not_tell_the_use_of_leaves_a_user_out() -> None:
    """An active credential for one service could be in daily use."""
    assert not found(control, seen(person(), parts=service()))
    assert found(control, seen(person(), parts=service(active=False)))
    assert found(control, seen(person(), parts=service("bob")))


@pytest.mark.parametrize("part", [Part.SSH_KEYS, Part.SIGNING_CERTIFICATES])
@pytest.mark.parametrize("active", [True, False])
def test_so_do_ssh_keys_and_certificates_where_they_were_read(part: Part, active: bool) -> None:
    """An active one could be in daily use; one that is off can't."""
    one = UserCredential("APKA1", "AIDAALICE", active, ago(500))
    assert bool(found(control, seen(person(), parts={**NONE, part: (one,)}))) is not active


def test_who_is_left_out() -> None:
    """Break-glass users, former users of the name, and whom the very fence stands before."""
    one = person()
    assert not found(
        control, seen(one, protection=Protection(break_glass=(one.user.arn,)), parts=NONE)
    )
    assert found(control, seen(one, protection=Protection(protected=(one.user.arn,)), parts=NONE))
    assert not found(control, seen(person(created=ago(100), row_created=ago(900)), parts=NONE))
    fenced = person(inline={INACTIVE_FENCE: json.dumps(INACTIVE_DOCUMENT)})
    assert not found(control, seen(fenced, parts=NONE))
    hollow = person(inline={INACTIVE_FENCE: '{"Version":"2012-10-17","Statement":[]}'})
    assert isinstance(planned(control, seen(hollow, parts=NONE)), Manual)


def test_the_fence_denies_everything_and_is_undone_by_one_call() -> None:
    """Also what keys do: nothing is spared."""
    assert INACTIVE_DOCUMENT["Statement"] == [
        {"Sid": "InactiveUser", "Effect": "Deny", "Action": "*", "Resource": "*"}
    ]
    fix = planned(control, seen(person(), parts=NONE))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.REVERSIBLE
    (step,) = fix.steps
    assert step.undo is not None
    assert step.undo.operation == "DeleteUserPolicy"


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(lambda a, _k: a.use_password(NAME), "signed in meanwhile", id="signed in"),
        pytest.param(lambda a, k: a.use_key(k), "was used in the last 90 days", id="key used"),
        pytest.param(lambda a, _k: a.key(NAME), "has other active access keys", id="new key"),
        pytest.param(
            lambda a, _k: a.password(NAME, created=a.now), "got a new password", id="new password"
        ),
        pytest.param(
            lambda a, _k: setattr(a.iam.simulated_user(NAME), "create_date", a.ago(days=90)),
            "was made in the last 90 days",
            id="younger than it was seen",
        ),
        pytest.param(
            lambda a, k: setattr(a.iam.access_keys[k], "create_date", a.ago(days=90)),
            "was made less than 90 days ago",
            id="key younger than it was seen",
        ),
        pytest.param(
            lambda a, _k: a.service_credential(NAME),
            "active credential for one",
            id="for a service",
        ),
        pytest.param(
            lambda a, _k: a.iam.upload_ssh_public_key(NAME, "ssh-rsa AAAA"),
            "active SSH key",
            id="SSH key",
        ),
    ],
)
def test_a_sign_of_life_meanwhile_stops_it(meanwhile: Any, why: str) -> None:
    """The last look before the call sees it."""
    with mock_account(NOW) as account:
        just_beyond(account)
        used = account.ago(days=200)
        idle_key = account.key(NAME, created=account.ago(days=400), last_used=used)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert not acting.broken(fix.steps[0].before)
        meanwhile(account, idle_key)
        assert any(why in said for said in acting.broken(fix.steps[0].before))


def test_who_has_no_password_must_have_none_by_then() -> None:
    with mock_account(NOW) as account:
        account.user(NAME, created=account.ago(days=900))
        account.key(NAME, created=account.ago(days=400), last_used=account.ago(days=200))
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert not acting.broken(fix.steps[0].before)
        account.password(NAME)
        assert any("has a console password" in said for said in acting.broken(fix.steps[0].before))


def test_it_comes_before_anything_else_of_the_user() -> None:
    """Keys and passwords of a user who is idle as a whole are asked about afterwards."""
    assert control.CONTROL.whole_user
    assert {"unused-access-key", "unused-console-password"} <= control.CONTROL.supersedes
