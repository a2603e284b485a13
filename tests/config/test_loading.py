"""What the configuration says, and how it answers to mistakes."""

import copy
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config, Settings, load, search_path
from bot.config.model import default_database_url
from bot.errors import ConfigError, ExitCode
from bot.model import OwnerSource, Risk, Severity

FILE = Path("given.yaml")


def loaded(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    return load(path, environ or {})


def mistake(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text, environ)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the configuration of whoever is testing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))


def test_without_a_file_everything_has_its_default() -> None:
    config = load(None, {})

    assert config == Config()
    assert config.path is None
    assert config.inventory.naming_budget == 400
    assert config.verification.reads == 2
    assert config.scan.fail_on is None
    assert config.protected.infrastructure_as_code == "advise"
    assert config.database_url == default_database_url()
    assert config.database_url.startswith("sqlite:///")


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "---\n", "null\n", "aws:\n", "aws:\npeople:\ncontrols:\n", "\ufeffaws:\n"],
    ids=["empty", "comment", "marker", "null", "empty section", "empty sections", "with a BOM"],
)
def test_what_says_nothing_gives_the_defaults(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text).model_dump() == Config().model_dump()


def test_a_file_sets_what_it_names(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "database: {url: 'sqlite:///here.db'}\n"
        "aws: {profile: audit, region: eu-central-1}\n"
        "protected:\n  break_glass: ['arn:aws:iam::*:user/fire-axe']\n"
        "verification: {interval_seconds: 0.5}\n"
        "scan: {fail_on: high}\n"
        "people:\n"
        "  - {name: Alice, local: [alice@laptop], aws: ['arn:aws:iam::1:user/alice']}\n"
        "controls:\n  unused-access-key: {days: 30}\n",
    )

    assert config.database_url == "sqlite:///here.db"
    assert (config.aws.profile, config.aws.region) == ("audit", "eu-central-1")
    assert config.protected.break_glass == ("arn:aws:iam::*:user/fire-axe",)
    assert config.verification.interval_seconds == 0.5
    assert config.scan.fail_on is Severity.HIGH
    assert config.people[0].local == ("alice@laptop",)
    assert config.controls == {"unused-access-key": {"days": 30}}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            "\nawz:\n  profile: x\n",
            2,
            "`awz`: no such setting; did you mean `aws`? Allowed: accounts, approvals,",
        ),
        ("aws:\n  profil: x\n", 2, "`aws.profil`: no such setting; did you mean `profile`?"),
        (
            "zzz: 1\n",
            1,
            "`zzz`: no such setting. Allowed: accounts, approvals, asking, audit, aws, controls",
        ),
        ("aws: 3\n", 1, "`aws`: must be settings as indented `name: value` lines, not 3"),
        ("aws:\n  region: no\n", 2, "`aws.region`: must be text, in quotes where it looks like"),
        ("aws:\n  region: ''\n", 2, "`aws.region`: must be text that isn't empty"),
        ("inventory:\n  naming_budget: -1\n", 2, "must be at least 0, not -1"),
        ("inventory:\n  naming_budget: yes\n", 2, "must be a whole number, not true"),
        ("inventory:\n  naming_budget: '4'\n", 2, "must be a whole number, not '4'"),
        ("inventory:\n  naming_budget: 1.5\n", 2, "must be a whole number, not 1.5"),
        ("verification:\n  reads: 0\n", 2, "must be at least 1, not 0"),
        ("verification:\n  patience_seconds: .nan\n", 2, "must be a finite number, not nan"),
        ("verification:\n  patience_seconds: 901\n", 2, "must be at most 900, not 901"),
        ("scan:\n  fail_on: hihg\n", 2, "or 'info', not 'hihg'; did you mean high?"),
        ("scan:\n  fail_on: true\n", 2, "must be one of 'critical'"),
        ("protected:\n  infrastructure_as_code: x\n", 2, "must be one of 'advise' or 'change'"),
        ("protected:\n  break_glass: arn:x\n", 2, "must be a list, not 'arn:x'"),
        ("protected:\n  break_glass:\n    - arn:x\n    - bob\n", 4, "must be an ARN"),
        ("protected:\n  identities: ['']\n", 2, "must be an ARN"),
        ("people:\n  - name: a\n  - local: []\n", 3, "`people[1].name`: must be given"),
        ("people:\n  - {name: a, aws: [bob]}\n", 2, "must be an ARN, such as"),
        ("people:\n  - {name: a, slack: [S01]}\n", 2, "must be the id of a user, such as U0123"),
        ("people:\n  - {name: a, slack: [ann]}\n", 2, "must be the id of a user, such as U0123"),
        ("proposals:\n  cool_off_caps:\n    hihg: 3\n", 3, "`proposals.cool_off_caps.hihg`: must"),
        ("proposals:\n  cool_off_caps:\n    low: -1\n", 3, "must be at least 0, not -1"),
        ("slack:\n  security_channel: U01\n", 2, "must be the id of a channel, such as C0123"),
        ("slack:\n  security:\n    - S01\n    - ann\n", 4, "must be a Slack id (U…, S…, C…) or"),
        ("slack:\n  base_url: http://slack.example\n", 2, "must start with https://"),
        ("slack:\n  listen: 3000\n", 2, "must be text"),
        ("slack:\n  listen: everywhere:1\n", 2, "must be text that matches"),
        ("owners:\n  sources: [tags, hearsay]\n", 2, "must be one of 'handed-over', 'tags'"),
        ("owners:\n  teams:\n    web: nobody\n", 3, "`owners.teams.web`: must be a Slack id"),
        ("owners:\n  accounts:\n    '12': U01\n", 3, "must be the twelve digits of an account"),
        ("owners:\n  accounts:\n    12: U01\n", 3, "a name must be text; put it in quotes"),
        ("asking:\n  zone: Europe\n", 2, "must be the name of a time zone, such as Europe/Berlin"),
        ("asking:\n  zone: Mars/Base\n", 2, "must be the name of a time zone"),
        ("asking:\n  zone: ../etc\n", 2, "must be the name of a time zone"),
        ("asking:\n  working_hours: 17:00-09:00\n", 2, "must be two times of one day"),
        ("asking:\n  remind_after_days: [5, 2]\n", 2, "must be days that grow"),
        ("asking:\n  remind_after_days: [2, 2]\n", 2, "must be days that grow"),
        ("asking:\n  remind_after_days: [0, 2]\n", 2, "must be days that grow"),
        (
            "asking:\n  remind_after_days: [14]\n",
            2,
            "come before asking.deadline_days, which is 14",
        ),
        ("asking:\n  deadline_days: 9\n", 1, "`asking.remind_after_days`: must come before"),
        ("asking:\n  deadline_days: 10\n", 1, "`asking.escalate_after_days`: must come before"),
        ("asking:\n  escalate_after_days: 14\n", 2, "must come before asking.deadline_days"),
        ("approvals:\n  rules:\n    - people: 2\n", 3, "`approvals.rules[0].who`: must be given"),
        ("approvals:\n  rules:\n    - who: [me]\n", 3, "must be owner, trusted-owner, security,"),
        (
            "approvals:\n  rules:\n    - who: [owner]\n      match:\n        risks: [x]\n",
            5,
            "`approvals.rules[0].match.risks[0]`: must be one of 'reversible'",
        ),
        ("known_accounts:\n  own: [123456789012]\n", 2, "must be text, in quotes"),
        ("known_accounts:\n  own: ['1234']\n", 2, "must be the twelve digits of an account"),
        ("known_accounts:\n  organization_id: o-*\n", 2, "must be text that matches ^(o-"),
        ("known_accounts:\n  organization_id: o-short\n", 2, "must be text that matches ^(o-"),
        ("known_accounts:\n  vendors:\n    acme: Acme\n", 3, "must be the twelve digits"),
        (
            "known_accounts:\n  own: ['123456789012']\n  vendors: {'123456789012': A}\n",
            1,
            "account 123456789012 is named both as one of own and of vendors",
        ),
        ("controls:\n  x: 3\n", 2, "`controls.x`: must be settings as indented"),
        ("aws:\n\tprofile: x\n", 2, "a tab where spaces must be"),
        ("aws:\n  region: a\n  region: b\n", 3, "`aws.region` was set on line 2 already"),
        ("aws: {}\naws: {}\n", 2, "`aws` was set on line 1 already"),
        ("aws: [\n", 2, "not readable as YAML"),
        ("aws: 'x\n", 2, "not readable as YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not readable as YAML"),
        ("x: !!python/object/apply:os.system [ls]\n", 1, "not readable as YAML"),
        ("- a\n", 1, "the file must hold settings as `section:`"),
        ("locksmith\n", 1, "not plain text"),
        ("1: 2\n", 1, "a name must be text"),
        ("[a]: 2\n", 1, "a name must be text"),
        ("aws: &a\n  b: *a\n", 1, "refers to itself"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_remedy(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    error = str(mistake(tmp_path, text))

    assert f"{FILE}, line {line}" in error
    assert said in error


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    error = str(mistake(tmp_path, "awz: 1\nscan:\n  fail_on: x\ninventory:\n  naming_budget: x\n"))

    assert [line.split(": ")[0][-6:] for line in error.splitlines()] == [
        "line 5",
        "line 3",
        "line 1",
    ]


def test_text_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"aws: {region: \xff}")

    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / FILE, {})


def test_a_named_file_that_is_missing_or_a_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no configuration file"):
        load(tmp_path / "nowhere.yaml", {})
    with pytest.raises(ConfigError, match="can't be read"):
        load(tmp_path, {})
    with pytest.raises(ConfigError, match="there is no configuration file"):
        load(None, {"LOCKSMITH_CONFIG": str(tmp_path / "nowhere.yaml")})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://locksmith:hunter2@db/locksmith",
        "postgresql://db/locksmith?password=hunter2&user=x",
        "postgresql://[broken:hunter2@db/x",
    ],
    ids=["authority", "parameter", "unreadable"],
)
def test_a_password_in_the_file_is_refused_and_never_repeated(tmp_path: Path, url: str) -> None:
    error = mistake(tmp_path, f"database:\n  url: '{url}'\n")

    assert f"{FILE}, line 2" in str(error)
    assert "LOCKSMITH_DATABASE__URL_FILE" in error.hint
    assert "hunter2" not in str(error) + error.hint


@pytest.mark.parametrize("name", ["bot_token", "app_token", "signing_secret"])
@pytest.mark.parametrize("value", ["hunter2", "[hunter2]", "''"])
def test_a_secret_of_slack_in_the_file_is_refused_and_never_repeated(
    tmp_path: Path, name: str, value: str
) -> None:
    environ = {f"LOCKSMITH_SLACK__{name.upper()}": "other"}
    error = mistake(tmp_path, f"slack:\n  mode: http\n  {name}: {value}\n", environ)

    assert f"{FILE}, line 3: `slack.{name}` is a secret" in str(error)
    assert f"LOCKSMITH_SLACK__{name.upper()}_FILE" in error.hint
    assert "hunter2" not in str(error) + error.hint


def test_a_wrong_secret_is_never_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in str(mistake(tmp_path, "database:\n  url: [hunter2]\n"))


def test_words_in_lists_and_mappings_are_read(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "proposals: {cool_off_caps: {low: 3}}\n"
        "owners: {sources: [tags, default], accounts: {'123456789012': Ann@Example.com}}\n"
        "approvals:\n"
        "  trusted_sources: [handed-over]\n"
        "  rules:\n"
        "    - {match: {severities: [high], risks: [irreversible]}, who: [security], people: 2}\n",
    )

    assert config.proposals.cool_off_caps == {Severity.LOW: 3}
    assert config.owners.sources == (OwnerSource.TAGS, OwnerSource.DEFAULT)
    assert config.owners.accounts == {"123456789012": "ann@example.com"}
    assert config.approvals.trusted_sources == (OwnerSource.HANDED_OVER,)
    assert config.approvals.rules[0].match.risks == (Risk.IRREVERSIBLE,)


def test_every_section_can_be_hashed_and_none_can_be_changed(tmp_path: Path) -> None:
    text = "proposals: {cool_off_caps: {low: 3}}\nowners: {teams: {web: S01}}\n"
    config, same = loaded(tmp_path, text), loaded(tmp_path, text)

    for name in Settings.model_fields:
        if name != "controls":
            assert hash(getattr(config, name)) == hash(getattr(same, name))
    teams: Any = config.owners.teams
    for change in (
        lambda: teams.update(web="U01"),
        lambda: teams.clear(),
        lambda: teams.pop("web"),
    ):
        with pytest.raises(TypeError):
            change()
    with pytest.raises(TypeError):
        teams["web"] = "U01"
    assert config.owners.teams == {"web": "S01"}
    assert copy.deepcopy(config.owners) == config.owners


def test_a_url_without_a_password_may_stand_in_the_file(tmp_path: Path) -> None:
    config = loaded(tmp_path, "database: {url: 'postgresql://locksmith@db/locksmith'}\n")

    assert config.database_url == "postgresql://locksmith@db/locksmith"


def test_the_flag_wins_over_the_variable_and_that_over_the_usual_places(tmp_path: Path) -> None:
    flag, variable = tmp_path / "flag.yaml", tmp_path / "variable.yaml"
    for path in (flag, variable, *search_path()):
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text("", encoding="utf-8")

    environ = {"LOCKSMITH_CONFIG": str(variable)}

    assert load(flag, environ).path == flag
    assert load(None, environ).path == variable
    assert load(None, {}).path == search_path()[0]
    search_path()[0].unlink()
    assert load(None, {}).path == search_path()[1]


def test_where_names_the_line_the_variable_or_the_nearest_place(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "aws:\n  region: x\ncontrols:\n  unused-access-key:\n    days: 3\n",
        {"LOCKSMITH_AWS__PROFILE": "p"},
    )

    assert config.where(("aws", "region")) == f"{tmp_path / FILE}, line 2"
    assert config.where(("aws", "profile")) == "LOCKSMITH_AWS__PROFILE"
    assert config.where(("controls", "unused-access-key", "days")).endswith("line 5")
    assert config.where(("controls", "unused-access-key", "other")).endswith("line 4")
    assert config.where(("scan", "fail_on")) == str(tmp_path / FILE)
    assert load(None, {}).where(("aws",)) == "the configuration"
