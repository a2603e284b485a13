"""Slack's requests are handed on once; everything else is answered shortly and told of rarely."""

import asyncio
import threading
from collections.abc import Mapping

import pytest
from starlette.types import Message

from bot.http.admission import Admission
from bot.http.answers import Answer
from bot.http.door import Door
from bot.http.front import front
from bot.http.health import Health
from tests.conftest import NOON
from tests.http.asking import SECRET, FakeSlackApp, Seen, ask, signed, swapped

BODY = b"payload=secret-words"
GOOD = signed(BODY)


@pytest.fixture
def slack() -> FakeSlackApp:
    return FakeSlackApp()


def asked(slack: FakeSlackApp, *args: object, **options: object) -> Seen:
    return asyncio.run(ask(slack.front(), *args, **options))  # type: ignore[arg-type]


def test_a_good_request_is_handed_on_and_answered(slack: FakeSlackApp) -> None:
    seen = asked(slack, BODY, GOOD)

    assert (seen.status, seen.body) == (200, b"done")
    assert seen.headers["content-type"] == "a/b"
    assert [body for _, body in slack.seen] == ["payload=secret-words"]


def test_an_answer_passes_as_it_is(slack: FakeSlackApp) -> None:
    slack.answer = Answer(404, {}, '{"error": "unhandled request"}')

    seen = asked(slack, BODY, GOOD)

    assert (seen.status, seen.body) == (404, b'{"error": "unhandled request"}')


def test_a_body_in_pieces_is_one_body(slack: FakeSlackApp) -> None:
    assert asked(slack, [BODY[:3], BODY[3:9], b"", BODY[9:]], GOOD).status == 200
    assert slack.seen[0][1] == BODY.decode()


def test_no_piece_is_read_past_the_limit(slack: FakeSlackApp) -> None:
    pieces = [b"a" * 100_000] * 10

    assert asked(slack, pieces, GOOD).status == 413
    assert slack.seen == []


def test_who_hangs_up_half_way_is_not_heard(slack: FakeSlackApp) -> None:
    app = slack.front()

    async def broken_off() -> None:
        sent: list[Message] = []
        arriving: list[Message] = [
            {"type": "http.request", "body": BODY, "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> Message:
            return arriving.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/slack/events",
            "root_path": "",
            "query_string": b"",
            "headers": GOOD,
        }
        await app(scope, receive, send)
        assert sent[0]["status"] == 400

    asyncio.run(broken_off())
    assert slack.seen == []


def test_a_refusal_is_empty_and_hangs_up(slack: FakeSlackApp) -> None:
    seen = asked(slack, BODY, swapped(GOOD, "x-slack-signature", b"v0=" + b"0" * 64))

    assert (seen.status, seen.body, seen.headers["connection"]) == (401, b"", "close")
    assert slack.seen == []
    assert slack.keys == set()


def test_a_hundred_replays_at_once_are_handed_on_once(slack: FakeSlackApp) -> None:
    keys: set[str] = set()
    memory = threading.Lock()

    def admit_once(key: str) -> bool:
        with memory:
            new = key not in keys
            keys.add(key)
        return new

    door = Door(Admission(SECRET, lambda: NOON), admit_once, slack.dispatch)
    app = front(Health({}), door)

    async def storm() -> list[Seen]:
        return await asyncio.gather(*(ask(app, BODY, GOOD) for _ in range(100)))

    answers = asyncio.run(storm())

    assert len(slack.seen) == 1
    assert {each.status for each in answers} == {200}
    assert sorted(each.body for each in answers) == [b""] * 99 + [b"done"]


def test_a_memory_that_fails_lets_nothing_in(
    slack: FakeSlackApp, caplog: pytest.LogCaptureFixture
) -> None:
    def admit_once(key: str) -> bool:
        raise OSError(f"no database, {key}, secret-words")

    door = Door(Admission(SECRET, lambda: NOON), admit_once, slack.dispatch)

    seen = asyncio.run(ask(front(Health({}), door), BODY, GOOD))

    assert (seen.status, seen.body) == (503, b"")
    assert slack.seen == []
    assert "OSError at test_door.py:" in caplog.text
    assert "secret-words" not in caplog.text


def test_what_fails_behind_the_door_is_told_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def dispatch(headers: Mapping[str, str], body: str) -> Answer:
        raise ValueError(body)

    door = Door(Admission(SECRET, lambda: NOON), lambda _: True, dispatch)

    seen = asyncio.run(ask(front(Health({}), door), BODY, GOOD))

    assert (seen.status, seen.body) == (500, b"")
    assert "ValueError at test_door.py:" in caplog.text
    assert "secret-words" not in caplog.text


def test_work_behind_the_door_does_not_hold_up_others() -> None:
    """Health is answered while a request is at work in its thread."""
    asked_health = threading.Event()

    def dispatch(headers: Mapping[str, str], body: str) -> Answer:
        return Answer(200 if asked_health.wait(10) else 504)

    app = front(Health({}), Door(Admission(SECRET, lambda: NOON), lambda _: True, dispatch))

    async def both() -> tuple[Seen, Seen]:
        working = asyncio.create_task(ask(app, BODY, GOOD))
        await asyncio.sleep(0.05)
        health = await ask(app, method="GET", path="/healthz")
        asked_health.set()
        return await working, health

    working, health = asyncio.run(both())
    assert (working.status, health.status) == (200, 200)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/slack/events", 405),
        ("PUT", "/slack/events", 405),
        ("POST", "/healthz", 405),
        ("DELETE", "/readyz", 405),
        ("POST", "/slack/events/", 404),
        ("POST", "/slack/event\ufffd", 404),
        ("POST", "//slack/events", 404),
        ("GET", "/", 404),
        ("GET", "/docs", 404),
    ],
)
def test_nothing_else_is_there(slack: FakeSlackApp, method: str, path: str, status: int) -> None:
    app = slack.front()

    seen = asyncio.run(ask(app, BODY, GOOD, method=method, path=path))

    assert (seen.status, seen.body) == (status, b"")
    assert slack.seen == []


def test_without_a_door_there_is_health_only() -> None:
    app = front(Health({}))

    assert asyncio.run(ask(app, BODY, GOOD)).status == 404
    assert asyncio.run(ask(app, method="GET", path="/healthz")).status == 200


def test_every_answer_is_never_stored_and_never_sniffed(slack: FakeSlackApp) -> None:
    answers = [
        asked(slack, BODY, GOOD),
        asked(slack, BODY),
        asked(slack, method="GET", path="/healthz"),
        asked(slack, method="GET", path="/none"),
    ]

    assert {each.headers["cache-control"] for each in answers} == {"no-store"}
    assert {each.headers["x-content-type-options"] for each in answers} == {"nosniff"}
