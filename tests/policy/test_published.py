"""Policies that AWS wrote: all their shapes are understood, and compared in a moment.

They are those that the simulated account serves as AWS's own.
"""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from bot.policy import compare, explain, parse_document, summary_of
from bot.policy.comparing import Relation
from bot.policy.document import Document

#: Those that name the most actions, and a sample of all others.
LARGE = ("AWSSupportServiceRolePolicy", "ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess")
EVERY = 16


@cache
def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def names() -> list[str]:
    return sorted({*LARGE, *sorted(published())[::EVERY]})


def document(name: str) -> Document:
    return parse_document(published()[name]["Document"], where=name)


def test_there_are_as_many_as_aws_has() -> None:
    assert len(published()) > 1_000


@pytest.mark.parametrize("name", names())
def test_it_is_understood_and_is_the_same_as_itself(name: str) -> None:
    read = document(name)

    assert summary_of(read)
    assert explain(read)
    assert compare([read], [read]).relation is Relation.SAME


@pytest.mark.parametrize("name", names())
def test_without_a_statement_it_never_allows_more(name: str) -> None:
    """Whichever Allow is left out; where it was not said by others too, that is seen."""
    read = document(name)
    for number, left_out in enumerate(read.statements):
        rest = tuple(each for at, each in enumerate(read.statements) if at != number)
        if left_out.effect == "Allow" and rest:
            fewer = replace(read, statements=rest)
            assert compare([read], [fewer]).never_wider
            break
