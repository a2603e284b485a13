"""Policy documents become one compact text, the same object for equal documents."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.aws.documents import Documents

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Sid": "a+b %2F é", "Effect": "Allow"}]}
COMPACT = json.dumps(DOCUMENT, separators=(",", ":"))


@pytest.mark.parametrize(
    "given_as",
    [
        DOCUMENT,
        json.dumps(DOCUMENT),
        json.dumps(DOCUMENT, indent=4),
        "\n  " + json.dumps(DOCUMENT, ensure_ascii=False),
        quote(json.dumps(DOCUMENT)),
        quote(json.dumps(DOCUMENT), safe=""),
        quote(json.dumps(DOCUMENT), safe="+"),
        quote(json.dumps(DOCUMENT, indent=1)),
    ],
    ids=[
        "object",
        "text",
        "indented",
        "padded",
        "encoded",
        "encoded whole",
        "plus signs as they are",
        "encoded indented",
    ],
)
def test_every_way_of_writing_a_document_gives_one_text(given_as: Any) -> None:
    assert Documents().text(given_as) == COMPACT


def test_equal_documents_are_one_object() -> None:
    documents = Documents()
    texts = [documents.text(json.loads(COMPACT)) for _ in range(3)]
    texts += [documents.text(COMPACT), documents.text(quote(COMPACT))]
    assert len({id(text) for text in texts}) == 1


def test_the_order_of_keys_is_kept() -> None:
    documents = Documents()
    assert documents.text({"b": 1, "a": 2}) == '{"b":1,"a":2}'
    assert documents.text({"a": 2, "b": 1}) == '{"a":2,"b":1}'


@pytest.mark.parametrize(
    "bad",
    ["", "{", "%7B%22a", "not json", "[]", '"text"', "[{}]", None, [], 7, "%22a%22"],
    ids=repr,
)
def test_what_is_no_document_is_an_error(bad: Any) -> None:
    with pytest.raises(ValueError, match="policy document"):
        Documents().text(bad)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON_VALUES))
def test_nothing_is_lost(document: dict[str, Any]) -> None:
    """Whatever the document, as an object or encoded: the text reads back as it."""
    documents = Documents()
    text = documents.text(document)
    assert json.loads(text) == document
    assert documents.text(quote(json.dumps(document))) is text
