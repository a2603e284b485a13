"""The summary of a document: full and limited levels, and what takes some of it back."""

from typing import Any

import pytest

from bot.policy import AccessLevel, Summary, parse_document, summary_of

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
