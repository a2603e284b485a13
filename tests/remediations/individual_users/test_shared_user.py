"""A user that several people share is found by its signs, and replaced once people say by whom."""

import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import AccessKey, Manual, Plan, Protection, Risk, Severity
from remediations.groups import inline_policy_on_user
from remediations.individual_users import shared_user as control
from tests.remediations.acting import Acting, rights, stopped_by
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, person, seen

OWNED = {"owner": "web@example.org"}
INSTANT = 1 / 86400


def _support(account: AccountBuilder, *, replaced_by: str = "ann bob", **more: Any) -> None:
    """A user with a name that is nobody's and a password in use, and two people beside it."""
    for group in ("helpers", "watchers"):
        account.group(group)
    tags = {**OWNED, "replaced-by": replaced_by} if replaced_by else OWNED
    old = account.ago(days=90)
    account.user("support", created=old, tags=tags, groups=["helpers", "watchers"])
    account.password("support", created=old, last_used=account.ago(days=3))
    account.mfa("support")
    for name in more.get("people", ("ann", "bob")):
        account.user(name, created=old, tags=OWNED, groups=["watchers"] if name == "ann" else [])
        account.key(name, created=account.ago(days=2), last_used=account.ago(days=1))


def seed(account: AccountBuilder) -> None:
    """The shared user is tagged with those who take its place."""
    _support(account)


def _two_keys(account: AccountBuilder, days: float) -> None:
    account.user("worker", created=account.ago(days=80), tags=OWNED, groups=["readers"])
    made = account.ago(days=60)
    account.key("worker", created=made, last_used=account.ago(days=1), region="eu-west-1")
    account.key("worker", created=made, last_used=account.ago(days=days), region="us-east-1")


def just_within(account: AccountBuilder) -> None:
    """Two keys in two Regions, one of them last used a second more than seven days ago."""
    _two_keys(account, 7 + INSTANT)


def just_beyond(account: AccountBuilder) -> None:
    """Both used within seven days."""
    _two_keys(account, 7)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


# What counts


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("admin", True),
        ("Admin2", True),
        ("ADMINISTRATOR", True),
        ("team-web", True),
        ("web.team", True),
        ("data-shared-console", True),
        ("support", True),
        ("dev", True),
        ("support-ann", False),
        ("admin.okafor", False),
        ("teamsters", False),
        ("steam", False),
        ("itsuki", False),
        ("deva", False),
        ("a@b.org", False),
    ],
)
def test_names_that_are_nobodys(name: str, expected: bool) -> None:
    """With a password they count; a program of such a name doesn't."""
    assert bool(found(control, seen(person(name, password=True)))) is expected
    assert not found(control, seen(person(name, password=False)))


def _key(slot: int, *, used: datetime | None, made: float = 60, **more: Any) -> AccessKey:
    made_key = key(created=ago(made), last_used=used, slot=slot, active=more.get("active", True))
    return AccessKey(
        "", "", made_key.created, made_key.active, used, more.get("service", "s3"),
        more.get("region", "eu-west-1"), slot,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param({"used": ago(1), "region": "us-east-1"}, True, id="another Region"),
        pytest.param({"used": ago(1), "service": "ec2"}, True, id="another service"),
        pytest.param({"used": ago(1)}, False, id="the same place"),
        pytest.param({"used": ago(7), "region": "us-east-1"}, True, id="at the limit"),
        pytest.param({"used": ago(7.1), "region": "us-east-1"}, False, id="not in use"),
        pytest.param({"used": None, "region": "us-east-1"}, False, id="never used"),
        pytest.param({"used": ago(1), "region": None}, False, id="AWS doesn't say where"),
        pytest.param(
            {"used": ago(1), "region": "us-east-1", "active": False}, False, id="switched off"
        ),
        pytest.param(
            {"used": ago(1), "region": "us-east-1", "made": 30}, False, id="a rotation, at most"
        ),
        pytest.param(
            {"used": ago(1), "region": "us-east-1", "made": 30.1}, True, id="longer than that"
        ),
    ],
)
def test_two_keys_in_different_places(second: dict[str, Any], expected: bool) -> None:
    """Both in use, both settled, and the places known."""
    two = (_key(1, used=ago(2)), _key(2, **second))
    assert bool(found(control, seen(person("worker", keys=two)))) is expected


@pytest.mark.parametrize(
    ("signed_in", "used", "made", "expected"),
    [
        pytest.param(0.5, 0.5, 60, True, id="both today"),
        pytest.param(1, 1, 60, True, id="at the limit"),
        pytest.param(1.1, 0.5, 60, False, id="the password not today"),
        pytest.param(0.5, 1.1, 60, False, id="the key not today"),
        pytest.param(0.5, 0.5, 30, False, id="a new key"),
    ],
)
def test_password_and_key_in_daily_use(
    signed_in: float, used: float, made: float, expected: bool
) -> None:
    """It can be one person with a terminal, so it counts for little."""
    one = (_key(1, used=ago(used), made=made),)
    seen_now = seen(person(password=True, used=ago(signed_in), keys=one))
    assert [each.severity for each in found(control, seen_now)] == [Severity.LOW] * expected


@pytest.mark.parametrize(
    "protection",
    [
        Protection(break_glass=("*:user/admin",)),
        Protection(own=("arn:aws:iam::123456789012:user/admin",)),
    ],
)
def test_break_glass_and_own_users_are_left_out(protection: Protection) -> None:
    assert not found(control, seen(person("admin", password=True), protection=protection))


def test_left_alone_and_contained_users_are_left_out() -> None:
    admin = person("admin", password=True)
    assert not found(control, seen(admin), left_alone=["ADM*"])
    denied = person("admin", password=True, attached=("arn:aws:iam::aws:policy/AWSDenyAll",))
    assert not found(control, seen(denied))


# What is done


def _planned(account: AccountBuilder) -> Plan | Manual:
    snapshot = look(account)
    (finding,) = found(control, snapshot)
    return control.plan(finding, snapshot, control.CONTROL.settings())


def _plan(account: AccountBuilder) -> Plan:
    fix = _planned(account)
    assert isinstance(fix, Plan), fix
    return fix


def test_those_who_are_named_join_and_the_user_is_fenced(account: AccountBuilder) -> None:
    """Who is in a group already isn't added again; undone, all is as it was."""
    _support(account)
    before = rights(account)
    fix = _plan(account)
    assert [step.name for step in fix.steps] == ["join-1", "join-2", "join-3", "fence"]
    assert fix.risk is Risk.DISRUPTIVE
    assert control.CONTROL.adds_rights
    acting = Acting(account, fix)

    acting.apply()

    after = look(account)
    assert {after.users_by_name[name].groups for name in ("ann", "bob")} == {
        ("helpers", "watchers")
    }
    assert not found(control, after)
    assert not list(
        inline_policy_on_user.detect(after, inline_policy_on_user.CONTROL.settings())
    ), "the fence is no policy that a user was given"
    acting.undo()
    assert rights(account) == before


def test_people_in_identity_center_need_no_user(account: AccountBuilder) -> None:
    """The fence alone is left to do."""
    _support(account, replaced_by="identity-center")
    fix = _plan(account)
    assert [step.name for step in fix.steps] == ["fence"]
    assert "people in Identity Center" in fix.summary


@pytest.mark.parametrize(
    ("replaced_by", "why"),
    [
        pytest.param("", "a person must say", id="nobody said"),
        pytest.param("ann carl", "carl is no other user", id="a name that isn't there"),
        pytest.param("support", "support is no other user", id="itself"),
        pytest.param("dora", "dora has neither a password nor an active key", id="no way in yet"),
    ],
)
def test_until_people_have_said_who(account: AccountBuilder, replaced_by: str, why: str) -> None:
    """Nothing is planned on a guess."""
    _support(account, replaced_by=replaced_by)
    account.user("dora")
    fix = _planned(account)
    assert isinstance(fix, Manual)
    assert why in fix.reason
    words = shlex.split(fix.steps[3].rpartition(": ")[2])
    assert words[words.index("--user-name") + 1] == "support"


@pytest.mark.parametrize(("more", "is_plan"), [(7, True), (8, True), (9, False)])
def test_groups_per_user(account: AccountBuilder, more: int, is_plan: bool) -> None:
    """AWS allows ten groups: bob needs two beside those that he is in."""
    _support(account)
    for number in range(more):
        account.group(f"g{number}", members=["bob"])
    assert isinstance(_planned(account), Plan if is_plan else Manual)


def test_what_the_user_holds_itself_is_said(account: AccountBuilder) -> None:
    """It isn't given to the others."""
    _support(account)
    account.attach("AmazonS3ReadOnlyAccess", user="support")
    assert any("policies of its own" in each for each in _plan(account).breaks)


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        pytest.param(
            "join-1",
            lambda account: account.client().remove_user_from_group(
                GroupName="helpers", UserName="support"
            ),
            "support is not in helpers",
            id="the shared user may less by now",
        ),
        pytest.param(
            "fence",
            lambda account: account.inline("Locksmith-SharedUser", "{}", user="support"),
            "support has an inline policy Locksmith-SharedUser already",
            id="something stands there",
        ),
    ],
)
def test_the_world_changes_meanwhile(
    account: AccountBuilder, until: str, meddle: Any, why: str
) -> None:
    _support(account)
    assert why in stopped_by(account, _plan(account), until, lambda: meddle(account))


@pytest.mark.parametrize("pattern", ["*:user/support", "*:user/ann", "*:group/helpers"])
def test_whoever_is_protected_is_left_alone(account: AccountBuilder, pattern: str) -> None:
    _support(account)
    fix = _plan(account)
    assert Guard.on(look(account))(fix) is None
    refused = Guard.on(look(account, Protection(protected=(pattern,))))(fix)
    assert "protected list" in (refused or "")


@pytest.mark.parametrize("name", ["a@b", "a+b", "a=b", "it.s-a_user"])
def test_names_of_any_kind(account: AccountBuilder, name: str) -> None:
    """Whatever a tag's value can hold is a name that can be given; a comma is none of it."""
    _support(account, replaced_by=name, people=(name,))
    Acting(account, _plan(account)).apply()
    assert look(account).users_by_name[name].groups == ("helpers", "watchers")
