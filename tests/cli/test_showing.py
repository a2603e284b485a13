"""`show`: the whole story of one thing."""

from bot.errors import ExitCode
from tests.cli.conftest import Shell
from tests.cli.fake_service import FakeService


def test_it_tells_what_is_known_and_what_comes_next(shell: Shell) -> None:
    some = next(iter(shell.service.views))
    outcome = shell("show", some)
    assert outcome.code == ExitCode.FINE
    for words in ("last used: 2026-09-01", "What comes next", "Decide it"):
        assert words in outcome.out
    assert isinstance(shell.service, FakeService)


def test_as_json(shell: Shell) -> None:
    some = next(iter(shell.service.views))
    document = shell("--output", "json", "show", some).document()
    assert document["schema"] == "locksmith.story/1"
    assert document["open_findings"] == [some]
    assert document["next"] == ["Decide it"]


def test_what_is_not_known_is_said(shell: Shell) -> None:
    assert shell("show", "AKIANOTHING").code == ExitCode.USAGE
