"""What is read in one go stays short: this is where the "about" of CONTRIBUTING.md ends."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Lines of a control without its page, which is its docstring.
LONGEST_CONTROL = 160
LONGEST_MODULE = 345
LONGEST_FUNCTION = 50

CONTROLS = [path for path in ROOT.glob("remediations/*/*.py") if not path.name.startswith("_")]
MODULES = [*ROOT.glob("bot/**/*.py"), *ROOT.glob("remediations/**/_*.py")]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def lines_of_page(path: Path) -> int:
    page = ast.parse(path.read_text()).body[0]
    assert isinstance(page, ast.Expr), f"{named(path)} has no page"
    return (page.end_lineno or 0) - page.lineno + 1


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{named(path)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def longer_than(most: int, lengths: dict[str, int]) -> dict[str, int]:
    return {name: length for name, length in lengths.items() if length > most}


def test_controls_are_short() -> None:
    """What several of them do lives once, in a module beside them."""
    lengths = {named(path): lines_of(path) - lines_of_page(path) for path in CONTROLS}

    assert len(lengths) > 80
    assert longer_than(LONGEST_CONTROL, lengths) == {}


def test_modules_hold_one_idea() -> None:
    """Where one grows this long, there is a second idea in it."""
    lengths = {named(path): lines_of(path) for path in MODULES}

    assert len(lengths) > 300
    assert longer_than(LONGEST_MODULE, lengths) == {}


def test_functions_are_short() -> None:
    """Each says one thing."""
    lengths = dict(each for path in (*CONTROLS, *MODULES) for each in functions_of(path))

    assert len(lengths) > 2000
    assert longer_than(LONGEST_FUNCTION, lengths) == {}
