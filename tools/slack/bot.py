"""The bot itself, as a process of its own beside the emulator and the simulated account."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot import registry
from bot.aws.simulated.server import SimulatedAccount
from tools.slack.emulator import Emulator
from tools.slack.namespace import end_with_parent

_STOP_SECONDS = 40.0
LOCKSMITH = (sys.executable, "-m", "bot.main")


@dataclass(frozen=True, slots=True)
class Bot:
    """A running `locksmith serve`; `run` carries out other commands beside it."""

    folder: Path
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes]"

    @property
    def log(self) -> str:
        """What it said so far."""
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def run(self, *args: str) -> "subprocess.CompletedProcess[str]":
        """A command of the same installation."""
        return subprocess.run(
            [*LOCKSMITH, *args],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )

    def stop(self) -> int:
        """Tell it to stop, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_SECONDS)


@contextmanager
def bot_in(
    slack: Emulator,
    cloud: SimulatedAccount,
    folder: Path,
    *,
    port: int | None = None,
    break_glass: Sequence[str] = (),
) -> Iterator[Bot]:
    """`locksmith serve` until the block ends; in mode http it listens at loopback's `port`.

    `break_glass` are identities that are never touched.
    """
    app = slack.workspace.app
    config = folder / "locksmith.yaml"
    known = settings(slack, port) | {"protected": {"break_glass": list(break_glass)}}
    config.write_text(json.dumps(known), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **cloud.environment(),
        "LOCKSMITH_CONFIG": str(config),
        "LOCKSMITH_DATABASE__URL": f"sqlite:///{folder / 'locksmith.db'}",
        "LOCKSMITH_SLACK__BOT_TOKEN": app.bot_token,
        "LOCKSMITH_SLACK__APP_TOKEN": app.app_token,
        "LOCKSMITH_SLACK__SIGNING_SECRET": app.signing_secret,
    }
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [*LOCKSMITH, "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us; we stop it ourselves
            preexec_fn=partial(end_with_parent, signal.SIGTERM),
        )
    try:
        yield Bot(folder, environment, process)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


#: What the demo's questions are about: few enough to see each.
CONTROLS = (
    "console-user-without-mfa",
    "full-admin-policy",
    "inactive-access-key",
    "no-multi-region-trail",
    "old-access-key",
    "password-never-expires",
    "policy-attached-to-user",
    "root-access-key",
    "root-without-mfa",
    "unused-access-key",
    "unused-console-password",
    "weak-password-policy",
)


def settings(slack: Emulator, port: int | None) -> dict[str, Any]:
    """The configuration: two administrators are the security group, and few controls are on."""
    return {
        "controls": {id_: {"enabled": id_ in CONTROLS} for id_ in registry.discover()},
        "slack": {
            "mode": "socket" if port is None else "http",
            "base_url": slack.api_url,
            "security_channel": slack.workspace.channel("iam-security").id,
            "security": [slack.workspace.channel("iam-security").id],
            "email_domains": ["harbourlight.example"],
            **({} if port is None else {"listen": f"127.0.0.1:{port}"}),
        },
        "verification": {"interval_seconds": 0.2},
    }
