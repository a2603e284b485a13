"""Renders the states and the one table of moves from the code that enforces it."""

import inspect
import re

from bot.model import MOVES, FindingStatus, Outcome, ProposalState


def state_page() -> str:
    """docs/states.md, whole."""
    lines = [
        "# States",
        "",
        "Written from `bot/model/lifecycle.py`, the only truth on states. Every move is one",
        "compare-and-swap in one transaction with its audit row: one winner, the others are told.",
        "",
        "## A finding",
        "",
        *_meanings(FindingStatus, ("open", "resolved", "exempt")),
        "",
        "## A proposal",
        "",
        "| state | meaning | moves to |",
        "|---|---|---|",
    ]
    meanings = _described(ProposalState)
    for state in ProposalState:
        targets = ", ".join(sorted(MOVES[state])) or "nothing: it ends here"
        lines.append(f"| {state} | {meanings[state.value]} | {targets} |")
    lines += ["", "## A step of an execution", "", "| outcome | meaning |", "|---|---|"]
    outcomes = _described(Outcome)
    lines += [f"| {outcome} | {outcomes[outcome.value]} |" for outcome in Outcome]
    return "\n".join(lines) + "\n"


def _meanings(kind: type[FindingStatus], order: tuple[str, ...]) -> list[str]:
    text = inspect.getdoc(kind) or ""
    return [text, "", "Its words: " + ", ".join(f"`{word}`" for word in order) + "."]


def _described(kind: type[ProposalState] | type[Outcome]) -> dict[str, str]:
    """The meaning of each value, from the aligned list in the docstring."""
    found: dict[str, str] = {}
    last = ""
    for line in (inspect.getdoc(kind) or "").splitlines():
        match = re.match(r"^([a-z]+(?: [a-z]+)?)\s{2,}(\S.*)$", line)
        if match and match[1] in {each.value for each in kind}:
            last = match[1]
            found[last] = match[2]
        elif last and line.startswith("    "):
            found[last] += " " + line.strip()
    return found
