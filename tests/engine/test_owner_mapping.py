"""The mapping file: who owns what, and how it answers to mistakes."""

from pathlib import Path

import pytest

from bot.engine.owner_mapping import MappedOwner, read
from bot.errors import ConfigError, ExitCode

FILE = "owners.yaml"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    return path


def test_entries_are_read_in_their_order(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "# who owns what\n"
        "- match: arn:aws:iam::*:user/web-*\n"
        "  owner: S01\n"
        "  manager: Ann@Example.com\n"
        "  reader: arn:aws:iam::123456789012:role/web\n"
        "- {match: '*', owner: C01}\n",
    )

    assert read(path) == (
        MappedOwner(
            match="arn:aws:iam::*:user/web-*",
            owner="S01",
            manager="ann@example.com",
            reader="arn:aws:iam::123456789012:role/web",
        ),
        MappedOwner(match="*", owner="C01"),
    )


@pytest.mark.parametrize("text", ["", "# nobody\n", "[]\n", "null\n"])
def test_a_file_that_says_nothing_has_no_entries(tmp_path: Path, text: str) -> None:
    assert read(written(tmp_path, text)) == ()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("- match: web-*\n  owner: U01\n", 1, "`[0].match`: must be an ARN, with * and ?"),
        ("- match: arn:*\n  owner: ann\n", 2, "`[0].owner`: must be a Slack id (U…, S…, C…) or"),
        ("- match: arn:*\n  owner: U01\n  manager: x\n", 3, "`[0].manager`: must be a Slack id"),
        (
            "- match: arn:*\n  owner: U01\n  reader: arn:aws:iam::123456789012:role/*\n",
            3,
            "`[0].reader`: must be the ARN of one role or user",
        ),
        ("- match: arn:*\n  owner: U01\n  reader: ann\n", 3, "`[0].reader`: must be an ARN"),
        ("- match: arn:*\n", 1, "`[0].owner`: must be given"),
        ("- owner: U01\n", 1, "`[0].match`: must be given"),
        ("- {match: '*', owner: U01}\n- {match: arn:*, ownr: U01}\n", 2, "did you mean `owner`?"),
        ("- U01\n", 1, "`[0]`: must be settings as indented `name: value` lines, not 'U01'"),
        ("- match: arn:*\n  owner: 3\n", 2, "must be text"),
        ("\nmatch: arn:*\nowner: U01\n", 2, "the file must hold a list, each entry starting with"),
        ("U01\n", 1, "the file must hold a list"),
        ("- match: arn:*\n  match: arn:*\n", 2, "`[0].match` was set on line 1 already"),
        ("- match: arn:*\n\towner: U01\n", 2, "a tab where spaces must be"),
        ("- [\n", 2, "not readable as YAML"),
        ("- !!python/object/apply:os.system [ls]\n", 1, "not readable as YAML"),
        (
            "- {match: arn:x*, owner: U01}\n- {match: arn:x*, owner: U02}\n",
            2,
            "the pattern arn:x* has its owner in",
        ),
    ],
)
def test_a_mistake_is_named_with_file_line_and_remedy(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        read(path)

    assert f"{path}, line {line}" in str(caught.value)
    assert said in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "- {match: x, owner: U01}\n- {match: arn:*}\n- {owner: y}\n")

    with pytest.raises(ConfigError) as caught:
        read(path)

    assert [line.split(": ")[0][-6:] for line in str(caught.value).splitlines()] == [
        "line 1",
        "line 2",
        "line 3",
        "line 3",
    ]


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        read(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match="can't be read"):
        read(tmp_path)
