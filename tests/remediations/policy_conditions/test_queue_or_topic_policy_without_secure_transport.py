"""Queues and topics that others may use are used over TLS alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Finding, Manual, Part, Plan, Snapshot
from remediations.policy_conditions import (
    queue_or_topic_policy_without_secure_transport as control,
)
from tests.remediations.acting import Acting, stopped_by
from tests.remediations.looking import look
from tests.remediations.policy_conditions.documents import fixed

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = frozenset({Part.QUEUE_AND_TOPIC_POLICIES})
QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
SEND = {
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": QUEUE,
}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [SEND]})


def seed(account: AccountBuilder) -> None:
    """A queue that a service may send to, and one that has no policy."""
    sqs = account.client("sqs", "us-east-1")
    sqs.create_queue(QueueName="jobs", Attributes={"Policy": POLICY})
    sqs.create_queue(QueueName="inner")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        account.regions("us-east-1")
        yield account


def found(account: AccountBuilder) -> list[Finding]:
    return list(control.detect(look(account, more=PARTS), control.CONTROL.settings()))


def planned(snapshot: Snapshot) -> Plan | Manual:
    (finding,) = control.detect(snapshot, control.CONTROL.settings())
    return control.plan(finding, snapshot, control.CONTROL.settings())


def test_a_queue_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    seed(account)
    acting = Acting(account, fixed(planned(look(account, more=PARTS))))
    acting.apply()
    assert not found(account)
    acting.undo()
    assert [one.resource.arn for one in found(account)] == [QUEUE]


def test_a_topic_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    """It has a policy from the beginning, which lets its owner use it."""
    arn = account.client("sns", "us-east-1").create_topic(Name="events")["TopicArn"]
    snapshot = look(account, more=PARTS)
    (topic,) = snapshot.queue_and_topic_policies["us-east-1"]
    assert topic.text

    acting = Acting(account, fixed(planned(snapshot)))
    acting.apply()
    assert not found(account)
    acting.undo()
    again = look(account, more=PARTS).queue_and_topic_policies["us-east-1"]
    assert (again, again[0].arn) == ((topic,), arn)


def test_it_is_off_at_first() -> None:
    assert not control.CONTROL.settings().enabled


def test_whoever_changed_it_since_is_not_overwritten(account: AccountBuilder) -> None:
    seed(account)
    fix = fixed(planned(look(account, more=PARTS)))

    def edited() -> None:
        sqs = account.client("sqs", "us-east-1")
        url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
        other = POLICY.replace("sqs:SendMessage", "sqs:*")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": other})

    assert stopped_by(account, fix, "require-tls", edited) == [
        "the policy of jobs is another one by now"
    ]
