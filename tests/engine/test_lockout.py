"""No accepted plan leaves fewer than two working administrators, or takes the break-glass away."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.administrators import Administrators
from bot.engine.entities import Entities, Holder, Policy, judged
from bot.engine.lockout import lockout
from bot.engine.protecting import Guard
from bot.model import (
    Account,
    Call,
    CredentialReport,
    Group,
    InlinePolicy,
    ManagedPolicy,
    Output,
    Part,
    Plan,
    PolicyVersion,
    Protection,
    ReportRow,
    Role,
    Snapshot,
    Step,
    User,
)
from tests.conftest import NOON
from tests.engine.plans import allow, detach, iam, plan, write

ACCOUNT = Account("123456789012")
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DENY = "arn:aws:iam::aws:policy/AWSDenyAll"
OURS = ACCOUNT.iam_arn("policy/ours")
EVERYTHING = allow("*")
NOTHING = allow("*", effect="Deny")
WITH_MFA = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    ],
}


def trust(**principal: Any) -> dict[str, Any]:
    """A trust policy that lets this principal in."""
    actions = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    statement = {"Effect": "Allow", "Principal": principal, "Action": actions}
    return {"Version": "2012-10-17", "Statement": [statement]}


SSO = trust(Federated=ACCOUNT.iam_arn("saml-provider/AWSSSO_1"))
EC2 = trust(Service="ec2.amazonaws.com")
HERE = trust(AWS=ACCOUNT.iam_arn("root"))


def user(
    name: str,
    *attached: str,
    groups: Iterable[str] = (),
    inline: Mapping[str, Any] | None = None,
    boundary: str | None = None,
) -> Holder:
    return Holder(
        "user",
        name,
        ACCOUNT.iam_arn(f"user/{name}"),
        frozenset(attached),
        {key: judged(text, key) for key, text in (inline or {}).items()},
        frozenset(groups),
        boundary,
    )


def group(name: str, *attached: str) -> Holder:
    return Holder("group", name, ACCOUNT.iam_arn(f"group/{name}"), frozenset(attached))


def role(name: str, *attached: str, trusts: Mapping[str, Any]) -> Holder:
    return Holder(
        "role",
        name,
        ACCOUNT.iam_arn(f"role/{name}"),
        frozenset(attached),
        trust=judged(trusts, name),
    )


def account(*holders: Holder) -> Entities:
    documents = {ADMIN: EVERYTHING, READ: allow("s3:Get*"), DENY: NOTHING, OURS: EVERYTHING}
    kinds: dict[str, dict[str, Holder]] = {"user": {}, "group": {}, "role": {}}
    for holder in holders:
        kinds[holder.kind][holder.name] = holder
    return Entities(
        kinds["user"],
        kinds["group"],
        kinds["role"],
        {
            arn: Policy({"v1": judged(text, arn), "v0": judged(allow("s3:Get*"), arn)}, "v1")
            for arn, text in documents.items()
        },
    )


def refused(
    entities: Entities,
    *steps: Step | Call,
    doors: Iterable[str] | None = None,
    protection: Protection | None = None,
) -> str | None:
    """Why the plan of these steps is refused; users in `doors` have a way in, all by default."""
    made = plan(*(one if isinstance(one, Step) else write(one) for one in steps))
    open_doors = None if doors is None else set(doors)
    now = Administrators(ACCOUNT, entities, lambda name: open_doors is None or name in open_doors)
    return lockout(made, now, protection or Protection())


ANN, BEN, CAT = (user(name, ADMIN) for name in ("ann", "ben", "cat"))
OPS = user("ann", groups=["ops"]), user("ben", groups=["ops"]), group("ops", ADMIN)
FROM_ANN = iam("DetachUserPolicy", UserName="ann", PolicyArn=ADMIN)


@pytest.mark.parametrize(
    ("entities", "call"),
    [
        pytest.param(account(ANN, BEN), FROM_ANN, id="detach"),
        pytest.param(
            account(ANN, BEN),
            iam("DetachUserPolicy", UserName="ANN", PolicyArn=ADMIN),
            id="detach, in other letters",
        ),
        pytest.param(
            account(user("ann", inline={"all": EVERYTHING}), BEN),
            iam("DeleteUserPolicy", UserName="ann", PolicyName="all"),
            id="delete inline",
        ),
        pytest.param(
            account(user("ann", inline={"all": EVERYTHING}), BEN),
            iam(
                "PutUserPolicy",
                UserName="ann",
                PolicyName="all",
                PolicyDocument=json.dumps(allow("s3:*")),
            ),
            id="overwrite inline",
        ),
        pytest.param(
            account(ANN, BEN),
            iam(
                "PutUserPolicy",
                UserName="ann",
                PolicyName="fence",
                PolicyDocument=json.dumps(NOTHING),
            ),
            id="put a deny",
        ),
        pytest.param(
            account(ANN, BEN),
            iam("PutUserPolicy", UserName="ann", PolicyName="x", PolicyDocument="not JSON"),
            id="put what can't be judged",
        ),
        pytest.param(
            account(ANN, BEN),
            iam("AttachUserPolicy", UserName="ann", PolicyArn=DENY),
            id="attach a deny",
        ),
        pytest.param(
            account(ANN, BEN),
            iam("AttachUserPolicy", UserName="ann", PolicyArn="arn:aws:iam::aws:policy/Unread"),
            id="attach what was not read",
        ),
        pytest.param(
            account(*OPS),
            iam("RemoveUserFromGroup", UserName="ann", GroupName="ops"),
            id="leave the group",
        ),
        pytest.param(
            account(*OPS),
            iam("DetachGroupPolicy", GroupName="ops", PolicyArn=ADMIN),
            id="detach from the group",
        ),
        pytest.param(
            account(*OPS),
            iam("AttachGroupPolicy", GroupName="ops", PolicyArn=DENY),
            id="attach a deny to the group",
        ),
        pytest.param(account(*OPS), iam("DeleteGroup", GroupName="ops"), id="delete the group"),
        pytest.param(
            account(ANN, BEN, group("none", DENY)),
            iam("AddUserToGroup", UserName="ann", GroupName="none"),
            id="join a group with a deny",
        ),
        pytest.param(account(ANN, BEN), iam("DeleteUser", UserName="ann"), id="delete the user"),
        pytest.param(
            account(user("ann", OURS), BEN),
            iam(
                "CreatePolicyVersion",
                PolicyArn=OURS,
                PolicyDocument=json.dumps(allow("s3:*")),
                SetAsDefault=True,
            ),
            id="narrower default version",
        ),
        pytest.param(
            account(user("ann", OURS), BEN),
            iam("SetDefaultPolicyVersion", PolicyArn=OURS, VersionId="v0"),
            id="older default version",
        ),
        pytest.param(
            account(user("ann", OURS), BEN),
            iam("SetDefaultPolicyVersion", PolicyArn=OURS, VersionId="v9"),
            id="a version that was not read",
        ),
        pytest.param(
            account(user("ann", OURS), BEN),
            iam("DeletePolicy", PolicyArn=OURS),
            id="delete the policy",
        ),
        pytest.param(
            account(ANN, BEN),
            iam("PutUserPermissionsBoundary", UserName="ann", PermissionsBoundary=READ),
            id="boundary",
        ),
        pytest.param(
            account(ANN, BEN),
            iam("UpdateAccessKey", UserName="ann", AccessKeyId="AKIA1", Status="Inactive"),
            id="key off",
        ),
        pytest.param(
            account(ANN, BEN),
            iam("DeleteAccessKey", UserName="ann", AccessKeyId="AKIA1"),
            id="key deleted",
        ),
        pytest.param(
            account(ANN, BEN), iam("DeleteLoginProfile", UserName="ann"), id="password gone"
        ),
        pytest.param(
            account(ANN, BEN),
            iam("DeactivateMFADevice", UserName="ann", SerialNumber="arn:x"),
            id="MFA gone",
        ),
        pytest.param(
            account(role("sso", ADMIN, trusts=SSO), BEN),
            iam("DetachRolePolicy", RoleName="sso", PolicyArn=ADMIN),
            id="a role that people assume",
        ),
        pytest.param(
            account(role("sso", ADMIN, trusts=SSO), BEN),
            iam("DeleteRole", RoleName="sso"),
            id="delete the role",
        ),
        pytest.param(
            account(role("sso", ADMIN, trusts=SSO), BEN),
            iam("UpdateAssumeRolePolicy", RoleName="sso", PolicyDocument=json.dumps(EC2)),
            id="nobody but machines may assume it any more",
        ),
        pytest.param(
            account(role("ops", ADMIN, trusts=HERE), user("dan", READ, OURS), BEN),
            iam(
                "PutUserPolicy", UserName="dan", PolicyName="x", PolicyDocument=json.dumps(NOTHING)
            ),
            id="the only one who could assume it",
        ),
        pytest.param(
            account(user("ann", inline={"all": WITH_MFA}), BEN),
            iam("DeleteUserPolicy", UserName="ann", PolicyName="all"),
            id="an administrator by MFA",
        ),
    ],
)
def test_of_two_administrators_none_may_go(entities: Entities, call: Call) -> None:
    """Each way there is to stop being one; with two more who stay, each of them is fine."""
    reason = refused(entities, call)
    assert reason is not None
    assert "must stay" in reason
    more = entities
    for name in ("more", "still-more"):
        more = more.with_holder(user(name, ADMIN))
    assert refused(more, call) is None


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(
            iam("DetachUserPolicy", UserName="dan", PolicyArn=READ), id="no administrator"
        ),
        pytest.param(iam("AttachUserPolicy", UserName="dan", PolicyArn=ADMIN), id="one more"),
        pytest.param(
            iam("UpdateAccessKey", UserName="dan", AccessKeyId="AKIA1", Status="Inactive"),
            id="someone else's key",
        ),
        pytest.param(
            iam("UpdateAccessKey", UserName="ann", AccessKeyId="AKIA1", Status="Active"),
            id="a key on",
        ),
        pytest.param(iam("TagUser", UserName="ann", Tags=[]), id="a tag"),
        pytest.param(
            iam("DetachUserPolicy", UserName="ann", PolicyArn=READ), id="a policy more than enough"
        ),
        pytest.param(iam("DeleteUserPermissionsBoundary", UserName="ann"), id="a boundary gone"),
        pytest.param(
            iam("DetachRolePolicy", RoleName="closed", PolicyArn=ADMIN), id="a role nobody assumes"
        ),
    ],
)
def test_what_takes_administration_from_nobody_is_not_measured(call: Call) -> None:
    """Even where only one is left: the rule is about what a plan takes away."""
    entities = account(
        user("ann", ADMIN, READ),
        user("dan", READ),
        role("closed", ADMIN, trusts=trust(AWS="AIDAAAAAAAAAAAAAAAAA1")),
    )
    assert refused(entities, call) is None


def test_who_has_no_way_in_does_not_count_as_staying() -> None:
    everyone = account(ANN, BEN, CAT)
    assert refused(everyone, FROM_ANN, doors=["ann", "ben", "cat"]) is None
    assert refused(everyone, FROM_ANN, doors=["ann", "cat"]) is not None


def test_who_has_no_way_in_may_lose_it() -> None:
    assert refused(account(ANN, BEN), FROM_ANN, doors=["ben"]) is None


@pytest.mark.parametrize(
    ("third", "counts"),
    [
        pytest.param(role("r", ADMIN, trusts=SSO), True, id="Identity Center or SAML"),
        pytest.param(role("r", ADMIN, trusts=EC2), False, id="a service"),
        pytest.param(
            role("r", ADMIN, trusts=trust(Federated=ACCOUNT.iam_arn("oidc-provider/x"))),
            False,
            id="a web identity",
        ),
        pytest.param(
            role("r", ADMIN, trusts=trust(AWS="arn:aws:iam::999999999999:root")),
            True,
            id="another account",
        ),
        pytest.param(role("r", ADMIN, trusts=trust(AWS="999999999999")), True, id="its number"),
        pytest.param(
            role("r", ADMIN, trusts=trust(AWS=ACCOUNT.iam_arn("user/dan"))), True, id="a user here"
        ),
        pytest.param(
            role("r", ADMIN, trusts=trust(AWS=ACCOUNT.iam_arn("user/gone"))),
            False,
            id="nobody of that name",
        ),
        pytest.param(
            role("r", ADMIN, trusts=trust(AWS="AROAAAAAAAAAAAAAAAAA1")), False, id="deleted"
        ),
        pytest.param(
            role("r", ADMIN, trusts=trust(AWS=ACCOUNT.iam_arn("role/r"))), False, id="itself"
        ),
        pytest.param(role("r", ADMIN, trusts=HERE), False, id="nobody else here may assume it"),
        pytest.param(user("r", ADMIN, boundary=READ), False, id="held back by a boundary"),
        pytest.param(user("r", ADMIN, DENY), False, id="denied everything"),
        pytest.param(user("r", inline={"all": WITH_MFA}), True, id="by MFA"),
        pytest.param(user("r", "arn:aws:iam::aws:policy/Unread"), False, id="not read"),
    ],
)
def test_who_counts_as_staying(third: Holder, counts: bool) -> None:
    """With ann gone, ben and the third must be two working administrators."""
    assert (refused(account(ANN, BEN, third, user("dan")), FROM_ANN) is None) is counts


def test_a_person_counts_once_however_many_roles_are_open_to_them() -> None:
    """Ben and a role that only ben assumes are one person; with dan who may assume it, two."""
    third = role("r", ADMIN, trusts=HERE)
    assert refused(account(ANN, BEN, third), FROM_ANN) is not None
    dan = user("dan", inline={"x": allow("sts:AssumeRole")})
    assert refused(account(ANN, BEN, third, dan), FROM_ANN) is None


def test_who_loses_it_directly_may_keep_it_by_a_role() -> None:
    ann = user("ann", ADMIN, inline={"x": allow("sts:AssumeRole")})
    assert refused(account(ann, BEN), FROM_ANN) is not None
    assert refused(account(ann, BEN, role("r", ADMIN, trusts=HERE)), FROM_ANN) is None
    shut_out = iam("DeleteLoginProfile", UserName="ann")
    assert refused(account(ann, BEN, role("r", ADMIN, trusts=HERE)), shut_out) is not None


def test_who_administers_only_by_a_role_loses_it_with_the_role() -> None:
    """A plan that names the role alone takes administration from everyone who comes by it."""
    ann, ben = (user(name, inline={"x": allow("sts:AssumeRole")}) for name in ("ann", "ben"))
    entities = account(ann, ben, role("r", ADMIN, trusts=HERE))
    from_role = iam("DetachRolePolicy", RoleName="r", PolicyArn=ADMIN)
    assert refused(entities, from_role) is not None
    assert refused(account(ann, ben, BEN, CAT, role("r", ADMIN, trusts=HERE)), from_role) is None


def test_locksmith_itself_does_not_count() -> None:
    own = Protection(own=(CAT.arn,))
    assert refused(account(ANN, BEN, CAT), FROM_ANN, protection=own) is not None


def test_a_role_that_only_locksmith_assumes_does_not_count() -> None:
    bot = user("bot", inline={"x": allow("sts:AssumeRole")})
    entities = account(ANN, BEN, bot, role("r", ADMIN, trusts=HERE))
    assert refused(entities, FROM_ANN) is None
    assert refused(entities, FROM_ANN, protection=Protection(own=(bot.arn,))) is not None


def test_a_trust_that_shuts_everyone_out_lets_nobody_in() -> None:
    shut = dict(SSO)
    shut["Statement"] = [
        *SSO["Statement"],
        {"Effect": "Deny", "Principal": "*", "Action": "sts:*"},
    ]
    third = role("r", ADMIN, trusts=shut)
    assert refused(account(ANN, BEN, third), FROM_ANN) is not None


def test_the_break_glass_keeps_its_rights_whoever_else_stays() -> None:
    glass = Protection(break_glass=("*:user/ann",))
    many = account(ANN, BEN, CAT, user("dan", ADMIN))
    assert "break-glass" in (refused(many, FROM_ANN, protection=glass) or "")


def test_a_move_that_gives_first_is_fine_and_one_that_takes_first_is_not() -> None:
    """Every prefix of the plan counts: it may stop half-way."""
    give = [
        write(iam("CreateGroup", GroupName="new")),
        write(iam("AttachGroupPolicy", GroupName="new", PolicyArn=ADMIN)),
        write(iam("AddUserToGroup", GroupName="new", UserName="ann")),
    ]
    take = write(FROM_ANN)
    two = account(ANN, BEN)
    assert refused(two, *give, take) is None
    assert "after step DetachUserPolicy" in (refused(two, take, *give) or "")


def test_a_policy_made_by_an_earlier_step_is_known_by_its_output() -> None:
    def with_document(document: Any) -> Step:
        made = write(iam("CreatePolicy", PolicyName="all", PolicyDocument=json.dumps(document)))
        return replace(made, outputs={"arn": Output("Policy.Arn")})

    attach = write(
        iam("AttachUserPolicy", UserName="ann", PolicyArn={"$output": "CreatePolicy.arn"})
    )
    take = write(FROM_ANN)
    two = account(ANN, BEN)
    assert refused(two, with_document(EVERYTHING), attach, take) is None
    assert refused(two, with_document(NOTHING), attach) is not None


# Generated accounts


@st.composite
def accounts_and_plans(draw: st.DrawFn) -> tuple[Entities, Plan, set[str], set[str]]:
    """An account, a plan, and who has a way in and who is break-glass.

    Users administer by a policy of their own, by a group, or by both.
    """
    names = [f"u{number}" for number in range(draw(st.integers(1, 6)))]
    holders = [group("ops", ADMIN)]
    for name in names:
        attached = [ADMIN] if draw(st.booleans()) else [READ]
        groups = ["ops"] if draw(st.booleans()) else []
        boundary = READ if draw(st.integers(0, 4)) == 0 else None
        holders.append(user(name, *attached, groups=groups, boundary=boundary))
    calls = [
        *(iam("DetachUserPolicy", UserName=name, PolicyArn=ADMIN) for name in names),
        *(iam("RemoveUserFromGroup", UserName=name, GroupName="ops") for name in names),
        *(iam("AttachUserPolicy", UserName=name, PolicyArn=ADMIN) for name in names),
        *(iam("DeleteLoginProfile", UserName=name) for name in names),
        iam("DetachGroupPolicy", GroupName="ops", PolicyArn=ADMIN),
    ]
    chosen = draw(st.lists(st.sampled_from(calls), min_size=1, max_size=4))
    steps = [replace(write(call), name=f"s{number}") for number, call in enumerate(chosen)]
    doors = {name for name in names if draw(st.integers(0, 3))}
    glass = {name for name in names if draw(st.integers(0, 4)) == 0}
    return account(*holders), plan(*steps), doors, glass


def _working(entities: Entities, steps: Iterable[Step], doors: set[str]) -> set[str]:
    """The working administrators by a few plain rules, which share no code with the guard."""
    direct = {name for name, one in entities.users.items() if ADMIN in one.attached}
    members = {name for name, one in entities.users.items() if one.groups}
    bounded = {name for name, one in entities.users.items() if one.boundary}
    group_gives, out = True, set()
    for step in steps:
        name = str(step.do.params.get("UserName"))
        match step.do.operation:
            case "DetachUserPolicy":
                direct.discard(name)
            case "AttachUserPolicy":
                direct.add(name)
            case "RemoveUserFromGroup":
                members.discard(name)
            case "DetachGroupPolicy":
                group_gives = False
            case _:
                out.add(name)
    administrators = direct | (members if group_gives else set())
    return (administrators - bounded - out) & doors


@settings(max_examples=300, deadline=None)
@given(accounts_and_plans())
def test_after_any_accepted_plan_two_are_left_or_nobody_was_taken(
    made: tuple[Entities, Plan, set[str], set[str]],
) -> None:
    entities, the_plan, doors, glass = made
    protection = Protection(break_glass=tuple(f"*:user/{name}" for name in glass))
    reason = lockout(
        the_plan, Administrators(ACCOUNT, entities, lambda name: name in doors), protection
    )
    before = _working(entities, (), doors)
    for count in range(1, len(the_plan.steps) + 1):
        after = _working(entities, the_plan.steps[:count], doors)
        lost = before - after
        if reason is None:
            assert not lost or len(after) >= 2
            assert not lost & glass
    if not any(
        before - _working(entities, the_plan.steps[:count], doors)
        for count in range(1, len(the_plan.steps) + 1)
    ):
        assert reason is None, "a plan that takes from nobody is not refused"


# The same on a snapshot


def _snapshot(*, doors: Iterable[str]) -> Snapshot:
    def person(name: str) -> User:
        return User(
            name, f"AIDA{name}", ACCOUNT.iam_arn(f"user/{name}"), "/", NOON, attached=(ADMIN,)
        )

    def row(name: str) -> ReportRow:
        return ReportRow(
            user=name,
            arn=ACCOUNT.iam_arn(f"user/{name}"),
            created=NOON,
            password_enabled=name in doors,
            password_last_used=None,
            password_last_changed=NOON,
            mfa_active=True,
            keys=(),
        )

    names = ("ann", "ben", "cat")
    version = PolicyVersion("v1", json.dumps(EVERYTHING), is_default=True, created=NOON)
    admin = ManagedPolicy(
        arn=ADMIN,
        name="AdministratorAccess",
        path="/",
        id="ANPA1",
        by_aws=True,
        versions=(version,),
        attachments=3,
        boundaries=0,
    )
    worker = Role("worker", "AROA1", ACCOUNT.iam_arn("role/worker"), "/", NOON, json.dumps(EC2))
    team = Group(
        "team",
        "AGPA1",
        ACCOUNT.iam_arn("group/team"),
        "/",
        NOON,
        inline=(InlinePolicy("x", json.dumps(allow("s3:*"))),),
    )
    return Snapshot(
        ACCOUNT,
        NOON,
        parts={
            Part.USERS: tuple(map(person, names)),
            Part.GROUPS: (team,),
            Part.ROLES: (worker,),
            Part.AWS_POLICIES: (admin,),
            Part.CUSTOMER_POLICIES: (),
            Part.CREDENTIAL_REPORT: CredentialReport(NOON, None, tuple(map(row, names))),
        },
        protection=Protection(protected=("*:user/cat",)),
    )


def test_a_snapshot_is_judged_by_the_same_rules() -> None:
    made = plan(detach("user", "ann", ADMIN))
    assert Guard.on(_snapshot(doors=["ann", "ben", "cat"]))(made) is None
    reason = Guard.on(_snapshot(doors=["ann", "ben"]))(made)
    assert "1 working administrators" in (reason or "")
    protected = Guard.on(_snapshot(doors=[]))(plan(detach("user", "cat", ADMIN)))
    assert "protected list" in (protected or "")


def test_a_snapshot_without_the_parts_leaves_the_judgement_to_the_live_check() -> None:
    empty = Snapshot(ACCOUNT, NOON)
    assert Guard.on(empty)(plan(detach("user", "ann", ADMIN))) is None
