"""Every known way from few rights to all is found, alone and spread, and no way that isn't one."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Finding, Manual, Plan, Protection, Risk, Severity
from bot.policy import SERVICE_WAYS, ServiceWay
from remediations._fence_documents import ESCALATION_FENCE
from remediations.least_privilege import privilege_escalation_path as control
from tests.remediations.acting import apply_and_undo, snapshot_of
from tests.remediations.people import found

ADMIN = "AdministratorAccess"
WHO = "ci+bot,1@example.org"
ME = f"arn:aws:iam::123456789012:user/{WHO}"
OWN = "arn:aws:iam::123456789012:policy/own"
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def allow(actions: Sequence[str] | str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    listed = actions if isinstance(actions, str) else list(actions)
    return {"Effect": "Allow", "Action": listed, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trusting(**principal: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return document(statement)


def seed(account: AccountBuilder) -> None:
    """A pipeline's role that may write its own policy."""
    account.role("release")
    arn = "arn:aws:iam::123456789012:role/release"
    account.inline("release", document(allow("iam:PutRolePolicy", arn)), role="release")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def prize(
    account: AccountBuilder, service: str = "lambda.amazonaws.com", kind: str = "Service"
) -> str:
    """A role of an administrator that a service works as, in an instance profile too."""
    arn = account.role("prize", trust=trusting(**{kind: service}), attached=[ADMIN])
    account.iam.create_instance_profile("prize", "/", [])
    account.iam.add_role_to_instance_profile("prize", "prize")
    return arn


def escalating(account: AccountBuilder, **settings: Any) -> dict[str, Finding]:
    return {each.resource.name: each for each in found(control, snapshot_of(account), **settings)}


# Methods of IAM: actions that the user has, and what there is besides.
def _boss(account: AccountBuilder) -> None:
    account.user("boss")
    account.attach(ADMIN, user="boss")


def _group(account: AccountBuilder) -> None:
    account.group("mine", members=[WHO])


def _admins(account: AccountBuilder) -> None:
    account.group("admins", attached=[ADMIN])


def _own_policy(account: AccountBuilder) -> None:
    account.attach(account.policy("own", READ), user=WHO)


def _old_version(account: AccountBuilder) -> None:
    everything = document(allow("*"))
    account.attach(account.policy("own", READ, older_versions=[everything]), user=WHO)


def _admin_role(account: AccountBuilder) -> None:
    account.role("target", trust=trusting(Service="ec2.amazonaws.com"), attached=[ADMIN])


def _my_role(account: AccountBuilder) -> None:
    account.role("target", trust=trusting(AWS=ME))


def _my_role_with_policy(account: AccountBuilder) -> None:
    _my_role(account)
    account.attach(account.policy("own", READ), role="target")


def _some_role(account: AccountBuilder) -> None:
    account.role("target")


def _some_role_with_policy(account: AccountBuilder) -> None:
    _some_role(account)
    account.attach(account.policy("own", READ), role="target")


def _some_user(account: AccountBuilder) -> None:
    account.user("other")


def _saml_role(account: AccountBuilder) -> None:
    account.role("target", trust=saml_trust(), attached=[ADMIN])


def saml_trust(**more: Any) -> dict[str, Any]:
    """What AWS's console writes for a role of a SAML provider."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/corp"},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {
                "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"},
                **more,
            },
        }
    )


def _nothing(account: AccountBuilder) -> None:
    pass


IAM_METHODS = [
    ("iam:AttachUserPolicy", _nothing),
    ("iam:PutUserPolicy", _nothing),
    ("iam:AttachGroupPolicy", _group),
    ("iam:PutGroupPolicy", _group),
    ("iam:AddUserToGroup", _admins),
    ("iam:CreatePolicyVersion", _own_policy),
    ("iam:SetDefaultPolicyVersion", _old_version),
    ("iam:CreateAccessKey", _boss),
    ("iam:CreateLoginProfile", _boss),
    ("iam:UpdateLoginProfile", _boss),
    ("iam:UpdateAssumeRolePolicy", _admin_role),
    ("iam:AttachRolePolicy sts:AssumeRole", _my_role),
    ("iam:PutRolePolicy sts:AssumeRole", _my_role),
    ("iam:CreatePolicyVersion sts:AssumeRole", _my_role_with_policy),
    ("iam:AttachRolePolicy iam:UpdateAssumeRolePolicy", _some_role),
    ("iam:PutRolePolicy iam:UpdateAssumeRolePolicy", _some_role),
    ("iam:AttachUserPolicy iam:CreateAccessKey", _some_user),
    ("iam:PutUserPolicy iam:CreateAccessKey", _some_user),
    ("iam:PutUserPolicy iam:CreateLoginProfile", _some_user),
    ("iam:CreatePolicyVersion iam:UpdateAssumeRolePolicy", _some_role_with_policy),
    ("iam:UpdateSAMLProvider", _saml_role),
    ("iam:DeleteSAMLProvider iam:CreateSAMLProvider", _saml_role),
    ("iam:CreateRole iam:AttachRolePolicy", _nothing),
    ("iam:CreateRole iam:PutRolePolicy", _nothing),
    ("iam:CreateUser iam:AttachUserPolicy iam:CreateAccessKey", _nothing),
    ("iam:CreateUser iam:PutUserPolicy iam:CreateLoginProfile", _nothing),
]
#: What a role may do to itself.
ROLE_METHODS = ("iam:AttachRolePolicy", "iam:PutRolePolicy")
each_iam_method = pytest.mark.parametrize(
    ("actions", "build"),
    [pytest.param(actions.split(), build, id=actions) for actions, build in IAM_METHODS],
)
each_service_way = pytest.mark.parametrize("way", SERVICE_WAYS, ids=lambda way: way.name)


def _prize_of(account: AccountBuilder, way: ServiceWay) -> str:
    return prize(account, way.service, "Federated" if way.federated else "Service")


def _parts(way: ServiceWay, role: str) -> list[dict[str, Any]]:
    passing = [allow("iam:PassRole", role)] if way.passes else []
    return [*passing, *(allow(action) for action in way.actions)]


@each_iam_method
def test_each_method_of_iam(account: AccountBuilder, actions: list[str], build: Any) -> None:
    """By one policy, on everything."""
    account.user(WHO)
    build(account)
    account.inline("p", document(allow(actions)), user=WHO)
    assert list(escalating(account)) == [WHO]


@pytest.mark.parametrize("action", ROLE_METHODS)
def test_a_role_gives_itself_rights(account: AccountBuilder, action: str) -> None:
    account.role("deploy")
    account.inline("p", document(allow(action)), role="deploy")
    assert escalating(account)["deploy"].evidence["methods"] == [action]


@each_iam_method
def test_each_method_spread_over_policies_and_groups(
    account: AccountBuilder, actions: list[str], build: Any
) -> None:
    """The first action by a group's managed policy, the others by the user's own."""
    account.user(WHO)
    build(account)
    account.group("givers", members=[WHO])
    account.attach(account.policy("first", document(allow(actions[0]))), group="givers")
    for number, action in enumerate(actions[1:]):
        account.inline(f"p{number}", document(allow(action)), user=WHO)
    assert list(escalating(account)) == [WHO]


@each_service_way
def test_each_way_through_a_service(account: AccountBuilder, way: ServiceWay) -> None:
    """Spread over a user, a group and a managed policy, or in one policy of a role."""
    account.user(WHO)
    first, *rest = _parts(way, _prize_of(account, way))
    account.role("robot", trust=trusting(AWS=ME))
    account.inline("all", document(first, *rest), role="robot")
    account.group("givers", members=[WHO])
    account.inline("first", document(first), group="givers")
    if rest:
        account.attach(account.policy("rest", document(*rest)), user=WHO)
    seen = escalating(account)
    assert sorted(seen) == [WHO, "robot"]
    for each in seen.values():
        assert way.name in each.evidence["methods"]
        assert each.severity is (Severity.HIGH if way.passes else Severity.MEDIUM)


@each_service_way
def test_near_misses_of_services(account: AccountBuilder, way: ServiceWay) -> None:
    """Without one of its actions; or with one denied, bounded, under a condition, on others."""
    parts = _parts(way, _prize_of(account, way))
    *others, last = parts
    for number in range(len(parts)):
        left = [part for place, part in enumerate(parts) if place != number]
        _user_with(account, f"u{number}", left)
    deny = {"Effect": "Deny", "Action": last["Action"], "Resource": "*"}
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "iam"}}
    _user_with(account, "denied", [*parts, deny])
    _user_with(account, "bounded", parts)
    bound = {"Effect": "Allow", "NotAction": last["Action"], "Resource": "*"}
    account.boundary(account.policy("bound", document(bound)), user="bounded")
    _user_with(account, "conditioned", [*others, {**last, "Condition": tagged}])
    limited = [{**parts[0], "Resource": "arn:aws:iam::123456789012:role/other"}, *parts[1:]]
    _user_with(account, "limited", limited)
    methods = [
        method for each in escalating(account).values() for method in each.evidence["methods"]
    ]
    assert way.name not in methods


def _user_with(account: AccountBuilder, name: str, statements: Sequence[dict[str, Any]]) -> None:
    account.user(name)
    if statements:
        account.inline("p", document(*statements), user=name)


@each_iam_method
@pytest.mark.parametrize("how", ["denied", "bounded", "conditioned", "limited"])
def test_near_misses_of_iam(
    account: AccountBuilder, actions: list[str], build: Any, how: str
) -> None:
    """What is denied, outside the boundary, under a condition, or on something else is no way."""
    account.user(WHO)
    build(account)
    first, *rest = actions
    more = {"StringEquals": {"aws:PrincipalTag/team": "iam"}} if how == "conditioned" else None
    resource = "arn:aws:iam::123456789012:user/nobody-else" if how == "limited" else "*"
    allowed = allow(first, resource, **({"Condition": more} if more else {}))
    statements = [allowed, allow(rest)] if rest else [allowed]
    if how == "denied":
        statements.append({"Effect": "Deny", "Action": first, "Resource": "*"})
    account.inline("p", document(*statements), user=WHO)
    if how == "bounded":
        account.boundary("PowerUserAccess", user=WHO)
    if how == "limited" and first in ("iam:CreateRole", "iam:CreateUser"):
        pytest.skip("who makes something chooses its name")
    seen = escalating(account).values()
    steps = {
        step for each in seen for method in each.evidence["methods"] for step in method.split("+")
    }
    assert first not in steps


@pytest.mark.parametrize(
    ("passing", "trust", "expected"),
    [
        pytest.param({}, "lambda.amazonaws.com", True, id="on everything"),
        pytest.param(
            {"Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}},
            "lambda.amazonaws.com",
            True,
            id="to the very service",
        ),
        pytest.param(
            {"Condition": {"StringLike": {"iam:PassedToService": "lambda.*"}}},
            "lambda.amazonaws.com",
            True,
            id="to a pattern of services",
        ),
        pytest.param(
            {"Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}},
            "lambda.amazonaws.com",
            False,
            id="to another service only",
        ),
        pytest.param({}, "ec2.amazonaws.com", False, id="a role that the service can't work as"),
        pytest.param(
            {"Resource": "arn:aws:iam::123456789012:role/app-*"},
            "lambda.amazonaws.com",
            False,
            id="other roles only",
        ),
    ],
)
def test_which_role_can_be_passed_where(
    account: AccountBuilder, passing: dict[str, Any], trust: str, expected: bool
) -> None:
    account.user(WHO)
    prize(account, trust)
    account.inline(
        "p",
        document(
            {**allow("iam:PassRole"), **passing},
            allow(["lambda:CreateFunction", "lambda:InvokeFunction"]),
        ),
        user=WHO,
    )
    assert bool(escalating(account)) is expected


def test_passing_roles_is_no_way_while_no_role_has_more(account: AccountBuilder) -> None:
    """Other tools report it whatever the roles are."""
    account.user(WHO)
    account.role("plain", trust=trusting(Service="lambda.amazonaws.com"), attached=[])
    account.inline("p", document(allow(["iam:PassRole", "lambda:*"])), user=WHO)
    assert not escalating(account)


def test_what_works_already_counts_only_where_all_of_it_may_be_changed(
    account: AccountBuilder,
) -> None:
    """A deployment that may update its own functions takes over no role that others work as."""
    account.user(WHO)
    prize(account)
    functions = "arn:aws:lambda:eu-west-1:123456789012:function:shop-*"
    account.inline("p", document(allow("lambda:UpdateFunctionCode", functions)), user=WHO)
    assert not escalating(account)


ALL_INSTANCES = "arn:aws:ec2:*:*:instance/*"
NOTEBOOKS = "arn:aws:sagemaker:*:123456789012:notebook-instance/*"


@pytest.mark.parametrize(
    ("service", "statements"),
    [
        ("lambda", [("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:*")]),
        ("lambda", [("lambda:UpdateFunctionCode", "arn:aws:lambda:*:123456789012:function:*")]),
        ("lambda", [("lambda:UpdateFunctionCode", "arn:aws:lambda:*")]),
        ("ec2", [("ssm:StartSession", ALL_INSTANCES)]),
        ("ec2", [("ssm:SendCommand", ["arn:aws:ssm:*::document/*", ALL_INSTANCES])]),
        ("ec2", [("ssm:SendCommand", "arn:aws:ssm:*:*:document/AWS-*"), ("ssm:*", ALL_INSTANCES)]),
        ("codebuild", [("codebuild:StartBuild", "arn:aws:codebuild:*:*:project/*")]),
        ("ecs-tasks", [("ecs:ExecuteCommand", ["arn:aws:ecs:*:*:task/*", "arn:*:cluster/x"])]),
        (
            "ec2",
            [
                ("codedeploy:RegisterApplicationRevision", "arn:aws:codedeploy:*:*:application:x"),
                ("codedeploy:CreateDeployment", "arn:aws:codedeploy:*:*:deploymentgroup:*"),
            ],
        ),
        (
            "sagemaker",
            [
                ("sagemaker:CreateNotebookInstanceLifecycleConfig", "arn:aws:sagemaker:*:*:*/mine"),
                ("sagemaker:*NotebookInstance", NOTEBOOKS),
            ],
        ),
    ],
)
def test_all_of_the_kind_counts_however_it_is_written(
    account: AccountBuilder, service: str, statements: list[tuple[str, str | list[str]]]
) -> None:
    account.user(WHO)
    prize(account, f"{service}.amazonaws.com")
    written = [allow(action, resource) for action, resource in statements]
    account.inline("p", document(*written), user=WHO)
    assert escalating(account)[WHO].severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("service", "action", "resource"),
    [
        ("lambda", "lambda:UpdateFunctionCode", "arn:aws:lambda:*:999999999999:function:*"),
        ("lambda", "lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:layer:*"),
        ("ec2", "ssm:StartSession", "arn:aws:ssm:*:*:document/*"),
        ("ec2", "ssm:SendCommand", ALL_INSTANCES),
        (
            "ec2",
            "ssm:SendCommand",
            [ALL_INSTANCES, "arn:aws:ssm:*::document/AWS-RunPatchBaseline"],
        ),
        ("codebuild", "codebuild:StartBuild", "arn:aws:codebuild:eu-west-1:*:project/*"),
    ],
)
def test_another_kind_or_a_part_of_it_does_not(
    account: AccountBuilder, service: str, action: str, resource: str | list[str]
) -> None:
    account.user(WHO)
    prize(account, f"{service}.amazonaws.com")
    account.inline("p", document(allow(action, resource)), user=WHO)
    assert not escalating(account)


def test_a_name_that_one_may_choose_is_enough_for_what_one_makes(account: AccountBuilder) -> None:
    account.user(WHO)
    role = prize(account)
    functions = "arn:aws:lambda:eu-west-1:123456789012:function:shop-*"
    actions = ["lambda:CreateFunction", "lambda:InvokeFunction"]
    account.inline("p", document(allow("iam:PassRole", role), allow(actions, functions)), user=WHO)
    assert list(escalating(account)) == [WHO]


def test_steps_over_users_and_roles_are_followed(account: AccountBuilder) -> None:
    """A key of a user who may take on a role that may change the trust of an administrator's."""
    account.user(WHO)
    account.user("middle")
    account.role("stair", trust=trusting(AWS="arn:aws:iam::123456789012:user/middle"), attached=[])
    account.role("top", attached=[ADMIN])
    top = "arn:aws:iam::123456789012:role/top"
    account.inline("p", document(allow("iam:UpdateAssumeRolePolicy", top)), role="stair")
    middle = "arn:aws:iam::123456789012:user/middle"
    account.inline("p", document(allow("iam:CreateAccessKey", middle)), user=WHO)
    seen = escalating(account)
    assert sorted(seen) == [WHO, "stair"]
    assert seen[WHO].evidence["path"] == (
        "iam:CreateAccessKey for middle, then sts:AssumeRole stair, then "
        "iam:UpdateAssumeRolePolicy of top"
    )
    assert seen[WHO].summary.endswith(str(seen[WHO].evidence["path"]))


def test_the_boundary_of_what_is_taken_over_counts(account: AccountBuilder) -> None:
    """Who may write policies for a role that is bounded gets no further than its boundary."""
    account.user(WHO)
    account.role("target", trust=trusting(AWS=ME))
    account.boundary("PowerUserAccess", role="target")
    account.inline("p", document(allow(["iam:PutRolePolicy", "sts:AssumeRole"])), user=WHO)
    assert not escalating(account)


@pytest.mark.parametrize("lifts", [True, False])
def test_a_boundary_that_one_may_lift_holds_nobody(account: AccountBuilder, lifts: bool) -> None:
    account.user(WHO)
    actions = ["iam:PutUserPolicy", *(["iam:DeleteUserPermissionsBoundary"] if lifts else [])]
    account.inline("p", document(allow(actions)), user=WHO)
    account.boundary(account.policy("bound", document(allow(actions))), user=WHO)
    assert bool(escalating(account)) is lifts


@pytest.mark.parametrize(
    "condition", [{"Bool": {"aws:MultiFactorAuthPresent": "true"}}], ids=["MFA"]
)
def test_with_mfa_is_still_a_way(account: AccountBuilder, condition: dict[str, Any]) -> None:
    account.user(WHO)
    account.inline("p", document(allow("iam:PutUserPolicy", Condition=condition)), user=WHO)
    assert list(escalating(account)) == [WHO]


def test_ones_own_name_by_a_variable_is_known(account: AccountBuilder) -> None:
    """`${aws:username}` is whoever asks."""
    account.user(WHO)
    mine = "arn:aws:iam::*:user/${aws:username}"
    account.inline("p", document(allow("iam:PutUserPolicy", mine)), user=WHO)
    account.user("boss")
    account.attach(ADMIN, user="boss")
    assert list(escalating(account)) == [WHO]
    account.inline("p", document(allow("iam:CreateAccessKey", mine)), user=WHO)
    assert not escalating(account)


def test_who_is_meant_is_left_out(account: AccountBuilder) -> None:
    """Administrators, who may take on their roles, and whom the settings name."""
    account.user("boss")
    account.attach(ADMIN, user="boss")
    account.user("deputy")
    deputy = "arn:aws:iam::123456789012:user/deputy"
    account.role("top", trust=trusting(AWS=deputy), attached=[ADMIN])
    account.inline("p", document(allow("iam:PutUserPolicy")), user="deputy")
    seed(account)
    assert list(escalating(account)) == ["release"]
    assert not escalating(account, administrators=["*:role/release"])
    glass = Protection(break_glass=("*:role/release",))
    assert not found(control, snapshot_of(account, glass))


def planned(account: AccountBuilder, name: str) -> Plan | Manual:
    snapshot = snapshot_of(account)
    finding = next(each for each in found(control, snapshot) if each.resource.name == name)
    return control.plan(finding, snapshot, control.CONTROL.settings())


@each_iam_method
def test_the_fence_closes_every_path_and_goes_again(
    account: AccountBuilder, actions: list[str], build: Any
) -> None:
    """Fixed, nothing is found; undone, all is back. What makes roles or users is for people."""
    account.user(WHO)
    build(account)
    account.inline("p", document(allow(actions)), user=WHO)
    fix = planned(account, WHO)
    if any(action in ("iam:CreateRole", "iam:CreateUser") for action in actions):
        assert isinstance(fix, Manual)
        assert any(actions[0] in step for step in fix.steps)
        return
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.DISRUPTIVE
    for _ in apply_and_undo(account, fix):
        assert not escalating(account)


def test_the_fence_denies_no_more_than_the_first_steps(account: AccountBuilder) -> None:
    """Passing other roles goes on; the fence can't be taken away by whom it holds."""
    account.user(WHO)
    role = prize(account)
    actions = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    account.inline("p", document(allow(actions)), user=WHO)
    fix = planned(account, WHO)
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.do.params["PolicyName"] == ESCALATION_FENCE
    denied = {
        (action, each["Resource"])
        for each in json.loads(str(step.do.params["PolicyDocument"]))["Statement"]
        for action in each["Action"]
    }
    assert denied == {
        ("iam:PassRole", role),
        ("iam:PutUserPolicy", ME),
        ("iam:DeleteUserPolicy", ME),
    }


def test_what_works_as_a_role_already_is_for_people(account: AccountBuilder) -> None:
    """A fence would stop all deployments of the service."""
    account.user(WHO)
    prize(account)
    account.inline("p", document(allow("lambda:UpdateFunctionCode")), user=WHO)
    fix = planned(account, WHO)
    assert isinstance(fix, Manual)
    assert any("lambda:UpdateFunctionCode" in step for step in fix.steps)


def test_people_are_told_of_the_paths_that_no_fence_could_close(account: AccountBuilder) -> None:
    """What a fence closes comes next, once those are gone."""
    account.user(WHO)
    prize(account)
    account.inline(
        "p", document(allow(["lambda:UpdateFunctionCode", "iam:PutUserPolicy"])), user=WHO
    )
    fix = planned(account, WHO)
    assert isinstance(fix, Manual)
    (told,) = [step for step in fix.steps if step.startswith("Close this path")]
    assert "lambda:UpdateFunctionCode" in told
