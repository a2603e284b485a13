"""docs/slack.md: its tables are the code's, and what it tells people to write works."""

import re
from pathlib import Path

import click
import pytest

from bot.cli.root import root
from bot.config import Config
from bot.config.environment import Overrides
from bot.config.yaml_file import read_yaml
from bot.slack.commands.catalogue import COMMANDS, Command
from bot.slack.manifest import SCOPES
from tools.generate import SLACK_PAGE
from tools.slack_page import slack_page

TEXT = SLACK_PAGE.read_text()
#: Every command of our own that a page tells people to type.
TYPED = sorted(
    {
        (page.name, line.removeprefix("$ ").split("#")[0].strip())
        for page in [SLACK_PAGE, SLACK_PAGE.parents[1] / "README.md"]
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), flags=re.DOTALL)
        for line in block.splitlines()
        if line.removeprefix("$ ").startswith("locksmith ")
    }
)
SETTINGS = sorted(set(re.findall(r"`([a-z]+\.[a-z_]+)(?::[^`]*)?`", TEXT)) - {"locksmith.yaml"})


def test_its_tables_are_the_codes() -> None:
    assert slack_page(TEXT) == TEXT


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name: str) -> None:
    assert f"| `{COMMANDS[name].usage}` | {COMMANDS[name].sentence} |" in TEXT


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_says_what_it_is_for(scope: str) -> None:
    assert f"| `{scope}` | {SCOPES[scope]} |" in TEXT


def test_a_new_command_makes_it_stale() -> None:
    more = {**COMMANDS, "dance": Command("dance", "ID", "dances")}

    assert "| `/locksmith dance ID` | dances | everyone |" in slack_page(TEXT, more)


@pytest.mark.parametrize("written", ["", TEXT.replace("commands -->", "orders -->"), TEXT * 2])
def test_a_part_without_its_marks_is_an_error(written: str) -> None:
    with pytest.raises(ValueError, match="must have the parts"):
        slack_page(written)


@pytest.mark.parametrize("number", range(TEXT.count("```yaml")))
def test_every_configuration_is_valid(number: int, tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
    file = tmp_path / "locksmith.yaml"
    file.write_text(blocks[number])

    assert Config.from_sources(read_yaml(file), Overrides())


@pytest.mark.parametrize(("page", "line"), TYPED)
def test_every_command_line_is_one(page: str, line: str) -> None:
    """Each command is there, and knows the options."""
    _, *words = line.split()
    group: click.Command = root
    context = click.Context(root)
    while isinstance(group, click.Group) and words and not words[0].startswith("-"):
        found = group.get_command(context, words[0])
        assert found is not None, line
        group, words = found, words[1:]
    known = {option for param in group.params for option in param.opts}
    assert [word for word in words if word.startswith("-") and word not in known] == []


@pytest.mark.parametrize("variable", sorted(set(re.findall(r"LOCKSMITH_\w+", TEXT))))
def test_every_variable_is_one(variable: str) -> None:
    settings = (SLACK_PAGE.parents[1] / "config.example.yaml").read_text()

    assert variable in settings


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_one(setting: str) -> None:
    section, name = setting.split(".")

    assert name in type(getattr(Config(), section)).model_fields
