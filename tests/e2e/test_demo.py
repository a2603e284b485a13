"""The demo's account goes on being served, and the real AWS CLI sees there what Locksmith did."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.awscli import asked_aws
from tests.e2e.commands import QUICK, Locksmith, Started
from tests.e2e.forking import Forking


@dataclass(frozen=True)
class Demo:
    """A demo that goes on: what it said so far, and a shell in its account."""

    command: Started
    said: str
    locksmith: Locksmith

    def aws(self, *words: str) -> Any:
        """What the real AWS CLI answers."""
        return asked_aws(self.locksmith.environ, *words)


@pytest.fixture(scope="module")
def demo(
    forks: Forking, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """`locksmith demo --serve`, once the demo itself is over."""
    folder = tmp_path_factory.mktemp("demo")
    shell = Locksmith(forks, folder, {**environ, **QUICK, "TMPDIR": str(folder)})
    with shell.started("demo", "--serve") as command:
        stdout = command.process.stdout
        assert stdout is not None
        lines = []
        for line in stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        said = "".join(lines)
        variables = dict(re.findall(r"^export (\w+)=(.*)$", said, re.MULTILINE))
        database = re.findall(r"--db sqlite:///(\S+)", said)[0]
        here = Locksmith(
            forks, folder, {**environ, **QUICK, **variables}, remembered=Path(database)
        )
        yield Demo(command, said, here)


def status(demo: Demo, user: str) -> list[str]:
    """The status of each of a user's keys, as the AWS CLI tells it."""
    answer = demo.aws("iam", "list-access-keys", "--user-name", user)
    return [key["Status"] for key in answer["AccessKeyMetadata"]]


def test_it_names_the_endpoint(demo: Demo) -> None:
    """The line that the AWS CLI needs is there, beside the credentials."""
    assert demo.locksmith.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    identity = demo.aws("sts", "get-caller-identity")
    assert identity["Account"] in demo.said


def test_what_the_demo_did_is_there(demo: Demo) -> None:
    """The password policy is strong, the trail logs, and the key that was undone is on again."""
    policy = demo.aws("iam", "get-account-password-policy")["PasswordPolicy"]
    trail = demo.aws("cloudtrail", "get-trail-status", "--name", "company-trail")

    assert policy["MinimumPasswordLength"] == 14
    assert policy["RequireSymbols"]
    assert trail["IsLogging"]
    assert status(demo, "svc-legacy-ftp") == ["Active"]


def test_a_change_and_its_undo(demo: Demo) -> None:
    """A key that another `locksmith` switches off is off for the AWS CLI, and on after the undo."""
    user = "chen.wei"
    finding = demo.locksmith.finding("never-used-access-key", user)
    proposal = finding["proposal"]["id"]
    assert status(demo, user) == ["Active"]

    demo.locksmith.json("approve", proposal, "--digest", finding["remediation"]["digest"])
    (done,) = demo.locksmith.json("apply", proposal)["executions"]
    changed = status(demo, user)
    demo.locksmith.json("undo", done["id"], "--yes")

    assert changed == ["Inactive"]
    assert status(demo, user) == ["Active"]


def test_its_database_is_whole(demo: Demo) -> None:
    """What it printed about itself can be looked at."""
    assert demo.locksmith.json("audit", "verify")["ok"]
    states = {each["state"] for each in demo.locksmith.json("executions")["executions"]}
    assert states == {"done"}


def test_ctrl_c_ends_it(demo: Demo) -> None:
    """Kindly, with the demo's own exit code; last, since the account is gone then."""
    outcome = demo.command.interrupted()

    assert outcome.code == 0, outcome
    assert outcome.err.rstrip().endswith("stopped")
