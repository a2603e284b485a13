"""What several users hold alike moves to one group; nobody gains or loses a right on the way."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import Manual, Plan, Protection, Risk
from remediations.groups import same_direct_policies_on_several_users as control
from remediations.groups._members import AT_ONCE
from tests.remediations.acting import apply_and_undo, snapshot_of, stopped_by
from tests.remediations.groups.moving import allow, deny, findings, names, planned

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
EC2 = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
TEAM = {"team": "data", "owner": "data@example.org"}


def _user(account: AccountBuilder, name: str, **more: Any) -> None:
    account.user(name, tags=more.get("tags", TEAM), groups=more.get("groups", ()))
    for arn in more.get("attached", [READ]):
        account.attach(arn, user=name)
    if "inline" in more:
        account.inline(more.get("inline_name", "notes"), more["inline"], user=name)


def _users(account: AccountBuilder, number: int, **more: Any) -> None:
    for each in range(number):
        _user(account, f"u{each:02d}", **more)


def seed(account: AccountBuilder) -> None:
    """Three of a team with a managed policy and the same document under different names."""
    for name in ("ann", "bob", "carl"):
        _user(account, name, inline=allow("s3:PutObject"), inline_name=f"{name}-uploads")


def just_within(account: AccountBuilder) -> None:
    """Two users."""
    _users(account, 2)


def just_beyond(account: AccountBuilder) -> None:
    """Three."""
    _users(account, 3)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_all_move_to_a_group_of_the_team(account: AccountBuilder) -> None:
    """Each has both policies from it then; undone, each has their own again."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert names(fix) == [
        "create-group", "attach-1", "copy-1", "join-1", "join-2", "join-3",
        "detach-1", "delete-1", "detach-2", "delete-2", "detach-3", "delete-3",
    ]  # fmt: skip
    assert fix.risk is Risk.REVERSIBLE
    for _ in apply_and_undo(account, fix):
        after = snapshot_of(account)
        (group,) = after.groups
        assert group.name == "team-data-AmazonS3ReadOnlyAccess-and-1-more"
        assert group.attached == (READ,)
        assert all(user.groups == (group.name,) for user in after.users)
        assert not any(user.attached or user.inline for user in after.users)
        assert not findings(control, after)


@pytest.mark.parametrize(
    ("third", "expected"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"attached": [READ, EC2]}, False, id="one more"),
        pytest.param({"attached": []}, False, id="none"),
        pytest.param({"inline": allow()}, False, id="an inline one beside"),
        pytest.param({"attached": [READ, "IAMUserChangePassword"]}, True, id="what AWS placed"),
        pytest.param({"tags": {"Team": "data"}}, True, id="the team's key in another case"),
        pytest.param({"tags": {"team": "web"}}, False, id="another team"),
        pytest.param({"tags": {}}, False, id="no team"),
        pytest.param(
            {"tags": {**TEAM, "aws:cloudformation:stack-name": "x"}}, False, id="of a stack"
        ),
    ],
)
def test_almost_the_same_is_not_the_same(
    account: AccountBuilder, third: dict[str, Any], expected: bool
) -> None:
    _users(account, 2)
    _user(account, "third", **third)
    assert bool(findings(control, snapshot_of(account))) is expected


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"inline_name": "Locksmith-Fence"}, id="a name that only Locksmith gives"),
        pytest.param({"inline": allow("s3:A\u030a")}, id="a document that can't be written back"),
    ],
)
def test_who_holds_something_odd_is_not_counted(
    account: AccountBuilder, odd: dict[str, Any]
) -> None:
    """Three who are alike in that as well: none of them is moved."""
    more = {"inline": allow(), **odd}
    _users(account, 3, **more)
    assert not findings(control, snapshot_of(account))


def test_users_without_a_team_are_a_group_too(account: AccountBuilder) -> None:
    _users(account, 3, tags={})
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert fix.steps[0].do.params["GroupName"] == "shared-AmazonS3ReadOnlyAccess"


@pytest.mark.parametrize(
    "protection",
    [
        Protection(break_glass=("*:user/u00",)),
        Protection(own=("arn:aws:iam::123456789012:user/u00",)),
    ],
)
def test_break_glass_and_own_users_are_left_out(
    account: AccountBuilder, protection: Protection
) -> None:
    """Two are left, which is too few."""
    _users(account, 3)
    assert findings(control, snapshot_of(account))
    assert not findings(control, snapshot_of(account, protection))


def test_what_others_would_ask_is_covered(account: AccountBuilder) -> None:
    """One question for all of them, in place of one for each and kind."""
    seed(account)
    (finding,) = findings(control, snapshot_of(account))
    ids = {user.id for user in snapshot_of(account).users}
    kinds = ("attached", "inline")
    assert finding.covers == {f"{each}/{kind}-policies" for each in ids for kind in kinds}
    assert control.CONTROL.asks_security


def test_a_group_that_grants_just_this_is_taken(account: AccountBuilder) -> None:
    """Who is in it already doesn't join again."""
    account.group("readers", attached=[READ])
    _users(account, 3)
    account.member("u00", "readers")
    fix = planned(control, account)
    assert names(fix) == ["join-2", "join-3", "detach-1", "detach-2", "detach-3"]
    for _ in apply_and_undo(account, fix):
        assert not findings(control, snapshot_of(account))


def test_a_deny_that_all_have_moves_with_them(account: AccountBuilder) -> None:
    """It hits nobody who isn't denied already."""
    _users(account, 3, attached=[], inline=deny())
    for _ in apply_and_undo(account, planned(control, account)):
        assert not findings(control, snapshot_of(account))


@pytest.mark.parametrize("people", [AT_ONCE, AT_ONCE + 1])
def test_so_many_people_at_once(account: AccountBuilder, people: int) -> None:
    """The rest comes with the next question."""
    _users(account, people)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert len([name for name in names(fix) if name.startswith("join")]) == AT_ONCE
    assert ("1 more user" in fix.summary) is (people > AT_ONCE)


@pytest.mark.parametrize(("memberships", "is_plan"), [(9, True), (10, False)])
def test_groups_per_user(account: AccountBuilder, memberships: int, is_plan: bool) -> None:
    _users(account, 3)
    for number in range(memberships):
        account.group(f"g{number}", members=["u01"])
    fix = planned(control, account)
    assert isinstance(fix, Plan if is_plan else Manual)
    assert is_plan or "u01" in getattr(fix, "reason", "")


def test_a_name_in_use_is_not_taken(account: AccountBuilder) -> None:
    """A group of that name that grants something else stays as it is."""
    account.group("team-data-AmazonS3ReadOnlyAccess", attached=[EC2])
    _users(account, 3)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert fix.steps[0].do.params["GroupName"] == "team-data-AmazonS3ReadOnlyAccess-2"


GROUP = "team-data-AmazonS3ReadOnlyAccess"


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        pytest.param(
            "join-2",
            lambda account: account.client().detach_user_policy(UserName="u01", PolicyArn=READ),
            f"{READ} is not attached to u01",
            id="one lost the right meanwhile and isn't given it back",
        ),
        pytest.param(
            "join-2",
            lambda account: account.attach("IAMFullAccess", group=GROUP),
            f"the policies of {GROUP} changed",
            id="the group grants more by now",
        ),
        pytest.param(
            "join-3",
            lambda account: (account.user("mallory"), account.member("mallory", GROUP)),
            f"somebody else is in {GROUP}",
            id="somebody slipped in",
        ),
        pytest.param(
            "detach-2",
            lambda account: account.client().remove_user_from_group(
                GroupName=GROUP, UserName="u01"
            ),
            f"u01 is not in {GROUP}",
            id="one was taken out again",
        ),
    ],
)
def test_the_world_changes_meanwhile(
    account: AccountBuilder, until: str, meddle: Any, why: str
) -> None:
    _users(account, 3)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert why in stopped_by(account, fix, until, lambda: meddle(account))


def test_whoever_is_protected_is_not_moved(account: AccountBuilder) -> None:
    _users(account, 3)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert Guard.on(snapshot_of(account))(fix) is None
    guarded = snapshot_of(account, Protection(protected=("*:user/u02",)))
    assert "protected list" in (Guard.on(guarded)(fix) or "")


@pytest.mark.parametrize("team", ["a@b", "a+b=c", "<!channel>", "\u202eweb", "x" * 200])
def test_teams_of_any_name(account: AccountBuilder, team: str) -> None:
    """A group's name holds what AWS allows in it."""
    _users(account, 3, tags={"team": team})
    for _ in apply_and_undo(account, planned(control, account)):
        (group,) = snapshot_of(account).groups
        assert len(group.name) <= 128
        assert not set(group.name) & set("<!>\u202e")
