"""What a step changes in a document, as people see it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.model import Call, Expect, Operator, Risk, Step
from bot.reports.plan_text import plan_lines
from bot.reports.rewriting import changed_documents
from tests.reports.printing import printed
from tests.reports.samples import PLAN

ALL: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
#: As a rewriting may order it: what stays must not look changed for that.
S3: dict[str, Any] = {"Resource": "*", "Action": "s3:*", "Effect": "Allow"}
ARN = "arn:aws:iam::111122223333:policy/p"
DROP = Call("iam", "DeletePolicyVersion", {"PolicyArn": ARN, "VersionId": "v2"})
READ = Call("iam", "GetPolicyVersion", {"PolicyArn": ARN, "VersionId": "v1"})


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def put(document: str) -> Call:
    given = {"UserName": "ann", "PolicyName": "p", "PolicyDocument": document}
    return Call("iam", "PutUserPolicy", given)


def step(do: Call, undo: Call, before: object = None) -> Step:
    there = Expect(READ, "PolicyVersion.Document", Operator.EQUALS, before)  # type: ignore[arg-type]
    return Step(
        "rewrite", "Rewrite it", Risk.REVERSIBLE, (there,), do, (replace(there, value="x"),), undo
    )


NEW_VERSION = Call("iam", "CreatePolicyVersion", {"PolicyArn": ARN, "PolicyDocument": text(S3)})


@pytest.mark.parametrize(
    "rewrite",
    [
        step(put(text(S3)), put(text(ALL))),
        step(NEW_VERSION, DROP, json.loads(text(ALL))),
    ],
    ids=["what the undo puts back", "the version in force"],
)
def test_only_what_differs_stands_out(rewrite: Step) -> None:
    [lines] = changed_documents(rewrite).values()

    assert [line for line in lines if line[0] in "+-"] == [
        '-      "Action": "*",',
        '+      "Action": "s3:*",',
    ]
    assert '       "Resource": "*"' in lines


def test_what_stays_far_from_a_change_is_left_out() -> None:
    many = [{**S3, "Action": f"s3:Get{number}"} for number in range(9)]
    [lines] = changed_documents(step(put(text(*many, S3)), put(text(*many, ALL)))).values()

    assert lines[0] == "⋮"
    assert len(lines) < 12


@pytest.mark.parametrize(
    "rewrite",
    [
        step(put(text(S3)), Call("iam", "DeleteUserPolicy", {"UserName": "ann"})),
        step(NEW_VERSION, DROP, "no document"),
        step(put("no document"), put(text(ALL))),
        step(put(text(S3)), put(text(S3))),
    ],
    ids=["a new one", "what was is not known", "no document", "the same"],
)
def test_a_document_that_replaces_none_has_no_difference(rewrite: Step) -> None:
    assert changed_documents(rewrite) == {}


def test_a_plan_shows_the_difference_below_the_call() -> None:
    plan = replace(PLAN, steps=(step(put(text(S3)), put(text(ALL))),))
    shown = printed(plan_lines(plan, digest=None, needs="key_id"))

    assert "what changes in PolicyDocument:" in shown
    assert '-      "Action": "*",' in shown
