"""Alive is not ready, and not ready says why."""

import asyncio
import threading
import time
from datetime import timedelta

from bot.http.front import front
from bot.http.health import Check, Health
from tests.http.asking import Seen, ask

SOON = timedelta(seconds=0.05)


def ready(health: Health) -> Seen:
    return asyncio.run(ask(front(health), method="GET", path="/readyz"))


def test_ready_when_no_check_has_a_reason() -> None:
    seen = ready(Health({"database": lambda: None}))

    assert (seen.status, seen.body) == (200, b"ready\n")
    assert seen.headers["content-type"] == "text/plain; charset=utf-8"


def test_not_ready_names_every_reason() -> None:
    checks: dict[str, Check] = {
        "database": lambda: "migrations are missing",
        "clock": lambda: None,
        "slack": lambda: "silent for 31 s",
    }

    seen = ready(Health(checks))

    assert seen.status == 503
    assert seen.body == b"database: migrations are missing\nslack: silent for 31 s\n"


def test_a_remark_is_said_and_is_no_reason() -> None:
    """A scan that is late is no trouble of this process, and restarting it would help nobody."""
    checks: dict[str, Check] = {"database": lambda: None}
    late = "scans: account 111111111111 late since 2026-11-24 12:00 UTC"

    seen = ready(Health(checks, remark=lambda: late))
    assert (seen.status, seen.body) == (200, f"ready\nalso: {late}\n".encode())
    assert ready(Health(checks, remark=lambda: None)).body == b"ready\n"


def test_an_empty_reason_is_a_reason() -> None:
    assert ready(Health({"slack": lambda: ""})).status == 503


def test_a_check_that_fails_is_a_reason_without_its_message() -> None:
    def broken() -> str | None:
        raise OSError("postgres://user:password@db")

    seen = ready(Health({"database": broken}))

    assert (seen.status, seen.body) == (503, b"database: could not be checked (OSError)\n")


def test_a_reason_stays_one_short_line() -> None:
    seen = ready(Health({"slack": lambda: "a\r\nb: " + "c" * 1000}))

    assert seen.body.startswith(b"slack: a b: ccc")
    assert seen.body.count(b"\n") == 1
    assert len(seen.body) < 220


def test_a_check_that_hangs_is_a_reason_and_is_not_started_twice() -> None:
    release = threading.Event()
    started: list[int] = []

    def hanging() -> str | None:
        started.append(1)
        release.wait(10)
        return None

    health = Health({"database": hanging}, patience=SOON)

    assert [ready(health).status for _ in range(3)] == [503] * 3
    assert ready(health).body == b"database: no answer within 0.05 s\n"
    assert len(started) == 1
    release.set()
    until = time.monotonic() + 5
    while ready(health).status != 200 and time.monotonic() < until:
        time.sleep(0.01)
    assert ready(health).status == 200


def test_alive_asks_nobody() -> None:
    health = Health({"database": lambda: "gone"})

    seen = asyncio.run(ask(front(health), method="GET", path="/healthz"))

    assert (seen.status, seen.body) == (200, b"alive\n")
