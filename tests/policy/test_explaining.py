"""Documents in sentences: what the text says, and nothing else."""

from typing import Any

import pytest

from bot.policy import explain, parse_document


def said(**statement: Any) -> tuple[str, tuple[str, ...]]:
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}}
    (one,) = explain(parse_document(document, where="p"))
    return one.sentence, one.notes


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ({"Action": "*", "Resource": "*"}, "Allows everything on every resource."),
        (
            {"Effect": "Deny", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:x"},
            "Denies s3:GetObject and s3:PutObject on arn:x.",
        ),
        (
            {"NotAction": "iam:*", "NotResource": ["a", "b", "c"]},
            "Allows everything but iam:* on everything but a, b and c.",
        ),
        (
            {"Action": "sts:AssumeRole", "Principal": {"AWS": "*"}},
            "Allows anyone to do sts:AssumeRole on what it is attached to.",
        ),
        (
            {"Action": "s3:GetObject", "Resource": "*", "NotPrincipal": {"AWS": "123456789012"}},
            "Allows everyone but 123456789012 to do s3:GetObject on every resource.",
        ),
        (
            {"Action": "s3:GetObject", "Resource": "*", "Condition": MFA},
            (
                "Allows s3:GetObject on every resource, but only where "
                "aws:MultiFactorAuthPresent Bool true."
            ),
        ),
        (
            {"Action": [f"s3:GetObject{n}" for n in range(9)], "Resource": "*"},
            (
                "Allows s3:GetObject0, s3:GetObject1, s3:GetObject2, s3:GetObject3, s3:GetObject4, "
                "s3:GetObject5 and 3 more on every resource."
            ),
        ),
    ],
)
def test_sentences(statement: dict[str, Any], sentence: str) -> None:
    assert said(**statement)[0] == sentence


def test_what_nobody_knows_is_noted() -> None:
    _, notes = said(Action="unheard-of:*", Resource="*")
    assert any("unheard-of" in each for each in notes)


def test_what_hands_out_rights_is_noted_and_counted() -> None:
    _, notes = said(Action="iam:*", Resource="*")
    assert any("Permissions management" in each for each in notes)
    assert any("more actions that hand out rights" in each for each in notes)
    assert said(Effect="Deny", Action="iam:*", Resource="*")[1] == ()
