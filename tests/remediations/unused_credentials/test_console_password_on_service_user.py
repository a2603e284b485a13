"""Programs with a console password are fenced off it; their keys go on working."""

import json
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import CONSOLE_FENCE, Manual, Plan, Protection, Risk, User
from remediations._fence_documents import CONSOLE_DOCUMENT
from remediations.unused_credentials import console_password_on_service_user as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import Person, ago, found, person, planned, seen

NAME = "svc-mail+relay,one@example.org"


def seed(account: AccountBuilder) -> None:
    """A program that somebody signs in as, without MFA; its key is in use."""
    account.user(NAME, created=account.ago(days=300))
    account.password(NAME, changed=account.ago(days=20), last_used=account.ago(days=3))
    account.key(NAME, created=account.ago(days=20), last_used=account.ago(hours=1))


def one(name: str = "alice", *, path: str = "/", tags: Any = None, **more: Any) -> Person:
    """Someone with a password, with this path and these tags."""
    made = person(name, **{"password": True, "changed": ago(10), "used": ago(2), **more})
    user = made.user
    placed = User(
        user.name, user.id, user.arn, path, user.created, inline=user.inline, tags=tags or {}
    )
    return Person(placed, made.row, made.listed)


@pytest.mark.parametrize(
    ("who", "by"),
    [
        pytest.param(one("svc-billing"), "its name is like svc-*", id="name"),
        pytest.param(one("SVC_Billing"), "its name is like svc_*", id="name in capitals"),
        pytest.param(one("ses-smtp-user.20260101-1"), "its name is like ses-smtp-user.*", id="SES"),
        pytest.param(one("BedrockAPIKey-a1b2"), "its name is like BedrockAPIKey-*", id="Bedrock"),
        pytest.param(
            one("nightly", path="/ops/programs/"), "its path is /ops/programs/", id="path"
        ),
        pytest.param(one("x", tags={"Kind": "Service"}), "its tag is Kind=Service", id="tag"),
        pytest.param(one("alice"), None, id="a person"),
        pytest.param(one("ansvc-alice"), None, id="a name that has it within"),
        pytest.param(one("alice", path="/programs-team/"), None, id="a path that sounds alike"),
        pytest.param(one("alice", tags={"kind": "self-service"}), None, id="another tag"),
        pytest.param(one("svc-billing", password=False), None, id="without a password"),
        pytest.param(one("svc-billing", password=None), None, id="not supported"),
        pytest.param(one("svc-`|<!channel>\u202e"), "its name is like svc-*", id="hostile name"),
    ],
)
def test_who_is_found(who: Person, by: str | None) -> None:
    """A program by its name, path or tag, that has a password."""
    findings = found(control, seen(who))
    assert [each.evidence["program_by"] for each in findings] == ([by] if by else [])


def test_how_a_program_is_told_is_a_setting() -> None:
    """What is emptied tells nobody."""
    who = seen(one("svc-billing", path="/programs/"))
    assert not found(control, who, names=(), paths=(), tags=())
    assert found(control, seen(one("robot-7")), names=("robot-?",))


def test_who_is_left_out() -> None:
    """Break-glass passwords, and those that the fence stands before."""
    program = one("svc-billing")
    assert not found(control, seen(program, protection=Protection(break_glass=(program.user.arn,))))
    assert found(control, seen(program, protection=Protection(protected=(program.user.arn,))))
    fenced = one("svc-billing", inline={CONSOLE_FENCE: json.dumps(CONSOLE_DOCUMENT)})
    hollow = one("svc-billing", inline={CONSOLE_FENCE: '{"Version":"2012-10-17","Statement":[]}'})
    assert not found(control, seen(fenced))
    assert isinstance(planned(control, seen(hollow)), Manual)


def test_the_password_may_be_in_use() -> None:
    """It stops someone who signs in today, so it is not called reversible."""
    fix = planned(control, seen(one("svc-billing")))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.DISRUPTIVE
    assert fix.steps[0].undo is not None
    assert "keys go on working" in fix.summary


def test_a_password_that_is_gone_stops_it() -> None:
    """Somebody deleted it meanwhile."""
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert not acting.broken(fix.steps[0].before)
        account.client().delete_login_profile(UserName=NAME)
        assert any("no console password" in why for why in acting.broken(fix.steps[0].before))
