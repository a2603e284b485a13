"""The server over real loopback sockets: it refuses, waits only so long, and stops kindly."""

import asyncio
import http.client
import logging
import random
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import timedelta

import pytest

from bot.errors import LocksmithError
from bot.http.admission import Admission
from bot.http.answers import Answer
from bot.http.door import Door
from bot.http.front import front
from bot.http.health import Health
from bot.http.server import Server
from tests.conftest import NOON
from tests.http.asking import SECRET, FakeSlackApp, signed

BODY = b"payload=secret-words"
GOOD = {name.decode(): value.decode() for name, value in signed(BODY)}
IN_TIME = timedelta(seconds=10)


@pytest.fixture
def slack() -> FakeSlackApp:
    return FakeSlackApp()


@pytest.fixture
def server(slack: FakeSlackApp) -> Iterator[Server]:
    with running(Server(slack.front())) as server:
        yield server


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop(IN_TIME)


def post(server: Server, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(*server.address, timeout=10)) as connection:
        connection.request("POST", "/slack/events", body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()


def raw(server: Server, *pieces: bytes) -> bytes:
    """All that comes back for these bytes until the server hangs up."""
    back = b""
    with closing(socket.create_connection(server.address, timeout=10)) as connection:
        with suppress(ConnectionError):  # it may hang up on what it doesn't want to hear
            for piece in pieces:
                connection.sendall(piece)
        with suppress(ConnectionError):
            while more := connection.recv(65536):
                back += more
    return back


def head(*lines: str) -> bytes:
    return "\r\n".join(("POST /slack/events HTTP/1.1", "Host: x", *lines, "", "")).encode()


def test_listens_on_loopback_and_answers(server: Server, slack: FakeSlackApp) -> None:
    host, port = server.address

    assert host == "127.0.0.1"
    assert port > 0
    assert post(server, BODY, GOOD) == (200, b"done")
    assert [body for _, body in slack.seen] == ["payload=secret-words"]


def test_says_nothing_of_itself(server: Server) -> None:
    with closing(http.client.HTTPConnection(*server.address, timeout=10)) as connection:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()

    assert answer.status == 200
    assert {name.lower() for name, _ in answer.getheaders()} == {
        "date",
        "content-type",
        "content-length",
        "cache-control",
        "x-content-type-options",
    }


def test_a_body_over_the_limit_is_refused_by_its_announcement(server: Server) -> None:
    lines = [f"{name}: {value}" for name, value in GOOD.items()]

    answer = raw(server, head(*lines, f"Content-Length: {256 * 1024 + 1}"))

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_grows_over_the_limit_is_refused(server: Server, slack: FakeSlackApp) -> None:
    lines = [f"{name}: {value}" for name, value in GOOD.items()]
    chunk = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"

    answer = raw(server, head(*lines, "Transfer-Encoding: chunked"), *[chunk] * 8, b"1\r\na\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert slack.seen == []


def test_a_body_that_does_not_come_is_not_waited_for(slack: FakeSlackApp) -> None:
    door = Door(
        Admission(SECRET, lambda: NOON),
        slack.admit_once,
        slack.dispatch,
        patience=timedelta(seconds=0.1),
    )
    lines = [f"{name}: {value}" for name, value in GOOD.items()]

    with running(Server(front(Health({}), door))) as server:
        answer = raw(server, head(*lines, f"Content-Length: {len(BODY)}"), BODY[:-1])

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert slack.seen == []


@pytest.mark.parametrize("sent", [b"", b"POST /slack/ev", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for(slack: FakeSlackApp, sent: bytes) -> None:
    with running(Server(slack.front(), patience=timedelta(seconds=0.1))) as server:
        assert raw(server, sent) == b""


def test_a_second_head_is_not_waited_for_either(slack: FakeSlackApp) -> None:
    server = Server(slack.front(), patience=timedelta(seconds=0.2))
    with running(server), closing(http.client.HTTPConnection(*server.address, timeout=4)) as used:
        used.request("GET", "/healthz")
        assert used.getresponse().read() == b"alive\n"
        used.sock.sendall(b"GET /hea")
        assert used.sock.recv(65536) == b""


def test_slow_strangers_keep_nobody_out(server: Server) -> None:
    waiting = [socket.create_connection(server.address) for _ in range(100)]
    try:
        for each in waiting:
            each.sendall(b"POST /slack/events HTTP/1.1\r\nX-Slow: ")
        assert post(server, BODY, GOOD) == (200, b"done")
    finally:
        for each in waiting:
            each.close()


def test_bytes_that_are_no_http_break_nothing(
    server: Server, slack: FakeSlackApp, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(11)
    lines = [f"{name}: {value}" for name, value in GOOD.items()]
    chunked = head(*lines, "Transfer-Encoding: chunked")
    sent = [
        b"\x16\x03\x01\x02\x00secret-words\r\n\r\n",
        b"secret-words\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET " + b"/a" * 40_000 + b" HTTP/1.1\r\n\r\n",
        head("Content-Length: 1", "Content-Length: 2"),
        head("Content-Length: 1", "Transfer-Encoding: chunked"),
        head("Upgrade: websocket", "Connection: upgrade", "Content-Length: 0"),
        chunked + b"secret-words\r\n",
        chunked + b"5\r\nabcdefg-secret-words\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nsecret-words\r\n\r\n",
        *[head(*lines, chance.randbytes(20).decode("latin-1")) for _ in range(100)],
    ]

    with caplog.at_level(logging.DEBUG):
        answers = [raw(server, each, b"\r\n\r\n") for each in sent]

    assert all(not each or each.startswith(b"HTTP/1.1 ") for each in answers)
    assert not any(b"HTTP/1.1 5" in each for each in answers)
    assert post(server, BODY, GOOD) == (200, b"done")
    assert len(slack.seen) == 1
    loud = [each for each in caplog.records if each.levelno >= logging.INFO]
    assert len(loud) <= 20
    assert "secret-words" not in caplog.text


def test_a_connection_that_breaks_after_its_answer_is_told_of_in_our_words(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(socket.create_connection(server.address, timeout=10)) as connection:
        connection.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        answer = b""
        while b"alive" not in answer:
            answer += connection.recv(65536)
        connection.sendall(b"secret-words\r\n\r\n")
        with suppress(ConnectionError):
            assert connection.recv(65536) == b""

    assert caplog.messages == ["A connection failed: LocalProtocolError."]
    assert "secret-words" not in caplog.text


def test_stopping_finishes_what_runs() -> None:
    started, release = threading.Event(), threading.Event()

    def dispatch(headers: Mapping[str, str], body: str) -> Answer:
        started.set()
        release.wait(10)
        return Answer(200, body="finished")

    door = Door(Admission(SECRET, lambda: NOON), lambda _: True, dispatch)
    server = Server(front(Health({}), door))
    server.start()
    answers: list[tuple[int, bytes]] = []
    asking = threading.Thread(target=lambda: answers.append(post(server, BODY, GOOD)))
    asking.start()
    assert started.wait(10)
    threading.Timer(0.3, release.set).start()

    assert server.stop(IN_TIME)

    asking.join(10)
    assert answers == [(200, b"finished")]
    assert not server.is_alive()


def test_stopping_gives_up_on_time_and_says_so() -> None:
    started, release = threading.Event(), threading.Event()

    def dispatch(headers: Mapping[str, str], body: str) -> Answer:
        started.set()
        release.wait(10)
        return Answer(200)

    door = Door(Admission(SECRET, lambda: NOON), lambda _: True, dispatch)
    server = Server(front(Health({}), door))
    server.start()
    with closing(socket.create_connection(server.address, timeout=10)) as connection:
        lines = [f"{name}: {value}" for name, value in GOOD.items()]
        connection.sendall(head(*lines, f"Content-Length: {len(BODY)}") + BODY)
        assert started.wait(10)

        assert not server.stop(timedelta(seconds=0.3))

        release.set()
        assert server.stop(IN_TIME)


def test_stopping_does_not_wait_for_idle_connections(server: Server) -> None:
    with closing(http.client.HTTPConnection(*server.address, timeout=10)) as idle:
        idle.request("GET", "/healthz")
        idle.getresponse().read()

        assert server.stop(timedelta(seconds=3))

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address)


def test_a_taken_port_is_named_with_what_to_do(server: Server) -> None:
    host, port = server.address

    with pytest.raises(LocksmithError, match=f"can't listen at {host} port {port}") as caught:
        Server(front(Health({})), port=port).start()

    assert "Stop it, or choose another port." in caught.value.hint


@pytest.mark.parametrize(
    ("host", "port", "cause"),
    [
        ("192.0.2.1", 0, "Cannot assign requested address"),
        ("127.0.0.1", 99_999, "there is no such port"),
        ("no host", 1, "there is no such host"),
    ],
)
def test_an_address_that_is_none_is_named(host: str, port: int, cause: str) -> None:
    with pytest.raises(
        LocksmithError, match=f"can't listen at {host} port {port}: {cause}$"
    ) as caught:
        Server(front(Health({})), host=host, port=port).start()
    assert caught.value.hint


def _has_ipv6() -> bool:
    with closing(socket.socket(socket.AF_INET6)) as trial, suppress(OSError):
        trial.bind(("::1", 0))
        return True
    return False


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no ::1")
def test_listens_on_ipv6_too(slack: FakeSlackApp) -> None:
    with running(Server(slack.front(), host="::1")) as server:
        assert server.address[0] == "::1"
        assert post(server, BODY, GOOD) == (200, b"done")


def test_an_address_needs_a_started_server(slack: FakeSlackApp) -> None:
    with pytest.raises(RuntimeError, match="not started"):
        _ = Server(slack.front()).address
    assert Server(slack.front()).stop(IN_TIME)


def test_an_application_that_cannot_start_is_no_running_server() -> None:
    async def broken(scope: object, receive: object, send: object) -> None:
        await asyncio.sleep(0)
        raise OSError("no")

    with pytest.raises(LocksmithError, match="did not start"):
        Server(broken).start()
