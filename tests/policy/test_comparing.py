"""What one set of documents allows beyond another, case by case."""

from typing import Any

import pytest

from bot.policy import parse_document
from bot.policy.comparing import Relation, Right, compare
from bot.policy.document import Document

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def doc(*statements: dict[str, Any]) -> Document:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)}, where="p")


def relation(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> Relation:
    return compare([doc(*first)], [doc(*second)]).relation


WIDER = Relation.WIDER
ALL_S3 = {**READ, "Action": "s3:*"}
GET_S3 = {**READ, "Action": "s3:Get*"}
DENY_ACL = {"Effect": "Deny", "Action": "s3:*Acl", "Resource": "*"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([READ], [READ], Relation.SAME),
        ([READ], [{**READ, "Action": ["S3:getobject"], "Sid": "x"}], Relation.SAME),
        ([ALL_S3], [ALL_S3, GET_S3], Relation.SAME),  # said twice is said once
        ([ALL_S3], [GET_S3], Relation.NARROWER),
        ([GET_S3], [ALL_S3], WIDER),
        ([{**READ, "Resource": "*"}], [READ], Relation.NARROWER),
        ([READ], [{**READ, "Resource": "arn:aws:s3:::b/*"}], Relation.DIFFERENT),
        ([READ], [{**READ, **MFA}], Relation.NO_WIDER),  # the condition may always hold
        ([{**READ, **MFA}], [READ], Relation.NO_NARROWER),
        ([ALL_S3], [ALL_S3, DENY_ACL], Relation.NARROWER),
        ([ALL_S3, DENY_ACL], [ALL_S3, DENY_ACL], Relation.SAME),
        (
            [ALL_S3, DENY_ACL],
            [ALL_S3, {**DENY_ACL, "Resource": "arn:aws:s3:::a/x"}],
            WIDER,
        ),
        ([READ], [READ, DENY_ACL], Relation.SAME),  # a Deny of what nobody had
        (
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}],
            Relation.NARROWER,
        ),
        (
            [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            Relation.NARROWER,
        ),
        (
            [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            WIDER,
        ),
        (
            [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a*"}],
            [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::ab*"}],
            WIDER,
        ),
        (
            [{**READ, "Resource": "arn:aws:s3:::home/${aws:username}/*"}],
            [{**READ, "Resource": "arn:aws:s3:::home/${aws:username}/*"}],
            Relation.SAME,
        ),
        ([{**READ, "Action": "unheard-of:Do"}], [READ], Relation.DIFFERENT),
        ([], [READ], WIDER),
        ([], [{**READ, "Action": "**cket"}], WIDER),  # a pattern across the colon
    ],
)
def test_relations(
    first: list[dict[str, Any]], second: list[dict[str, Any]], expected: Relation
) -> None:
    assert relation(first, second) is expected


def test_what_is_lost_is_named() -> None:
    (lost,) = compare([doc(ALL_S3)], [doc(ALL_S3, DENY_ACL)]).lost[:1]
    assert "s3:PutObjectAcl" in lost.actions
    assert "s3:GetObject" not in lost.actions
    assert (lost.resource, lost.certain) == ("arn:aws:s3:::a/*", True)
    assert "denies it" in lost.why


def test_a_pattern_of_nothing_but_letters_to_fill_means_some_actions() -> None:
    only_marks = {**READ, "Action": "??:?????????"}
    (lost,) = [each for each in compare([doc(only_marks)], [doc(DENY_ACL)]).lost if not each.later]
    assert "s3:GetObject" in lost.actions
    assert not any(len(each) != len("s3:GetObject") for each in lost.actions)


def test_listing_every_action_still_loses_what_comes_later() -> None:
    every = sorted(each for each in _actions_of("s3"))
    found = compare([doc(ALL_S3)], [doc({**READ, "Action": every})])
    assert found.gained == ()
    assert found.lost == (
        Right(("s3:*",), "arn:aws:s3:::a/*", "it takes in what AWS adds later", later=True),
    )


def _actions_of(service: str) -> frozenset[str]:
    from bot.policy import expand

    found = expand(f"{service}:*")
    assert isinstance(found, frozenset)
    return found
