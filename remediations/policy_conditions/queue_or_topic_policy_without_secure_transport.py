"""Queue or topic that can be used without TLS

Detects
-------
Off at first, since it takes a call for each queue and topic of every Region. Queues of SQS and
topics of SNS that have a policy without a Deny for everyone where a request comes without TLS
(`aws:SecureTransport` `false`): of all of SQS, or of publishing to the topic. Queues without a
policy are left alone: nobody from elsewhere reaches them, and they need none. Every topic has one.

Why it matters
--------------
Over plain HTTP, whoever sits between reads the messages.

Changes
-------
The policy gets one statement more, the Deny; all others stay word for word. Programs that use the
queue, or publish to the topic, over plain HTTP are refused.

Undo
----
The very text that was there is written back.

When to say no
--------------
When an old program publishes over plain HTTP and can't be changed yet.

References
----------
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html
https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
"""

from collections.abc import Iterator

from bot.model import (
    Control,
    Finding,
    Guarded,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from remediations.policy_conditions._transport import is_open, require_tls, transport_finding


class QueueOrTopicPolicyWithoutSecureTransportSettings(Settings):
    """Off at first."""

    enabled: bool = False


def detect(snapshot: Snapshot, _settings: Settings) -> Iterator[Finding]:
    """One finding per queue and topic."""
    for one in _all(snapshot):
        if one.text and is_open(one):
            yield transport_finding(CONTROL.id, one, snapshot.account, CONTROL.severity)


def _all(snapshot: Snapshot) -> Iterator[Guarded]:
    for found in snapshot.queue_and_topic_policies.values():
        yield from found


def plan(finding: Finding, snapshot: Snapshot, _settings: Settings) -> Plan | Manual:
    """Add the Deny."""
    one = next(each for each in _all(snapshot) if each.arn == finding.resource.arn)
    return require_tls(finding, one, snapshot.account)


CONTROL = Control(
    id="queue-or-topic-policy-without-secure-transport",
    title="Queue or topic that can be used without TLS",
    topic="policy_conditions",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.QUEUE_AND_TOPIC_POLICIES}),
    settings=QueueOrTopicPolicyWithoutSecureTransportSettings,
    detect=detect,
    plan=plan,
)
