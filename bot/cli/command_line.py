"""The whole command line: importing this declares every command."""

from collections.abc import Sequence
from typing import NoReturn

from bot.cli import (
    administering,
    attesting,
    auditing,
    codes,
    configuring,
    containing,
    deciding,
    demonstrating,
    doing,
    findings,
    forecasting,
    forgetting,
    freezing,
    keeping,
    planning,
    policies,
    scanning,
    serving,
    showing,
    status,
    undoing,
)
from bot.cli.context import Doors
from bot.cli.root import root

__all__ = ["FAMILIES", "carry_out", "root"]

#: The modules whose commands `root` has.
FAMILIES = (
    scanning,
    status,
    findings,
    showing,
    planning,
    policies,
    deciding,
    doing,
    undoing,
    serving,
    forecasting,
    freezing,
    attesting,
    containing,
    codes,
    forgetting,
    configuring,
    administering,
    auditing,
    keeping,
    demonstrating,
)


def carry_out(doors: Doors, args: Sequence[str] | None = None) -> NoReturn:
    """Carry out the command in `args` (default: the process's own) and exit with its code."""
    root.main(args, obj=doors)
