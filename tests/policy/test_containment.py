"""The fence of an incident: it denies whatever else allows, and nothing else passes for it."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.containment import contained_since, containment_document, is_containment
from bot.policy.decision import Verdict, decide
from bot.policy.document import parse_document
from tests.policy.strategies import ACTIONS, RESOURCES, documents

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FENCE = parse_document(containment_document(NOON), where="fence")


@given(st.lists(documents(), max_size=3), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
def test_whatever_else_is_there_everything_is_denied(
    others: list[Any], action: str, resource: str
) -> None:
    parsed = [parse_document(each, where="d") for each in others]

    assert decide(action, resource, [*parsed, FENCE]).verdict is Verdict.DENIED


@given(st.integers(0, 4_000_000_000), st.integers(0, 999_999))
def test_the_fence_remembers_its_moment(seconds: int, microseconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    document = containment_document(at.replace(microsecond=microseconds))

    assert contained_since(parse_document(document, where="fence")) == at


def changed(**elements: Any) -> dict[str, Any]:
    """The fence with something in its first statement changed."""
    document: dict[str, Any] = deepcopy(containment_document(NOON))
    document["Statement"][0] |= elements
    return document


@pytest.mark.parametrize(
    "document",
    [
        changed(Effect="Allow"),
        changed(Action="s3:*"),
        changed(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        {**changed(), "Statement": changed()["Statement"][:1]},
        {**changed(), "Statement": changed()["Statement"][1:]},
        {**changed(), "Statement": [*changed()["Statement"], changed(Effect="Allow")]},
        {"Version": "2012-10-17", "Statement": []},
    ],
)
def test_what_is_not_just_the_fence_is_none(document: dict[str, Any]) -> None:
    assert not is_containment(json.dumps(document))
    assert not is_containment("{")
    assert is_containment(json.dumps(containment_document(NOON)))
