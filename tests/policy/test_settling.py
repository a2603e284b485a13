"""What a document says to handing a role to one service."""

from typing import Any

import pytest

from bot.policy import Verdict, as_passed_to, decide, parse_document

ROLE = "arn:aws:iam::123456789012:role/app"
LAMBDA = "lambda.amazonaws.com"


def passing(effect: str, operator: str, value: Any, key: str = "iam:PassedToService") -> Any:
    statement = {
        "Effect": effect,
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": {operator: {key: value}},
    }
    return parse_document({"Version": "2012-10-17", "Statement": [statement]}, where="p")


@pytest.mark.parametrize(
    ("operator", "value", "verdict"),
    [
        ("StringEquals", LAMBDA, Verdict.ALLOWED),
        ("StringEquals", ["ec2.amazonaws.com", LAMBDA], Verdict.ALLOWED),
        ("StringEquals", "ec2.amazonaws.com", Verdict.NOT_GRANTED),
        ("StringEqualsIfExists", LAMBDA, Verdict.ALLOWED),
        ("StringLike", "lambda.*", Verdict.ALLOWED),
        ("StringLike", "ec2.*", Verdict.NOT_GRANTED),
        ("StringNotEquals", LAMBDA, Verdict.NOT_GRANTED),
        ("StringNotLike", "ec2.*", Verdict.ALLOWED),
        ("ArnLike", LAMBDA, Verdict.CONDITIONAL),
    ],
)
def test_conditions_on_the_service_are_settled(operator: str, value: Any, verdict: Verdict) -> None:
    """What holds for the service is gone, what can't hold takes its statement along."""
    document = as_passed_to(passing("Allow", operator, value), LAMBDA)
    assert decide("iam:PassRole", ROLE, (document,)).verdict is verdict


def test_other_conditions_stay() -> None:
    """They are neither true nor false here."""
    document = passing("Allow", "StringEquals", "x", key="aws:PrincipalTag/team")
    assert as_passed_to(document, LAMBDA) is document


def test_a_deny_for_the_service_denies() -> None:
    allow = parse_document(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        },
        where="p",
    )
    for value, verdict in ((LAMBDA, Verdict.DENIED), ("ec2.amazonaws.com", Verdict.ALLOWED)):
        deny = as_passed_to(passing("Deny", "StringEquals", value), LAMBDA)
        assert decide("iam:PassRole", ROLE, (allow, deny)).verdict is verdict
