"""One text for one JSON value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PlanError
from bot.model import Json, canonical, digest

texts = st.text(st.characters(codec="utf-8", max_codepoint=0x2FF), max_size=8).map(
    lambda text: text if text.isascii() else "é"
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(values)
def test_reading_the_text_gives_the_value_back(value: Json) -> None:
    """Nothing is lost on the way into the database and out again."""
    again = json.loads(canonical(value))

    assert again == value
    assert canonical(again) == canonical(value)


@given(st.dictionaries(texts, st.integers(), min_size=2, max_size=5))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    """Two plans that differ in the order of parameters are one plan."""
    turned = dict(reversed(list(value.items())))

    assert digest(turned) == digest(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), (1, "1"), (None, "null"), ([], {}), (["a", "b"], ["ab"])],
    ids=["one-true", "zero-false", "number-text", "none-text", "list-object", "joined"],
)
def test_what_python_takes_for_equal_has_different_digests(one: Json, other: Json) -> None:
    """`1 == True` in Python; in a plan they are different parameters."""
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), {1: "a"}, {"a": {2: "b"}}, b"bytes", {"a": [object()]}, "e\u0301"],
    ids=["float", "nan", "number-key", "inner-number-key", "bytes", "object", "not-nfc"],
)
def test_what_has_no_single_text_is_refused(value: object) -> None:
    """Better no digest than two for one thing, or one for two."""
    with pytest.raises(PlanError):
        canonical(value)  # type: ignore[arg-type]
