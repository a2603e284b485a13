"""A document without some actions: never wider, without just those, and still the same document."""

from typing import Any

import pytest

from bot.policy import parse_document
from bot.policy.trimming import without_actions


def trimmed(actions: Any, *gone: str, **more: Any) -> Any:
    """The Action element that is left of one Allow; None where nothing is."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*", **more}
    document = parse_document({"Version": "2012-10-17", "Statement": [statement]}, where="p")
    result = without_actions(document, lambda action: action in gone)
    return result.document["Statement"][0]["Action"] if result.document else None


@pytest.mark.parametrize(
    ("actions", "gone", "expected"),
    [
        ("sqs:SendMessage", [], "sqs:SendMessage"),
        ("sqs:SendMessage", ["sqs:SendMessage"], None),
        (["sqs:SendMessage"], ["sqs:ReceiveMessage"], ["sqs:SendMessage"]),
        (["SQS:sendmessage", "s3:GetObject"], ["sqs:SendMessage"], ["s3:GetObject"]),
        ("sqs:Get*", ["sqs:GetQueueUrl"], "sqs:GetQueueAttributes"),
        (["sqs:Get*", "sqs:List*"], ["sqs:GetQueueUrl"], ["sqs:GetQueueAttributes", "sqs:List*"]),
        ("*", ["sqs:GetQueueUrl"], "*"),
        ("*:Get*", ["sqs:GetQueueUrl"], "*:Get*"),
        ("unheard-of:DoThings", ["sqs:GetQueueUrl"], "unheard-of:DoThings"),
    ],
)
def test_what_is_left(actions: Any, gone: list[str], expected: Any) -> None:
    """Untouched patterns stay word for word, in their own case and order."""
    assert trimmed(actions, *gone) == expected


def test_a_wildcard_becomes_few_patterns() -> None:
    """A person sees at a glance what is left of all of SQS."""
    left = trimmed("sqs:*", "sqs:PurgeQueue", "sqs:DeleteQueue")
    assert "sqs:Get*" in left
    assert "sqs:List*" in left
    assert "sqs:DeleteMessage" in left
    assert not {"sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:Delete*", "sqs:Purge*"} & set(left)


def test_no_pattern_is_wider_than_the_one_it_stands_for() -> None:
    """`s3:GetB*` becomes no `s3:Get*`, though all that is known of it is left."""
    left = trimmed("s3:GetBucket*", "s3:GetBucketAcl")
    assert "s3:Get*" not in left
    assert "s3:GetBucketLocation" in left


def test_everything_else_stays() -> None:
    """Sid, condition, resources, Deny, NotAction and order; a statement that loses all goes."""
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    send = {
        "Sid": "Send",
        "Effect": "Allow",
        "Action": ["sqs:SendMessage", "sqs:PurgeQueue"],
        "Resource": "arn:aws:sqs:*:*:a",
        "Condition": condition,
    }
    rest: list[dict[str, Any]] = [
        {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
    ]
    purge = {"Effect": "Allow", "Action": "sqs:PurgeQueue", "Resource": "*"}
    content = {"Version": "2012-10-17", "Id": "x", "Statement": [purge, send, *rest]}
    result = without_actions(parse_document(content, where="p"), "sqs:PurgeQueue".__eq__)
    assert result.document == {
        **content,
        "Statement": [{**send, "Action": ["sqs:SendMessage"]}, *rest],
    }
    assert result.removed == {"sqs:PurgeQueue"}


def test_nothing_left_is_no_document() -> None:
    """AWS has no policy without a statement."""
    content = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "sqs:PurgeQueue", "Resource": "*"},
    }
    result = without_actions(parse_document(content, where="p"), lambda _: True)
    assert (result.document, result.removed) == (None, {"sqs:PurgeQueue"})
