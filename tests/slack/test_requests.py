"""Requests that aren't Slack's, and signed ones that make no sense, at a whole desk over HTTP."""

import copy
import json
import logging
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.slack.attacking import Scene
from tests.slack.commanding import company
from tests.slack.double.delivery import post, signed

MARK = "spilled"
FORM = "application/x-www-form-urlencoded"
PAYLOADS = 250


@pytest.fixture(scope="module")
def made(sqlite_template: Path) -> Iterator[Scene]:
    with company(sqlite_template, "plain") as at:
        at.scan()
        yield Scene(at, at.slack.dm_channel(at.ann), {"plain": "plain"})


@pytest.fixture
def at(made: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    for name, value in made.at.cloud.environment().items():
        monkeypatch.setenv(name, value)
    return made


@dataclass
class Line:
    """The request URL of the desk, and a good click of ann's that was never sent."""

    at: Scene

    def __post_init__(self) -> None:
        slack = self.at.at.slack
        assert slack.delivering.post is not None
        self.url, self.secret = slack.delivering.post.url, slack.delivering.post.secret
        card = self.at.card("plain", "approve")
        with slack.workspace.lock:
            self.click = slack._on_message(
                self.at.at.ann, card.channel, card.ts, ("approve", None), None, stale=False
            )

    def body(self, payload: Any) -> bytes:
        return urlencode({"payload": json.dumps(payload)}).encode()

    def send(self, body: bytes, headers: dict[str, str]) -> int:
        status, _answer = post(self.url, body, {"Content-Type": FORM, **headers}, 10)
        return status


@pytest.fixture
def line(at: Scene) -> Line:
    return Line(at)


@pytest.mark.parametrize(
    "wrong", ["unsigned", "forged", "changed", "old", "of the future", "no text", "another type"]
)
def test_what_slack_did_not_sign_now_is_refused(
    line: Line, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    """Each is ann's own click, which would approve, with one thing wrong."""
    body, now = line.body({**line.click, "mark": MARK}), time.time()
    headers = {
        "unsigned": {},
        "forged": signed("f" * 32, body, now),
        "changed": signed(line.secret, body + b"&x=1", now),
        "old": signed(line.secret, body, now - 301),
        "of the future": signed(line.secret, body, now + 302),
        "no text": signed(line.secret, body + b"\xff", now),
        "another type": {**signed(line.secret, body, now), "Content-Type": "text/plain"},
    }[wrong]
    before, logged = line.at.state(), line.at.events()

    with caplog.at_level(logging.DEBUG):
        status = line.send(body + (b"\xff" if wrong == "no text" else b""), headers)

    assert status in {400, 401}
    assert line.at.state() == before
    assert line.at.events() == logged
    assert MARK not in caplog.text


def mutated(chance: random.Random, payload: Any) -> Any:
    """The payload with some of its parts left out, or something else in their place."""
    odd = [
        None,
        0,
        -1,
        True,
        "",
        MARK,
        [],
        {},
        [MARK],
        {"id": MARK},
        "x" * 5_000,
        1e308,
        [[]],
        "\ud800",
    ]
    if isinstance(payload, dict):
        return {
            key: chance.choice(odd) if chance.random() < 0.08 else mutated(chance, value)
            for key, value in payload.items()
            if chance.random() > 0.04
        }
    if isinstance(payload, list):
        kept = [mutated(chance, each) for each in payload if chance.random() > 0.05]
        return kept * chance.choice([1, 1, 1, 2])
    return payload


def test_signed_nonsense_decides_nothing_and_is_not_logged(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    """As no release of Slack ever sent it; and a good click works afterwards."""
    chance = random.Random(20261129)
    at, eve = line.at.at, line.at.at.slack.add_user("eve")
    someone = copy.deepcopy(line.click)
    someone["user"] |= {"id": eve.id, "username": "eve", "name": "eve"}
    view = {"type": "modal", "callback_id": "deny_modal", "id": "V1", "private_metadata": "{}"}
    sent = {"type": "view_submission", "view": view, "user": someone["user"]}
    before = line.at.state()

    with caplog.at_level(logging.DEBUG):
        statuses = set()
        for _ in range(PAYLOADS):
            body = line.body(mutated(chance, chance.choice([someone, sent])))
            statuses.add(line.send(body, signed(line.secret, body)))
        for each in [at.desk._pool.submit(time.sleep, 0.05) for _ in range(32)]:
            each.result()

    assert statuses <= {200, 404, 500}, statuses
    assert 200 in statuses
    assert line.at.state() == before
    assert MARK not in caplog.text
    assert at.desk.fatal is None
    assert at.slack.click(at.ann, line.at.place, line.at.card("plain", "approve").ts, "approve").ok
    at.shows(line.at.card("plain", "undo"), "Done")
