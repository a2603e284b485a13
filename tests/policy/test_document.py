"""Documents: every spelling AWS accepts gives one shape, and everything else a named error."""

import json
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given

from bot.errors import LocksmithError
from bot.policy.document import (
    Condition,
    Document,
    PolicyDocumentError,
    Principal,
    canonical,
    document_hash,
    parse_document,
)
from tests.policy.oracle import as_list
from tests.policy.strategies import documents

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def parse(raw: Any) -> Document:
    return parse_document(raw, where="policy p")


def shape(document: Document) -> object:
    return document.version, document.id, document.statements


@given(documents())
def test_every_way_on_the_wire_gives_the_same_document(content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2)

    assert shape(parse(content)) == shape(parse(text)) == shape(parse(quote(text, safe="")))


@given(documents())
def test_the_canonical_text_is_stable(content: dict[str, Any]) -> None:
    document = parse(content)
    again = parse(canonical(document))

    assert shape(again) == shape(document)
    assert canonical(again) == canonical(document)
    assert document_hash(again) == document_hash(document)
    assert json.loads(canonical(document)) == content == document.as_json()


@given(documents())
def test_scalar_and_list_mean_the_same(content: dict[str, Any]) -> None:
    spread = content | {
        "Statement": [
            {
                key: as_list(value)
                if key in ("Action", "NotAction", "Resource", "NotResource")
                else value
                for key, value in statement.items()
            }
            for statement in as_list(content["Statement"])
        ]
    }

    assert parse(spread).statements == parse(content).statements


def test_each_element_is_found_again() -> None:
    document = parse(
        {
            "Version": "2012-10-17",
            "Id": "one",
            "Statement": {
                "Sid": "S",
                "Effect": "Deny",
                "NotPrincipal": {"AWS": ["111122223333", "*"], "Service": "ec2.amazonaws.com"},
                "NotAction": ["iam:*", "sts:*"],
                "NotResource": "arn:aws:s3:::b",
                "Condition": {
                    "StringLike": {"aws:userid": ["a", "b"]},
                    "Bool": {"aws:SecureTransport": False},
                    "NumericLessThan": {"s3:max-keys": 10},
                },
            },
        }
    )
    (statement,) = document.statements

    assert (document.version, document.id) == ("2012-10-17", "one")
    assert (statement.sid, statement.effect, statement.label) == ("S", "Deny", "statement 'S'")
    assert statement.actions == statement.resources == statement.principals == ()
    assert statement.not_actions == ("iam:*", "sts:*")
    assert statement.not_resources == ("arn:aws:s3:::b",)
    assert statement.not_principals == (
        Principal("AWS", "111122223333"),
        Principal("AWS", "*"),
        Principal("Service", "ec2.amazonaws.com"),
    )
    assert statement.conditions == (
        Condition("Bool", "aws:SecureTransport", ("false",)),
        Condition("NumericLessThan", "s3:max-keys", ("10",)),
        Condition("StringLike", "aws:userid", ("a", "b")),
    )
    assert hash(document) == hash(parse(document.raw))


def test_a_document_without_version_has_the_old_one_and_no_statements_grant_nothing() -> None:
    assert parse({"Statement": []}).version == "2008-10-17"
    assert parse({"Statement": []}).statements == ()


def test_the_raw_text_stays_as_it_came() -> None:
    text = f'{{ "Statement" : [ {json.dumps(ALLOW)} ] , "Version":"2012-10-17" }}\n'

    assert parse(text).raw == text
    assert parse(quote(text)).raw == text


def test_equal_texts_are_parsed_once() -> None:
    first, second = parse({"Statement": ALLOW}), parse(json.loads(json.dumps({"Statement": ALLOW})))

    assert first is second


def with_statement(**changes: Any) -> dict[str, Any]:
    return {"Statement": ALLOW | changes}


BAD = {
    "text that isn't JSON": ("hello", "it isn't JSON"),
    "nothing": ("", "it isn't JSON"),
    "cut off": ('{"Statement": [', "it isn't JSON"),
    "a list": ("[]", "it isn't a JSON object"),
    "a number": (7, "type int"),
    "None": (None, "type NoneType"),
    "bytes": (b"{}", "type bytes"),
    "a list value": ([ALLOW], "type list"),
    "URL-encoded, not UTF-8": ("%7B%FF%7D", "not as UTF-8"),
    "NaN": ('{"Statement": NaN}', "NaN isn't a JSON number"),
    "infinity": ('{"Statement": 1e999}', "isn't a finite number"),
    "a NaN value": ({"Statement": float("nan")}, "what JSON can't"),
    "a date from YAML": ({"Version": date(2012, 10, 17), "Statement": ALLOW}, "what JSON can't"),
    "endless depth": ('{"Statement":' + "[" * 100_000, "nested too deeply"),
    "a huge number": ('{"Statement":' + "9" * 5000 + "}", "it isn't JSON"),
    "duplicate effect": (
        '{"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}',
        "'Effect' stands twice",
    ),
    "duplicate condition key": (
        '{"Statement":{"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":"x","a":"y"}}}}',
        "'a' stands twice",
    ),
    "no statement": ({"Version": "2012-10-17"}, "no Statement"),
    "unknown key": ({"Statement": ALLOW, "Statments": []}, "unknown key 'Statments'"),
    "unknown version": ({"Statement": ALLOW, "Version": "2012-10-18"}, "Version '2012-10-18'"),
    "version as number": ({"Statement": ALLOW, "Version": 2012}, "Version isn't text"),
    "id as list": ({"Statement": ALLOW, "Id": []}, "Id isn't text"),
    "statement as text": ({"Statement": "Allow"}, "statement 1 isn't an object"),
    "second statement null": ({"Statement": [ALLOW, None]}, "statement 2 isn't an object"),
    "misspelt condition": (with_statement(Conditions={}), "unknown key 'Conditions'"),
    "effect in small letters": (with_statement(Effect="allow"), "neither Allow nor Deny"),
    "effect as list": (with_statement(Effect=["Allow"]), "neither Allow nor Deny"),
    "no action": ({"Statement": {"Effect": "Allow", "Resource": "*"}}, "neither Action nor"),
    "both actions": (with_statement(NotAction="a:b"), "both Action and NotAction"),
    "both resources": (with_statement(NotResource="*"), "both Resource and NotResource"),
    "both principals": (with_statement(Principal="*", NotPrincipal="*"), "both Principal and"),
    "empty action list": (with_statement(Action=[]), "Action of statement 1"),
    "empty action": (with_statement(Action=""), "Action of statement 1"),
    "null action": (with_statement(Action=None), "Action of statement 1"),
    "number among actions": (with_statement(Action=["a:b", 1]), "Action of statement 1"),
    "resource object": (with_statement(Resource={}), "Resource of statement 1"),
    "sid as number": (with_statement(Sid=1), "Sid isn't text"),
    "principal as account": (with_statement(Principal="111122223333"), "neither '*' nor"),
    "principal empty": (with_statement(Principal={}), "neither '*' nor an object"),
    "principal type": (with_statement(Principal={"aws": "*"}), "unknown key 'aws'"),
    "principal list empty": (with_statement(Principal={"AWS": []}), "isn't a text or a list"),
    "condition list": (with_statement(Condition=[]), "Condition of statement 1 isn't an object"),
    "operator list": (with_statement(Condition={"Bool": []}), "'Bool' of statement 1"),
    "condition value null": (with_statement(Condition={"Bool": {"a": None}}), "condition value"),
    "condition value object": (with_statement(Condition={"Bool": {"a": [{}]}}), "condition value"),
}


@pytest.mark.parametrize(("raw", "reason"), BAD.values(), ids=BAD.keys())
def test_what_is_no_policy_document_is_refused_with_place_and_reason(raw: Any, reason: str) -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        parse_document(raw, where="inline policy p of user alice")

    assert reason in caught.value.reason
    assert caught.value.where == "inline policy p of user alice"
    assert str(caught.value).startswith("The policy document of inline policy p of user alice")
    assert isinstance(caught.value, LocksmithError)
    assert caught.value.hint
