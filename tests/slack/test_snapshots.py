"""Snapshots are compared whole, written only when asked, and missed when nobody asks for them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.slack.snapshots import matches, unused

UPDATE = {"UPDATE_SNAPSHOTS": "1"}
CARD: Any = {"text": "Ключ \u202e", "blocks": [{"type": "divider", "block_id": "b"}]}


def test_what_was_kept_matches_whatever_the_order_of_its_keys(tmp_path: Path) -> None:
    matches("card", CARD, folder=tmp_path, environ=UPDATE)

    assert matches("card", dict(reversed(CARD.items())), folder=tmp_path, environ={})


def test_the_file_is_sorted_readable_ascii(tmp_path: Path) -> None:
    matches("card", CARD, folder=tmp_path / "new", environ=UPDATE)

    text = (tmp_path / "new" / "card.json").read_text()
    assert text.startswith('{\n  "blocks": [\n    {\n      "block_id": "b",\n')
    assert text.endswith("}\n")
    assert text.isascii()
    assert json.loads(text) == CARD


def test_a_change_fails_with_the_difference_and_changes_no_file(tmp_path: Path) -> None:
    matches("card", CARD, folder=tmp_path, environ=UPDATE)
    kept = (tmp_path / "card.json").read_text()

    with pytest.raises(
        AssertionError, match=r'(?s)-  "text": "\\u041a.*\+  "text": "New".*UPDATE_'
    ):
        matches("card", {**CARD, "text": "New"}, folder=tmp_path, environ={})

    assert (tmp_path / "card.json").read_text() == kept


@pytest.mark.parametrize("environ", [{}, {"UPDATE_SNAPSHOTS": "0"}])
def test_a_missing_snapshot_fails_and_is_not_written(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with pytest.raises(AssertionError, match="UPDATE_SNAPSHOTS=1"):
        matches("card", CARD, folder=tmp_path, environ=environ)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "../card", "a/b", "Card", "card.", "a card"])
def test_a_name_is_a_plain_file_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name for a snapshot"):
        matches(name, CARD, folder=tmp_path, environ=UPDATE)


def test_a_snapshot_that_nobody_asks_for_is_unused(tmp_path: Path) -> None:
    for name in ("card", "card.denied", "old"):
        matches(name, CARD, folder=tmp_path, environ=UPDATE)

    assert unused(["card", "card.denied", "not-yet"], folder=tmp_path) == ["old"]
