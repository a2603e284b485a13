"""The emulator in both of its modes with a tiny bot, and a browser. See `make slack-e2e`."""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from slack_sdk import WebClient

from tests.emulator.pages import SlackPage, chromium
from tests.emulator.tiny_bot import connected
from tools.slack.emulator import Emulator, emulator
from tools.slack.namespace import LOOPBACK

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@dataclass(frozen=True, slots=True)
class Rig:
    """An emulator with a tiny bot in it; `bot` is the bot's own client."""

    slack: Emulator
    bot: WebClient


@pytest.fixture(scope="session", params=["socket", "http"])
def running(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Once for each way in which Slack can deliver."""
    with closing(socket.create_server((LOOPBACK, 0))) as entrance:
        bot_port = entrance.getsockname()[1] if request.param == "http" else None
        with (
            emulator(request.param, bot_port=bot_port) as slack,
            connected(slack, entrance) as bot,
        ):
            yield Rig(slack, bot)


@pytest.fixture
def rig(running: Rig) -> Rig:
    """The same, as it was at its start."""
    running.slack.reset()
    return running


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: "Browser", rig: Rig) -> Iterator[SlackPage]:
    """The emulator's page in a fresh window."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, device_scale_factor=2, timezone_id="Europe/Berlin"
    )
    with closing(context):
        yield SlackPage(context.new_page(), rig.slack.page_url)
