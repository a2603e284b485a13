"""One document on several roles or groups becomes one policy, and nobody's rights move."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import MFA_FENCE, Finding, Manual, Plan, Protection
from remediations.managed_policies import inline_policy_on_group, inline_policy_on_role
from remediations.managed_policies import inline_policy_on_role as control
from tests.remediations.acting import Acting, picture, snapshot_of, stopped_by
from tests.remediations.groups.moving import allow, deny, findings, names, planned
from tests.remediations.managed_policies.moves import prove_nothing_moves

KINDS = [
    pytest.param("role", inline_policy_on_role, id="role"),
    pytest.param("group", inline_policy_on_group, id="group"),
]
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::x/*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/secret/*"},
    ],
}
POLICY = "arn:aws:iam::123456789012:policy/locksmith/read-x"


def seed(account: AccountBuilder, number: int = 2, kind: str = "role") -> None:
    """So many roles with the same document inline."""
    for name in ("worker", "sweeper", "mailer")[:number]:
        getattr(account, kind)(name)
        account.inline("read-x", DOCUMENT, **{kind: name})


def just_within(account: AccountBuilder) -> None:
    """One role alone."""
    seed(account, 1)


def just_beyond(account: AccountBuilder) -> None:
    """Two."""
    seed(account, 2)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


@pytest.mark.parametrize(("kind", "module"), KINDS)
def test_they_get_one_policy(account: AccountBuilder, kind: str, module: ModuleType) -> None:
    """Made, attached, looked at, and only then deleted; no moment gives or takes a right."""
    seed(account, 3, kind)
    fix = planned(module, account)
    assert names(fix) == [
        "create-policy",
        *(f"{what}-{number}" for number in (1, 2, 3) for what in ("attach", "delete")),
    ]
    assert isinstance(fix, Plan)
    assert Guard.on(snapshot_of(account))(fix) is None

    prove_nothing_moves(account, fix)

    Acting(account, fix).apply()
    snapshot = snapshot_of(account)
    assert {holder.attached for holder in (*snapshot.roles, *snapshot.groups)} == {(POLICY,)}
    assert not findings(module, snapshot)


@pytest.mark.parametrize(("kind", "module"), KINDS)
@pytest.mark.parametrize("name", ["a@b", "a,b", "a+b", "a=b", "it.s-a_policy"])
def test_odd_names(account: AccountBuilder, kind: str, module: ModuleType, name: str) -> None:
    for who in ("one", name):
        getattr(account, kind)(who)
        account.inline(name, DOCUMENT, **{kind: who})
    fix = planned(module, account)
    assert isinstance(fix, Plan)

    prove_nothing_moves(account, fix)


def test_a_policy_that_says_it_already_is_taken(account: AccountBuilder) -> None:
    """Nothing is made; who has it already only loses the copy."""
    seed(account)
    arn = account.policy("ours", DOCUMENT, older_versions=[allow()])
    account.attach(arn, role="worker")
    fix = planned(control, account)

    assert names(fix) == ["attach-1", "delete-1", "delete-2"]
    assert isinstance(fix, Plan)
    prove_nothing_moves(account, fix)


def test_a_protected_policy_is_not_shared(account: AccountBuilder) -> None:
    """Whoever protects a policy doesn't want more to hang on it."""
    seed(account)
    account.policy("ours", DOCUMENT)

    fix = planned(control, account, Protection(protected=("*:policy/ours",)))

    assert names(fix)[0] == "create-policy"


@pytest.mark.parametrize("taken", ["read-x", "READ-X"])
def test_a_name_that_is_taken(account: AccountBuilder, taken: str) -> None:
    """Names of policies are unique without regard to case, whatever the path."""
    seed(account)
    account.policy(taken, allow(), path="/elsewhere/")
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    Acting(account, fix).apply()

    assert {policy.name for policy in snapshot_of(account).customer_policies} == {taken, "read-x-2"}


def _same_rights_in_other_words(account: AccountBuilder) -> None:
    account.inline("read-x", {**DOCUMENT, "Id": "another"}, role="sweeper")


def _of_a_stack(account: AccountBuilder) -> None:
    account.client().delete_role_policy(RoleName="sweeper", PolicyName="read-x")
    account.client().delete_role(RoleName="sweeper")
    account.role("sweeper", tags={"aws:cloudformation:stack-name": "s"})
    account.inline("read-x", DOCUMENT, role="sweeper")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_same_rights_in_other_words, id="another document"),
        pytest.param(
            lambda account: (
                account.inline(MFA_FENCE, DOCUMENT, role="sweeper")
                or account.client().delete_role_policy(RoleName="sweeper", PolicyName="read-x")
            ),
            id="a name of Locksmith's fences",
        ),
        pytest.param(_of_a_stack, id="of a stack"),
    ],
)
def test_what_does_not_count(
    account: AccountBuilder, change: Callable[[AccountBuilder], Any]
) -> None:
    """Look-alikes: one of the two isn't one of them."""
    seed(account)
    change(account)

    assert not findings(control, snapshot_of(account))


def test_what_only_aws_changes_does_not_count(account: AccountBuilder) -> None:
    for number in (1, 2):
        account.service_linked_role(f"s{number}.amazonaws.com", f"S{number}")
        account.inline("read-x", DOCUMENT, role=f"AWSServiceRoleForS{number}")
        account.role(f"AWSControlTower{number}")
        account.inline("read-x", DOCUMENT, role=f"AWSControlTower{number}")

    assert not findings(control, snapshot_of(account))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(allow("*"), id="full administration"),
        pytest.param(allow(Condition={"NumericEquals": {"s3:max-keys": 1.5}}), id="a fraction"),
    ],
)
def test_documents_that_are_not_moved(account: AccountBuilder, document: dict[str, Any]) -> None:
    for name in ("one", "two"):
        account.role(name)
        account.inline("p", document, role=name)

    assert not findings(control, snapshot_of(account))


@pytest.mark.parametrize(
    ("pattern", "module", "kind"),
    [
        ("*:role/worker", inline_policy_on_role, "role"),
        ("*:group/worker", inline_policy_on_group, "group"),
        ("*:user/ann", inline_policy_on_group, "group"),
    ],
)
def test_protected_ones_are_left_alone(
    account: AccountBuilder, pattern: str, module: ModuleType, kind: str
) -> None:
    """They, and groups with a protected member, don't count; a plan for them would be refused."""
    seed(account, 2, kind)
    account.user("ann")
    if kind == "group":
        account.member("ann", "worker")
    fix = planned(module, account)
    assert isinstance(fix, Plan)
    protection = Protection(protected=(pattern,))

    assert not findings(module, snapshot_of(account, protection))
    assert "protected list" in (Guard.on(snapshot_of(account, protection))(fix) or "")


@pytest.mark.parametrize(("others", "number"), [(9, 2), (10, 1)])
def test_who_has_no_room(account: AccountBuilder, others: int, number: int) -> None:
    """A role with as many policies as AWS allows stays as it is; the others are moved."""
    seed(account)
    account.quota("AttachedPoliciesPerRoleQuota", 10)
    for each in range(others):
        account.attach(account.policy(f"p{each}", allow()), role="worker")

    deleted = [each for each in names(planned(control, account)) if each.startswith("delete")]

    assert len(deleted) == number


def test_nobody_has_room(account: AccountBuilder) -> None:
    seed(account)
    account.quota("AttachedPoliciesPerRoleQuota", 0)

    fix = planned(control, account)

    assert isinstance(fix, Manual)
    assert fix.reason == "no role among them can take another managed policy"


@pytest.mark.parametrize(("room", "manual"), [(0, False), (-1, True)])
def test_a_document_too_long_for_a_managed_policy(
    account: AccountBuilder, room: int, manual: bool
) -> None:
    """A role's inline policies may be longer than a managed one."""
    seed(account)
    size = len(str(planned(control, account).steps[0].do.params["PolicyDocument"]))  # type: ignore[union-attr]
    account.quota("PolicySizeQuota", size + room)

    assert isinstance(planned(control, account), Manual) is manual


def test_many_are_moved_in_turns(account: AccountBuilder) -> None:
    """25 at once; the rest find the policy made and join it."""
    for number in range(27):
        account.role(f"r{number:02}")
        account.inline("read-x", DOCUMENT, role=f"r{number:02}")
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    assert "2 more with the next question" in fix.summary
    Acting(account, fix).apply()

    rest = planned(control, account)

    assert names(rest) == ["attach-1", "delete-1", "attach-2", "delete-2"]
    assert isinstance(rest, Plan)
    prove_nothing_moves(account, rest)


def _rewritten(account: AccountBuilder) -> None:
    account.inline("read-x", deny(), role="sweeper")


def _new_version(account: AccountBuilder) -> None:
    policy = account.iam.managed_policies[POLICY]
    policy.versions[0].document = '{"Version":"2012-10-17","Statement":[]}'


def _anew(account: AccountBuilder) -> None:
    account.client().delete_role_policy(RoleName="sweeper", PolicyName="read-x")
    role = account.iam.get_role("sweeper")
    for arn in list(role.managed_policies):
        account.client().detach_role_policy(RoleName="sweeper", PolicyArn=arn)
    account.client().delete_role(RoleName="sweeper")
    account.role("sweeper")
    account.inline("read-x", DOCUMENT, role="sweeper")


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        ("attach-1", _rewritten, "the document of read-x of sweeper is another one"),
        ("attach-1", _new_version, "the document of read-x is another one"),
        ("attach-1", _anew, "sweeper is another role now"),
        ("delete-1", _rewritten, "the document of read-x of sweeper is another one"),
        ("delete-1", _new_version, "the document of read-x is another one"),
        ("delete-1", _anew, f"{POLICY} is not attached to sweeper"),
    ],
)
def test_a_changed_world_stops_it(
    account: AccountBuilder, until: str, meddle: Callable[[AccountBuilder], None], why: str
) -> None:
    """Nothing is attached or deleted where what was compared is not so any more."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    assert why in stopped_by(account, fix, until, lambda: meddle(account))


def test_the_finding_names_them(account: AccountBuilder) -> None:
    seed(account, 3)
    account.inline("other-name", DOCUMENT, role="mailer")
    (finding,) = findings(control, snapshot_of(account))

    assert isinstance(finding, Finding)
    assert finding.summary == "3 roles have the same inline policy other-name"
    assert finding.evidence["roles"] == ["mailer", "sweeper", "worker"]
    assert len(picture(account)["RoleDetailList"]) == 3
