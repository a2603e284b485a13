"""The filters of `findings`: words that say which ones, read strictly and written one way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches

from bot.errors import UsageError
from bot.model import FindingStatus, Severity

_EVERY = "all"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which findings; empty is any. `status` is a FindingStatus, or `all`."""

    severity: str = ""
    control: str = ""
    topic: str = ""
    account: str = ""
    status: str = ""

    def __str__(self) -> str:
        """As they are typed: what a button carries."""
        found = ((each.name, getattr(self, each.name)) for each in fields(self))
        return " ".join(f"{name}:{value}" for name, value in found if value)

    def in_words(self) -> str:
        """As part of a sentence."""
        return f"of {self}" if str(self) else ""


@dataclass(frozen=True, slots=True)
class Known:
    """What can be filtered by: the topic of each control, and the ids of accounts."""

    topics: Mapping[str, str]
    accounts: Sequence[str]

    def read(self, words: Sequence[str]) -> Filters:
        """`critical`, `control:unused-access-key`, `topic:mfa` … Raises UsageError."""
        filters = Filters()
        for word in words:
            name, value = self._meant(word.lower())
            if getattr(filters, name) not in ("", value):
                raise UsageError(f"{name} is given twice", hint=self._hint())
            filters = replace(filters, **{name: value})
        return filters

    def values(self) -> Mapping[str, Sequence[str]]:
        """What each filter can be."""
        return {
            "severity": [each.value for each in Severity],
            "control": sorted(self.topics),
            "topic": sorted(set(self.topics.values())),
            "account": list(self.accounts),
            "status": [*(each.value for each in FindingStatus), _EVERY],
        }

    def _meant(self, word: str) -> tuple[str, str]:
        name, sign, value = word.replace("=", ":", 1).partition(":")
        known = self.values()
        if not sign:
            name, value = next(
                ((each, _spelt(each, word)) for each in known if _spelt(each, word) in known[each]),
                ("", word),
            )
        value = _spelt(name, value)
        if value not in known.get(name, ()):
            raise UsageError(self._problem(word, name, value), hint=self._hint())
        return name, value

    def _problem(self, word: str, name: str, value: str) -> str:
        known = self.values()
        every = [each for values in known.values() for each in values]
        near = get_close_matches(value, known.get(name, every), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        return f"there is no filter {word[:60]}{meant}"

    def _hint(self) -> str:
        known = self.values()
        return (
            f"Filters: {', '.join(known['severity'])}; status:{', status:'.join(known['status'])}; "
            f"topic:{', topic:'.join(known['topic'])}; control:ID; account:ID."
        )


def _spelt(name: str, value: str) -> str:
    return value.replace("-", "_") if name == "topic" else value
