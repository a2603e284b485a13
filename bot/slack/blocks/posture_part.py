"""What Home, status and reports share: the posture by topic, the freeze, the last scans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Freeze
from bot.slack.blocks.elements import Block, section
from bot.slack.blocks.escape import Markup, code, date, joined, person, prose, quote, say
from bot.slack.blocks.words import control_words, counted

_MOST = 12


@dataclass(frozen=True, slots=True)
class TopicPosture:
    """One topic: its open findings, the bad ones among them (critical and high), and the change.

    `change` is how many more are open than at the time that the trend compares with.
    `not_evaluated` counts controls that could not look; they have neither passed nor failed.
    """

    topic: str
    open: int
    bad: int = 0
    change: int = 0
    not_evaluated: int = 0


@dataclass(frozen=True, slots=True)
class LastScan:
    """The last look at an account, None where none finished, and whether it may be changed.

    `next_at` is the next look, None where no schedule says.
    """

    account_id: str
    at: datetime | None
    live: bool
    next_at: datetime | None = None
    name: str = ""


def posture_text(topics: Sequence[TopicPosture], *, since: str = "") -> Markup:
    """Each topic in a line, with its trend; `since` says what the trend compares with."""
    if not topics:
        return say("Nothing was scanned yet.")
    lines = [_topic(each) for each in topics[:25]]
    if since and any(each.change for each in topics):
        lines.append(say("▲▼ since {since}", since=since))
    return joined("\n", lines)


def freeze_blocks(freeze: Freeze | None, people: Mapping[str, str]) -> list[Block]:
    """The banner while nothing may be written."""
    if freeze is None or freeze.ended_at is not None:
        return []
    text = say(
        "🧊 *Paused:* nothing is written to AWS since {since}, by {who}.\n{why}",
        since=date(freeze.since),
        who=person(freeze.by, people),
        why=quote(freeze.reason, 500) if freeze.reason else say("No reason was given."),
    )
    return [section(text)]


def scans_text(scans: Sequence[LastScan]) -> Markup:
    """When each account was looked at last."""
    if not scans:
        return say("No account was scanned yet.")
    lines = [_scan(each) for each in scans[:_MOST]]
    if len(scans) > len(lines):
        lines.append(say("… and {more}", more=counted(len(scans) - len(lines), "more account")))
    return joined("\n", lines)


def _topic(topic: TopicPosture) -> Markup:
    trend = say("")
    if topic.change:
        sign = say(" ▲") if topic.change > 0 else say(" ▼")
        trend = say("{sign}{count}", sign=sign, count=abs(topic.change))
    bad = say(", {bad} of them critical or high", bad=topic.bad) if topic.bad else say("")
    unseen = (
        say(" · {what} not evaluated", what=counted(topic.not_evaluated, "control"))
        if topic.not_evaluated
        else say("")
    )
    return say(
        "{sign} *{topic}*  {open} open{bad}{trend}{unseen}",
        sign=_sign(topic),
        topic=prose(control_words(topic.topic)),
        open=topic.open,
        bad=bad,
        trend=trend,
        unseen=unseen,
    )


def _sign(topic: TopicPosture) -> Markup:
    """A tick only where everything could be looked at and nothing was found."""
    if topic.bad:
        return say("⚠️")
    return say("•") if topic.open or topic.not_evaluated else say("✅")


def _scan(scan: LastScan) -> Markup:
    when = date(scan.at) if scan.at else say("never")
    mode = say("live") if scan.live else say("notify mode: nothing is changed there")
    following = say(" · next {at}", at=date(scan.next_at)) if scan.next_at else say("")
    name = say(" {name}", name=prose(scan.name, 64)) if scan.name else say("")
    return say(
        "{account}{name}  {when}{following} · {mode}",
        account=code(scan.account_id),
        name=name,
        when=when,
        following=following,
        mode=mode,
    )
