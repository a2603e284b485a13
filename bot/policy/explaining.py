"""A document in sentences, statement by statement; nothing is said that the text doesn't say."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.policy.cannot_tell import CannotTell
from bot.policy.document import Condition, Document, Statement
from bot.policy.expansion import statement_actions
from bot.policy.levels import AccessLevel, access_levels, relabelled_because
from bot.policy.matching import is_everything, is_pattern

_LISTED = 6
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Explained:
    """One statement: a sentence, and what is worth knowing beside it."""

    label: str
    sentence: str
    notes: tuple[str, ...] = ()


def explain(document: Document) -> tuple[Explained, ...]:
    """Every statement of a document, in its order."""
    return tuple(_explained(each) for each in document.statements)


def _explained(statement: Statement) -> Explained:
    verb = "Allows" if statement.effect == "Allow" else "Denies"
    whom = _principals(statement)
    parts = [verb, *([whom] if whom else []), _actions(statement), _resources(statement)]
    conditions = "; and ".join(_condition(each) for each in statement.conditions)
    sentence = " ".join(parts) + (f", but only where {conditions}" if conditions else "")
    return Explained(statement.label, f"{sentence}.", tuple(_notes(statement)))


def _principals(statement: Statement) -> str:
    if statement.not_principals:
        names = _listed([each.value for each in statement.not_principals])
        return f"everyone but {names} to do"
    if not statement.principals:
        return ""
    if any(each.value == "*" for each in statement.principals):
        return "anyone to do"
    return f"{_listed([each.value for each in statement.principals])} to do"


def _actions(statement: Statement) -> str:
    if statement.not_actions:
        return f"everything but {_listed(statement.not_actions)}"
    if any(map(is_everything, statement.actions)):
        return "everything"
    return _listed(statement.actions)


def _resources(statement: Statement) -> str:
    if statement.not_resources:
        return f"on everything but {_listed(statement.not_resources)}"
    if not statement.resources:
        return "on what it is attached to"
    if "*" in statement.resources:
        return "on every resource"
    return f"on {_listed(statement.resources)}"


def _condition(condition: Condition) -> str:
    values = _listed(condition.values, word="or")
    return f"{condition.key} {condition.operator} {values}"


def _notes(statement: Statement) -> list[str]:
    expanded = statement_actions(statement)
    notes = [f"{each.subject}: {each.reason}" for each in expanded.cannot_tell]
    if statement.effect == "Deny":
        return notes
    levels: dict[AccessLevel, int] = dict.fromkeys(AccessLevel, 0)
    for action in expanded.actions:
        found = access_levels(action)
        for level in () if isinstance(found, CannotTell) else found:
            levels[level] += 1
    known = ", ".join(f"{count} {level.value}" for level, count in levels.items() if count)
    if known and any(is_pattern(each) for each in (*statement.actions, *statement.not_actions)):
        notes.append(f"by level, of the actions known today: {known}")
    handing = sorted(each for each in expanded.actions if relabelled_because(each))
    notes += [f"{each}: {relabelled_because(each)}" for each in handing[:_NAMED]]
    if len(handing) > _NAMED:
        notes.append(f"and {len(handing) - _NAMED} more actions that hand out rights")
    return notes


def _listed(texts: Sequence[str], *, word: str = "and") -> str:
    shown = list(texts[:_LISTED])
    more = len(texts) - len(shown)
    if more:
        return f"{', '.join(shown)} {word} {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}"
