"""Managed policies move from a user to a group without anyone gaining or losing a right."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Part, Plan, Protection, Risk
from remediations.groups import policy_attached_to_user as control
from tests.remediations.acting import Acting, apply_and_undo, rights, snapshot_of
from tests.remediations.groups.moving import (
    Meddle,
    allow,
    deny,
    findings,
    group_of,
    joined,
    made_anew,
    names,
    planned,
    why_not,
)

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
EC2 = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


def seed(account: AccountBuilder) -> None:
    """A user of the team data with a policy of AWS's and one of the customer's."""
    account.user("alice", tags={"team": "data"})
    account.attach(READ, user="alice")
    account.attach(account.policy("uploads", allow("s3:PutObject")), user="alice")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    """Applied, alice has both from a group and the finding is gone; undone, all is back."""
    seed(account)
    fix = planned(control, account)
    assert names(fix) == ["create-group", "attach-1", "attach-2", "join", "detach-1", "detach-2"]
    assert fix.risk is Risk.REVERSIBLE

    for _ in apply_and_undo(account, fix):
        after = snapshot_of(account)
        (group,) = after.groups
        assert not findings(control, after)
        assert group.name == "team-data-uploads-and-1-more"
        assert group.path == "/locksmith/"
        assert set(group.attached) == {READ, "arn:aws:iam::123456789012:policy/uploads"}
        assert after.users_by_name["alice"].groups == (group.name,)


@pytest.mark.parametrize(
    ("attached", "counted"),
    [
        pytest.param([], None, id="nothing attached"),
        pytest.param(["IAMUserChangePassword"], None, id="comes with a password reset"),
        pytest.param(["AWSCompromisedKeyQuarantineV2"], None, id="AWS's quarantine"),
        pytest.param([READ], [READ], id="one"),
        pytest.param([READ, "IAMUserChangePassword"], [READ], id="one and what is left alone"),
    ],
)
def test_what_counts(
    account: AccountBuilder, attached: list[str], counted: list[str] | None
) -> None:
    """What AWS places is neither a violation nor moved."""
    account.user("alice")
    for policy in attached:
        account.attach(policy, user="alice")

    found = findings(control, snapshot_of(account))

    assert [finding.evidence["policies"] for finding in found] == ([counted] if counted else [])


def test_what_is_left_alone_stays_on_the_user(account: AccountBuilder) -> None:
    """A quarantine policy is still on the user after the move."""
    account.user("alice")
    for policy in (READ, "AWSCompromisedKeyQuarantineV2", "IAMUserChangePassword"):
        account.attach(policy, user="alice")

    for _ in apply_and_undo(account, planned(control, account)):
        left = {arn.rpartition("/")[2] for arn in snapshot_of(account).users[0].attached}
        assert left == {"AWSCompromisedKeyQuarantineV2", "IAMUserChangePassword"}


def test_left_alone_is_a_setting_that_yaml_can_hold(account: AccountBuilder) -> None:
    """A list of patterns from the configuration widens what may stay."""
    account.user("alice")
    account.attach(READ, user="alice")

    assert not findings(control, snapshot_of(account), left_alone=["AmazonS3*"])


@pytest.mark.parametrize(
    "protection",
    [
        pytest.param(Protection(break_glass=("*:user/breakglass-*",)), id="break-glass"),
        pytest.param(Protection(own=("arn:aws:iam::123456789012:user/breakglass-1",)), id="own"),
    ],
)
def test_break_glass_and_own_users_are_left_out(
    account: AccountBuilder, protection: Protection
) -> None:
    """They hold their rights directly on purpose."""
    account.user("breakglass-1")
    account.attach("AdministratorAccess", user="breakglass-1")

    assert findings(control, snapshot_of(account))
    assert not findings(control, snapshot_of(account, protection))


def _group(account: AccountBuilder, **difference: Any) -> None:
    """A group with just READ and EC2, but for the difference."""
    account.group(
        difference.get("name", "readers"),
        path=difference.get("path", "/"),
        attached=difference.get("attached", [READ, EC2]),
    )
    if "inline" in difference:
        account.inline("more", difference["inline"], group="readers")


@pytest.mark.parametrize(
    ("difference", "joined"),
    [
        pytest.param({}, "readers", id="exactly equal"),
        pytest.param({"attached": [READ]}, None, id="one fewer"),
        pytest.param({"attached": [READ, EC2, "IAMFullAccess"]}, None, id="one more"),
        pytest.param({"inline": allow()}, None, id="an inline policy more"),
        pytest.param({"attached": []}, None, id="empty"),
        pytest.param(
            {"name": "user-bob-x", "path": "/locksmith/"}, None, id="made for somebody else"
        ),
        pytest.param(
            {"name": "TEAM-data-AmazonEC2ReadOnlyAccess-and-1-more", "path": "/locksmith/"},
            "TEAM-data-AmazonEC2ReadOnlyAccess-and-1-more",
            id="made for the same team",
        ),
    ],
)
def test_joins_only_a_group_that_grants_exactly_this(
    account: AccountBuilder, difference: dict[str, Any], joined: str | None
) -> None:
    """Almost equal is not equal: otherwise a group of alice's own is made."""
    account.user("alice", tags={"Team": "data"})
    account.user("bob")
    for policy in (READ, EC2):
        account.attach(policy, user="alice")
    _group(account, **difference)
    account.member("bob", difference.get("name", "readers"))

    fix = planned(control, account)

    expected = joined or "team-data-AmazonEC2ReadOnlyAccess-and-1-more"
    assert group_of(fix) == expected
    assert ("create-group" in names(fix)) is (joined is None)
    for _ in apply_and_undo(account, fix):
        assert not findings(control, snapshot_of(account))


def test_a_protected_group_is_not_joined(account: AccountBuilder) -> None:
    """The group fits, but the configuration puts it out of reach."""
    account.user("alice")
    account.attach(READ, user="alice")
    account.group("readers", attached=[READ])

    fix = planned(control, account, Protection(protected=("*:group/readers",)))

    assert group_of(fix) == "user-alice-AmazonS3ReadOnlyAccess"


def test_what_a_group_grants_already_is_just_detached(account: AccountBuilder) -> None:
    """Nothing is lost, so no group is made."""
    account.user("alice")
    account.group("readers", members=["alice"], attached=[READ, EC2])
    account.attach(READ, user="alice")

    fix = planned(control, account)

    assert names(fix) == ["detach-1"]
    for _ in apply_and_undo(account, fix):
        assert snapshot_of(account).users[0].attached == ()


def test_only_what_no_group_grants_moves(account: AccountBuilder) -> None:
    """One policy comes from a group already, the other needs a new one."""
    account.user("alice")
    account.group("readers", members=["alice"], attached=[READ])
    account.attach(READ, user="alice")
    account.attach(EC2, user="alice")

    fix = planned(control, account)

    assert names(fix) == ["create-group", "attach-1", "join", "detach-1", "detach-2"]
    for _ in apply_and_undo(account, fix):
        created = snapshot_of(account).groups_by_name["user-alice-AmazonEC2ReadOnlyAccess"]
        assert created.attached == (EC2,)


def test_a_deny_goes_to_a_group_of_the_user_alone(account: AccountBuilder) -> None:
    """Neither the equal group nor one named after the team, where it could hit others."""
    account.user("alice", tags={"team": "data"})
    fence = account.policy("no-deletes", deny())
    account.attach(fence, user="alice")
    account.group("fenced", attached=[fence])

    fix = planned(control, account)

    assert group_of(fix) == "user-alice-no-deletes"
    assert "create-group" in names(fix)


def test_a_policy_of_unknown_text_may_hold_a_deny(account: AccountBuilder) -> None:
    """What could not be read is treated as if it denied something."""
    account.user("alice", tags={"team": "data"})
    account.attach(READ, user="alice")
    seen = snapshot_of(account)
    blind = type(seen)(
        account=seen.account,
        taken_at=seen.taken_at,
        parts={part: value for part, value in seen.parts.items() if part is not Part.AWS_POLICIES},
    )
    settings = control.CONTROL.settings()
    (finding,) = control.detect(blind, settings)

    assert group_of(control.plan(finding, blind, settings)) == "user-alice-AmazonS3ReadOnlyAccess"


@pytest.mark.parametrize(
    ("memberships", "allowed"),
    [(8, 10), (9, 10), (10, 10), (2, 3), (3, 3), (11, 10)],
)
def test_groups_per_user(account: AccountBuilder, memberships: int, allowed: int) -> None:
    """The last free membership is used; beyond it people must choose."""
    account.quota("GroupsPerUserQuota", allowed)
    account.user("alice")
    for number in range(memberships):
        account.group(f"g{number}", members=["alice"])
    account.attach(READ, user="alice")

    fix = planned(control, account)

    assert isinstance(fix, Manual) is (memberships >= allowed)
    if isinstance(fix, Manual):
        assert f"alice is in {memberships} groups, and AWS allows {allowed}" == fix.reason


@pytest.mark.parametrize("count", [9, 10, 11])
def test_policies_per_group(account: AccountBuilder, count: int) -> None:
    """Ten managed policies fit in a group, eleven don't."""
    account.user("alice")
    for number in range(count):
        account.attach(account.policy(f"p{number}", allow()), user="alice")

    fix = planned(control, account)

    assert isinstance(fix, Manual) is (count > 10)
    if isinstance(fix, Manual):
        assert fix.reason.startswith("this would need 11 managed policies in one group")


@pytest.mark.parametrize(("groups", "manual"), [(2, False), (3, True)])
def test_groups_of_the_account(account: AccountBuilder, groups: int, manual: bool) -> None:
    """No group is planned that the account has no room for."""
    account.quota("GroupsQuota", 3)
    for number in range(groups):
        account.group(f"g{number}")
    account.user("alice")
    account.attach(READ, user="alice")

    assert isinstance(planned(control, account), Manual) is manual


def test_defaults_where_the_quotas_were_not_read(account: AccountBuilder) -> None:
    """Without the summary AWS's default of ten groups holds."""
    account.user("alice", groups=[])
    account.attach(READ, user="alice")
    for number in range(10):
        account.group(f"g{number}", members=["alice"])
    seen = snapshot_of(account)
    parts = {part: value for part, value in seen.parts.items() if part is not Part.ACCOUNT_SUMMARY}
    without = type(seen)(account=seen.account, taken_at=seen.taken_at, parts=parts)
    settings = control.CONTROL.settings()
    (finding,) = control.detect(without, settings)

    assert isinstance(control.plan(finding, without, settings), Manual)


@pytest.mark.parametrize(
    ("user", "tags", "group"),
    [
        ("alice", {"TEAM": "data"}, "team-data-AmazonS3ReadOnlyAccess"),
        ("alice", {"team": "Data & Science / EU"}, "team-Data-Science-EU-AmazonS3ReadOnlyAccess"),
        ("alice", {"team": "  "}, "user-alice-AmazonS3ReadOnlyAccess"),
        ("alice", {"team": "数据"}, "user-alice-AmazonS3ReadOnlyAccess"),
        ("a.b+c=d,e@f_g-h", {}, "user-a.b+c=d,e@f_g-h-AmazonS3ReadOnlyAccess"),
    ],
)
def test_name_of_the_new_group(
    account: AccountBuilder, user: str, tags: dict[str, str], group: str
) -> None:
    """After the team or the user, in IAM's grammar; and the whole way there and back works."""
    account.user(user, tags=tags)
    account.attach(READ, user=user)

    fix = planned(control, account)

    assert group_of(fix) == group
    for _ in apply_and_undo(account, fix):
        assert not findings(control, snapshot_of(account))


def test_name_that_is_taken_in_another_case(account: AccountBuilder) -> None:
    """Group names are unique without case, so the next number is taken."""
    account.user("alice")
    account.attach(READ, user="alice")
    account.group("USER-Alice-amazons3readonlyaccess")
    account.group("user-alice-AmazonS3ReadOnlyAccess-2")

    assert group_of(planned(control, account)) == "user-alice-AmazonS3ReadOnlyAccess-3"


def test_long_names_are_cut_and_stay_different(account: AccountBuilder) -> None:
    """At most 128 characters, and two long names don't become one."""
    groups = set()
    for letter in "ab":
        name = "u" * 63 + letter
        account.user(name)
        account.attach(account.policy("p" * 120 + letter, allow()), user=name)
    settings = control.CONTROL.settings()
    seen = snapshot_of(account)
    for finding in control.detect(seen, settings):
        groups.add(group_of(control.plan(finding, seen, settings)))

    assert len(groups) == 2
    assert all(len(name) <= 128 for name in groups)


def test_a_policy_path_with_quotes(account: AccountBuilder) -> None:
    """An ARN's path may hold what JMESPath takes for syntax."""
    account.user("alice")
    account.attach(account.policy("odd", allow(), path="/it's\\`a`/"), user="alice")

    for _ in apply_and_undo(account, planned(control, account)):
        assert not findings(control, snapshot_of(account))


def test_undo_leaves_a_group_that_somebody_joined(account: AccountBuilder) -> None:
    """What the plan made is not emptied under the hands of others: its guard no longer holds."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    acting = Acting(account, fix)
    acting.apply()
    joined(account, group_of(fix))

    with pytest.raises(AssertionError, match="somebody else is in"):
        acting.undo()

    alice = snapshot_of(account).users_by_name["alice"]
    assert len(alice.attached) == 2
    assert alice.groups == ()


@pytest.mark.parametrize(
    ("meddle", "why"),
    [
        pytest.param(lambda account: None, "", id="nothing happened"),
        pytest.param(
            lambda account: account.client().attach_group_policy(
                GroupName="readers", PolicyArn=account.aws_policy("IAMFullAccess")
            ),
            "the policies of readers changed",
            id="the group got more",
        ),
        pytest.param(
            lambda account: account.client().detach_group_policy(
                GroupName="readers", PolicyArn=READ
            ),
            "the policies of readers changed",
            id="the group lost it",
        ),
        pytest.param(
            lambda account: account.client().put_group_policy(
                GroupName="readers", PolicyName="x", PolicyDocument=json.dumps(allow("iam:*"))
            ),
            "the policies of readers changed",
            id="the group got an inline policy",
        ),
        pytest.param(
            lambda account: account.client().add_user_to_group(
                GroupName="readers", UserName="alice"
            ),
            "alice is in readers by now",
            id="alice joined",
        ),
    ],
)
def test_a_changed_world_stops_the_join(account: AccountBuilder, meddle: Any, why: str) -> None:
    """The first step looks again: whatever changed the group since, nothing is written."""
    account.user("alice")
    account.attach(READ, user="alice")
    account.group("readers", attached=[READ])
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    meddle(account)

    broken = Acting(account, fix).broken(fix.steps[0].before)

    assert set(broken) == ({why} if why else set())


def _deprecated(account: AccountBuilder, group: str) -> None:
    account.iam.get_policy(READ).is_attachable = False


GROUP = "user-alice-AmazonS3ReadOnlyAccess"
DEPRECATED = f"AWS lets nobody attach {READ} any more"


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        pytest.param(
            "create-group",
            lambda account, group: account.group(group),
            f"a group {GROUP} exists by now",
            id="create: the name is taken",
        ),
        pytest.param(
            "create-group", made_anew, "alice is another user now", id="create: another alice"
        ),
        pytest.param(
            "attach-1",
            lambda account, group: account.client().detach_user_policy(
                UserName="alice", PolicyArn=READ
            ),
            f"{READ} is not attached to alice",
            id="attach: alice lost it",
        ),
        pytest.param("attach-1", _deprecated, DEPRECATED, id="attach: deprecated"),
        pytest.param("attach-1", joined, f"somebody else is in {GROUP}", id="attach: joined"),
        pytest.param(
            "attach-1",
            lambda account, group: account.attach(READ, group=group),
            f"{READ} is attached to {GROUP} by now",
            id="attach: attached",
        ),
        pytest.param("join", joined, f"somebody else is in {GROUP}", id="join: joined"),
        pytest.param("join", made_anew, "alice is another user now", id="join: another alice"),
        pytest.param(
            "join",
            lambda account, group: account.inline("x", allow(), group=group),
            f"the policies of {GROUP} changed",
            id="join: more rights",
        ),
        pytest.param(
            "detach-1", made_anew, "alice is another user now", id="detach: another alice"
        ),
        pytest.param(
            "detach-1",
            lambda account, group: account.client().remove_user_from_group(
                UserName="alice", GroupName=group
            ),
            f"alice is not in {GROUP}",
            id="detach: alice left",
        ),
        pytest.param(
            "detach-1",
            lambda account, group: account.client().detach_group_policy(
                GroupName=group, PolicyArn=READ
            ),
            f"{READ} is not attached to {GROUP}",
            id="detach: the group lost it",
        ),
        pytest.param("detach-1", _deprecated, DEPRECATED, id="detach: deprecated"),
        pytest.param(
            "detach-1",
            lambda account, group: account.client().detach_user_policy(
                UserName="alice", PolicyArn=READ
            ),
            f"{READ} is not attached to alice",
            id="detach: detached",
        ),
    ],
)
def test_each_step_looks_again(
    account: AccountBuilder, until: str, meddle: Meddle, why: str
) -> None:
    """Whatever changes between two steps stops the next one, for just that reason."""
    account.user("alice")
    account.attach(READ, user="alice")

    assert why_not(account, planned(control, account), until, meddle) == [why]


@pytest.mark.parametrize("until", ["attach-1", "join"])
def test_undo_refuses_where_somebody_joined(account: AccountBuilder, until: str) -> None:
    """What the group gained, and the group itself, stay once others rely on it."""
    account.user("alice")
    account.attach(READ, user="alice")
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    acting = Acting(account, fix)
    acting.apply(until)
    done = [step for step in fix.steps if step.name in ("create-group", "attach-1")]
    applied = done[: 1 if until == "attach-1" else 2]
    joined(account, GROUP)

    for step in applied:
        assert acting.broken(step.after) == [f"somebody else is in {GROUP}"]


def test_groups_that_were_not_read(account: AccountBuilder) -> None:
    """Without the groups nobody can say where to move: advice, no guess."""
    account.user("alice")
    account.attach(READ, user="alice")
    seen = snapshot_of(account)
    parts = {part: value for part, value in seen.parts.items() if part is not Part.GROUPS}
    blind = type(seen)(account=seen.account, taken_at=seen.taken_at, parts=parts)
    settings = control.CONTROL.settings()
    (finding,) = control.detect(blind, settings)
    fix = control.plan(finding, blind, settings)

    assert isinstance(fix, Manual)
    assert fix.reason == "the account's groups could not be read"


def test_a_move_touches_nobody_else(account: AccountBuilder) -> None:
    """Another user, their group and their policies are as before, even while it is applied."""
    seed(account)
    account.user("bob")
    account.group("others", members=["bob"], attached=[EC2])
    account.attach(READ, user="bob")
    before = rights(account)
    snapshot = snapshot_of(account)
    finding = next(f for f in findings(control, snapshot) if f.resource.name == "alice")
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Plan)
    Acting(account, fix).apply()
    after = rights(account)

    for kind, key in (("UserDetailList", "UserName"), ("GroupDetailList", "GroupName")):
        was = {item[key]: item for item in before[kind] if item[key] != "alice"}
        now = {item[key]: item for item in after[kind]}
        assert {name: now[name] for name in was} == was
