"""What is about people's own access: they may have it taken away, and never keep it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.aws.simulated.server import SimulatedAccount
from bot.model import ProposalState
from tests.slack.commanding import answer, question
from tests.slack.desks import Office, office, wait_for
from tests.slack.double import Message, SlackDouble, User
from tests.slack.test_flow import opened

#: The modal behind each button that would keep the access, filled in.
KEEPING: Mapping[str, tuple[str, dict[str, str], str]] = {
    "deny": ("Deny this fix", {"reason": "I need it"}, "a no would keep your own access"),
    "exempt": ("Accept for a while", {"reason": "I need it"}, "this is about your own access"),
    "snooze": ("Put off", {"days": "30", "reason": "later"}, "this is about your own access"),
}


@dataclass
class Herself:
    """A desk that has asked carol about her own key, and who she is in Slack."""

    at: Office
    carol: User
    card: Message

    def click(self, action: str) -> None:
        assert self.at.slack.click(self.carol, self.card.channel, self.card.ts, action).ok

    def send(self, action: str) -> None:
        """Open the modal behind a button, and send it."""
        title, values, _why = KEEPING[action]
        self.click(action)
        opened(self.at, self.carol, title)
        self.at.slack.submit(self.carol, values)

    def told(self, text: str) -> None:
        """Wait until she is told this, in a modal or beside the card."""

        def there() -> bool:
            slack = self.at.slack
            words = [each.words() for each in slack.modals(self.carol)]
            words += [each.words() for each in slack.ephemerals(self.carol)]
            return any(text in each for each in words)

        wait_for(there, f"the word {text!r}")


@contextmanager
def herself(
    cloud: SimulatedAccount, slack: SlackDouble, template: Path, **settings: Any
) -> Iterator[Herself]:
    """carol's tag names her by her address, as her user's name does."""
    iam = cloud.client()
    iam.tag_user(UserName="carol", Tags=[{"Key": "owner", "Value": "carol@example.com"}])
    carol = slack.add_user("carol")
    with office(cloud, slack, template, **settings) as at:
        cloud.calls.clear()
        at.scan()
        yield Herself(at, carol, at.card(carol, "carol: AKIA"))


@pytest.fixture
def her(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> Iterator[Herself]:
    with herself(carols_cloud, slack_double, sqlite_template) as made:
        yield made


def test_people_may_have_their_own_access_taken_away(her: Herself) -> None:
    her.click("approve")

    her.at.shows(her.card, "Done")
    assert her.at.writes() == ["UpdateAccessKey"]


@pytest.mark.parametrize("action", KEEPING)
def test_nobody_keeps_their_own_access(her: Herself, action: str) -> None:
    her.send(action)

    her.told(KEEPING[action][2])
    assert question(her.at, "carol").state is ProposalState.PENDING
    assert [each.event for each in her.at.service.audit_events()][-1] == "decision.refused"


def test_nobody_keeps_their_own_access_by_a_command_either(her: Herself) -> None:
    asked = question(her.at, "carol")
    typed = (f"deny {asked.id} no", f"exempt {asked.id} 30d no", f"snooze {asked.id} 30d no")
    for text in typed:
        assert "your own access" in answer(her.at, her.carol, text).words()
    assert question(her.at, "carol") == asked


def test_a_week_is_theirs_once(her: Herself) -> None:
    her.click("snooze")
    opened(her.at, her.carol, "Put off")
    her.at.slack.submit(her.carol, {"days": "7"})

    her.at.shows(her.card, "Put off")
    assert question(her.at, "carol").state is ProposalState.SNOOZED


def test_others_may_keep_it(her: Herself) -> None:
    asked = question(her.at, "carol")
    said = answer(her.at, her.at.sec, f"deny {asked.id} she needs it").words()

    assert "Denied" in said
    assert question(her.at, "carol").state is ProposalState.DENIED


@pytest.mark.parametrize("approvals", [{"subject_may_approve": False}, {"strict": True}])
def test_where_the_configuration_says_so_others_approve(
    carols_cloud: SimulatedAccount,
    slack_double: SlackDouble,
    sqlite_template: Path,
    approvals: dict[str, Any],
) -> None:
    with herself(carols_cloud, slack_double, sqlite_template, approvals=approvals) as her:
        asked = question(her.at, "carol")
        if any(each.action_id == "approve" for each in her.card.buttons()):
            her.click("approve")
            her.told("someone else must approve it")
            assert her.at.writes() == []

        card = answer(her.at, her.at.sec, f"approve {asked.id}")
        her.at.slack.click(her.at.sec, card.channel, card.ts, "approve")

        wait_for(lambda: question(her.at, "carol").state is ProposalState.DONE, "the fix")
        assert her.at.writes() == ["UpdateAccessKey"]


def test_whose_identity_it_is_the_configuration_tells(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> None:
    """By people:, though neither name nor address gives it away."""
    ann = slack_double.add_user("boss", email="boss@example.com")
    iam = carols_cloud.client()
    iam.tag_user(UserName="carol", Tags=[{"Key": "owner", "Value": "boss@example.com"}])
    arn = f"arn:aws:iam::{carols_cloud.account_id}:user/carol"
    people = [{"name": "Bo Ss", "slack": [ann.id], "aws": [arn]}]
    with office(carols_cloud, slack_double, sqlite_template, people=people) as at:
        at.scan()
        her = Herself(at, ann, at.card(ann, "carol: AKIA"))
        her.send("deny")
        her.told("a no would keep your own access")

        her.click("approve")
        at.shows(her.card, "Done")


def test_a_machine_that_one_owns_is_not_oneself(carols_office: Office) -> None:
    """Owning a user alone does not make it one's own."""
    at = carols_office
    her = Herself(at, at.ann, at.card(at.ann, "carol: AKIA"))
    her.send("deny")

    at.shows(her.card, "Denied")
