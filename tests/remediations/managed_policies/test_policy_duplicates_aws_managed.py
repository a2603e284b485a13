"""Copies of AWS's policies are known by what they allow, and swapped without moving a right."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.aws_policies import document_of
from bot.engine.protecting import Guard
from bot.model import MFA_FENCE, Account, Manual, Part, Plan, Protection
from bot.policy import aws_managed_policies, parse_document
from remediations.managed_policies import policy_duplicates_aws_managed as control
from remediations.managed_policies._aws import services_of
from remediations.managed_policies._likeness import are_equal
from tests.policy import strategies
from tests.policy.oracle import Request, allows, as_list
from tests.remediations.acting import Acting, snapshot_of, stopped_by
from tests.remediations.groups.moving import allow, findings, names, planned
from tests.remediations.managed_policies.moves import prove_nothing_moves
from tools.aws_policies import content

READ = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
OURS = "arn:aws:iam::123456789012:policy/queues"


def copy(**changes: Any) -> dict[str, Any]:
    """AWS's policy on reading queues, but for the changes to its one statement."""
    document = json.loads(json.dumps(document_of("AmazonSQSReadOnlyAccess")))
    (statement,) = document["Statement"]
    return {**document, "Statement": [{**statement, **changes}]}


def reworded() -> dict[str, Any]:
    """The same in other words: other letters, another order, twice, in two statements."""
    (statement,) = copy()["Statement"]
    actions = [each.swapcase() for each in reversed(statement["Action"])]
    halves = (actions[:3], actions[2:])
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": half, "Resource": ["*", "arn:aws:sqs:*:*:x"]}
            for half in halves
        ],
    }


def seed(account: AccountBuilder) -> None:
    """A role with a home-made copy of one of AWS's policies."""
    account.role("mailer")
    account.attach(account.policy("queues", copy(Sid="Ours")), role="mailer")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_the_copy_of_all_texts_is_as_the_tool_writes_it() -> None:
    """Nobody edits it by hand, and a newer moto asks for a newer copy."""
    known = aws_managed_policies()
    made = content()["policies"]

    assert {name: each.text for name, each in known.items()} == {
        name: each["text"] for name, each in made.items()
    }
    assert len(known) > 1000
    sample = known["AmazonSQSReadOnlyAccess"]
    assert services_of(sample.document) == sample.services == {"sqs"}


@pytest.mark.parametrize("document", [copy(), copy(Sid="Ours"), reworded()])
def test_a_copy_is_swapped(account: AccountBuilder, document: dict[str, Any]) -> None:
    """However it is written; the policy itself stays, held by nobody."""
    for kind in ("role", "user", "group"):
        getattr(account, kind)("mailer")
    arn = account.policy("queues", document)
    for kind in ("role", "user", "group"):
        account.attach(arn, **{kind: "mailer"})
    fix = planned(control, account)
    assert names(fix) == [
        f"{what}-{number}" for number in (1, 2, 3) for what in ("attach", "detach")
    ]
    assert isinstance(fix, Plan)
    assert Guard.on(snapshot_of(account))(fix) is None

    prove_nothing_moves(account, fix)

    Acting(account, fix).apply()
    assert not findings(control, snapshot_of(account))
    (policy,) = snapshot_of(account).customer_policies
    assert policy.attachments == 0


@pytest.mark.parametrize("kind", ["role", "user", "group"])
@pytest.mark.parametrize("name", ["queues", "a@b", "a,b", "a+b=c"])
def test_an_inline_copy_is_swapped(account: AccountBuilder, kind: str, name: str) -> None:
    getattr(account, kind)(name)
    account.inline(name, reworded(), **{kind: name})
    fix = planned(control, account)
    assert names(fix) == ["attach", "delete"]
    assert isinstance(fix, Plan)

    prove_nothing_moves(account, fix)

    Acting(account, fix).apply()
    assert not findings(control, snapshot_of(account))


def test_who_has_both_only_loses_the_copy(account: AccountBuilder) -> None:
    seed(account)
    account.attach(READ, role="mailer")

    fix = planned(control, account)

    assert names(fix) == ["detach-1"]
    assert isinstance(fix, Plan)
    prove_nothing_moves(account, fix)


def test_a_copy_that_nobody_is_seen_to_hold_is_no_finding(account: AccountBuilder) -> None:
    """The count of attachments lags behind: there is nobody to swap it for."""
    seed(account)
    seen = snapshot_of(account)
    left = tuple(replace(role, attached=()) for role in seen.roles)

    assert findings(control, seen)
    assert not findings(control, replace(seen, parts={**seen.parts, Part.ROLES: left}))


def _denied() -> dict[str, Any]:
    """Alone it allows just what AWS's policy does; beside others it takes something away."""
    document = copy()
    deny = {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}
    return {**document, "Statement": [*document["Statement"], deny]}


ACTIONS = copy()["Statement"][0]["Action"]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(copy(Action=ACTIONS[1:]), id="one action fewer"),
        pytest.param(copy(Action=[*ACTIONS, "sqs:SendMessage"]), id="one action more"),
        pytest.param(copy(Action=["sqs:Get*", "sqs:List*", "sqs:Receive*"]), id="patterns"),
        pytest.param(copy(Resource="arn:aws:sqs:*:*:orders"), id="one queue"),
        pytest.param(copy(Effect="Deny"), id="denied"),
        pytest.param(
            copy(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), id="with MFA"
        ),
        pytest.param(copy(Condition={"NumericEquals": {"x": 1.5}}), id="a fraction"),
        pytest.param(_denied(), id="a Deny beside it"),
        pytest.param(document_of("AdministratorAccess"), id="full administration"),
        pytest.param(allow("unheard-of:*"), id="a service that nobody knows"),
    ],
)
def test_what_is_no_copy(account: AccountBuilder, document: dict[str, Any]) -> None:
    account.role("mailer")
    account.attach(account.policy("queues", document), role="mailer")
    account.inline("queues", document, role="mailer")

    assert not findings(control, snapshot_of(account))


def _held_by_nobody(account: AccountBuilder) -> None:
    account.client().detach_role_policy(RoleName="mailer", PolicyArn=OURS)


@pytest.mark.parametrize(
    ("change", "protection", "settings"),
    [
        pytest.param(_held_by_nobody, None, {}, id="held by nobody"),
        pytest.param(lambda account: None, None, {"left_alone": ["QUE*"]}, id="left alone"),
    ],
)
def test_what_does_not_count(
    account: AccountBuilder,
    change: Callable[[AccountBuilder], Any],
    protection: Protection | None,
    settings: dict[str, Any],
) -> None:
    seed(account)
    assert findings(control, snapshot_of(account))
    change(account)

    assert not findings(control, snapshot_of(account, protection), **settings)


def test_a_copy_inside_a_protected_role_does_not_count(account: AccountBuilder) -> None:
    """Nor does one under a name of Locksmith's fences, which is for people to look into."""
    account.role("keep")
    account.role("other")
    account.inline("queues", copy(), role="keep")
    account.inline(MFA_FENCE, copy(), role="other")
    protection = Protection(protected=("*:role/keep",))

    assert not findings(control, snapshot_of(account, protection))


def test_a_protected_holder_stops_the_plan(account: AccountBuilder) -> None:
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    protection = Protection(protected=("*:role/mailer",))

    assert "protected list" in (Guard.on(snapshot_of(account, protection))(fix) or "")


@pytest.mark.parametrize(("allowed", "manual"), [(2, False), (1, True)])
def test_room_for_aws_policy(account: AccountBuilder, allowed: int, manual: bool) -> None:
    seed(account)
    account.quota("AttachedPoliciesPerRoleQuota", allowed)
    account.user("u")
    account.inline("queues", copy(), user="u")
    account.quota("AttachedPoliciesPerUserQuota", allowed - 1)

    snapshot, chosen = snapshot_of(account), control.CONTROL.settings()
    fixes = [control.plan(each, snapshot, chosen) for each in control.detect(snapshot, chosen)]

    assert [isinstance(each, Manual) for each in fixes] == [manual, manual]


def _aws_changes_it(account: AccountBuilder) -> None:
    policy = account.iam.get_policy(READ)
    policy.versions[0].document = json.dumps(allow("sqs:*"))


def _aws_has_a_new_version(account: AccountBuilder) -> None:
    policy = account.iam.get_policy(READ)
    policy.versions[0].is_default = False


def _we_change_ours(account: AccountBuilder) -> None:
    account.client().create_policy_version(
        PolicyArn=OURS, PolicyDocument=json.dumps(allow("sqs:*")), SetAsDefault=True
    )


def _ours_anew(account: AccountBuilder) -> None:
    account.policy("queues", allow("sqs:*"))


@pytest.mark.parametrize(
    ("until", "meddle", "why"),
    [
        ("attach-1", _aws_changes_it, "the document of AmazonSQSReadOnlyAccess is another one"),
        (
            "attach-1",
            _aws_has_a_new_version,
            "another version of AmazonSQSReadOnlyAccess is in force",
        ),
        ("attach-1", _we_change_ours, "another version of queues is in force"),
        ("attach-1", _ours_anew, "queues is another policy now"),
        (
            "detach-1",
            _aws_has_a_new_version,
            "another version of AmazonSQSReadOnlyAccess is in force",
        ),
        ("detach-1", _we_change_ours, "another version of queues is in force"),
        ("detach-1", _ours_anew, "queues is another policy now"),
    ],
)
def test_a_changed_world_stops_it(
    account: AccountBuilder, until: str, meddle: Callable[[AccountBuilder], None], why: str
) -> None:
    """Equal is what was compared; whatever changed since is not swapped."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    assert why in stopped_by(account, fix, until, lambda: meddle(account))


def test_many_are_moved_in_turns(account: AccountBuilder) -> None:
    """25 holders at once; the two texts are looked at once, not for each of them."""
    seed(account)
    for number in range(26):
        account.role(f"r{number:02}", attached=[OURS])
    fix = planned(control, account)

    assert isinstance(fix, Plan)
    assert fix.summary.endswith("; 2 more with the next question")
    assert json.dumps(fix.data()).count("ListDeadLetterSourceQueues") == 2


def test_another_partition_has_other_texts(account: AccountBuilder) -> None:
    """The dated copy is of the commercial partition; elsewhere nothing is said."""
    seed(account)
    snapshot = snapshot_of(account)
    china = replace(snapshot, account=Account(snapshot.account.id, "aws-cn"))

    assert not list(control.detect(china, control.CONTROL.settings()))


@given(
    strategies.documents(),
    strategies.documents(),
    strategies.documents(),
    st.sampled_from(strategies.ACTIONS),
    st.sampled_from(strategies.RESOURCES),
    st.frozensets(st.sampled_from(strategies.CONDITIONS)),
)
@hypothesis(max_examples=300, deadline=None)
def test_equal_is_equal_beside_any_other_policy(
    ours: dict[str, Any],
    theirs: dict[str, Any],
    other: dict[str, Any],
    action: str,
    resource: str,
    holding: frozenset[tuple[str, str]],
) -> None:
    """Whatever else somebody has, a swap of what is called equal answers every request alike."""
    asked = Request(action, resource, holding)
    for one, twin in ((ours, theirs), (ours, _shuffled(ours))):
        if are_equal(parse_document(one, where="one"), parse_document(twin, where="twin")):
            assert allows([one, other], asked) == allows([twin, other], asked)


def _shuffled(document: dict[str, Any]) -> dict[str, Any]:
    """The same statements in another order, without the Deny ones: equal only if there are none."""
    allowing = [each for each in as_list(document["Statement"]) if each["Effect"] == "Allow"]
    return {**document, "Statement": allowing[::-1]} if allowing else document
