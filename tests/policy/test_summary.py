"""The summary of a document: full and limited levels, and what takes some of it back."""

from typing import Any

import pytest

from bot.policy import (
    AccessLevel,
    Conditions,
    Constraint,
    Resources,
    Summary,
    parse_document,
    summary_of,
)

LIST, READ, WRITE = AccessLevel.LIST, AccessLevel.READ, AccessLevel.WRITE


def of(*statements: dict[str, Any]) -> Summary:
    whole = [{"Effect": "Allow", "Resource": "*", **each} for each in statements]
    document = {"Version": "2012-10-17", "Statement": whole}
    return summary_of(parse_document(document, where="a test"))


def test_one_action_is_its_level_and_not_all_of_it() -> None:
    summary = of({"Action": "iam:ListUsers"})

    assert summary.levels == {"iam": {LIST: False}}
    assert (summary.unknown, summary.notes, summary.everything) == ((), (), False)


def test_a_whole_service_has_every_level_in_full() -> None:
    summary = of({"Action": "s3:*"})

    assert list(summary.levels) == ["s3"]
    assert list(summary.levels["s3"]) == list(AccessLevel)
    assert all(summary.levels["s3"].values())


ALL, SOME, EITHER = Resources.ALL, Resources.SOME, Resources.EITHER
NO, YES, PARTLY = Conditions.NO, Conditions.YES, Conditions.PARTLY
BUCKET = "arn:aws:s3:::one/*"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("statements", "resources", "conditions", "limits"),
    [
        pytest.param([{}], ALL, NO, "", id="nothing limits it"),
        pytest.param([{"Resource": BUCKET}], SOME, NO, "resources: some", id="one bucket"),
        pytest.param([{"Resource": [BUCKET, "*"]}], ALL, NO, "", id="one bucket and all"),
        pytest.param([{"Resource": "arn:aws:s3:::*"}], ALL, NO, "", id="all buckets"),
        pytest.param([{"Resource": "arn:aws-cn:s3:::*"}], ALL, NO, "", id="in another partition"),
        pytest.param([{"Resource": "arn:aws:*"}], ALL, NO, "", id="all ARNs"),
        pytest.param(
            [{"Resource": "arn:aws:sqs:*:*:*"}], SOME, NO, "resources: some", id="another service's"
        ),
        pytest.param(
            [{"Resource": None, "NotResource": BUCKET}], SOME, NO, "resources: some", id="all but"
        ),
        pytest.param(
            [{"Condition": MFA}], ALL, YES, "under conditions: yes", id="under conditions"
        ),
        pytest.param(
            [{"Condition": MFA}, {"Resource": BUCKET}],
            EITHER,
            PARTLY,
            "resources: all or some; under conditions: in part",
            id="all of it under conditions, some without",
        ),
        pytest.param(
            [{"Condition": MFA, "Resource": BUCKET}, {}], ALL, NO, "", id="one that limits nothing"
        ),
    ],
)
def test_each_service_with_what_limits_it(
    statements: list[dict[str, Any]],
    resources: Resources,
    conditions: Conditions,
    limits: str,
) -> None:
    """Whatever limits another service of the same document."""
    made = [{"Action": "s3:PutObject", "Resource": "*", **each} for each in statements]
    of_s3 = [{key: value for key, value in each.items() if value is not None} for each in made]
    another = {"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:one", "Condition": MFA}
    document = [{"Effect": "Allow", **each} for each in (*of_s3, another)]
    text = {"Version": "2012-10-17", "Statement": document}
    summary = summary_of(parse_document(text, where="a test"))

    assert summary.constraints["s3"] == {WRITE: Constraint(resources, conditions)}
    assert summary.limits("s3") == limits
    assert summary.constraints["sqs"] == {WRITE: Constraint(SOME, YES)}
    said = f"On some resources only: {'statement 1, ' if resources is SOME else ''}"
    noted = next(each for each in summary.notes if each.startswith("On some"))
    assert noted.startswith(said)


def test_levels_of_one_service_differ() -> None:
    summary = of(
        {"Action": ["s3:ListAllMyBuckets", "s3:GetObject"]},
        {"Action": "s3:PutObject", "Resource": BUCKET, "Condition": MFA},
        {"Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::one"},
    )

    assert summary.constraints["s3"] == {
        LIST: Constraint(ALL, NO),
        READ: Constraint(EITHER, NO),
        WRITE: Constraint(SOME, YES),
    }
    assert summary.limits("s3") == (
        "resources: all (List), all or some (Read), some (Write); "
        "under conditions: no (List, Read), yes (Write)"
    )


def test_a_document_without_resources_limits_none() -> None:
    """As those that say who may assume a role."""
    trust = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    summary = summary_of(parse_document({"Version": "2012-10-17", "Statement": [trust]}, where="t"))

    assert {each.resources for each in summary.constraints["sts"].values()} == {ALL}
    assert not [each for each in summary.notes if each.startswith("On some")]


@pytest.mark.parametrize(
    ("more", "limits"),
    [
        ({}, ""),
        ({"Resource": BUCKET}, "resources: some"),
        ({"Condition": MFA}, "under conditions: yes"),
    ],
)
def test_everything_has_limits_too(more: dict[str, Any], limits: str) -> None:
    summary = of({"Action": "*", **more})

    assert (summary.everything, summary.limits("*")) == (True, limits)


def test_services_come_by_name_and_statements_together() -> None:
    summary = of({"Action": ["sqs:SendMessage"]}, {"Action": "ec2:Describe*"})

    assert list(summary.levels) == ["ec2", "sqs"]
    assert summary.levels["sqs"] == {WRITE: False}


@pytest.mark.parametrize("pattern", ["*", "*:*", "**"])
def test_everything_is_said_instead_of_listed(pattern: str) -> None:
    summary = of({"Action": pattern})

    assert summary.everything
    assert summary.levels == {}
    assert summary.notes == ("It makes an administrator of whoever has it",)


def test_what_nobody_knows_is_named() -> None:
    assert of({"Action": ["nope:Do", "iam:ListUsers"]}).unknown == ("nope:Do",)


def test_what_takes_something_back_is_named_by_statement() -> None:
    summary = of(
        {"Action": "iam:ListUsers", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Action": "iam:GetUser", "Resource": "arn:aws:iam::111122223333:user/a", "Sid": "One"},
        {"Effect": "Deny", "Action": "iam:GetRole"},
    )

    assert summary.levels == {"iam": {LIST: False, READ: False}}
    assert summary.notes == (
        "Under conditions only: statement 1",
        "On some resources only: statement 'One'",
        "Denied again, which is not taken off here: statement 3",
    )


def test_all_but_some_says_that_it_grows() -> None:
    summary = of({"NotAction": "iam:*"})

    assert "iam" not in summary.levels
    assert summary.levels["s3"][READ]
    assert "Everything but what it names, in new services too: statement 1" in summary.notes


def test_many_statements_are_counted() -> None:
    denying = [{"Effect": "Deny", "Action": "iam:GetRole"} for _ in range(8)]

    assert of({"Action": "iam:ListUsers"}, *denying).notes[-1].endswith("statement 6 and 3 more")
