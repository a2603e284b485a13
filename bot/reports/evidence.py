"""Evidence in people's words, whatever shows it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.model import Json
from bot.reports.times import instant, told


def evidence_texts(evidence: Mapping[str, Json], now: datetime) -> dict[str, str]:
    """Each fact by its name with blanks; times both as distance and exactly. Not escaped."""
    return {name.replace("_", " "): evidence_text(value, now) for name, value in evidence.items()}


def evidence_text(value: Json, now: datetime) -> str:
    """One value: yes, no, none, a time as `3 days ago (…)`, lists and mappings with commas."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            when = instant(value)
            return told(when, now) if when else value
        case Mapping():
            return ", ".join(f"{name}: {evidence_text(each, now)}" for name, each in value.items())
        case Sequence():
            return ", ".join(evidence_text(each, now) for each in value) or "none"
        case _:
            return str(value)
