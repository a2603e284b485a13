"""`locksmith serve` as a process: its start, its work in both modes, and its end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from bot.aws.simulated.server import SimulatedAccount, start
from bot.slack.manifest import SCOPES
from tests.slack.desks import SECRET, wait_for
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
        """Confirm the account from the command line, once it was looked at."""
        channel = self.settings["slack"]["security_channel"]
        wait_for(lambda: bool(self.slack.messages(channel)), "the word of a scan", seconds=30)
        done = subprocess.run(
            [*LOCKSMITH, "go-live", self.cloud.account_id],
            env=self.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

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
    slack_double: SlackDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """ann owns carol, whose key is idle; the account was confirmed."""
    slack_double.signing_secret = SECRET
    slack_double.token(slack_double.bot_token).scopes = frozenset(SCOPES)
    ann, sec = slack_double.add_user("ann"), slack_double.add_user("sec")
    channel = slack_double.add_channel("iam-security", [sec], is_private=True)
    with start(users=0, now=None) as cloud:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        account = cloud.account
        for name in ("adm1", "adm2"):
            account.user(name)
            account.password(name, last_used=account.ago(days=1))
            account.mfa(name)
            account.attach("AdministratorAccess", user=name)
        account.user("carol", tags={"owner": "ann@example.com"}, created=account.ago(days=400))
        account.key("carol", created=account.ago(days=80), last_used=account.ago(days=70))
        made = Served(slack_double, cloud, tmp_path, ann, {})
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
        if made.process is not None and made.process.poll() is None:
            made.process.kill()
            made.process.wait()


def stopped(process: "subprocess.Popen[str]", number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(30)


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_from_start_to_a_clean_stop(served: Served, mode: str) -> None:
    served.settings["slack"]["mode"] = mode
    if mode == "http":
        served.slack.use_http(f"http://127.0.0.1:{served.port}/slack/events")
    process = served.serve()
    try:
        served.says("Locksmith serves House")
        if mode == "socket":  # mode http asks it as its sign of life
            assert len(served.slack.calls_of("auth.test")) == 1
        wait_for(lambda: served.ready() == (200, "ready\n"), "ready", seconds=10)
        served.go_live()
        card = served.card()
        assert served.slack.click(served.ann, card.channel, card.ts, "approve").ok
        served.shows(card, "Done: the effect was observed")
    finally:
        code = stopped(process)
    log = served.log.read_text()
    assert code == 0, log
    assert not served.slack.rate_violations
    for secret in (served.slack.bot_token, served.slack.app_token, SECRET):
        assert secret not in log
    assert "Traceback" not in log


def test_what_runs_is_finished_first(served: Served) -> None:
    """Told to stop in the middle of a slow call, it sends no other, and the call is proved."""
    process = served.serve()
    served.says("Locksmith serves House")
    served.go_live()
    card = served.card()
    served.cloud.fault("UpdateAccessKey", "delay:2")
    served.slack.click(served.ann, card.channel, card.ts, "approve")
    time.sleep(0.5)
    assert stopped(process, signal.SIGINT) == 0, served.log.read_text()
    served.shows(card, "Done: the effect was observed")


@pytest.mark.parametrize(
    ("wrong", "said", "code"),
    [
        ({"LOCKSMITH_SLACK__APP_TOKEN": ""}, "`slack.app_token`: must be text that isn't empty", 2),
        ({"LOCKSMITH_SLACK__BOT_TOKEN": "xoxb-wrong"}, "Slack doesn't take slack.bot_token", 3),
    ],
)
def test_a_wrong_secret_ends_it_at_its_start(
    served: Served, wrong: dict[str, str], said: str, code: int
) -> None:
    process = served.serve(**wrong)
    assert process.wait(30) == code
    assert said in served.log.read_text()
    assert "hint:" in served.log.read_text()


def test_a_missing_scope_ends_it_at_its_start(served: Served) -> None:
    served.slack.token(served.slack.bot_token).scopes = frozenset(SCOPES) - {"im:write"}
    assert served.serve().wait(30) == 3
    assert "the app lacks scopes: im:write" in served.log.read_text()


def test_a_revoked_token_ends_it(served: Served) -> None:
    process = served.serve()
    served.says("Locksmith serves House")
    served.slack.token(served.slack.app_token).revoked = True
    served.slack.sockets.disconnect("link_disabled")
    assert process.wait(30) == 3
    assert "hint:" in served.log.read_text()
