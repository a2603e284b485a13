"""docs/commands.md is what --help says."""

from pathlib import Path

from bot.cli.reference import reference
from tests.cli.test_root import ALL

COMMANDS = Path(__file__).parent.parent.parent / "docs" / "commands.md"


def test_the_page_is_what_help_says() -> None:
    assert COMMANDS.read_text(encoding="utf-8") == reference()


def test_every_command_stands_there() -> None:
    for path, _ in ALL:
        assert f"## `{' '.join(('locksmith', *path))}`\n" in reference()
