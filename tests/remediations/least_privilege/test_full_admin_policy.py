"""Policies that grant everything are found wherever they are, and cut down without a gap."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import CONSOLE_FENCE, Account, Finding, Manual, Plan, Protection, Risk, Severity
from remediations._fence_documents import CONSOLE_DOCUMENT, MFA_FENCE, mfa_document
from remediations.least_privilege import full_admin_policy as control
from remediations.least_privilege._holders import MANY
from tests.remediations.acting import Acting, apply_and_undo, snapshot_of, stopped_by

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def everything(**changes: Any) -> dict[str, Any]:
    """A document that allows everything, but for the changes; None takes an element out."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", **changes}
    kept = {key: value for key, value in statement.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [kept]}


def seed(account: AccountBuilder) -> None:
    """A pipeline's role with a home-made administrator policy, beside two real administrators."""
    account.identity_center_role("AdministratorAccess")
    account.identity_center_role("BreakGlass", attached=["AdministratorAccess"])
    account.role("deploy")
    account.attach(account.policy("deploy-all", everything()), role="deploy")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def found(
    account: AccountBuilder, protection: Protection | None = None, **settings: Any
) -> list[Finding]:
    snapshot = snapshot_of(account, protection)
    return list(control.detect(snapshot, control.CONTROL.settings(**settings)))


def planned(
    account: AccountBuilder, protection: Protection | None = None, **settings: Any
) -> Plan | Manual:
    """The fix of the one finding of this account."""
    snapshot, chosen = snapshot_of(account, protection), control.CONTROL.settings(**settings)
    (finding,) = control.detect(snapshot, chosen)
    return control.plan(finding, snapshot, chosen)


def fixed(fix: Plan | Manual) -> Plan:
    assert isinstance(fix, Plan), fix
    return fix


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    """The narrower version is in force and grants no administration; undone, it is gone."""
    seed(account)
    fix = fixed(planned(account))
    assert [step.name for step in fix.steps] == ["create-version", "set-default"]
    assert fix.risk is Risk.DISRUPTIVE
    assert any("IAM stops working" in line for line in fix.breaks)
    assert any("iam:PassRole" in line and "Lambda" in line for line in fix.breaks)

    for _ in apply_and_undo(account, fix):
        (policy,) = snapshot_of(account).customer_policies
        assert not found(account)
        assert policy.default.id == "v2"
        broad, kept = json.loads(policy.default.text)["Statement"]
        assert broad["NotAction"] == ["iam:*", "organizations:*", "account:*"]
        assert "iam:CreateServiceLinkedRole" in kept["Action"]
        assert "iam:PassRole" not in kept["Action"]


@pytest.mark.parametrize(
    ("document", "is_full"),
    [
        pytest.param(everything(), True, id="star"),
        pytest.param(everything(Action=["*"], Resource=["*"]), True, id="lists"),
        pytest.param(everything(Action="*:*"), True, id="star colon star"),
        pytest.param(everything(Action=["s3:Get*", "*"]), True, id="star among others"),
        pytest.param(everything(Action=None, NotAction="s3:*"), True, id="NotAction of one"),
        pytest.param(
            everything(Resource=None, NotResource="arn:aws:s3:::secret/*"), True, id="NotResource"
        ),
        pytest.param(everything(Resource="arn:aws:*"), True, id="all ARNs"),
        pytest.param(everything(Action="iam:*"), False, id="all of one service"),
        pytest.param(everything(Action=None, NotAction="iam:*"), False, id="power user"),
        pytest.param(everything(Resource="arn:aws:s3:::b/*"), False, id="one bucket"),
        pytest.param(everything(Effect="Deny"), False, id="a Deny"),
        pytest.param(everything(Action="s3:*"), False, id="all of S3"),
        pytest.param(
            {**everything(), "Statement": everything()["Statement"][0]}, True, id="one statement"
        ),
        pytest.param(
            {
                **everything(),
                "Statement": [
                    everything()["Statement"][0],
                    everything(Effect="Deny", Action="iam:*")["Statement"][0],
                ],
            },
            False,
            id="denied IAM in the same document",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["user", "group", "role", "managed"])
def test_what_counts_as_full(
    account: AccountBuilder, kind: str, document: dict[str, Any], is_full: bool
) -> None:
    """In an inline policy of anyone and in a managed one alike; fixed and undone exactly."""
    account.user("holder", groups=[])
    account.group("holder")
    account.role("holder")
    if kind == "managed":
        account.attach(account.policy("p", document), role="holder")
    else:
        account.inline("p", document, **{kind: "holder"})

    assert bool(found(account)) is is_full
    if is_full:
        for _ in apply_and_undo(account, fixed(planned(account))):
            assert not found(account)


def _as_boundary(account: AccountBuilder, arn: str) -> None:
    account.user("bounded", boundary=arn)


@pytest.mark.parametrize(
    ("use", "severity"),
    [
        pytest.param(lambda account, arn: None, Severity.LOW, id="unattached"),
        pytest.param(_as_boundary, None, id="a boundary only"),
        pytest.param(
            lambda account, arn: account.group("empty", attached=[arn]), Severity.LOW, id="nobody"
        ),
        pytest.param(
            lambda account, arn: account.role("one", attached=[arn]), Severity.HIGH, id="one role"
        ),
        pytest.param(
            lambda account, arn: account.group(
                "many", members=_users(account, MANY - 1), attached=[arn]
            ),
            Severity.HIGH,
            id="one fewer than many",
        ),
        pytest.param(
            lambda account, arn: account.group(
                "many", members=_users(account, MANY), attached=[arn]
            ),
            Severity.CRITICAL,
            id="many",
        ),
        pytest.param(
            lambda account, arn: account.role(
                "open",
                attached=[arn],
                trust=everything(Action="sts:AssumeRole", Resource=None, Principal="*"),
            ),
            Severity.CRITICAL,
            id="a role that anyone may assume",
        ),
    ],
)
def test_severity_follows_the_reach(
    account: AccountBuilder,
    use: Callable[[AccountBuilder, str], Any],
    severity: Severity | None,
) -> None:
    """Nobody: low; someone: high; many, or strangers: critical; a boundary gives nothing."""
    use(account, account.policy("p", everything()))

    assert [finding.severity for finding in found(account)] == ([severity] if severity else [])


def _users(account: AccountBuilder, count: int) -> list[str]:
    names = [f"u{number}" for number in range(count)]
    for name in names:
        account.user(name)
    return names


def test_a_condition_lowers_the_severity_and_is_kept(account: AccountBuilder) -> None:
    """With MFA only: still full, said to be conditional, and narrowed under the same condition."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    account.role("r")
    account.inline("p", everything(Condition=condition), role="r")

    (finding,) = found(account)

    assert finding.severity is Severity.MEDIUM
    assert finding.evidence["conditional"] is True
    for _ in apply_and_undo(account, fixed(planned(account))):
        (role,) = snapshot_of(account).roles
        statements = json.loads(role.inline[0].text)["Statement"]
        assert all(statement["Condition"] == condition for statement in statements)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_aws_managed_is_replaced_before_it_goes(account: AccountBuilder, kind: str) -> None:
    """PowerUserAccess comes first; without it in place nothing is detached."""
    getattr(account, kind)("holder")
    account.attach("AdministratorAccess", **{kind: "holder"})
    fix = fixed(planned(account))
    assert [step.name for step in fix.steps] == ["attach-replacement", "detach"]
    assert Acting(account, fix).broken(fix.steps[1].before) == [
        f"{POWER} is not attached to holder"
    ]

    for _ in apply_and_undo(account, fix):
        snapshot = snapshot_of(account)
        (holder,) = (*snapshot.users, *snapshot.groups, *snapshot.roles)
        assert holder.attached == (POWER,)
        assert not found(account)


def test_a_replacement_that_is_there_stays(account: AccountBuilder) -> None:
    """Nothing to attach, so nothing that the undo would take away."""
    account.role("r", attached=[ADMIN, POWER])
    fix = fixed(planned(account))

    assert [step.name for step in fix.steps] == ["detach"]
    for _ in apply_and_undo(account, fix):
        assert snapshot_of(account).roles[0].attached == (POWER,)


@pytest.mark.parametrize(
    ("replacement", "manual"),
    [
        ("job-function/ViewOnlyAccess", False),
        ("AdministratorAccess", True),
        ("PowerUserAccess", False),
    ],
)
def test_replacement_is_a_setting(account: AccountBuilder, replacement: str, manual: bool) -> None:
    """Any of AWS's policies, with its path; but none that grants everything again."""
    account.role("r", attached=[ADMIN])
    fix = planned(account, replacement=replacement)

    assert isinstance(fix, Manual) is manual
    if isinstance(fix, Plan):
        for _ in apply_and_undo(account, fix):
            assert snapshot_of(account).roles[0].attached == (
                f"arn:aws:iam::aws:policy/{replacement}",
            )


def test_a_conditional_policy_of_aws_is_not_replaced(account: AccountBuilder) -> None:
    """PowerUserAccess has no condition, so that it would give what was not there before."""
    account.role("r", attached=["AWSMcpServiceActionsFullAccess"])

    fix = planned(account)

    assert isinstance(fix, Manual)
    assert "depends on a condition" in fix.reason


@pytest.mark.parametrize(("others", "manual"), [(8, False), (9, True)])
def test_room_for_the_replacement(account: AccountBuilder, others: int, manual: bool) -> None:
    """Ten policies per user: with ten, the replacement can't come first, so people choose."""
    account.user("u")
    account.attach(ADMIN, user="u")
    for number in range(others):
        account.attach(account.policy(f"p{number}", everything(Action="s3:*")), user="u")

    assert isinstance(planned(account), Manual) is manual


@pytest.mark.parametrize(("versions", "manual"), [(4, False), (5, True)])
def test_room_for_a_version(account: AccountBuilder, versions: int, manual: bool) -> None:
    """With five versions nothing is deleted to make room: people are told which is oldest."""
    older = [everything(Action=f"s3:Get{number}*") for number in range(versions - 1)]
    account.policy("p", everything(), older_versions=older)

    fix = planned(account)

    assert isinstance(fix, Manual) is manual
    if isinstance(fix, Manual):
        assert fix.reason == "p has 5 versions, and AWS allows 5"
        assert any("--version-id v1" in step for step in fix.steps)


@pytest.mark.parametrize(("room", "manual"), [(0, False), (-1, True)])
def test_room_for_a_longer_inline_document(
    account: AccountBuilder, room: int, manual: bool
) -> None:
    """The narrowed text is longer; it must still fit into what AWS allows a user."""
    account.user("u")
    account.inline("p", everything(), user="u")
    text = str(fixed(planned(account)).steps[0].do.params["PolicyDocument"])
    account.quota("UserPolicySizeQuota", len("".join(text.split())) + room)

    assert isinstance(planned(account), Manual) is manual


@pytest.mark.parametrize(
    ("protection", "settings", "reported"),
    [
        pytest.param(Protection(), {}, 1, id="nobody is meant"),
        pytest.param(Protection(break_glass=("*:user/alice",)), {}, 0, id="break-glass"),
        pytest.param(
            Protection(own=("arn:aws:iam::123456789012:user/alice",)), {}, 0, id="Locksmith's own"
        ),
        pytest.param(Protection(), {"administrators": ["*:user/ali*"]}, 0, id="listed"),
        pytest.param(Protection(), {"administrators": ["*:user/ALICE"]}, 1, id="another case"),
        pytest.param(Protection(protected=("*:user/alice",)), {}, 1, id="protected is no excuse"),
    ],
)
@pytest.mark.parametrize("way", ["attached", "inline", "managed", "group"])
def test_who_is_meant_to_be_administrator(
    account: AccountBuilder,
    way: str,
    protection: Protection,
    settings: dict[str, Any],
    reported: int,
) -> None:
    """However they hold it: directly, inline, from a policy of one's own, or from their group."""
    account.user("alice")
    match way:
        case "attached":
            account.attach(ADMIN, user="alice")
        case "inline":
            account.inline("p", everything(), user="alice")
        case "managed":
            account.attach(account.policy("p", everything()), user="alice")
        case "group":
            account.group("g", members=["alice"], attached=[ADMIN])

    assert len(found(account, protection, **settings)) == reported


def test_roles_that_only_aws_changes_are_left_out(account: AccountBuilder) -> None:
    """Service-linked, Identity Center and Control Tower roles, but not one that looks alike."""
    account.service_linked_role("support.amazonaws.com", "Support", attached=ADMIN)
    account.identity_center_role("AdministratorAccess")
    account.role("AWSControlTowerExecution", attached=[ADMIN])
    account.role("AWSReservedSSO_fake_0123456789abcdef", attached=[ADMIN])

    assert [finding.resource.name for finding in found(account)] == [
        "AWSReservedSSO_fake_0123456789abcdef"
    ]


@pytest.mark.parametrize("way", ["managed", "group", "inline"])
@pytest.mark.parametrize(
    "protection",
    [Protection(break_glass=("*:user/bg",)), Protection(protected=("*:user/bg",))],
    ids=["break-glass", "protected"],
)
def test_no_change_that_would_hit_who_must_keep_it(
    account: AccountBuilder, way: str, protection: Protection
) -> None:
    """The same policy or group serves others too, so there is a finding, but no plan."""
    account.user("alice")
    account.user("bg")
    if way == "managed":
        arn = account.policy("p", everything())
        account.attach(arn, user="alice")
        account.attach(arn, user="bg")
    elif way == "group":
        account.group("g", members=["alice", "bg"], attached=[ADMIN])
    else:
        account.group("g", members=["alice", "bg"])
        account.inline("p", everything(), group="g")

    fix = planned(account, protection)

    assert isinstance(fix, Manual)
    assert "user bg" in fix.reason


@pytest.mark.parametrize("name", ["Locksmith-x", CONSOLE_FENCE, MFA_FENCE])
@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_a_name_of_locksmiths_hides_nothing(account: AccountBuilder, kind: str, name: str) -> None:
    """Whoever may put an inline policy may call it what they like; people look into it."""
    account.user("holder")
    account.group("holder")
    account.role("holder")
    account.inline(name, everything(), **{kind: "holder"})

    fix = planned(account)

    assert isinstance(fix, Manual)
    assert f"{name} of {kind} holder" in fix.reason
    assert "CloudTrail" in fix.steps[0]


def test_fences_grant_no_administration(account: AccountBuilder) -> None:
    """Looked into like any policy, Locksmith's fences are no findings."""
    account.user("alice")
    (alice,) = snapshot_of(account).users
    account.inline(CONSOLE_FENCE, dict(CONSOLE_DOCUMENT), user="alice")
    fence = mfa_document(alice, Account("123456789012"), include_keys=True)
    account.inline(MFA_FENCE, dict(fence), user="alice")

    assert not found(account)


def test_patterns_that_add_up_are_left_to_people(account: AccountBuilder) -> None:
    """`a*:*` to `z*:*` is everything, but nobody can shorten it surely."""
    letters = [f"{letter}*:*" for letter in "abcdefghijklmnopqrstuvwxyz"]
    account.role("r")
    account.inline("p", everything(Action=letters), role="r")

    fix = planned(account)

    assert isinstance(fix, Manual)
    assert "add up to nearly everything" in fix.reason


def test_other_statements_stay_word_for_word(account: AccountBuilder) -> None:
    """Only the statement that grants everything changes."""
    account.role("r")
    other = {"Sid": "Keep", "Effect": "Deny", "Action": ["s3:*"], "Resource": "arn:aws:s3:::x"}
    document = {"Version": "2012-10-17", "Statement": [everything()["Statement"][0], other]}
    account.inline("p@x+y,z", document, role="r")

    for _ in apply_and_undo(account, fixed(planned(account))):
        statements = json.loads(snapshot_of(account).roles[0].inline[0].text)["Statement"]
        assert statements[-1] == other


def _attach_bob(account: AccountBuilder, arn: str) -> None:
    account.user("bob")
    account.attach(arn, user="bob")


@pytest.mark.parametrize(
    ("meddle", "why"),
    [
        pytest.param(lambda account, arn: None, [], id="nothing happened"),
        pytest.param(_attach_bob, ["other users hold deploy-all by now"], id="another holder"),
        pytest.param(
            lambda account, arn: account.client().detach_role_policy(
                RoleName="deploy", PolicyArn=arn
            ),
            ["other roles hold deploy-all by now"],
            id="one holder fewer",
        ),
        pytest.param(
            lambda account, arn: account.client().create_policy_version(
                PolicyArn=arn, PolicyDocument=json.dumps(everything()), SetAsDefault=False
            ),
            ["deploy-all has other versions by now"],
            id="another version",
        ),
    ],
)
def test_a_changed_world_stops_the_plan(
    account: AccountBuilder, meddle: Callable[[AccountBuilder, str], Any], why: list[str]
) -> None:
    """Whoever holds the policy by now was not asked about: nothing is written."""
    seed(account)
    fix = fixed(planned(account))
    meddle(account, "arn:aws:iam::123456789012:policy/deploy-all")

    assert Acting(account, fix).broken(fix.steps[0].before) == why


DEPLOY = "arn:aws:iam::123456789012:policy/deploy-all"


def _other_default(account: AccountBuilder) -> None:
    document = json.dumps(everything(Action="s3:*"))
    account.client().create_policy_version(
        PolicyArn=DEPLOY, PolicyDocument=document, SetAsDefault=True
    )


def _another_text(account: AccountBuilder) -> None:
    """The version that the plan stored is not what it was any more."""
    policy = account.iam.get_policy(DEPLOY)
    next(one for one in policy.versions if one.version_id == "v2").document = json.dumps(
        everything(Action="ec2:*")
    )


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        pytest.param(
            "create-version",
            lambda account: setattr(account.iam.get_policy(DEPLOY), "id", "ANPAOTHER"),
            ["deploy-all is another policy now"],
            id="create: a policy made anew",
        ),
        pytest.param(
            "set-default",
            lambda account: _attach_bob(account, DEPLOY),
            ["other users hold deploy-all by now"],
            id="default: another holder",
        ),
        pytest.param(
            "set-default",
            _other_default,
            ["another version of deploy-all is in force"],
            id="default: another version in force",
        ),
        pytest.param(
            "set-default",
            _another_text,
            ["the document of deploy-all is another one"],
            id="default: another text",
        ),
    ],
)
def test_each_step_on_a_policy_looks_again(
    account: AccountBuilder,
    until: str,
    meddle: Callable[[AccountBuilder], Any],
    why: list[str],
) -> None:
    """Whatever changes between two steps stops the next one, for just that reason."""
    seed(account)

    assert stopped_by(account, fixed(planned(account)), until, lambda: meddle(account)) == why


def test_undo_refuses_once_another_version_is_in_force(account: AccountBuilder) -> None:
    """Somebody went on from the narrowed version: putting the old one back would undo theirs."""
    seed(account)
    fix = fixed(planned(account))
    acting = Acting(account, fix)
    acting.apply()
    _other_default(account)

    assert acting.broken(fix.steps[1].after) == ["another version of deploy-all is in force"]


def test_a_stored_version_is_not_in_force_yet(account: AccountBuilder) -> None:
    """The first step proves that it changed no right; a version in force is not deleted by undo."""
    seed(account)
    fix = fixed(planned(account))
    acting = Acting(account, fix)
    acting.apply("set-default")
    account.client().set_default_policy_version(PolicyArn=DEPLOY, VersionId="v2")

    assert acting.broken(fix.steps[0].after) == ["another version of deploy-all is in force"]


def _role_anew(account: AccountBuilder) -> None:
    account.iam.get_role("r").id = "AROAANOTHER"


def _deprecated(arn: str) -> Callable[[AccountBuilder], Any]:
    return lambda account: setattr(account.iam.get_policy(arn), "is_attachable", False)


def _detached(arn: str) -> Callable[[AccountBuilder], Any]:
    return lambda account: account.client().detach_role_policy(RoleName="r", PolicyArn=arn)


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        pytest.param("attach-replacement", _role_anew, "r is another role now", id="role anew"),
        pytest.param(
            "attach-replacement",
            _deprecated(POWER),
            f"AWS lets nobody attach {POWER} any more",
            id="attach: deprecated",
        ),
        pytest.param(
            "attach-replacement",
            _detached(ADMIN),
            f"{ADMIN} is not attached to r",
            id="attach: the other one is gone",
        ),
        pytest.param(
            "attach-replacement",
            lambda account: account.attach(POWER, role="r"),
            f"{POWER} is attached to r by now",
            id="attach: it is there",
        ),
        pytest.param("detach", _role_anew, "r is another role now", id="detach: role anew"),
        pytest.param(
            "detach", _detached(POWER), f"{POWER} is not attached to r", id="detach: too early"
        ),
        pytest.param(
            "detach",
            _deprecated(ADMIN),
            f"AWS lets nobody attach {ADMIN} any more",
            id="detach: undo could not attach it again",
        ),
        pytest.param("detach", _detached(ADMIN), f"{ADMIN} is not attached to r", id="it is gone"),
    ],
)
def test_each_step_on_a_principal_looks_again(
    account: AccountBuilder, until: str, meddle: Callable[[AccountBuilder], Any], why: str
) -> None:
    """Whatever changes between two steps stops the next one, for just that reason."""
    account.role("r", attached=[ADMIN])

    assert stopped_by(account, fixed(planned(account)), until, lambda: meddle(account)) == [why]


@pytest.mark.parametrize(
    ("meddle", "why"),
    [
        pytest.param(_role_anew, "r is another role now", id="role anew"),
        pytest.param(
            lambda account: account.inline("p", everything(Sid="x"), role="r"),
            "the document of p of r is another one",
            id="edited",
        ),
    ],
)
def test_the_step_on_an_inline_policy_looks_again(
    account: AccountBuilder, meddle: Callable[[AccountBuilder], Any], why: str
) -> None:
    """Nobody's edit is overwritten."""
    account.role("r")
    account.inline("p", everything(), role="r")

    assert stopped_by(account, fixed(planned(account)), "narrow", lambda: meddle(account)) == [why]


def test_subjects_and_resources(account: AccountBuilder) -> None:
    """One finding per policy of one's own, per attachment of AWS's, and per inline policy."""
    arn = account.policy("own", everything())
    for name in ("a", "b"):
        account.role(name, attached=[ADMIN, arn, READ])
        account.inline("in", everything(), role=name)
    snapshot = snapshot_of(account)
    (policy,) = snapshot.customer_policies
    ids = [role.id for role in snapshot.roles]

    subjects = {finding.subject for finding in found(account)}

    assert subjects == {
        policy.id,
        *(f"{one}/{ADMIN}" for one in ids),
        *(f"{one}/inline/in" for one in ids),
    }


def test_evidence_names_holders_boundaries_and_statements(account: AccountBuilder) -> None:
    """What people need to decide, long lists cut."""
    arn = account.policy("own", everything(Sid="All"))
    account.user("alice")
    account.attach(arn, user="alice")
    account.boundary("PowerUserAccess", user="alice")
    account.group("g", members=_users(account, 25), attached=[arn])

    (finding,) = found(account)

    assert finding.evidence["statements"] == ["statement 'All'"]
    assert f"user alice, under the boundary {POWER}" in finding.evidence["held_by"]
    assert finding.evidence["identities"] == 26
    assert finding.evidence["reaches"][-1] == "and 6 more"
