"""Settings from the environment, and secrets from files that it names."""

from pathlib import Path

import pytest

from bot.config import Config
from bot.config.environment import read_environment
from bot.config.yaml_file import parse_yaml
from bot.errors import ConfigError
from bot.model import Severity


def configured(environ: dict[str, str], text: str = "") -> Config:
    return Config.from_sources(parse_yaml(text, Path("c.yaml")), read_environment(environ))


def test_a_variable_overrides_the_file_and_leaves_its_neighbours() -> None:
    config = configured({"LOCKSMITH_AWS__PROFILE": "mine"}, "aws: {profile: x, region: r}\n")

    assert (config.aws.profile, config.aws.region) == ("mine", "r")


@pytest.mark.parametrize(
    ("variable", "text", "at", "value"),
    [
        ("INVENTORY__NAMING_BUDGET", "0", ("inventory", "naming_budget"), 0),
        ("VERIFICATION__INTERVAL_SECONDS", "0.5", ("verification", "interval_seconds"), 0.5),
        ("SCAN__FAIL_ON", "high", ("scan", "fail_on"), Severity.HIGH),
        ("SCAN__FAIL_ON", "null", ("scan", "fail_on"), None),
        ("AWS__PROFILE", "123", ("aws", "profile"), "123"),
        ("AWS__PROFILE", "no", ("aws", "profile"), "no"),
        (
            "PROTECTED__BREAK_GLASS",
            "[arn:a, arn:b]",
            ("protected", "break_glass"),
            ("arn:a", "arn:b"),
        ),
        ("OWNERS__MAPPING_FILE", "1: 2.yaml", ("owners", "mapping_file"), Path("1: 2.yaml")),
        ("OWNERS__DEFAULT", "ann@example.com", ("owners", "default"), "ann@example.com"),
        ("OWNERS__TEAMS", "{web: S01}", ("owners", "teams"), {"web": "S01"}),
        ("SLACK__SECURITY_CHANNEL", "C01", ("slack", "security_channel"), "C01"),
        ("SLACK__BOT_TOKEN", "yes: no", ("slack", "bot_token"), "yes: no"),
        ("DATABASE__URL", "postgresql://u:p@h/d", ("database", "url"), "postgresql://u:p@h/d"),
    ],
)
def test_values_are_yaml_except_where_the_setting_is_text(
    variable: str, text: str, at: tuple[str, str], value: object
) -> None:
    config = configured({f"LOCKSMITH_{variable}": text})

    assert getattr(getattr(config, at[0]), at[1]) == value


def test_a_control_is_named_with_underscores() -> None:
    config = configured(
        {"LOCKSMITH_CONTROLS__UNUSED_ACCESS_KEY__MAX_IDLE_DAYS": "30"},
        "controls: {unused-access-key: {enabled: true}, other: {}}\n",
    )

    assert config.controls == {
        "unused-access-key": {"enabled": True, "max_idle_days": 30},
        "other": {},
    }


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("LOCKSMITH_AWS__PROFIL", "did you mean LOCKSMITH_AWS__PROFILE?"),
        ("LOCKSMITH_AWS__REGION_FILE", "did you mean LOCKSMITH_AWS__REGION?"),
        ("LOCKSMITH_QQQQQ__ZZ", "known are: LOCKSMITH_ACCOUNTS, LOCKSMITH_APPROVALS__CODES_FILE"),
        ("LOCKSMITH_AWS_PROFILE", "write LOCKSMITH_AWS__PROFILE, with two underscores"),
    ],
)
def test_an_unknown_variable_is_a_mistake(variable: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        configured({variable: "x"})

    assert variable in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "text"),
    [("LOCKSMITH_INVENTORY__NAMING_BUDGET", "many"), ("LOCKSMITH_SCAN__FAIL_ON", "[high")],
)
def test_a_wrong_value_names_its_variable(variable: str, text: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        configured({variable: text})


def test_other_peoples_variables_are_left_alone() -> None:
    config = configured({"LOCKSMITH_HOME": "x", "AWS__PROFILE": "y", "PATH": "z"})

    assert config.overridden == {}


def test_a_variable_does_not_hide_a_section_that_is_none() -> None:
    with pytest.raises(ConfigError, match=r"c\.yaml, line 1: `aws`"):
        configured({"LOCKSMITH_AWS__PROFILE": "x"}, "aws: 3\n")


def test_a_secret_comes_from_a_file_that_the_environment_names(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://u:p@h/d\n", encoding="utf-8")

    config = configured({"LOCKSMITH_DATABASE__URL_FILE": str(secret)})

    assert config.database_url == "postgresql://u:p@h/d"
    assert config.overridden == {("database", "url"): "LOCKSMITH_DATABASE__URL_FILE"}


@pytest.mark.parametrize("name", ["bot_token", "app_token", "signing_secret"])
def test_slacks_secrets_come_from_files_and_show_nowhere(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n", encoding="utf-8")

    config = configured({f"LOCKSMITH_SLACK__{name.upper()}_FILE": str(secret)})

    assert getattr(config.slack, name) == "hunter2"
    assert "hunter2" not in repr(config) + str(config.slack)


def test_a_secret_file_that_gives_nothing_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff")

    for name, said in (("empty", "is empty"), ("binary", "not UTF-8"), ("none", "No such file")):
        with pytest.raises(ConfigError, match=said):
            configured({"LOCKSMITH_DATABASE__URL_FILE": str(tmp_path / name)})


def test_a_secret_given_twice_is_a_mistake(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://u:hunter2@h/d", encoding="utf-8")

    with pytest.raises(ConfigError, match="both set one setting") as caught:
        configured(
            {
                "LOCKSMITH_DATABASE__URL": "sqlite://",
                "LOCKSMITH_DATABASE__URL_FILE": str(secret),
            }
        )

    assert "hunter2" not in str(caught.value)
