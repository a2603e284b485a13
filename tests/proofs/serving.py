"""A served account, a workspace, a database, and `serve` processes on it that can be killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bot import registry
from bot.aws.simulated.server import SimulatedAccount
from bot.config import Config
from bot.main import Application
from bot.slack.manifest import SCOPES
from tests.proofs.serve_forks import ROOT, ServeForks
from tests.slack.desks import SECRET, wait_for
from tests.slack.double import Channel, SlackDouble, User
from tests.slack.test_serve import free_port

#: Hours between two scans.
EVERY = 10 / 3600
CONTROLS = ("unused-access-key", "policy-attached-to-user")


@dataclass
class Serving:
    """One `serve` process after the other, on one port, with the same settings."""

    town: "Town"
    name: str
    port: int = field(default_factory=free_port)
    pid: int = 0
    #: Whether it was seen to answer since it was started.
    is_up: bool = False
    gave_up: int = 0

    @property
    def url(self) -> str:
        """Where Slack's requests go."""
        return f"http://127.0.0.1:{self.port}/slack/events"

    @property
    def log(self) -> Path:
        """What all of them said."""
        return self.town.folder / f"{self.name}.log"

    def start(self, *, plainly: bool = False, every_hours: float | None = EVERY) -> None:
        """Start the next one: forked, or `plainly` as people start it, and wait till that serves.

        A whole interpreter takes seconds, in which there would be nothing to be killed in.
        """
        self.is_up = False
        file = self.town.folder / f"{self.name}.yaml"
        file.write_text(json.dumps(self.town.settings(self.port, every_hours)))
        environ = self.town.environ | {"LOCKSMITH_CONFIG": str(file)}
        if not plainly:
            self.pid = self.town.forks.start(environ, self.log)
            return
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot.main", "serve"],
                env=environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = process.pid
        process.returncode = 0  # or it would warn that nobody waits for it; `is_alive` does
        wait_for(self.serves, "its first answer")

    def serves(self) -> bool:
        """Whether it can be asked; one that gave up at its start is started again.

        A database that is locked for long, on a crowded machine, is no mistake of ours.
        """
        if not self.is_alive():
            self.gave_up += 1
            self.start()
        with suppress(OSError), closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as way:
            way.request("GET", "/healthz")
            self.is_up = way.getresponse().status == HTTPStatus.OK
        return self.is_up

    def is_alive(self) -> bool:
        """Whether it runs."""
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)  # of those that are our own children
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}

    def kill(self) -> None:
        """End it where it stands, unless it had given up by itself."""
        self.is_up = False
        if not self.is_alive():
            self.gave_up += 1
            return
        os.killpg(self.pid, signal.SIGKILL)
        wait_for(lambda: not self.is_alive(), "its end")

    def stop(self) -> None:
        """Let it end by itself, as told."""
        self.is_up = False
        if self.pid and self.is_alive():
            os.kill(self.pid, signal.SIGTERM)
            wait_for(lambda: not self.is_alive(), "a clean end")


@dataclass
class Town:
    """Where all of it happens. `owners` own what is in the account; `sec` gives commands."""

    slack: SlackDouble
    cloud: SimulatedAccount
    forks: ServeForks
    folder: Path
    database: str
    owners: list[User] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slack.signing_secret = SECRET
        self.slack.token(self.slack.bot_token).scopes = frozenset(SCOPES)
        self.sec = self.slack.add_user("sec")
        self.channel: Channel = self.slack.add_channel("iam", [self.sec], is_private=True)
        self.app = Application(Config.model_validate(self._known()))

    @property
    def environ(self) -> dict[str, str]:
        """What a process is told by its environment."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **self.cloud.environment(),
            "PYTHONPATH": str(ROOT),
            "LOCKSMITH_SLACK__BOT_TOKEN": self.slack.bot_token,
            "LOCKSMITH_SLACK__SIGNING_SECRET": SECRET,
            "LOCKSMITH_DATABASE__URL": self.database,
        }

    def settings(self, port: int, every_hours: float | None) -> Mapping[str, Any]:
        """The configuration of a process that scans so often."""
        known = self._known()
        del known["database"]
        slack = known["slack"] | {"listen": f"127.0.0.1:{port}"}
        return known | {"slack": slack, "scan": {"every_hours": every_hours}}

    def _known(self) -> dict[str, Any]:
        return {
            "database": {"url": self.database},
            "slack": {
                "mode": "http",
                "base_url": self.slack.base_url,
                "security_channel": self.channel.id,
                "security": [self.sec.id],
                "email_domains": ["example.com"],
            },
            "asking": {"few": 20, "per_day": 100},
            "verification": {"interval_seconds": 0.3, "patience_seconds": 3},
            "controls": {id_: {"enabled": id_ in CONTROLS} for id_ in registry.discover()},
        }

    def close(self) -> None:
        """Close what was opened to look."""
        self.app.close()
