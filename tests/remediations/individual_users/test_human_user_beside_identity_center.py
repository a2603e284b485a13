"""People who sign in as IAM users are named where Identity Center is in use too."""

from datetime import datetime
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part, Protection, Role
from remediations.individual_users import human_user_beside_identity_center as control
from tests.remediations.people import ACCOUNT, Person, ago, found, person, planned, seen

PATH = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
NAME = "AWSReservedSSO_ReadOnly_0123456789abcdef"


def seed(account: AccountBuilder) -> None:
    """Somebody came by Identity Center; the healthy account's person signs in as a user."""
    account.identity_center_role("ReadOnlyAccess", last_used=account.ago(days=2))


def just_within(account: AccountBuilder) -> None:
    """Identity Center was last used a second more than 90 days ago."""
    account.identity_center_role("ReadOnlyAccess", last_used=account.ago(days=90 + 1 / 86400))


def just_beyond(account: AccountBuilder) -> None:
    """Identity Center was last used 90 days ago."""
    account.identity_center_role("ReadOnlyAccess", last_used=account.ago(days=90))


_YESTERDAY = ago(1)


def _role(name: str = NAME, path: str = PATH, used: datetime | None = _YESTERDAY) -> Role:
    arn = ACCOUNT.iam_arn(f"role{path}{name}")
    return Role(name, "AROA1", arn, path, ago(900), "{}", last_used=used)


def _seen(*people: Person, roles: tuple[Role, ...] = (), **more: Any) -> Any:
    return seen(*people, parts={Part.ROLES: roles or (_role(),)}, **more)


def _signing_in(name: str = "alice", days: float = 1) -> Person:
    return person(name, password=True, used=ago(days))


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(_signing_in(days=89), True, id="below"),
        pytest.param(_signing_in(days=90), True, id="at"),
        pytest.param(_signing_in(days=90.1), False, id="above: another control's"),
        pytest.param(person(password=True), False, id="never signed in"),
        pytest.param(person(password=False, used=ago(1)), False, id="no password any more"),
    ],
)
def test_who_counts(who: Person, expected: bool) -> None:
    """Passwords that are in use."""
    assert bool(found(control, _seen(who))) is expected


def test_the_live_use_counts_before_the_report() -> None:
    who = person(password=True, used=ago(200))
    assert not found(control, _seen(who))
    assert found(control, _seen(who, use={"alice": ago(3)}))


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        pytest.param(_role(), True, id="Identity Center's"),
        pytest.param(_role(path="/aws-reserved/sso.amazonaws.com/"), True, id="of us-east-1"),
        pytest.param(_role(used=None), False, id="never used"),
        pytest.param(_role(used=ago(91)), False, id="not used for long"),
        pytest.param(_role(path="/"), False, id="a name alone proves nothing"),
        pytest.param(_role(name="SomethingElse"), False, id="another name"),
    ],
)
def test_what_shows_that_it_is_in_use(role: Role, expected: bool) -> None:
    assert bool(found(control, _seen(_signing_in(), roles=(role,)))) is expected


def test_one_finding_names_everyone_and_cuts_a_long_list() -> None:
    """Names are evidence: the question stays the same when one of them leaves."""
    people = [_signing_in(f"u{number:02d}") for number in range(25)]
    (finding,) = found(control, _seen(*people))
    assert finding.summary.startswith("25 users sign in")
    assert finding.evidence["more"] == 5
    assert finding.evidence["permission_sets"] == ["ReadOnly"]
    assert (
        planned(control, _seen(*people)).digest() == planned(control, _seen(*people[1:])).digest()
    )


@pytest.mark.parametrize(
    "protection",
    [Protection(break_glass=("*:user/alice",)), Protection(own=(ACCOUNT.iam_arn("user/alice"),))],
)
def test_break_glass_and_own_users_are_left_out(protection: Protection) -> None:
    assert found(control, _seen(_signing_in()))
    assert not found(control, _seen(_signing_in(), protection=protection))


def test_left_alone() -> None:
    """By name, whatever the case; the others are still found."""
    both = (_signing_in("contractor-ann"), _signing_in("bob"))
    (finding,) = found(control, _seen(*both), left_alone=["Contractor-*"])
    assert finding.evidence["users"] == ["bob"]


def test_people_get_the_steps() -> None:
    fix = planned(control, _seen(_signing_in()))
    assert isinstance(fix, Manual)
    assert "123456789012" in fix.steps[2]
