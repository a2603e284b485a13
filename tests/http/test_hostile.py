"""Ten thousand hostile requests: none let in, none crashes anything, none writes into the log."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.http.asking import STAMP, FakeSlackApp, Headers, Seen, ask, signature, signed, swapped

REQUESTS = 10_000
MARK = "spilled"  # stands in every body and header value
REFUSALS = {400, 401, 404, 405, 413}


@dataclass(frozen=True, slots=True)
class Hostile:
    """A request that must not be let in."""

    body: bytes
    headers: Headers
    method: str = "POST"
    path: str = "/slack/events"


def noise(chance: random.Random, most: int) -> bytes:
    return chance.randbytes(chance.randrange(most))


def body(chance: random.Random) -> bytes:
    marked = MARK.encode()
    return chance.choice(
        [
            lambda: marked + noise(chance, 200),
            lambda: b"payload=%7B%22" + marked + b"%22%7D",
            lambda: marked + b"\xff\xfe\x00",
            lambda: b"{" * 1000 + marked,
            lambda: b"",
        ]
    )()


def stamp(chance: random.Random) -> bytes:
    return chance.choice(
        [
            lambda: STAMP.encode(),
            lambda: b"9" * 5000,
            lambda: b"nan",
            lambda: b"-1",
            lambda: b"0" * 10,
            lambda: "\u0661".encode() * 10,
            lambda: str(int(STAMP) + chance.randrange(-(10**6), 10**6)).encode(),
            lambda: noise(chance, 30),
        ]
    )()


def made(chance: random.Random, text: bytes) -> bytes:
    good = signature(text).encode()
    return chance.choice(
        [
            lambda: b"v0=" + chance.randbytes(32).hex().encode(),
            lambda: b"v1=" + good[3:],
            lambda: good[:-1],
            lambda: good + b"0",
            lambda: good[3:],
            lambda: good.upper(),
            lambda: b"v0=" + "\u00e4".encode() * 32,
            lambda: signature(text + b"!").encode(),
            lambda: signature(text, secret="f" * 32).encode(),
            lambda: signature(text, secret="").encode(),
            lambda: noise(chance, 80),
        ]
    )()


def nearly_good(chance: random.Random) -> Hostile:
    """A good request with one thing wrong."""
    text = body(chance)
    good = signed(text)
    name = chance.choice([each.decode() for each, _ in good])
    value = dict(good)[name.encode()]
    return chance.choice(
        [
            lambda: Hostile(text + b"!", good),
            lambda: Hostile(text, swapped(good, name)),
            lambda: Hostile(text, swapped(good, name, value, value)),
            lambda: Hostile(text, swapped(good, name, value, MARK.encode())),
            lambda: Hostile(text, swapped(good, name, value + b"\x00")),
            lambda: Hostile(text, swapped(good, "x-slack-signature", made(chance, text))),
            lambda: Hostile(text, [*good, (b"content-length", b"9" * chance.randrange(7, 5000))]),
            lambda: Hostile(text, [*good, (b"content-length", b"1"), (b"content-length", b"2")]),
            lambda: Hostile(text, signed(text, str(int(STAMP) - 301 - chance.randrange(10**6)))),
            lambda: Hostile(text, good, method=chance.choice(["GET", "PUT", "TRACE", "spilled"])),
            lambda: Hostile(text, good, path="/" + noise(chance, 20).decode("latin-1")),
        ]
    )()


def anything(chance: random.Random) -> Hostile:
    """Headers and body without a plan."""
    text = body(chance)
    headers: Headers = [
        (b"content-type", chance.choice([b"application/json", MARK.encode(), noise(chance, 40)])),
        (b"x-slack-request-timestamp", stamp(chance)),
        (b"x-slack-signature", made(chance, text)),
        (b"x-slack-" + noise(chance, 10), MARK.encode() + noise(chance, 600)),
        (noise(chance, 20), noise(chance, 20)),
    ]
    return Hostile(text, chance.sample(headers, chance.randrange(len(headers) + 1)))


def hostile(count: int, seed: int) -> list[Hostile]:
    chance = random.Random(seed)
    kinds: list[Callable[[random.Random], Hostile]] = [nearly_good, anything]
    return [chance.choice(kinds)(chance) for _ in range(count)]


def test_none_of_ten_thousand_comes_in(caplog: pytest.LogCaptureFixture) -> None:
    slack = FakeSlackApp()
    app = slack.front()

    async def storm() -> list[Seen]:
        return [
            await ask(app, each.body, each.headers, method=each.method, path=each.path)
            for each in hostile(REQUESTS, seed=20261124)
        ]

    with caplog.at_level(logging.DEBUG):
        answers = asyncio.run(storm())

    statuses = Counter(each.status for each in answers)
    assert slack.seen == []
    assert slack.keys == set()
    assert set(statuses) == REFUSALS  # every kind was met, and no other
    assert min(statuses.values()) > 50
    assert {each.body for each in answers} == {b""}
    ours = [each for each in caplog.records if each.name != "asyncio"]
    assert len(ours) <= 11
    assert all(len(each.getMessage().encode()) <= 200 for each in ours)
    assert MARK not in caplog.text


def test_good_requests_come_in_while_five_thousand_bad_ones_run() -> None:
    slack = FakeSlackApp()
    app = slack.front()

    async def storm() -> list[Seen]:
        bad = [
            ask(app, each.body, each.headers, method=each.method, path=each.path)
            for each in hostile(5000, seed=7)
        ]
        good = [
            ask(app, text, signed(text)) for text in (f"payload={n}".encode() for n in range(50))
        ]
        mixed = [*bad, *good]
        random.Random(7).shuffle(mixed)
        return await asyncio.gather(*mixed)

    answers = asyncio.run(storm())

    assert sum(each.status == 200 for each in answers) == 50
    assert sorted(int(text.removeprefix("payload=")) for _, text in slack.seen) == list(range(50))
