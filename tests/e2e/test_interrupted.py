"""Ctrl-C, and two at once: nothing is half-claimed, and a later command settles what was left."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith, Started, nothing_lost
from tests.e2e.conftest import EVERYONE, asked

WRITE = "iam:UpdateAssumeRolePolicy"


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for something in another process, and fail after half a minute."""
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def stopped(command: Started) -> None:
    """Ctrl-C: exit code 130, and one word."""
    outcome = command.interrupted()
    assert outcome.code == 130, outcome
    assert outcome.err.splitlines()[-1] == "interrupted"
    assert outcome.out == ""


def is_open(cloud: Cloud, role: str) -> bool:
    """Whether everyone may still assume the role."""
    answer = cloud.client().get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return bool(answer == EVERYONE)


@pytest.fixture
def approved(locksmith: Locksmith, cloud: Cloud) -> str:
    """An approved proposal about the role `interrupted`, which everyone may assume."""
    cloud.client().update_assume_role_policy(
        RoleName="interrupted", PolicyDocument=json.dumps(EVERYONE)
    )
    cloud.heal()
    question = asked(locksmith, "interrupted")
    locksmith.json("approve", question["id"], "--digest", question["digest"])
    return str(question["id"])


def the_execution(locksmith: Locksmith) -> dict[str, Any]:
    """The newest execution."""
    return dict(locksmith.json("executions")["executions"][0])


def test_a_scan(locksmith: Locksmith, cloud: Cloud) -> None:
    """It remembers nothing of half a look; the next one is whole."""
    locksmith.json("scan")  # some things are asked only once an account is live
    before = locksmith.json("findings", "list", "--status", "all")
    cloud.fault("iam:GetAccountAuthorizationDetails", "delay:20", times=1)

    with nothing_lost(locksmith), locksmith.started("scan") as command:
        wait_until(lambda: cloud.counts().get("iam:GetAccountAuthorizationDetails", 0) > 1)
        stopped(command)

    assert locksmith.json("findings", "list", "--status", "all") == before
    cloud.heal()
    assert locksmith.json("scan")["new"] == 0


class TestApplying:
    """Interrupted wherever it is, it claims nothing that it hasn't seen."""

    def test_before_the_call(self, locksmith: Locksmith, cloud: Cloud, approved: str) -> None:
        """Nothing was sent: the approval stands, and the next `apply` does it."""
        cloud.fault("iam:GetRole", "delay:20", nth=2, times=1)

        with nothing_lost(locksmith), locksmith.started("apply", approved) as command:
            wait_until(lambda: cloud.counts().get("iam:GetRole", 0) >= 2)
            stopped(command)

        assert cloud.writes() == []
        assert locksmith.json("plan", approved)["proposal"]["state"] == "approved"
        cloud.heal()
        assert locksmith.json("apply", approved)["executions"][0]["state"] == "done"
        assert cloud.writes() == ["UpdateAssumeRolePolicy"]

    def test_before_the_answer(self, locksmith: Locksmith, cloud: Cloud, approved: str) -> None:
        """The call was sent and its answer never came: the next look finds that it was applied."""
        cloud.fault(WRITE, "delay:1", times=1)

        with nothing_lost(locksmith), locksmith.started("apply", approved) as command:
            wait_until(lambda: cloud.writes() == ["UpdateAssumeRolePolicy"])
            stopped(command)
            assert the_execution(locksmith)["state"] == "executing"
            assert the_execution(locksmith)["steps"][0]["outcome"] == "intended"
        wait_until(lambda: not is_open(cloud, "interrupted"))
        told = locksmith("scan").out

        assert the_execution(locksmith)["state"] == "done"
        assert the_execution(locksmith)["id"] in told
        assert cloud.writes() == ["UpdateAssumeRolePolicy"]

    def test_before_the_proof(self, locksmith: Locksmith, cloud: Cloud, approved: str) -> None:
        """AWS answered, and nobody looked twice yet: not done before somebody does."""
        patient = locksmith.but(
            LOCKSMITH_VERIFICATION__INTERVAL_SECONDS="20",
            LOCKSMITH_VERIFICATION__PATIENCE_SECONDS="60",
        )

        with nothing_lost(locksmith), patient.started("apply", approved) as command:
            wait_until(lambda: not is_open(cloud, "interrupted"))
            wait_until(lambda: the_execution(locksmith)["steps"][0]["outcome"] == "answered")
            stopped(command)
            assert the_execution(locksmith)["state"] != "done"
        locksmith.json("scan")

        assert the_execution(locksmith)["state"] == "done"
        assert cloud.writes() == ["UpdateAssumeRolePolicy"]

    def test_lost_on_the_way(self, locksmith: Locksmith, cloud: Cloud, approved: str) -> None:
        """The call never arrived: the next look finds that too, and it is asked anew."""
        cloud.fault(WRITE, "drop_before", times=1)

        outcome = locksmith("--output", "json", "apply", approved)

        assert outcome.code == 3, outcome
        assert outcome.document()["executions"][0]["state"] in ("failed", "unknown")
        assert is_open(cloud, "interrupted")
        cloud.heal()
        locksmith.json("scan")
        assert the_execution(locksmith)["state"] == "failed"
        assert cloud.writes() == []
        assert asked(locksmith, "interrupted")["id"] != approved


def test_two_at_once(locksmith: Locksmith, cloud: Cloud) -> None:
    """One applies it, the other one is told kindly; AWS is asked to change once."""
    question = asked(locksmith, "raced")
    locksmith.json("approve", question["id"], "--digest", question["digest"])
    cloud.slow(0.1)

    words = ("apply", question["id"])
    with (
        nothing_lost(locksmith),
        locksmith.started(*words) as one,
        locksmith.started(*words) as other,
    ):
        first, second = sorted((one.ended(), other.ended()), key=lambda outcome: outcome.code)

    assert first.code == 0, first
    assert "is done" in first.out
    second.failed(5, hint=False)
    assert question["id"] in second.err or cloud.account in second.err
    assert cloud.writes() == ["UpdateAssumeRolePolicy"]
    (execution,) = locksmith.json("executions")["executions"]
    assert execution["state"] == "done"
