"""Narrower forms: never wider than the original, and no longer what they were made to mend."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.administration import grants_full_administration
from bot.policy.cannot_tell import CannotTell
from bot.policy.document import Condition, parse_document
from bot.policy.narrowing import (
    POWER_USER_KEEPS,
    closed_trust,
    without_full_administration,
    without_principals,
)
from tests.policy.oracle import as_list
from tests.policy.strategies import documents
from tests.policy.trust_strategies import FOREIGN, OWN, PARTNER

ROOT = f"arn:aws:iam::{OWN}:root"
ALL = {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}
POWER = {
    "Sid": "All",
    "Effect": "Allow",
    "NotAction": ["iam:*", "organizations:*", "account:*"],
    "Resource": "*",
}
KEEPS = {"Effect": "Allow", "Action": list(POWER_USER_KEEPS), "Resource": "*"}
S3 = {"Sid": "Storage", "Effect": "Allow", "Action": "s3:*", "Resource": ["b", "a"]}
AGREED = Condition("StringEquals", "sts:ExternalId", ("agreed",))


def narrowed(*statements: dict[str, Any]) -> Any:
    content = {"Version": "2012-10-17", "Statement": list(statements)}
    return without_full_administration(parse_document(content, where="d"))


def closed(*statements: dict[str, Any], condition: Condition | None = None) -> Any:
    content = {"Version": "2012-10-17", "Statement": list(statements)}
    document = parse_document(content, where="role r")
    return closed_trust(document, OWN, trusted_accounts=(PARTNER,), condition=condition)


def test_everything_becomes_what_a_power_user_has() -> None:
    """The shape of AWS's own PowerUserAccess, statement by statement."""
    assert narrowed(ALL)["Statement"] == [POWER, KEEPS]


def test_other_statements_stay_word_for_word() -> None:
    deny = {"Effect": "Deny", "Action": "S3:Delete*", "Resource": "*"}

    assert narrowed(S3, ALL, deny)["Statement"] == [S3, POWER, KEEPS, deny]


def test_conditions_and_resources_stay() -> None:
    block = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    rest = {"Effect": "Allow", "NotResource": "arn:aws:s3:::secret"} | block
    (power, keeps) = narrowed(rest | {"Action": "*:*"})["Statement"]

    assert power == rest | {"NotAction": POWER["NotAction"]}
    assert keeps == rest | {"Action": list(POWER_USER_KEEPS)}


def test_what_was_not_allowed_stays_out() -> None:
    statement = {
        "Effect": "Allow",
        "NotAction": ["s3:*", "iam:List*", "account:*"],
        "Resource": "*",
    }
    (power, keeps) = narrowed(statement)["Statement"]

    assert power["NotAction"] == ["s3:*", "iam:List*", "account:*", "iam:*", "organizations:*"]
    assert "iam:ListRoles" not in keeps["Action"]
    assert not any(action.startswith("account:") for action in keeps["Action"])


def test_patterns_that_add_up_to_everything_are_left_to_a_person() -> None:
    letters = ALL | {"Action": [f"{chr(code)}*:*" for code in range(97, 123)]}

    assert isinstance(narrowed(letters), CannotTell)


def test_a_document_without_full_administration_comes_back_as_it_is() -> None:
    content = {"Statement": S3, "Version": "2012-10-17", "Id": "x"}

    assert without_full_administration(parse_document(content, where="d")) == content


_ALL = {"Effect": "Allow", "Resource": ["*", "b"]}
WIDE = (
    *(_ALL | {"Action": each} for each in ("*", ["s3:Get*", "*:*"])),
    *(_ALL | {"NotAction": each} for each in ("s3:*", ["iam:List*", "ec2:run*", "account:*"])),
)


@given(documents(), st.sampled_from(WIDE))
def test_cut_administration_is_no_longer_full(content: dict[str, Any], wide: Any) -> None:
    """And the document that it was made from is as it was."""
    whole = content | {"Statement": [wide, *as_list(content["Statement"])]}
    document, before = parse_document(whole, where="d"), deepcopy(whole)
    after = without_full_administration(document)

    assert not isinstance(after, CannotTell)
    assert json.loads(document.raw) == whole == before
    assert grants_full_administration(parse_document(after, where="d")) is None


def trusting(principal: Any, **changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | changes


SERVICE = "ec2.amazonaws.com"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("*", {"AWS": ROOT}, id="star"),
        pytest.param({"AWS": "*"}, {"AWS": [ROOT]}, id="AWS star"),
        pytest.param(
            {"Service": SERVICE, "AWS": ["*", ROOT, f"arn:aws:iam::{PARTNER}:root"]},
            {"Service": SERVICE, "AWS": [ROOT, f"arn:aws:iam::{PARTNER}:root"]},
            id="among others",
        ),
    ],
)
def test_the_star_becomes_the_own_account(before: Any, after: Any) -> None:
    other = trusting({"Service": SERVICE}, Sid="Service")

    found = closed(other, trusting(before, Sid="Open"))

    assert found["Statement"] == [other, trusting(after, Sid="Open")]


def test_a_condition_is_added_to_the_open_principals_only() -> None:
    block = {"Condition": {"StringEquals": {"sts:ExternalId": ["agreed"]}}}
    mixed = trusting({"AWS": [ROOT, FOREIGN], "Service": SERVICE}, Sid="Mixed")

    assert closed(trusting({"AWS": FOREIGN}), condition=AGREED)["Statement"] == [
        trusting({"AWS": FOREIGN}) | block
    ]
    assert closed(trusting("*"), condition=AGREED)["Statement"] == [trusting("*") | block]
    assert closed(mixed, condition=AGREED)["Statement"] == [
        trusting({"AWS": [ROOT], "Service": SERVICE}, Sid="Mixed"),
        trusting({"AWS": [FOREIGN]}) | block,
    ]


def test_a_condition_stands_beside_those_already_there() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"aws:x": "y"}}
    (found,) = closed(trusting("*", Condition=mfa), condition=AGREED)["Statement"]

    assert found["Condition"] == {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "StringEquals": {"aws:x": "y", "sts:ExternalId": ["agreed"]},
    }


@pytest.mark.parametrize(
    ("statement", "condition", "reason"),
    [
        pytest.param(trusting({"AWS": FOREIGN}), None, FOREIGN, id="foreign account"),
        pytest.param(
            {"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": "sts:AssumeRole"},
            None,
            "everyone but",
            id="NotPrincipal",
        ),
        pytest.param(
            trusting("*"),
            Condition("StringLike", "sts:ExternalId", ("*",)),
            "narrows nothing",
            id="a condition that doesn't narrow",
        ),
        pytest.param(
            trusting("*", Condition={"stringEquals": {"STS:ExternalId": ["agreed", "*"]}}),
            AGREED,
            "already has",
            id="a condition on the same key",
        ),
    ],
)
def test_what_a_person_must_decide_is_not_rewritten(
    statement: Any, condition: Condition | None, reason: str
) -> None:
    found = closed(statement, condition=condition)

    assert isinstance(found, CannotTell)
    assert reason in found.reason


GONE = "AROAEXAMPLEEXAMPLE123"


def without(unwanted: Any, *statements: dict[str, Any]) -> Any:
    content = {"Version": "2012-10-17", "Statement": list(statements)}
    return without_principals(
        parse_document(content, where="r"), lambda _, who: who.value in unwanted
    )


def test_unwanted_principals_go_and_the_rest_stays_word_for_word() -> None:
    service = trusting({"Service": SERVICE}, Sid="Service")
    mixed = trusting({"AWS": [ROOT, FOREIGN], "Service": SERVICE}, Sid="Mixed")

    assert without([FOREIGN], service, mixed)["Statement"] == [
        service,
        trusting({"AWS": [ROOT], "Service": SERVICE}, Sid="Mixed"),
    ]
    assert without([FOREIGN], service, trusting({"AWS": FOREIGN}))["Statement"] == [service]
    assert without(["*"], service, trusting("*"))["Statement"] == [service]


def test_where_nobody_is_left_everyone_is_denied() -> None:
    assert without([FOREIGN], trusting({"AWS": FOREIGN}, Sid="S"))["Statement"] == [
        {"Sid": "S", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    ]


def test_everyone_but_one_stays_everyone_but_that_one() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": FOREIGN}, "Action": "sts:AssumeRole"}

    assert without([FOREIGN], statement)["Statement"] == [statement]
