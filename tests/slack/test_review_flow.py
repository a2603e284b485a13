"""A broad policy comes up as a card with its summary, answered in Slack by having looked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import registry
from bot.aws.simulated.server import SimulatedAccount
from bot.model import FindingRecord, FindingStatus
from bot.store import audit
from tests.remediations.access_levels.policies import allow
from tests.slack.desks import OPERATOR, Office, office, wait_for
from tests.slack.double import Message, SlackDouble

CONTROL = "policy-review-overdue"
CLICK = "done_by_hand"
ONLY = {name: {"enabled": name == CONTROL} for name in registry.discover()}


@pytest.fixture
def at(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> Iterator[Office]:
    """A desk that asked the security group about a policy of old."""
    account = carols_cloud.account
    old = account.ago(days=400)
    document = allow("s3:Put*", "s3:List*", "sqs:DeleteQueue")
    account.role("uploader", created=old)
    account.attach(account.policy("uploads", document, created=old), role="uploader")
    with office(carols_cloud, slack_double, sqlite_template, controls=ONLY) as made:
        carols_cloud.calls.clear()
        made.scan()
        yield made


def asked(at: Office) -> Message:
    """The card in the security channel, once it is there."""
    found: list[Message] = []

    def there() -> bool:
        messages = at.slack.messages(at.channel)
        found[:] = [one for one in messages if CLICK in {each.action_id for each in one.buttons()}]
        return bool(found)

    wait_for(there, "the card about the policy")
    return found[-1]


def record(at: Office) -> FindingRecord:
    """What is remembered of it."""
    (view,) = at.service.findings()
    return view.record


def test_the_card_shows_what_the_policy_allows_and_takes_the_answer(at: Office) -> None:
    """Recorded with the name and the document's hash; nobody is asked any more; AWS stays."""
    card = asked(at)
    shown = card.words()
    assert re.search(r"s3: [^\n]*limited Write", shown), shown
    assert "sqs: limited Write" in shown
    assert "role uploader" in shown
    (button,) = [each for each in card.buttons() if each.action_id == CLICK]
    assert button.text == "Reviewed"

    at.slack.click(at.sec, card.channel, card.ts, CLICK)

    wait_for(lambda: record(at).status is FindingStatus.EXEMPT, "the review to be recorded")
    evidence = record(at).finding.evidence
    assert record(at).exempt_reason == f"reviewed {evidence['document']}"
    with at.store.read() as tx:
        events = list(audit.events(tx, subject=record(at).id))
    assert any(at.sec.id in str(each.actor) for each in events)
    assert at.writes() == []
    result = at.service.scan(OPERATOR, lambda _said: None)
    assert [each.record.status for each in result.findings] == [FindingStatus.EXEMPT]


def test_nobody_else_answers_it(at: Office) -> None:
    """Who is neither its owner nor of the security group is told so, and nothing is recorded."""
    card = asked(at)
    at.slack.workspace.channels[at.channel.id].members.append(at.ann.id)
    at.slack.click(at.ann, card.channel, card.ts, CLICK)
    wait_for(lambda: bool(at.slack.ephemerals(at.ann)), "a refusal")
    assert record(at).status is FindingStatus.OPEN
