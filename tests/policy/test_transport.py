"""Whether a resource's policy turns plain HTTP away, and that it does once it was changed."""

from typing import Any

import pytest

from bot.policy.document import parse_document
from bot.policy.transport import requires_tls, with_tls_required

BUCKET, ALL = "arn:aws:s3:::files", "arn:aws:s3:::files/*"
DENY = {
    "Sid": "OnlyOverTls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [BUCKET, ALL],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": ALL}


def parsed(*statements: dict[str, Any]) -> Any:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)}, where="b")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([DENY], True, id="as AWS writes it"),
        pytest.param([{**DENY, "Principal": {"AWS": "*"}}], True, id="everyone in other words"),
        pytest.param([{**DENY, "Action": "S3:*"}], True, id="in another case"),
        pytest.param([{**DENY, "Resource": "*"}], True, id="on everything"),
        pytest.param([{**DENY, "Resource": [f"{BUCKET}*"]}], True, id="by one pattern"),
        pytest.param(
            [{**DENY, "Resource": BUCKET}, {**DENY, "Sid": "B", "Resource": ALL}], True, id="two"
        ),
        pytest.param(
            [{**DENY, "Condition": {"Bool": {"AWS:securetransport": False}}}], True, id="no text"
        ),
        pytest.param([{**DENY, "Resource": ALL}], False, id="objects alone"),
        pytest.param([{**DENY, "Action": "s3:GetObject"}], False, id="reading alone"),
        pytest.param([{**DENY, "Principal": {"AWS": "111122223333"}}], False, id="one account"),
        pytest.param([{**DENY, "Effect": "Allow"}], False, id="an Allow"),
        pytest.param(
            [{**READ, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}],
            False,
            id="an Allow with TLS",
        ),
        pytest.param(
            [{**DENY, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}],
            False,
            id="the wrong way round",
        ),
        pytest.param(
            [
                {
                    **DENY,
                    "Condition": {
                        "Bool": {"aws:SecureTransport": "false"},
                        "StringEquals": {"aws:SourceVpc": "vpc-1"},
                    },
                }
            ],
            False,
            id="in one network",
        ),
        pytest.param([READ], False, id="nothing of it"),
    ],
)
def test_who_is_turned_away(statements: list[dict[str, Any]], expected: bool) -> None:
    assert requires_tls(parsed(*statements), "s3:*", (BUCKET, ALL)) is expected


def test_one_statement_more_and_the_rest_word_for_word() -> None:
    after = with_tls_required(parsed(READ), "s3:*", (BUCKET, ALL))

    assert after["Statement"] == [READ, DENY]
    assert requires_tls(parse_document(after, where="b"), "s3:*", (BUCKET, ALL))


def test_a_policy_of_just_that() -> None:
    assert with_tls_required(None, "sqs:*", ("arn:q",))["Statement"] == [
        {**DENY, "Action": "sqs:*", "Resource": "arn:q"}
    ]


def test_a_sid_that_is_taken() -> None:
    after = with_tls_required(parsed({**READ, "Sid": "OnlyOverTls"}), "s3:*", (BUCKET, ALL))

    assert [one["Sid"] for one in after["Statement"]] == ["OnlyOverTls", "OnlyOverTls2"]
