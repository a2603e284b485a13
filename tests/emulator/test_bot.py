"""Locksmith itself in the emulator, in both modes, with a person at a real browser."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from typing import TYPE_CHECKING

import pytest

from bot.aws.simulated.server import SimulatedAccount, start
from tests.emulator.pages import SlackPage
from tools.slack.bot import Bot, bot_in
from tools.slack.demo import go_live
from tools.slack.emulator import Emulator, emulator
from tools.slack.namespace import LOOPBACK
from tools.slack.people_socket import people_socket
from tools.slack.workspace import HARBOURLIGHT, PRIYA, TOMASZ, Person

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.emulator

SECURITY = HARBOURLIGHT.channel("iam-security").id
#: Where pictures for the documentation go, when they are asked for.
PICTURES = os.environ.get("LOCKSMITH_PICTURES")
WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Office:
    """The emulator, the account and the bot."""

    slack: Emulator
    cloud: SimulatedAccount
    bot: Bot

    def card(self, person: Person, about: str) -> dict[str, object]:
        """The question about something, in the conversation with its owner."""
        return next(
            each
            for each in self.slack.direct(person.id)
            if about in str(each) and "approve" in str(each["blocks"])
        )

    def status(self, user: str) -> list[str]:
        """Whether a user's keys are active, by AWS."""
        listed = self.cloud.session().client("iam").list_access_keys(UserName=user)
        return [each["Status"] for each in listed["AccessKeyMetadata"]]


@pytest.fixture(scope="module", params=["socket", "http"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """Five idle keys of machines, owned by Priya and Tomasz; two administrators."""
    with closing(create_server((LOOPBACK, 0))) as free:
        port = free.getsockname()[1] if request.param == "http" else None
    with emulator(request.param, bot_port=port) as slack, start(users=0, now=None) as cloud:
        account = cloud.account
        for person in ("amara.okafor", "jonas.lindqvist"):
            account.user(person)
            account.password(person, last_used=account.ago(days=1))
            account.mfa(person)
            account.attach("AdministratorAccess", user=person)
        for machine, owner in {
            "reporting": PRIYA, "invoices": PRIYA, "exports": PRIYA,
            "backup": TOMASZ, "etl": TOMASZ,
        }.items():  # fmt: skip
            account.user(machine, tags={"owner": owner.email}, created=account.ago(days=400))
            account.key(machine, created=account.ago(days=80), last_used=account.ago(days=70))
        with bot_in(slack, cloud, tmp_path_factory.mktemp("bot"), port=port) as bot:
            go_live(bot, cloud.account_id)
            made = Office(slack, cloud, bot)
            wait_for(lambda: len(slack.direct(PRIYA.id)) > 2, "questions", bot)
            wait_for(lambda: len(slack.direct(TOMASZ.id)) > 1, "questions", bot)
            yield made
            assert bot.stop() == 0, bot.log
            assert "Traceback" not in bot.log


@pytest.fixture
def page(browser: "Browser", office: Office) -> Iterator[SlackPage]:
    """The emulator's page in a fresh window."""
    context = browser.new_context(
        viewport={"width": 1000, "height": 1400},
        device_scale_factor=1.1,
        timezone_id="Europe/Berlin",
    )
    with closing(context):
        yield SlackPage(context.new_page(), office.slack.page_url)


def wait_for(there: Callable[[], bool], what: str, bot: Bot) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if there():
            return
        time.sleep(0.05)
    raise AssertionError(f"never came: {what}\n{bot.log}")


def shoot(page: SlackPage, name: str, folder: Path, of: "Locator", *, margin: int = 0) -> None:
    """A picture of a part of the page, kept where pictures are asked for."""
    page.shot(Path(PICTURES or folder) / f"{name}.png", of, margin=margin)


def test_an_owner_approves_in_a_browser_and_takes_it_back(
    office: Office, page: SlackPage, tmp_path: Path
) -> None:
    page.act_as("Priya Raman")
    page.open_direct("Priya Raman")
    card = page.message("reporting")
    shoot(page, "card", tmp_path, card)
    page.press(card, "Approve")
    wait_for(lambda: office.status("reporting") == ["Inactive"], "the fix", office.bot)
    done = page.message("Done: the effect was observed")
    shoot(page, "done", tmp_path, done)
    page.press(done, "Undo")
    page.open_thread(done)
    undo = page.message("Undo of x-")
    page.press(undo, "Approve")
    wait_for(lambda: office.status("reporting") == ["Active"], "the way back", office.bot)
    page.message("Undone")


def test_an_owner_denies_in_a_modal_and_reads_the_edited_message(
    office: Office, page: SlackPage, tmp_path: Path
) -> None:
    page.act_as("Tomasz Nowak")
    page.open_direct("Tomasz Nowak")
    card = page.message("backup")
    page.press(card, "Deny")
    modal = page.modal("Deny this fix")
    page.fill(modal, "Why not?", "it runs on the first of each month")
    shoot(page, "deny", tmp_path, modal)
    page.submit(modal)
    page.close(page.modal("Locksmith"))
    denied = page.message("it runs on the first of each month")
    assert denied.get_by_role("button", name="Approve", exact=True).count() == 0
    assert office.status("backup") == ["Active"]


def test_a_stranger_is_told_no_and_nothing_happens(office: Office, page: SlackPage) -> None:
    page.act_as("Chen Wei")
    page.open_direct("Tomasz Nowak")
    page.press(page.message("etl"), "Approve")
    page.text("may be approved by its owner or the security group only")
    assert office.status("etl") == ["Active"]


def test_commands_in_a_browser(page: SlackPage, tmp_path: Path) -> None:
    page.act_as("Amara Okafor")
    page.open_channel("iam-security")
    page.message("is live since")
    page.write("/locksmith help")
    page.message("/locksmith contain USER")
    page.write("/locksmith status")
    shoot(page, "status", tmp_path, page.message("Last scans"))
    page.write("/locksmith findings unused-access-key")
    shoot(page, "findings", tmp_path, page.message("invoices has an active access key"))
    page.write("/locksmith findigns")
    page.message("Did you mean /locksmith findings?")


def test_an_owner_gets_no_command_of_the_security_group(page: SlackPage) -> None:
    page.act_as("Priya Raman")
    page.open_channel("general")
    page.write("/locksmith help")
    assert "contain" not in (page.message("/locksmith mine").text_content() or "")
    page.write("/locksmith status")
    page.message("Only the security group may do this.")


def test_an_owner_approves_in_home(office: Office, page: SlackPage, tmp_path: Path) -> None:
    page.act_as("Priya Raman")
    page.open_home()
    question = page.question_in_home("exports has an active access key")
    shoot(page, "home", tmp_path, page.home(), margin=16)
    page.press(question, "Approve")
    wait_for(lambda: office.status("exports") == ["Inactive"], "the fix", office.bot)
    page.open_direct("Priya Raman")
    page.message("Done: the effect was observed · unused access key")
    page.open_home()
    page.text("of exports. It is done now.")


def test_security_contains_a_user(office: Office, page: SlackPage, tmp_path: Path) -> None:
    page.act_as("Amara Okafor")
    page.open_channel("iam-security")
    page.write("/locksmith contain etl")
    shoot(page, "contained", tmp_path, page.message("Two people of the security group can undo"))
    assert office.status("etl") == ["Inactive"]
    page.message("Contain the user etl")


def test_a_question_is_handed_over(office: Office) -> None:
    """The page offers nobody to choose from, so its socket does."""
    card = office.card(PRIYA, "invoices")
    with people_socket(office.slack) as people:
        office.slack.click(PRIYA.id, card, "not_mine")
        assert people.modal("not_mine_modal")
        owner = {"owner": {"owner": {"type": "users_select", "selected_user": TOMASZ.id}}}
        people.submit(PRIYA.id, owner)
    wait_for(
        lambda: any("invoices" in str(each) for each in office.slack.direct(TOMASZ.id)),
        "the question, to Tomasz", office.bot,
    )  # fmt: skip
