"""The size of documents, and the text behind them."""

import json
from urllib.parse import quote

import pytest

from bot.policy.wire import MalformedTextError, compact, document_size, plain_text

CONTENT = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "ü"}}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(CONTENT, id="mapping"),
        pytest.param(json.dumps(CONTENT, ensure_ascii=False, indent=4), id="indented text"),
        pytest.param(quote(json.dumps(CONTENT, ensure_ascii=False)), id="URL-encoded text"),
    ],
)
def test_white_space_and_encoding_do_not_count(raw: object) -> None:
    expected = len('{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"ü"}}')

    assert document_size(raw) == expected  # type: ignore[arg-type]


def test_a_plus_sign_is_no_space() -> None:
    """RFC 3986, not form encoding: user names may have a plus."""
    assert plain_text(quote('{"a":"b"}').replace("b", "b+c")) == '{"a":"b+c"}'


def test_a_percent_sign_in_plain_json_stays() -> None:
    assert plain_text('{"a":"%7B"}') == '{"a":"%7B"}'


def test_compact_text_sorts_keys_and_escapes_what_is_not_ascii() -> None:
    assert compact({"b": [1], "a": "ü"}) == '{"a":"\\u00fc","b":[1]}'


def test_keys_that_are_no_texts_are_refused_or_written() -> None:
    with pytest.raises(MalformedTextError, match="what JSON can't"):
        plain_text({("a",): 1})  # type: ignore[dict-item]
