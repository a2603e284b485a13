"""Writes every generated page, schema and example anew, or with --check says which are stale."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from bot import registry
from bot.cli.reference import reference
from bot.config import ControlSettings, example
from bot.reports.documents.catalogue import schema_files
from bot.slack.manifest import manifest_text
from tools.control_pages import control_page, index_page
from tools.coverage_page import coverage_page
from tools.slack_page import slack_page
from tools.state_page import state_page

ROOT = Path(__file__).parents[1]
SLACK_PAGE = ROOT / "docs/slack.md"


def generated() -> Mapping[Path, str]:
    """Every generated file with what it must say."""
    controls = tuple(registry.discover().values())
    settings = [ControlSettings(each.id, each.title, each.settings) for each in controls]
    pages = {
        ROOT / "config.example.yaml": example(settings),
        ROOT / "slack-manifest.yaml": manifest_text(),
        ROOT / "docs/commands.md": reference(),
        ROOT / "docs/coverage.md": coverage_page(registry.discover(), registry.practices()),
        ROOT / "docs/states.md": state_page(),
        SLACK_PAGE: slack_page(SLACK_PAGE.read_text()),
        ROOT / "docs/controls/index.md": index_page(controls, dict(registry.practices())),
    }
    pages |= {ROOT / f"docs/controls/{each.id}.md": control_page(each) for each in controls}
    pages |= {ROOT / "bot/reports/schemas" / name: text for name, text in schema_files().items()}
    return pages


def stale(wanted: Mapping[Path, str]) -> list[Path]:
    """Files that are missing, say something else, or that nothing generates any more."""
    differing = [
        path for path, text in wanted.items() if not path.exists() or path.read_text() != text
    ]
    kept = {*(ROOT / "docs/controls").glob("*.md"), *(ROOT / "bot/reports/schemas").glob("*.json")}
    return differing + sorted(kept - wanted.keys())


def main() -> int:
    """Write what is stale, or with --check only name it and exit 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    chosen = parser.parse_args()
    wanted = generated()
    differing = stale(wanted)
    for path in differing:
        print(f"{'stale' if chosen.check else 'written'}: {path.relative_to(ROOT)}")
        if not chosen.check and path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path])
        elif not chosen.check:
            path.unlink()
    if chosen.check and differing:
        print("`make docs` writes them anew.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
