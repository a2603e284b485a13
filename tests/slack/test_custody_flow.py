"""Two people confirm root's custody by the button on its card, each for themselves, in Slack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import registry
from bot.aws.simulated.server import SimulatedAccount
from bot.model import FindingStatus
from bot.store import attestations
from tests.slack.desks import OPERATOR, Office, office, wait_for
from tests.slack.double import Message, SlackDouble, User

CONTROL = "root-custody-unattested"
CLICK = "done_by_hand"
ONLY = {name: {"enabled": name == CONTROL} for name in registry.discover()}


@pytest.fixture
def at(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> Iterator[Office]:
    """A desk that asked the security group about root; `sec` and `sal` are in it."""
    with office(carols_cloud, slack_double, sqlite_template, controls=ONLY) as made:
        made.scan()  # nobody is asked before the account is live
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

    wait_for(there, "the card about root")
    return found[-1]


def told(at: Office, user: User, text: str) -> None:
    """Wait until someone was privately told this."""
    wait_for(
        lambda: any(text in each.words() for each in at.slack.ephemerals(user)),
        f"the word {text!r}",
    )


def words_given(at: Office) -> list[str]:
    """Who gave their word, oldest first."""
    with at.store.read() as tx:
        given = attestations.attestations(tx, at.cloud.account_id)
    return [actor.name.rpartition("/")[2] for actor, _at in reversed(given)]


def test_two_different_people_confirm_it(at: Office) -> None:
    """One person's word twice is one; somebody outside the group has none; AWS isn't changed."""
    sal = at.slack.add_user("sal")
    at.slack.workspace.groups[at.group.id].members.append(sal.id)
    at.slack.workspace.channels[at.channel.id].members.append(sal.id)
    card = asked(at)

    at.slack.click(at.sec, card.channel, card.ts, CLICK)
    told(at, at.sec, "Another person must confirm it too")
    assert words_given(at) == [at.sec.id]

    at.slack.click(at.sec, card.channel, card.ts, CLICK)
    told(at, at.sec, "you confirmed it already")
    assert words_given(at) == [at.sec.id]

    at.slack.click(sal, card.channel, card.ts, CLICK)
    wait_for(lambda: words_given(at) == [at.sec.id, sal.id], "the second word")

    def resolved() -> bool:
        every = at.service.findings()
        found = [one.record for one in every if one.record.finding.control == CONTROL]
        return [one.status for one in found] in ([], [FindingStatus.RESOLVED])

    wait_for(resolved, "that it is resolved")
    assert at.writes() == []
    result = at.service.scan(OPERATOR, lambda _said: None)
    assert not [one for one in result.findings if one.record.finding.control == CONTROL]


def test_nobody_else_can(at: Office) -> None:
    """Who isn't of the security group is told so, and nothing is recorded."""
    card = asked(at)
    at.slack.workspace.channels[at.channel.id].members.append(at.ann.id)
    at.slack.click(at.ann, card.channel, card.ts, CLICK)
    wait_for(lambda: bool(at.slack.ephemerals(at.ann)), "a refusal")
    assert words_given(at) == []
