"""The documentation names what exists, and what exists is documented."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=~! ]", requirement)[0]


def test_every_path_in_contributing_exists() -> None:
    """A guide that names files that are gone teaches nothing."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    paths = re.findall(
        r"`((?:bot|docs|migrations|remediations|tests|tools)/[\w./-]*|[A-Z]+\.md)`", text
    )

    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """Links between pages, and to files of the project."""
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text())
    inside = [link for link in links if "://" not in link]

    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_pictures_are_small_and_shown() -> None:
    """Nobody waits for one, and none is left behind."""
    pictures = sorted((ROOT / "docs/pictures").iterdir())
    pages = "".join(page.read_text() for page in PAGES)

    assert pictures
    assert [each.name for each in pictures if each.stat().st_size > 150_000] == []
    assert [each.name for each in pictures if f"pictures/{each.name})" not in pages] == []


def test_every_dependency_says_what_it_is_for() -> None:
    """The page and pyproject.toml list the same packages."""
    data = project()
    wanted = {name_of(each) for each in data["project"]["dependencies"]}
    wanted |= {
        name_of(each)
        for extra in data["project"]["optional-dependencies"].values()
        for each in extra
    }
    wanted |= {name_of(each) for group in data["dependency-groups"].values() for each in group}
    page = (ROOT / "docs/dependencies.md").read_text()
    listed = set(re.findall(r"^\| ([\w-]+) \| ", page, flags=re.MULTILINE)) - {"package"}

    assert listed == wanted


def test_every_npm_package_says_what_it_is_for() -> None:
    """The same for what targets install from npm."""
    files = [json.loads(path.read_text()) for path in ROOT.glob("tools/*/package.json")]
    wanted = {
        name
        for each in files
        for kind in ("dependencies", "devDependencies")
        for name in each.get(kind, {})
    }
    page = (ROOT / "docs/dependencies.md").read_text()

    assert wanted
    assert set(re.findall(r"^\| `([\w@/-]+)` \| ", page, flags=re.MULTILINE)) == wanted


def test_every_module_on_the_map_exists() -> None:
    """Names without a folder stand beside the one before them in their row."""
    rows = re.findall(r"^\| (`.*)$", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    missing = []
    for row in rows:
        folder = ROOT
        for name in re.findall(r"`([\w./-]+\.py|[\w./-]+/)`", row):
            path = ROOT / name if "/" in name else folder / name
            missing += [] if path.exists() else [name]
            folder = path.parent if path.suffix else path

    assert len(rows) > 20
    assert missing == []


def test_the_map_has_the_layers_that_are_checked() -> None:
    """Imports run downward as `make check` says."""
    text = (ROOT / "docs/architecture.md").read_text()
    drawn = re.search(r"```\n(main > .*?)```", text, re.DOTALL)
    assert drawn is not None
    contracts = project()["tool"]["importlinter"]["contracts"]  # type: ignore[index]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")

    assert [names(each) for each in drawn[1].split(">")] == [names(each) for each in layers]


def names(layer: str) -> set[str]:
    return {each.split(".")[-1] for each in re.findall(r"[\w.]+", layer)}


@pytest.mark.parametrize(
    "lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.name
)
def test_lock_files_have_hashes_and_name_no_index(lock: Path) -> None:
    """What is installed is what was locked, wherever it is fetched from."""
    text = lock.read_text()
    pinned = re.findall(r"^[a-zA-Z][\w.-]*==\S+", text, flags=re.MULTILINE)

    assert pinned
    assert text.count("==") >= len(pinned)
    assert len(re.findall(r"==\S+(?: ; [^\\]+)? \\\n    --hash=sha256:", text)) == len(pinned)
    assert not re.search(r"index-url|https?://|find-links", text)


def test_every_control_is_in_the_changelog() -> None:
    """A control that nobody announced surprises people."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    files = [path for path in ROOT.glob("remediations/*/*.py") if not path.name.startswith("_")]

    assert files
    assert [f.stem for f in files if f"`{f.stem.replace('_', '-')}`" not in changelog] == []
