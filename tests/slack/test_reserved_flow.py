"""Plans that whoever is asked may not approve: said on the card, and asked where someone may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.aws.simulated.server import start
from tests.slack.desks import Office, office, wait_for
from tests.slack.double import Message, SlackDouble


@pytest.fixture
def at(
    monkeypatch: pytest.MonkeyPatch, slack_double: SlackDouble, sqlite_template: Path
) -> Iterator[Office]:
    """A desk over dora, who signs in without MFA, and whom a tag calls ann's."""
    with start(users=0, now=None) as cloud:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        account = cloud.account
        for name in ("adm1", "adm2"):
            account.user(name)
            account.password(name, last_used=account.ago(days=1))
            account.mfa(name)
            account.attach("AdministratorAccess", user=name)
        account.user("dora", tags={"owner": "ann@example.com"}, created=account.ago(days=400))
        account.password("dora", last_used=account.ago(days=1))
        with office(cloud, slack_double, sqlite_template) as made:
            made.scan()
            yield made


def in_channel(at: Office, text: str) -> Message:
    """The security channel's question about something, once it is there."""
    found: list[Message] = []

    def there() -> bool:
        found[:] = [each for each in at.slack.messages(at.channel) if text in each.words()]
        return bool(found)

    wait_for(there, f"a question about {text!r}")
    return found[-1]


def test_security_approves_what_a_tags_owner_may_not(at: Office) -> None:
    card = at.card(at.ann, "dora can sign in")
    offered = {each.action_id for each in card.buttons()}
    assert offered == {"deny", "snooze", "exempt", "not_mine", "details"}
    assert "*Approving*  is for an owner whom more than a tag names or the security group" in (
        card.words()
    )

    at.desk.ticker().tick()
    at.desk.changed()
    asked = in_channel(at, "dora can sign in")
    assert "beside its owner" in asked.words()
    at.slack.click(at.sec, asked.channel, asked.ts, "approve")

    at.shows(asked, "Done: the effect was observed")
    at.shows(card, "Done: the effect was observed")
    assert "PutUserPolicy" in at.writes()
