"""Starts the emulator local-slack and plays the people in it.

Its surfaces, all on one port of loopback: Slack's Web API under `/api/`, Socket Mode, the page for
people at `/`, and `/_control` for tests. What it lacks is listed in `README.md` beside this file.
"""

import contextlib
import http.client
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from tools.slack.namespace import LOOPBACK, Order
from tools.slack.workspace import HARBOURLIGHT, Mode, Workspace

ROOT = Path(__file__).parents[2]
BINARY = Path(__file__).parent / "node_modules/local-slack-linux-x64/bin/local-slack"
EVENTS_PATH = "/slack/events"
_START_SECONDS = 30.0
_ANSWER_SECONDS = 30.0  # a delivery waits up to 5 s for the bot's acknowledgement


class EmulatorError(Exception):
    """The emulator isn't there, didn't start, or refused what was asked of it."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator; `mode` is how it delivers to the bot."""

    port: int
    workspace: Workspace
    mode: Mode

    @property
    def page_url(self) -> str:
        """Where a person clicks."""
        return f"http://{LOOPBACK}:{self.port}/"

    @property
    def api_url(self) -> str:
        """The base URL for slack_sdk."""
        return f"{self.page_url}api/"

    @property
    def people_socket_url(self) -> str:
        """The web socket that the page itself speaks to; see `people_socket`."""
        return f"ws://{LOOPBACK}:{self.port}/ui"

    def command(self, user: str, text: str, *, channel: str) -> None:
        """Type a slash command, all its words, as that user; returns when it was acknowledged."""
        name, _, rest = text.partition(" ")
        self._post("command", channel=channel, user=user, command=name, text=rest)

    def click(self, user: str, message: Mapping[str, Any], action_id: str) -> None:
        """Press the button with that action id on a message; returns when it was acknowledged.

        Raises EmulatorError when the message has no such button, as nobody could press it.
        """
        action = button_of(message, action_id)
        where = {"channel": message["channel"], "messageTs": message["ts"]}
        self._post("interact", **where, user=user, action=action)

    def open_home(self, user: str) -> None:
        """Open the App Home tab as that user."""
        self._post("open-home", user=user)

    def say(self, user: str, text: str, *, channel: str, thread: str | None = None) -> None:
        """Write a message as that user."""
        self._post("message", channel=channel, user=user, text=text, thread_ts=thread)

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """What is in a channel, oldest first: replies and private (`ephemeral_to`) ones too."""
        messages: list[dict[str, Any]] = self._ask("GET", f"messages/{channel}")["messages"]
        return messages

    def direct(self, user: str) -> list[dict[str, Any]]:
        """What is in the bot's conversation with that user; empty while there is none."""
        both = {user, self.workspace.app.user_id}
        for channel in self._ask("GET", "state")["channels"]:
            if channel["is_im"] and both <= set(channel["members"]):
                return self.messages(channel["id"])
        return []

    def log(self) -> list[dict[str, Any]]:
        """All traffic with the bot in order, acknowledgements too: time, direction, kind, …"""
        entries: list[dict[str, Any]] = self._ask("GET", "log")["log"]
        return entries

    def reset(self) -> None:
        """Forget all messages, views and traffic; the bot stays connected."""
        self._post("reset")

    def _post(self, what: str, **body: Any) -> None:
        self._ask("POST", what, body)

    def _ask(self, method: str, what: str, body: Mapping[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=_ANSWER_SECONDS)
        with contextlib.closing(connection):
            json_type = {"Content-Type": "application/json"}
            connection.request(method, f"/_control/{what}", json.dumps(body or {}), json_type)
            response = connection.getresponse()
            text = response.read().decode()
        if response.status != http.HTTPStatus.OK:
            raise EmulatorError(f"{what}: {response.status} {text}")
        return json.loads(text)


def button_of(message: Mapping[str, Any], action_id: str) -> dict[str, Any]:
    """The button as the page sends it when pressed. Raises EmulatorError when there is none."""
    for block in message.get("blocks", ()):
        for element in (*block.get("elements", ()), block.get("accessory") or {}):
            if element.get("action_id") == action_id:
                kept = {
                    key: element[key]
                    for key in ("type", "action_id", "value", "text")
                    if key in element
                }
                return {"block_id": block.get("block_id", ""), **kept}
    raise EmulatorError(f"the message has no button {action_id}")


@contextlib.contextmanager
def emulator(
    mode: Mode = "socket",
    workspace: Workspace = HARBOURLIGHT,
    *,
    port: int = 0,
    bot_port: int | None = None,
) -> Iterator[Emulator]:
    """An emulator until the block ends, on a free loopback port by default.

    In mode `http` it posts to `/slack/events` on loopback port `bot_port`. Raises EmulatorError
    when it isn't installed or doesn't start.
    """
    _check_installed()
    url = None if bot_port is None else f"http://{LOOPBACK}:{bot_port}{EVENTS_PATH}"
    command = [str(BINARY), "--config", "{folder}/slack.json", "--port", "{port}"]
    order = Order(
        command=[*command, "--base-host", LOOPBACK, "--files-dir", "{folder}/files"],
        files={"slack.json": workspace.config(mode, url)},
        port=port,
        back=bot_port,
    )
    with tempfile.TemporaryFile("w+") as errors, _Running(order, errors) as running:
        started = Emulator(running.port, workspace, mode)
        running.wait_for(started)
        yield started


class _Running:
    """The process that holds the namespace; its life hangs on its standard input."""

    port: int

    def __init__(self, order: Order, errors: IO[str]) -> None:
        self._errors = errors
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.slack.namespace"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C is for us; our end ends it
        )
        self._order = order

    def __enter__(self) -> Self:
        try:
            self._speak()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def _speak(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(self._order.line())
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise self._failure()
        self.port = json.loads(line)["port"]

    def wait_for(self, started: Emulator) -> None:
        """Return when it answers. Raises EmulatorError with its own words when it doesn't."""
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                started.log()
                return
            time.sleep(0.05)
        raise self._failure()

    def _failure(self) -> EmulatorError:
        self._errors.seek(0)
        said = self._errors.read().strip()
        return EmulatorError(f"the emulator did not start: {said or 'it said nothing'}")


def _check_installed() -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise EmulatorError("the emulator's pinned package is for Linux on x86-64 only")
    if not BINARY.exists():
        raise EmulatorError("the emulator isn't installed: run `make slack-tools`")
