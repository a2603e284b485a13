"""What the configuration says, and how it answers to mistakes."""

from pathlib import Path

import pytest

from bot.config import Config, load, search_path
from bot.config.model import default_database_url
from bot.errors import ConfigError, ExitCode
from bot.model import Severity

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
        ("\nawz:\n  profile: x\n", 2, "`awz`: no such setting; did you mean `aws`? Allowed: aws,"),
        ("aws:\n  profil: x\n", 2, "`aws.profil`: no such setting; did you mean `profile`?"),
        ("zzz: 1\n", 1, "`zzz`: no such setting. Allowed: aws, controls, database"),
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


def test_a_wrong_secret_is_never_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in str(mistake(tmp_path, "database:\n  url: [hunter2]\n"))


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
