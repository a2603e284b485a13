"""`locksmith serve` as a process: its start, its work in both modes, and its end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from bot.aws.simulated.server import SimulatedAccount
from bot.config import Config
from bot.main import Application
from bot.slack.manifest import SCOPES
from bot.store import messages
from tests.slack.desks import OPERATOR, SECRET, wait_for
from tests.slack.double import Message, SlackDouble, User

LOCKSMITH = [sys.executable, "-m", "bot.main"]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port: int = listening.getsockname()[1]
        return port


@dataclass
class Served:
    """A workspace, an account and a folder; `serve` starts the process."""

    slack: SlackDouble
    cloud: SimulatedAccount
    folder: Path
    ann: User
    settings: dict[str, Any]
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[str] | None" = None

    @cached_property
    def app(self) -> Application:
        """The same database, as a command at a terminal opens it."""
        slack = {**self.settings["slack"], "bot_token": self.slack.bot_token}
        database = {"url": self.environment["LOCKSMITH_DATABASE__URL"]}
        return Application(Config.model_validate({"database": database, "slack": slack}))

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **self.cloud.environment(),
            "LOCKSMITH_SLACK__BOT_TOKEN": self.slack.bot_token,
            "LOCKSMITH_SLACK__APP_TOKEN": self.slack.app_token,
            "LOCKSMITH_SLACK__SIGNING_SECRET": SECRET,
            "LOCKSMITH_DATABASE__URL": f"sqlite:///{self.folder / 'locksmith.db'}",
            "LOCKSMITH_CONFIG": str(self.folder / "locksmith.yaml"),
        }

    def go_live(self) -> None:
        """Confirm the account, once it was looked at, as at a terminal beside the process."""
        channel = self.settings["slack"]["security_channel"]
        wait_for(lambda: bool(self.slack.messages(channel)), "the word of a scan", seconds=30)
        self.app.service.go_live(self.cloud.account_id, OPERATOR)

    def is_under_way(self) -> None:
        """Wait until a change was written down to be sent."""

        def intended() -> bool:
            return any(each.event == "step.intended" for each in self.app.service.audit_events())

        wait_for(intended, "an intent", seconds=30)

    def is_all_told(self) -> bool:
        """Whether nothing is left to be sent or looked for."""
        with self.app.store.read() as tx:
            return not (messages.next_untold(tx) or messages.untold(tx))

    def serve(self, **environment: str) -> "subprocess.Popen[str]":
        """Start it; what it says goes to a file."""
        (self.folder / "locksmith.yaml").write_text(json.dumps(self.settings))
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*LOCKSMITH, "serve"],
                env=self.environment | environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
                text=True,
            )
        return self.process

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    def says(self, text: str) -> None:
        wait_for(lambda: text in self.log.read_text(), f"{text!r} in {self.log}", seconds=30)

    def card(self) -> Message:
        wait_for(lambda: bool(self.slack.dm(self.ann)), "a card", seconds=30)
        return self.slack.dm(self.ann)[-1]

    def shows(self, card: Message, text: str) -> None:
        wait_for(
            lambda: any(text in each.words() for each in self.slack.dm(self.ann)
                        if each.ts == card.ts),
            text, seconds=30,
        )  # fmt: skip

    def ready(self) -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


@pytest.fixture
def served(
    slack_double: SlackDouble, carols_cloud: SimulatedAccount, tmp_path: Path
) -> Iterator[Served]:
    """ann owns carol, whose key is idle."""
    slack_double.signing_secret = SECRET
    slack_double.token(slack_double.bot_token).scopes = frozenset(SCOPES)
    ann, sec = slack_double.add_user("ann"), slack_double.add_user("sec")
    channel = slack_double.add_channel("iam-security", [sec], is_private=True)
    made = Served(slack_double, carols_cloud, tmp_path, ann, {})
    made.settings = {
        "slack": {
            "base_url": slack_double.base_url,
            "security_channel": channel.id,
            "security": [sec.id],
            "email_domains": ["example.com"],
            "health": f"127.0.0.1:{made.port}",
            "listen": f"127.0.0.1:{made.port}",
        },
        "verification": {"interval_seconds": 0.1},
    }
    yield made
    made.app.close()
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def stopped(process: "subprocess.Popen[str]", number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(30)


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_from_start_to_a_clean_stop(served: Served, mode: str) -> None:
    """Told to stop in the middle of a slow call, it sends no other, and the call is proved."""
    served.settings["slack"]["mode"] = mode
    if mode == "http":
        served.slack.use_http(f"http://127.0.0.1:{served.port}/slack/events")
    process = served.serve()
    try:
        served.says("is looked at next at")
        served.says("Locksmith serves House")
        wait_for(lambda: served.ready() == (200, "ready\n"), "ready", seconds=10)
        served.go_live()
        card = served.card()
        served.cloud.fault("UpdateAccessKey", "delay:0.5")
        assert served.slack.click(served.ann, card.channel, card.ts, "approve").ok
        served.is_under_way()
    finally:
        code = stopped(process, signal.SIGINT if mode == "socket" else signal.SIGTERM)
    log = served.log.read_text()
    assert code == 0, log
    served.shows(card, "Done: the effect was observed")
    assert not served.slack.rate_violations
    for secret in (served.slack.bot_token, served.slack.app_token, SECRET):
        assert secret not in log
    assert "Traceback" not in log


def test_a_wrong_secret_ends_it_at_its_start(served: Served) -> None:
    """What else can be wrong there is tried without a process, in test_preflight."""
    process = served.serve(LOCKSMITH_SLACK__BOT_TOKEN="xoxb-wrong")
    assert process.wait(30) == 3
    assert "Slack doesn't take slack.bot_token" in served.log.read_text()
    assert "hint:" in served.log.read_text()


def test_a_revoked_token_ends_it(served: Served) -> None:
    process = served.serve()
    served.says("Locksmith serves House")
    served.slack.token(served.slack.app_token).revoked = True
    served.slack.sockets.disconnect("link_disabled")
    assert process.wait(30) == 3
    assert "hint:" in served.log.read_text()


@contextmanager
def killed_during(served: Served, method: str) -> Iterator[None]:
    """Let the next call of this method hang, kill the process then, and let Slack carry it out."""
    before = len(served.slack.calls_of(method))
    served.slack.fail(method, late=2, drop="after")
    yield
    wait_for(lambda: len(served.slack.calls_of(method)) > before, f"a call of {method}")
    assert served.process is not None
    served.process.kill()
    served.process.wait()
    wait_for(lambda: served.slack.calls_of(method)[before].applied, "what hung")


@pytest.mark.slow
def test_killed_while_slack_has_its_first_message(served: Served) -> None:
    """The next process finds it there, and posts no other."""
    served.serve()
    channel = served.settings["slack"]["security_channel"]
    wait_for(lambda: bool(served.slack.messages(channel)), "the word of a scan")
    with killed_during(served, "chat.postMessage"):
        served.app.service.go_live(served.cloud.account_id, OPERATOR)

    process = served.serve()
    card = served.card()
    assert served.slack.click(served.ann, card.channel, card.ts, "approve").ok
    served.shows(card, "Done: the effect was observed")
    wait_for(served.is_all_told, "what was on its way", seconds=60)
    assert stopped(process) == 0
    marks = [each.metadata for each in served.slack.workspace.messages if each.metadata]
    ids = [mark["event_payload"]["id"] for mark in marks]
    assert len(ids) == len(set(ids))


@pytest.mark.slow
def test_killed_while_the_message_is_edited(served: Served) -> None:
    """What was approved is carried out once, and the message says so."""
    served.serve()
    served.go_live()
    card = served.card()
    with killed_during(served, "chat.update"):
        assert served.slack.click(served.ann, card.channel, card.ts, "approve").ok

    process = served.serve()
    served.shows(card, "Done: the effect was observed")
    writes = [each.operation for each in served.cloud.calls.writes if each.applied]
    assert writes == ["UpdateAccessKey"]
    assert len([each for each in served.slack.dm(served.ann) if not each.is_reply]) == 1
    assert stopped(process) == 0
