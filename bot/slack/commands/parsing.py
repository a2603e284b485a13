"""What was typed, as words with a meaning. Nothing here fails but with a UsageError."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from html import unescape

from bot.errors import UsageError
from bot.model import Address, AddressKind
from bot.slack.commands.catalogue import COMMANDS

_SHARE = "share"
_LONGEST = 4_000
_REASON = 1_000
_ID = re.compile(r"[fpx]-[a-z0-9]{4,20}")
_SPAN = re.compile(r"([0-9]{1,3})([dw])")
_MENTION = re.compile(r"<(?:@|!subteam\^)([UWS][A-Z0-9]{2,29})(?:\|[^<>]*)?>")
#: `<@U1|ann>`, `<#C1|general>`, `<mailto:a@b.c|a@b.c>`, `<https://…>`, as Slack escapes them.
_ESCAPED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_QUOTES = ('""', "''", "“”", "„“", "«»")


@dataclass(frozen=True, slots=True)
class Typed:
    """A command: its name in lower case, what came after it, and whether others shall see it."""

    name: str
    rest: str = ""
    share: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """What came after the name, by blanks."""
        return tuple(self.rest.split())


def parse(text: str) -> Typed:
    """Read what was typed after `/locksmith`; nothing at all means help. Raises UsageError."""
    if len(text) > _LONGEST:
        raise UsageError(f"that is longer than {_LONGEST} characters")
    name, (_, rest) = typed_name(text), [*text.split(maxsplit=1), "", ""][:2]
    known = COMMANDS.get(name)
    marks = {f"--{_SHARE}"} if known is not None and known.free_text else {f"--{_SHARE}", _SHARE}
    before, _, last = rest.strip().rpartition(" ")
    if last.lower() in marks:
        return Typed(name, before.strip(), share=True)
    return Typed(name, rest.strip())


def typed_name(text: str) -> str:
    """The command that this begins with, in lower case, whether there is one or not."""
    first, *_ = [*text.split(maxsplit=1), ""]
    return first.lower() or "help"


def nearest(name: str) -> str | None:
    """The command that was probably meant."""
    return next(iter(get_close_matches(name.lower(), COMMANDS, n=1)), None)


def id_and_rest(typed: Typed) -> tuple[str, str]:
    """The id that comes first, and the words after it. Raises UsageError."""
    first, _, rest = typed.rest.partition(" ")
    found = first.strip("`*_.,:;()[]\"'").lower()
    if not _ID.fullmatch(found):
        what = f"{readable(first)} is no id" if first else "the id is missing"
        raise UsageError(
            f"{what}; ids look like f-7k2m9q4d, p-… or x-…", hint=_usage_of(typed.name)
        )
    return found, rest.strip()


def only_id(typed: Typed) -> str:
    """The id, and nothing after it. Raises UsageError."""
    found, rest = id_and_rest(typed)
    if rest:
        raise UsageError(f"{typed.name} takes an id alone", hint=_usage_of(typed.name))
    return found


def nothing_more(typed: Typed) -> None:
    """Raise UsageError for words after a command that takes none."""
    if typed.rest:
        raise UsageError(f"{typed.name} takes nothing more", hint=_usage_of(typed.name))


def until_and_reason(typed: Typed, rest: str, now: datetime) -> tuple[datetime, str]:
    """`7d reason`, `2w reason` or `2026-12-31 reason`. Raises UsageError."""
    first, _, words = rest.partition(" ")
    span = _SPAN.fullmatch(first.lower())
    try:
        if span is not None:
            days = int(span[1]) * (7 if span[2] == "w" else 1)
            return now + timedelta(days=days), reason_in(words)
        return datetime.combine(date.fromisoformat(first), time(tzinfo=UTC)), reason_in(words)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{readable(first)} is no day: write 7d, 2w or 2026-12-31", hint=_usage_of(typed.name)
        ) from None


def reason_in(text: str) -> str:
    """People's own words, without the quotes around them. Raises UsageError for too many."""
    words = readable(text).strip()
    if len(words) > 1 and any(words[0] + words[-1] == pair for pair in _QUOTES):
        words = words[1:-1].strip()
    if len(words) > _REASON:
        raise UsageError(f"a reason has {_REASON} characters at most")
    return words


def thing_and_owner(typed: Typed) -> tuple[str, Address]:
    """`RESOURCE @person`; a user group will do. Raises UsageError."""
    thing, _, who = typed.rest.rpartition(" ")
    mention = _MENTION.fullmatch(who.strip())
    if mention is None or not thing.strip():
        raise UsageError(
            "name the thing and then whose it is, as @person", hint=_usage_of(typed.name)
        )
    kind = AddressKind.GROUP if mention[1].startswith("S") else AddressKind.USER
    return readable(thing).strip("` "), Address(kind, mention[1])


def readable(text: str) -> str:
    """Text as it was typed, before Slack escaped mentions, links and `&`."""
    return unescape(_ESCAPED.sub(_as_typed, text))


def _as_typed(match: re.Match[str]) -> str:
    sign, target, label = match.groups()
    shown = label or target.removeprefix("mailto:")
    return f"{'' if sign == '!' else sign}{shown}"


def _usage_of(name: str) -> str:
    known = COMMANDS.get(name)
    return f"It goes: {known.usage}" if known else ""
