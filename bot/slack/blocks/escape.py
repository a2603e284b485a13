"""The one place where text becomes what Slack shows.

Names, reasons and answers of AWS are data: whatever they hold, they are shown as they are and never
read as a mention, a link, an entity or a code span. `Markup` is text that went through here;
templates are our own words and are written as literals, which a test looks after.
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bot.model import Actor

TRUNCATED: Final = "… (truncated)"
_NOTHING: Final = "—"
#: Controls, invisible and direction-changing characters, half pairs, and glyphs of somebody's own.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})
_LINE_ENDS = re.compile(r"\r\n?|[\n\v\f\x85\u2028\u2029]")
#: Marks of Slack's that can't be escaped, as signs that look like them and mean nothing.
_GRAVE: Final = "\N{MODIFIER LETTER GRAVE ACCENT}"
_LOOK_ALIKES = str.maketrans({"`": _GRAVE, "*": "\N{ASTERISK OPERATOR}", "~": "\N{TILDE OPERATOR}"})
_EMOJI_NAME = re.compile(r":(?=[a-z0-9_+'-]+:)")
_BROKEN_END = re.compile(r"(?:&[a-z]*|<[^>]*)\Z")
_SLACK_ACTOR = re.compile(r"[TE][A-Z0-9]+/([UW][A-Z0-9]+)")
_SLACK_PERSON = re.compile(f"slack:({_SLACK_ACTOR.pattern})")
_COPIED = re.compile(r"(`[^`]+`|\barn:aws[a-z-]*:[^\s`,;]*[\w/*])")
_MENTIONS = {"U": "<@{}>", "W": "<@{}>", "S": "<!subteam^{}>", "C": "<#{}>", "G": "<#{}>"}
_SLACK_ID = re.compile(r"[UWSCG][A-Z0-9]{2,29}")


class Markup(str):
    """Text that Slack reads as markup: our words, with data in it escaped."""

    __slots__ = ()


def say(template: str, /, **values: str | int) -> Markup:
    """Our words with data in its places: `say("{who} denied it", who=name)`.

    A value that is no `Markup` is escaped as `prose`.
    """
    return Markup(template.format(**{name: _markup(value) for name, value in values.items()}))


def joined(separator: str, parts: Iterable[str]) -> Markup:
    """The parts, each escaped unless it is markup, with `separator` of ours between them."""
    return Markup(separator.join(_markup(part) for part in parts))


def prose(text: str, limit: int = 600) -> Markup:
    """Data within a sentence: on one line, with no formatting of its own, at most `limit` long."""
    return cut(_inert(" ".join(clean(text).split()) or _NOTHING), limit)


def worded(text: str, limit: int = 600) -> Markup:
    """A sentence of ours with data in it; ARNs and what is `quoted` as code, to be copied."""
    line = " ".join(clean(text).split()) or _NOTHING
    pieces = enumerate(_COPIED.split(line))
    shown = [code(each.strip("`"), limit) if odd % 2 else _inert(each) for odd, each in pieces]
    return cut(Markup("".join(shown)), limit)


def quote(text: str, limit: int = 1_000) -> Markup:
    """Data of people as quoted lines, at most 12 of them."""
    lines = [line for line in clean(text).split("\n") if line.strip()]
    shown = [prose(line, limit) for line in lines[:12]]
    if len(lines) > len(shown):
        shown.append(Markup(TRUNCATED))
    return Markup("> " + cut(Markup("\n> ".join(shown or [_NOTHING])), limit))


def code(text: str, limit: int = 300) -> Markup:
    """Data as a code span on one line: names, ids, calls."""
    line = " ".join(clean(text).split()) or _NOTHING
    return Markup(f"`{cut(_escaped(line.replace('`', _GRAVE)), max(limit - 2, 1))}`")


def code_lines(text: str, limit: int = 2_900) -> list[Markup]:
    """Data as code blocks, lines and all; as many as it takes to show it whole."""
    rest = _escaped(clean(text).replace("`", _GRAVE).strip("\n") or _NOTHING)
    blocks: list[Markup] = []
    while rest:
        piece = _whole(rest, limit - 8)
        at = piece.rfind("\n") + 1 if len(piece) < len(rest) else 0
        piece = Markup(piece[:at]) if at else piece
        blocks.append(Markup(f"```\n{piece.rstrip(chr(10))}\n```"))
        rest = Markup(rest[len(piece) :])
    return blocks


def date(when: datetime) -> Markup:
    """A moment in the reader's own time zone; in UTC where Slack can't."""
    utc = when.astimezone(UTC)
    return Markup(
        f"<!date^{int(utc.timestamp())}^{{date_short_pretty}} at {{time}}|{utc:%Y-%m-%d %H:%M} UTC>"
    )


def person(actor: Actor, people: Mapping[str, str] | None = None) -> Markup:
    """Who did something: a mention of a Slack user, else the name that `people` has, or its own."""
    slack = _SLACK_ACTOR.fullmatch(actor.name)
    if actor.kind == "slack" and slack:
        return Markup(f"<@{slack[1]}>")
    return prose((people or {}).get(str(actor), actor.name), 100)


def address(text: str) -> Markup:
    """Whom an address names: a mention for an id of Slack's, else the text."""
    if _SLACK_ID.fullmatch(text):
        return Markup(_MENTIONS[text[0]].format(text))
    return prose(text, 260)


def naming(
    text: str,
    actors: Collection[Actor],
    people: Mapping[str, str] | None = None,
    *,
    limit: int = 600,
) -> Markup:
    """A sentence of ours from the database, with these actors in it shown as people.

    Only they are: a reason that has someone else's id in it mentions nobody.
    """
    said: str = prose(text, limit)
    for actor in sorted(actors, key=lambda each: -len(str(each))):
        said = said.replace(prose(str(actor)), person(actor, people))
    return Markup(said)


def spoken(text: str, limit: int = 600) -> Markup:
    """A sentence of ours as errors have it: as `worded`, with its people as people.

    Only before a colon are people named: after it come the words of others, who mention nobody.
    """
    stop = "" if text.rstrip().endswith((".", "?", "!", "…")) else "."
    ours, colon, theirs = worded(f"{text.rstrip()}{stop}", limit).partition(": ")
    named = _SLACK_PERSON.sub(lambda match: person(Actor("slack", match[1])), ours)
    return Markup(f"{named}{colon}{theirs}")


def cut(markup: Markup, limit: int) -> Markup:
    """At most `limit` UTF-16 units of it, saying so where something is left out."""
    if _units(markup) <= limit:
        return markup
    kept = _whole(markup, max(limit - len(TRUNCATED) - 1, 0))
    open_span = "`" if kept.count("`") % 2 else ""
    return Markup(f"{kept.rstrip()}{open_span}{TRUNCATED}"[: max(limit, 0)])


def mrkdwn(markup: Markup, limit: int = 3_000) -> dict[str, Any]:
    """A text object of markup; addresses in it are not made links."""
    return {"type": "mrkdwn", "text": cut(markup, limit), "verbatim": True}


def plain(text: str, limit: int) -> dict[str, Any]:
    """A text object without markup, at most `limit` long."""
    line = " ".join(clean(text).split()) or _NOTHING
    if _units(line) > limit:
        line = _first(line, limit - 1).rstrip() + "…"
    return {"type": "plain_text", "text": line, "emoji": False}


def clean(text: str) -> str:
    """`text` without what nobody sees; line ends as `\\n`, tabs as blanks."""
    lines = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    if lines.isascii() and lines.replace("\n", "").isprintable():
        return lines
    return "".join(each for each in lines if each == "\n" or _is_shown(each))


def _is_shown(character: str) -> bool:
    code_point = ord(character)
    nothing = code_point & 0xFFFE == 0xFFFE or 0xFDD0 <= code_point <= 0xFDEF
    return not nothing and unicodedata.category(character) not in _DROPPED


def _markup(value: str | int) -> Markup:
    return value if isinstance(value, Markup) else prose(str(value))


def _inert(line: str) -> Markup:
    """A line that Slack shows as it is."""
    return _escaped(_EMOJI_NAME.sub("\N{RATIO}", line.translate(_LOOK_ALIKES)))


def _escaped(text: str) -> Markup:
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _whole(markup: str, limit: int) -> Markup:
    """The first `limit` units, less an entity or mention that the cut would go through."""
    kept = _first(markup, limit)
    return Markup(kept if len(kept) == len(markup) else _BROKEN_END.sub("", kept))


def _first(text: str, limit: int) -> str:
    kept = text[:limit]
    while _units(kept) > limit:
        kept = kept[: len(kept) - (_units(kept) - limit + 1) // 2]
    return kept


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(c > "\uffff" for c in text)
