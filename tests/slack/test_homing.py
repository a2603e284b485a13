"""App Home: whose it is decides what is in it, and it is true again after every act."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.aws.simulated.server import SimulatedAccount
from bot.engine.rationing import Ration
from bot.model import Actor
from bot.store import exemptions, messages
from tests.slack.commanding import only_these
from tests.slack.desks import OPERATOR, Office, office, wait_for
from tests.slack.double import SlackDouble, User


def home(at: Office, user: User, text: str) -> str:
    """What someone's Home says, once it says `text`."""

    def there() -> bool:
        return user.id in at.slack.workspace.homes and text in at.slack.home(user).words()

    wait_for(there, f"{text!r} in the Home of {user.name}")
    return at.slack.home(user).words()


def opened(at: Office, user: User, text: str) -> str:
    assert at.slack.open_home(user).ok
    return home(at, user, text)


def actions(at: Office, user: User) -> set[str]:
    return {each.action_id for each in at.slack.home(user).buttons()}


def test_an_owner_sees_their_questions_and_nothing_of_others(carols_office: Office) -> None:
    words = opened(carols_office, carols_office.ann, "Waits for you")

    assert "AKIA" in words
    assert "Posture" not in words
    assert {"approve", "deny", "details"} <= actions(carols_office, carols_office.ann)


def test_security_sees_everyones_queue_and_the_posture(carols_office: Office) -> None:
    at = carols_office
    at.slack.open_home(at.sec)
    words = home(at, at.sec, "Posture")

    assert f"waits for <@{at.ann.id}>" in words
    assert "*unused credentials*  1 open" in words
    assert "live" in words


def test_an_approval_in_home_is_carried_out_and_home_is_true_again(carols_office: Office) -> None:
    at = carols_office
    opened(at, at.ann, "AKIA")

    assert at.slack.home_click(at.ann, "approve").ok

    home(at, at.ann, "Nothing waits for you")
    words = home(at, at.ann, "What you decided")
    assert "approved" in words
    at.shows(at.card(at.ann, "AKIA"), "Done")


def test_a_modal_from_home_makes_home_true_again(carols_office: Office) -> None:
    at = carols_office
    opened(at, at.ann, "AKIA")
    at.slack.home_click(at.ann, "deny")
    wait_for(
        lambda: "Deny this fix" in [each.title for each in at.slack.modals(at.ann)], "the modal"
    )
    at.slack.submit(at.ann, {"reason": "Fridays only"})

    assert "denied" in home(at, at.ann, "What you decided")


def test_a_click_that_comes_too_late_takes_the_question_away(carols_office: Office) -> None:
    at = carols_office
    opened(at, at.ann, "AKIA")
    asked = at.desk.parts.service.proposal(proposal_of(at))
    at.service.deny(asked.proposal.id, "not now", OPERATOR)

    at.slack.home_click(at.ann, "approve")

    home(at, at.ann, "Nothing waits for you")
    wait_for(lambda: "already" in at.slack.modal(at.ann).words(), "the word on why")


def test_a_word_that_no_window_can_show_any_more_comes_privately(carols_office: Office) -> None:
    """As where AWS took longer than the three seconds in which Slack lets one be opened."""
    at = carols_office
    opened(at, at.ann, "AKIA")
    at.service.deny(proposal_of(at), "not now", OPERATOR)
    at.slack.fail("views.open", error="expired_trigger_id")

    at.slack.home_click(at.ann, "approve")

    wait_for(
        lambda: any("already" in each.words() for each in at.slack.ephemerals(at.ann)),
        "a private word",
    )


def proposal_of(at: Office) -> str:
    with at.store.read() as tx:
        (card,) = messages.messages_to(tx, at.ann.id, "card")
    return card.proposal_id or ""


@pytest.mark.parametrize(
    "flags",
    [
        {"deleted": True},
        {"is_restricted": True},
        {"is_stranger": True},
        {"team_id": "T0AWAY"},
    ],
)
def test_strangers_see_a_kind_word_only(carols_office: Office, flags: dict[str, object]) -> None:
    """Also the owner herself, from the moment on that she is no colleague any more."""
    at = carols_office
    for name, value in flags.items():
        setattr(at.slack.workspace.users[at.ann.id], name, value)

    words = opened(at, at.ann, "nothing for you")

    assert "AKIA" not in words
    assert "carol" not in words
    assert actions(at, at.ann) == set()


def test_nobody_is_shown_a_home_while_slack_cannot_tell_who_they_are(
    carols_office: Office,
) -> None:
    at = carols_office
    at.slack.fail("users.info", status=500, times=50)

    words = opened(at, at.ann, "nothing for you")

    assert "AKIA" not in words


def test_the_tab_of_messages_changes_nothing(carols_office: Office) -> None:
    at = carols_office
    event = {"type": "app_home_opened", "user": at.ann.id, "tab": "messages"}

    at.desk.homing.opened({"team_id": at.slack.workspace.team_id, "event": event})

    assert at.slack.calls_of("views.publish") == []


@contextmanager
def with_key_of(
    name: str, cloud: SimulatedAccount, slack: SlackDouble, template: Path, owner: str | None = None
) -> Iterator[Office]:
    """An office that hasn't looked yet at an account where one more key is idle."""
    account = cloud.account
    tags = {"owner": owner} if owner else {}
    account.user(name, tags=tags, created=account.ago(days=400))
    account.key(name, created=account.ago(days=80), last_used=account.ago(days=70))
    with office(cloud, slack, template, controls=only_these()) as made:
        yield made


def test_what_waits_for_another_day_can_be_seen(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> None:
    with with_key_of("dora", carols_cloud, slack_double, sqlite_template, "ann@example.com") as at:
        at.desk.parts.asker.ration = Ration(few=3, per_day=1)
        at.scan()

        words = opened(at, at.ann, "wait for another day")

    assert "1 more wait for another day" in words
    assert "/locksmith show" in words


def test_what_a_public_channel_was_asked_security_answers_at_home(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> None:
    """Its card there has neither names nor buttons."""
    with with_key_of("nobodys", carols_cloud, slack_double, sqlite_template) as at:
        at.slack.workspace.channels[at.channel.id].is_private = False
        at.scan()

        assert "nobodys" in opened(at, at.sec, "Posture")
        assert "approve" in actions(at, at.sec)
        assert "nobodys" not in opened(at, at.ann, "Waits for you")


def test_my_exemption_that_ends_soon_is_there(carols_office: Office) -> None:
    at = carols_office
    asked = proposal_of(at)
    actor = Actor("slack", f"{at.slack.workspace.team_id}/{at.ann.id}")
    with at.store.write() as tx:
        record = at.service.proposal(asked).proposal
        until = tx.now + timedelta(days=5)
        exemptions.request_exemption(tx, record, until, "the vendor can't", actor)
    at.service.answer_exemption(asked, OPERATOR, granted=True)

    assert "the vendor can" in opened(at, at.ann, "Your exemptions that end soon")
