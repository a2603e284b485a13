"""Services come in on behalf of this account, where AWS documents that they say so."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from bot.aws.simulated import AccountBuilder, mock_account
from remediations.policy_conditions import service_trust_without_source_condition as control
from remediations.policy_conditions._source_condition import BREAKING
from tests.remediations.acting import apply_and_undo, stopped_by
from tests.remediations.delegation.trusts import (
    HOSTILE_ROLE,
    OWN,
    by_hand,
    fixed,
    found_by,
    planned_by,
    trust,
    trust_of,
    trusting,
    when,
)

STATES = trusting({"Service": "states.amazonaws.com"})
OURS = {"StringEquals": {"aws:SourceAccount": ["123456789012"]}}

found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def seed(account: AccountBuilder) -> None:
    """A role for Step Functions, whoever's state machine it is."""
    account.role("orders-machine", trust=trust(STATES), last_used=account.ago(days=1))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    seed(account)
    fix = fixed(planned(account))
    assert "take this back if it stands still" in fix.breaks[0]

    for _ in apply_and_undo(account, fix):
        assert trust_of(account) == [STATES | {"Condition": OURS}]
        assert not found(account)


@pytest.mark.parametrize(
    ("statement", "services"),
    [
        pytest.param(STATES, ["states.amazonaws.com"], id="a service"),
        pytest.param(
            trusting({"Service": ["scheduler.amazonaws.com", "ec2.amazonaws.com"]}),
            ["scheduler.amazonaws.com"],
            id="one of two",
        ),
        pytest.param(trusting({"Service": "ec2.amazonaws.com"}), [], id="EC2"),
        pytest.param(trusting({"Service": "lambda.amazonaws.com"}), [], id="Lambda"),
        pytest.param(trusting({"Service": "cloudtrail.amazonaws.com"}), [], id="CloudTrail"),
        pytest.param(
            STATES | {"Condition": when("aws:SourceAccount", "123456789012")}, [], id="account"
        ),
        pytest.param(
            STATES
            | {"Condition": when("AWS:SourceArn", "arn:aws:states:*:123456789012:*", "ArnLike")},
            [],
            id="an ARN",
        ),
        pytest.param(
            STATES | {"Condition": when("aws:SourceArn", "*", "ArnLike")},
            ["states.amazonaws.com"],
            id="any ARN",
        ),
        pytest.param(
            STATES | {"Condition": when("aws:SourceAccount", "1", "StringEqualsIfExists")},
            ["states.amazonaws.com"],
            id="if any",
        ),
        pytest.param(STATES | {"Condition": when("sts:ExternalId", "1234")}, [], id="an id"),
        pytest.param(STATES | {"Effect": "Deny"}, [], id="a Deny"),
        pytest.param(trusting({"AWS": OWN}), [], id="no service"),
    ],
)
def test_who_comes_on_whose_behalf(
    account: AccountBuilder, statement: dict[str, Any], services: list[str]
) -> None:
    account.role("r", trust=trust(statement))

    assert [one.evidence["services"] for one in found(account)] == ([services] if services else [])


SERVICE = {"Service": "states.amazonaws.com"}
#: On behalf of others, or of nobody who is named.
NOT_OURS = when("aws:SourceAccount", "123456789012", "StringNotEquals")
IS_SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "true"}}


def deny(principal: Any = "*", condition: dict[str, Any] | None = None, **more: Any) -> Any:
    """A Deny that turns away whoever comes on behalf of others."""
    given = {"Condition": NOT_OURS if condition is None else condition} if condition != {} else {}
    return {"Effect": "Deny", "Principal": principal, "Action": "sts:AssumeRole", **given, **more}


def _not_principal(*services: str) -> dict[str, Any]:
    other = deny(Condition=NOT_OURS, NotPrincipal={"Service": [*services]})
    return {key: value for key, value in other.items() if key != "Principal"}


@pytest.mark.parametrize(
    "denied",
    [
        pytest.param(deny(SERVICE), id="the service"),
        pytest.param(deny({"Service": ["ec2.amazonaws.com", SERVICE["Service"]]}), id="among two"),
        pytest.param(deny("*"), id="everybody"),
        pytest.param(deny({"AWS": "*"}), id="everybody, as AWS says it too"),
        pytest.param(deny(Action="sts:*"), id="every action"),
        pytest.param(
            deny(condition=when("AWS:sourceaccount", "123456789012", "StringNotEqualsIfExists")),
            id="if any, which holds without as well",
        ),
        pytest.param(
            deny(condition=when("aws:SourceArn", "arn:aws:states:*:123456789012:*", "ArnNotLike")),
            id="an ARN",
        ),
        pytest.param(deny(condition={**NOT_OURS, **IS_SERVICE}), id="services alone"),
        pytest.param(deny(SERVICE, condition={}), id="at all"),
        pytest.param(_not_principal("ec2.amazonaws.com"), id="all but another"),
    ],
)
def test_a_deny_counts_that_turns_away_who_comes_for_others(
    account: AccountBuilder, denied: dict[str, Any]
) -> None:
    account.role("r", trust=trust(STATES, denied))

    assert not found(account)


@pytest.mark.parametrize(
    "denied",
    [
        pytest.param(deny({"Service": "ec2.amazonaws.com"}), id="another service"),
        pytest.param(deny({"AWS": OWN}), id="somebody else"),
        pytest.param(deny({"Federated": "*"}), id="federated users"),
        pytest.param(_not_principal("states.amazonaws.com"), id="all but this one"),
        pytest.param(deny(Action="sts:TagSession"), id="another action"),
        pytest.param(
            deny(condition=when("aws:RequestedRegion", "eu-west-1", "StringNotEquals")),
            id="a key that says nothing of it",
        ),
        pytest.param(
            deny(condition={**NOT_OURS, "Bool": {"aws:SecureTransport": "false"}}),
            id="only beside something else",
        ),
        pytest.param(
            deny(condition={**NOT_OURS, "Bool": {"aws:PrincipalIsAWSService": "false"}}),
            id="all but services",
        ),
        pytest.param(
            deny(condition=when("aws:SourceAccount", "*", "StringNotLike")), id="any account"
        ),
        pytest.param(
            deny(condition=when("aws:SourceAccount", "999988887777", "StringEquals")),
            id="one account alone",
        ),
        pytest.param(
            deny(condition=when("aws:SourceAccount", "1", "ForAnyValue:StringNotEquals")),
            id="not where none is said",
        ),
        pytest.param(STATES | {"Condition": NOT_OURS}, id="an Allow"),
    ],
)
def test_any_other_deny_changes_nothing(account: AccountBuilder, denied: dict[str, Any]) -> None:
    account.role("r", trust=trust(STATES, denied))

    assert found(account)


def test_service_linked_roles_are_awss(account: AccountBuilder) -> None:
    account.service_linked_role("states.amazonaws.com", "States")

    assert not found(account)


@pytest.mark.parametrize("service", sorted(BREAKING))
def test_what_is_known_to_break_is_never_touched(account: AccountBuilder, service: str) -> None:
    account.role("r", trust=trust(trusting({"Service": service})))

    assert not found(account, settings={"services": [service]})


def test_others_of_the_statement_stay_as_they_were(account: AccountBuilder) -> None:
    both = ["cloudtrail.amazonaws.com", "states.amazonaws.com"]
    account.role("r", trust=trust(trusting({"Service": both}, Sid="Both")))

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert trust_of(account) == [
            trusting({"Service": ["cloudtrail.amazonaws.com"]}, Sid="Both"),
            trusting({"Service": ["states.amazonaws.com"]}, Condition=OURS),
        ]


def test_what_could_not_be_undone_is_left_to_people(account: AccountBuilder) -> None:
    account.role("r", trust=trust(STATES, trusting({"AWS": "AROAEXAMPLEEXAMPLE123"})))

    assert "could not be undone" in by_hand(planned(account)).reason


@pytest.mark.parametrize(("room", "manual"), [(0, False), (-1, True)])
def test_size_of_a_trust_policy(account: AccountBuilder, room: int, manual: bool) -> None:
    seed(account)
    text = str(fixed(planned(account)).steps[0].do.params["PolicyDocument"])
    account.quota("AssumeRolePolicySizeQuota", len("".join(text.split())) + room)

    assert hasattr(planned(account), "reason") is manual


def test_whoever_changed_it_since_is_not_overwritten(account: AccountBuilder) -> None:
    seed(account)

    def anew() -> None:
        account.iam.get_role("orders-machine").id = "AROAANOTHER"

    assert stopped_by(account, fixed(planned(account)), "ask-for-source", anew) == [
        "orders-machine is another role now"
    ]


def test_names_with_every_character(account: AccountBuilder) -> None:
    account.role(HOSTILE_ROLE, trust=trust(STATES))

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert not found(account)


def test_people_approve_it() -> None:
    """What may break can't be known beforehand, so no rule carries it out."""
    assert control.CONTROL.approval_only


@pytest.mark.parametrize("service", ["*.amazonaws.com", "states", "arn:aws:states"])
def test_a_slip_in_the_settings_is_an_error(service: str) -> None:
    with pytest.raises(ValidationError):
        control.ServiceTrustWithoutSourceConditionSettings(services=(service,))
