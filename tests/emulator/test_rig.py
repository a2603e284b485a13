"""The rig itself, with a tiny bot: what it carries from a person to a bot and back."""

from pathlib import Path

import pytest

from tests.emulator.conftest import Rig
from tests.emulator.pages import SlackPage
from tests.emulator.tiny_bot import QUESTION, question
from tools.slack.emulator import EmulatorError
from tools.slack.people_socket import Submitted, people_socket
from tools.slack.workspace import AMARA, HARBOURLIGHT, JONAS

pytestmark = pytest.mark.emulator

SECURITY = HARBOURLIGHT.channel("iam-security").id


def reason(text: str) -> dict[str, dict[str, dict[str, str]]]:
    """The modal, filled."""
    return {"reason": {"text": {"type": "plain_text_input", "value": text}}}


def test_a_person_in_a_browser(rig: Rig, page: SlackPage, tmp_path: Path) -> None:
    """Chromium clicks the button, fills the modal, and reads the edited message."""
    rig.bot.chat_postMessage(channel=SECURITY, text=QUESTION, blocks=question())
    page.act_as("Jonas Lindqvist")
    page.open_channel("iam-security")
    page.press(page.message(QUESTION), "Deny")
    modal = page.modal("Deny")
    page.fill(modal, "Reason", "still in use")
    page.submit(modal)
    edited = page.message("Denied by jonas.lindqvist: still in use")
    assert edited.get_by_role("button", name="Deny", exact=True).count() == 0
    picture = tmp_path / "edited.png"
    page.shot(picture, edited)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_slash_command_in_a_browser(rig: Rig, page: SlackPage) -> None:
    """Typed into the page, answered over the response URL."""
    page.open_channel("iam-security")
    page.write("/tiny hello there")
    page.message("You said hello there")


def test_home_in_a_browser(rig: Rig, page: SlackPage) -> None:
    """Opened, published, seen."""
    page.open_home()
    page.text("Your queue is empty.")


def test_a_direct_message_in_a_browser(rig: Rig, page: SlackPage) -> None:
    """Sent to a user's id, it lands in a conversation of its own."""
    rig.bot.chat_postMessage(channel=AMARA.id, text="Good morning")
    page.open_direct("Amara Okafor")
    page.message("Good morning")
    assert [each["text"] for each in rig.slack.direct(AMARA.id)] == ["Good morning"]
    assert rig.slack.direct(JONAS.id) == []


def test_people_without_a_browser(rig: Rig) -> None:
    """A click, a refused modal and an accepted one, through the web socket."""
    posted = rig.bot.chat_postMessage(channel=SECURITY, text=QUESTION, blocks=question())
    with people_socket(rig.slack) as people:
        rig.slack.click(JONAS.id, posted["message"], "deny")
        assert people.modal("denied")["title"]["text"] == "Deny"
        refused = people.submit(JONAS.id, reason("no"))
        assert refused == Submitted(errors={"reason": "Say more."}, modal=None)
        assert people.submit(JONAS.id, reason("in use")) == Submitted(errors={}, modal=None)
    (message,) = rig.slack.messages(SECURITY)
    assert message["text"] == "Denied by jonas.lindqvist: in use"
    with pytest.raises(EmulatorError, match="no button deny"):
        rig.slack.click(JONAS.id, message, "deny")


def test_commands_and_home_without_a_browser(rig: Rig) -> None:
    """A command is acknowledged before it returns; Home is published for who opened it."""
    rig.slack.command(AMARA.id, "/tiny hello", channel=SECURITY)
    assert [each["text"] for each in rig.slack.messages(SECURITY)] == ["You said hello"]
    with people_socket(rig.slack) as people:
        rig.slack.open_home(AMARA.id)
        assert people.home(AMARA.id)["type"] == "home"
    rig.slack.reset()
    assert rig.slack.messages(SECURITY) == []
