"""Members of a group that grants what another one does move there, and lose nothing on the way."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import Manual, Plan, Protection, Risk
from remediations.groups import duplicate_groups as control
from remediations.groups._members import AT_ONCE
from tests.remediations.acting import apply_and_undo, snapshot_of, stopped_by
from tests.remediations.groups.moving import allow, findings, names, planned

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
EC2 = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


def seed(account: AccountBuilder) -> None:
    """Two groups that grant the same under other names; ann is in both, bob in the smaller one.

    They are young, so that `empty-group` has nothing to say of the one that is left.
    """
    young = account.ago(days=20)
    for user in ("ann", "bob", "carl"):
        account.user(user, tags={"owner": "o@example.org"})
    for group, people in (("developers", ["ann", "carl"]), ("devs", ["ann", "bob"])):
        account.group(group, attached=[READ, EC2], members=people, created=young)
        account.inline(f"{group}-notes", allow(), group=group)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_members_move_and_come_back(account: AccountBuilder) -> None:
    """Who is in both just leaves one; the empty group stays for another control."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert names(fix) == ["leave-1", "join-2", "leave-2"]
    assert fix.risk is Risk.REVERSIBLE
    for _ in apply_and_undo(account, fix):
        after = snapshot_of(account)
        groups = {user.name: user.groups for user in after.users}
        assert groups == dict.fromkeys(("ann", "bob", "carl"), ("developers",))
        assert "devs" in after.groups_by_name
        assert not findings(control, after)


def test_each_pair_is_merged_with_its_own(account: AccountBuilder) -> None:
    """Of two pairs of groups, the members of one don't get what the other grants."""
    seed(account)
    for group, user in (("readers", "dora"), ("lookers", "eve"), ("watchers", "fred")):
        account.user(user)
        account.group(group, attached=[READ], members=[user])
    snapshot = snapshot_of(account)

    joined = set()
    for finding in findings(control, snapshot):
        fix = control.plan(finding, snapshot, control.CONTROL.settings())
        assert isinstance(fix, Plan)
        joined |= {
            (finding.resource.name, str(step.do.params["GroupName"]))
            for step in fix.steps
            if step.do.operation == "AddUserToGroup"
        }

    assert ("devs", "developers") in joined
    assert {kept for group, kept in joined if group != "devs"} <= {"readers", "lookers", "watchers"}
    assert len(joined) == 3


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        pytest.param({}, True, id="exactly equal"),
        pytest.param({"attached": [READ]}, False, id="one fewer"),
        pytest.param({"attached": [READ, EC2, "IAMFullAccess"]}, False, id="one more"),
        pytest.param({"inline": allow("s3:PutObject")}, False, id="another document"),
        pytest.param({"inline": allow(), "name": "another"}, True, id="the same by another name"),
        pytest.param({"members": []}, False, id="nobody is in it"),
    ],
)
def test_almost_equal_is_not_equal(
    account: AccountBuilder, difference: dict[str, Any], expected: bool
) -> None:
    """Only the very same rights count, and only where somebody has them."""
    for user in ("ann", "bob"):
        account.user(user)
    account.group("one", attached=[READ, EC2], members=["ann"])
    account.inline("notes", allow(), group="one")
    members = difference.get("members", ["bob"])
    account.group("two", attached=difference.get("attached", [EC2, READ]), members=members)
    name = difference.get("name", "notes")
    account.inline(name, difference.get("inline", allow()), group="two")

    assert bool(findings(control, snapshot_of(account))) is expected


def test_groups_that_grant_nothing_are_not_compared(account: AccountBuilder) -> None:
    for name in ("one", "two"):
        account.user(f"u-{name}")
        account.group(name, members=[f"u-{name}"])
    assert not findings(control, snapshot_of(account))


def test_a_document_that_can_not_be_compared_is_equal_to_none(account: AccountBuilder) -> None:
    """A fraction has no exact text, so nothing is claimed."""
    odd = allow(Condition={"NumericEquals": {"s3:max-keys": 1.5}})
    for name in ("one", "two"):
        account.user(f"u-{name}")
        account.group(name, members=[f"u-{name}"])
        account.inline("odd", odd, group=name)
    assert not findings(control, snapshot_of(account))


def test_the_largest_then_the_oldest_stays(account: AccountBuilder) -> None:
    """Three alike: two findings, and one group stays."""
    for name, days, people in (("a", 1, 1), ("b", 9, 2), ("c", 5, 2)):
        account.group(name, attached=[READ], created=account.ago(days=days))
        for number in range(people):
            account.user(f"{name}{number}", groups=[name])

    found = findings(control, snapshot_of(account))

    assert [(each.resource.name, each.evidence["same_as"]) for each in found] == [
        ("c", "b"), ("a", "b"),
    ]  # fmt: skip
    left = findings(control, snapshot_of(account), left_alone=["b", "c"])
    assert not left


@pytest.mark.parametrize("people", [AT_ONCE - 1, AT_ONCE, AT_ONCE + 1])
def test_so_many_people_at_once(account: AccountBuilder, people: int) -> None:
    """The rest comes with the next question."""
    for group, number in (("big", people + 1), ("small", people)):
        account.group(group, attached=[READ])
        for each in range(number):
            account.user(f"{group}{each:02d}", groups=[group])

    fix = planned(control, account)

    assert isinstance(fix, Plan)
    assert len(fix.steps) == 2 * min(people, AT_ONCE)
    assert ("1 more member" in fix.summary) is (people > AT_ONCE)


@pytest.mark.parametrize(("memberships", "is_plan"), [(8, True), (9, True), (10, False)])
def test_groups_per_user(account: AccountBuilder, memberships: int, is_plan: bool) -> None:
    """With ten groups nobody can join another one first, so people choose."""
    seed(account)
    for number in range(memberships - 1):
        account.group(f"g{number}", members=["bob"])

    assert isinstance(planned(control, account), Plan if is_plan else Manual)


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        pytest.param(
            "leave-2",
            lambda account: account.client().remove_user_from_group(
                GroupName="developers", UserName="bob"
            ),
            "bob is not in developers",
            id="taken out of the other again",
        ),
        pytest.param(
            "leave-2",
            lambda account: account.client().detach_group_policy(
                GroupName="developers", PolicyArn=READ
            ),
            "the policies of developers changed",
            id="the other grants less by now",
        ),
        pytest.param(
            "join-2",
            lambda account: account.attach("IAMFullAccess", group="developers"),
            "the policies of developers changed",
            id="the other grants more by now",
        ),
    ],
)
def test_the_world_changes_meanwhile(
    account: AccountBuilder, until: str, meddle: Any, why: str
) -> None:
    """Nobody loses a right, and nobody gains one."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert why in stopped_by(account, fix, until, lambda: meddle(account))


@pytest.mark.parametrize("pattern", ["*:user/bob", "*:group/developers", "*:group/devs"])
def test_whoever_is_protected_is_not_moved(account: AccountBuilder, pattern: str) -> None:
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert Guard.on(snapshot_of(account))(fix) is None
    guarded = snapshot_of(account, Protection(protected=(pattern,)))
    assert "protected list" in (Guard.on(guarded)(fix) or "")


@pytest.mark.parametrize("name", ["a@b", "a,b", "a+b", "a=b"])
def test_names_of_any_kind(account: AccountBuilder, name: str) -> None:
    """Groups and users may be called what AWS allows."""
    account.group("plain", attached=[READ])
    account.group(name, attached=[READ])
    for number in range(2):
        account.user(f"u{number}", groups=["plain"])
    account.user(name, groups=[name])
    for _ in apply_and_undo(account, planned(control, account)):
        assert snapshot_of(account).users_by_name[name].groups == ("plain",)
