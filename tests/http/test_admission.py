"""Only what Slack really sends, and signed, is let in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.errors import ConfigError
from bot.http.admission import Admission, SlackRequest, UnwelcomeError
from tests.conftest import NOON
from tests.http.asking import SECRET, STAMP, Headers, signature, signed, swapped

BODY = "payload=gr\u00fcn".encode()
GOOD = signed(BODY)

admission = Admission(SECRET, lambda: NOON, body_limit=1000)


def admitted(headers: Headers, body: bytes = BODY) -> SlackRequest:
    return admission.admit(admission.claim(headers), body)


def stamped(seconds: int) -> Headers:
    return signed(BODY, str(int(STAMP) + seconds))


def test_a_signed_request_comes_in_with_slacks_headers_only() -> None:
    request = admitted([*GOOD, (b"X-Slack-Retry-Num", b"1"), (b"cookie", b"a=b")])

    assert request.body == "payload=gr\u00fcn"
    assert request.headers == {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": STAMP,
        "x-slack-signature": signature(BODY),
        "x-slack-retry-num": "1",
    }


def test_slacks_own_library_agrees_on_the_signature() -> None:
    request = admitted(GOOD)

    verifier = SignatureVerifier(SECRET)
    assert verifier.generate_signature(timestamp=STAMP, body=request.body) == signature(BODY)


@pytest.mark.parametrize("form", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_let_in_too(form: str) -> None:
    assert admitted(signed(b"{}", form=form), b"{}").body == "{}"


def test_one_key_for_one_signed_text() -> None:
    assert admitted(GOOD).key == admitted([*GOOD, (b"x-slack-retry-num", b"1")]).key
    assert admitted(GOOD).key != admitted(stamped(1)).key
    assert admitted(GOOD).key != admitted(signed(b"other"), b"other").key
    assert len(admitted(GOOD).key) == 64


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_both_ways_are_close_enough(seconds: int) -> None:
    assert admitted(stamped(seconds)).body


@pytest.mark.parametrize("seconds", [-301, 301, -(10**8)])
def test_further_off_is_refused_though_signed(seconds: int) -> None:
    refused(401, "too far", lambda: admitted(stamped(seconds)))


@pytest.mark.parametrize(
    "stamp",
    [
        b"",
        b"noon",
        b"9" * 5000,
        b" " + STAMP.encode(),
        STAMP.encode() + b"\n",
        STAMP.encode() + b".0",
        b"-" + STAMP.encode()[1:],
        "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660".encode(),
    ],
)
def test_a_time_stamp_of_another_form_is_refused(stamp: bytes) -> None:
    refused(
        (400, 401),
        "stamp|ASCII",
        lambda: admitted(swapped(GOOD, "x-slack-request-timestamp", stamp)),
    )


@pytest.mark.parametrize(
    "made",
    [
        b"",
        b"v0=",
        b"v0=" + b"0" * 63,
        b"v1=" + signature(BODY).encode()[3:],
        signature(BODY).upper().encode(),
        b"v0=" + "\u00fc".encode() * 32,
        b"v0=" + b"\xff" * 64,
        signature(BODY).encode() + b"\n",
    ],
)
def test_a_signature_of_another_form_is_refused(made: bytes) -> None:
    refused(
        (400, 401), "signature|ASCII", lambda: admitted(swapped(GOOD, "x-slack-signature", made))
    )


@pytest.mark.parametrize(
    "made",
    [
        signature(BODY, secret="0" * 32),
        signature(BODY + b" "),
        signature(BODY, str(int(STAMP) + 1)),
        "v0=" + "0" * 64,
    ],
)
def test_another_signature_is_refused(made: str) -> None:
    refused(
        401, "doesn't match", lambda: admitted(swapped(GOOD, "x-slack-signature", made.encode()))
    )


@pytest.mark.parametrize(
    "name", ["content-type", "x-slack-request-timestamp", "x-slack-signature", "x-slack-retry-num"]
)
def test_a_header_twice_is_refused(name: str) -> None:
    value = dict(GOOD).get(name.encode(), b"1")
    refused(400, "twice", lambda: admitted(swapped(GOOD, name, value, value)))


@pytest.mark.parametrize("name", ["content-type", "x-slack-request-timestamp", "x-slack-signature"])
def test_a_header_missing_is_refused(name: str) -> None:
    refused(
        (400, 401), "content type|no time stamp|no signature", lambda: admitted(swapped(GOOD, name))
    )


@pytest.mark.parametrize("form", [b"text/plain", b"multipart/form-data", b"application/jsonp", b""])
def test_another_content_type_is_refused(form: bytes) -> None:
    refused(400, "content type", lambda: admitted(swapped(GOOD, "content-type", form)))


def test_a_signed_body_that_is_no_text_is_refused() -> None:
    refused(400, "UTF-8", lambda: admitted(signed(b"\xff\xfe"), b"\xff\xfe"))


@pytest.mark.parametrize("length", [b"1001", b"9" * 5000, b"000001001"])
def test_a_long_body_is_refused_by_its_announcement(length: bytes) -> None:
    refused(413, "too long", lambda: admission.claim([*GOOD, (b"content-length", length)]))


def test_a_long_body_is_refused_when_it_is_there() -> None:
    long = b"a" * 1001
    refused(413, "too long", lambda: admitted(signed(long), long))
    assert admitted([*signed(long[:-1]), (b"content-length", b"0001000")], long[:-1]).body


@pytest.mark.parametrize("lengths", [[b"-1"], [b"1e3"], [b""], [b"5", b"5"], [b"+5"]])
def test_an_unclear_length_is_refused(lengths: list[bytes]) -> None:
    headers = swapped(GOOD, "content-length", *lengths)
    refused(400, "content length", lambda: admission.claim(headers))


@pytest.mark.parametrize("secret", ["", " " * 32, "xoxb-1", SECRET.upper(), SECRET + "\n"])
def test_a_secret_that_is_none_stops_it_at_start(secret: str) -> None:
    with pytest.raises(ConfigError, match="32 hexadecimal digits") as caught:
        Admission(secret, lambda: NOON)
    assert secret not in str(caught.value) or not secret.strip()


def test_neither_secret_nor_body_show_in_a_repr() -> None:
    assert SECRET not in repr(admission)
    assert "payload" not in repr(admitted(GOOD))
    assert signature(BODY) not in repr(admission.claim(GOOD))
    assert signature(BODY) not in repr(admitted(GOOD))


def test_tolerance_is_a_setting() -> None:
    strict = Admission(SECRET, lambda: NOON, tolerance=timedelta(seconds=10))
    refused(401, "too far", lambda: strict.claim(stamped(-11)))


def refused(status: int | tuple[int, ...], why: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(UnwelcomeError, match=why) as caught:
        attempt()
    assert caught.value.status in (status if isinstance(status, tuple) else (status,))
