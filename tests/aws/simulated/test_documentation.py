"""docs/simulated-account.md names what there is, so that it can't fall behind."""

import argparse
import inspect
import re
from pathlib import Path
from typing import get_args

import moto
import pytest

from bot.aws.simulated import AccountBuilder, __main__, control_panel
from bot.aws.simulated.faults import FaultKind

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "simulated-account.md").read_text(encoding="utf-8")


def test_every_builder_method_is_there() -> None:
    """Methods and properties without an underscore."""
    public = [name for name, _ in inspect.getmembers(AccountBuilder) if not name.startswith("_")]
    assert "user" in public
    missing = [name for name in public if not re.search(rf"`{name}\b", PAGE)]
    assert missing == []


def test_every_fault_is_there() -> None:
    """By its short form."""
    assert [kind for kind in get_args(FaultKind) if f"`{kind}" not in PAGE] == []


def test_every_control_page_is_there() -> None:
    """In the module's docstring and on the page."""
    pages = re.findall(r"`((?:GET|POST|DELETE) /simulated/\w+)`", control_panel.__doc__ or "")
    assert len(pages) == 7
    assert [page for page in pages if f"`{page}`" not in PAGE] == []


def test_options_are_real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every option the page shows is one the command has."""
    known: set[str] = set()

    def collect(parser: argparse.ArgumentParser, *_: object) -> argparse.Namespace:
        known.update(option for action in parser._actions for option in action.option_strings)
        raise SystemExit

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", collect)
    with pytest.raises(SystemExit):
        __main__.main([])
    shown = set(re.findall(r"(?<!-)--[a-z][a-z-]+", PAGE))
    assert shown
    assert shown <= known


def test_the_moto_checked_is_the_one_installed() -> None:
    """A new moto may answer better or worse: check the table again, then change the number."""
    assert f"moto is {moto.__version__}." in PAGE
