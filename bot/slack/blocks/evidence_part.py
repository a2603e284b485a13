"""The facts behind a finding as a few lines: what, how old, last used, how fresh all that is."""

from collections.abc import Mapping
from datetime import datetime

from bot.model import FindingRecord, Json
from bot.reports.evidence import evidence_texts
from bot.reports.times import ago, instant
from bot.slack.blocks.escape import Markup, code, date, joined, say, worded
from bot.slack.blocks.fitting import Room
from bot.slack.blocks.words import control_words, resource_words

#: Facts that lines of their own tell.
_TOLD = frozenset(
    {
        "user",
        "key_id",
        "created",
        "age_days",
        "last_used",
        "last_used_service",
        "last_used_region",
        "idle_days",
        "seen_live",
        "report_generated",
        "report_age_minutes",
    }
)


def evidence_lines(record: FindingRecord, now: datetime, room: Room) -> Markup:
    """Everything known of the thing; facts beside the usual ones as far as there is room."""
    facts = record.finding.evidence
    lines = [
        _what(record),
        *_of_a_key(facts),
        *_others(facts, now, room),
        _freshness(record, facts),
    ]
    return joined("\n", lines)


def _what(record: FindingRecord) -> Markup:
    account = code(record.account.id)
    if record.finding.resource.name == record.account.id:
        return say("*What*  account {account}", account=account)
    resource = resource_words(record.finding.resource)
    return say("*What*  {resource} in account {account}", resource=resource, account=account)


def _of_a_key(facts: Mapping[str, Json]) -> list[Markup]:
    lines = []
    created, age = _moment(facts, "created"), facts.get("age_days")
    if created is not None and isinstance(age, int):
        lines.append(say("*Made*  {age} days ago, {when}", age=age, when=date(created)))
    if "last_used" in facts:
        lines.append(_last_use(facts))
    return lines


def _last_use(facts: Mapping[str, Json]) -> Markup:
    used = _moment(facts, "last_used")
    if used is None:
        return say("*Last used*  never")
    service, region = facts.get("last_used_service"), facts.get("last_used_region")
    where = say(
        "{service}{region}",
        service=say(" for {name}", name=str(service)) if service else say(""),
        region=say(" in {name}", name=str(region)) if region else say(""),
    )
    idle = facts.get("idle_days")
    ago = say("{idle} days ago, ", idle=idle) if isinstance(idle, int) else say("")
    return say("*Last used*  {ago}{when}{where}", ago=ago, when=date(used), where=where)


def _others(facts: Mapping[str, Json], now: datetime, room: Room) -> list[Markup]:
    has_age = "age_days" in facts
    left = {
        name: value
        for name, value in facts.items()
        if name not in _TOLD or (name == "created" and not has_age)
    }
    moments = {name: moment for name in left if (moment := _moment(left, name))}
    lines = [
        say("*{name}*  {ago}, {when}", name=_label(name), ago=ago(when, now), when=date(when))
        for name, when in moments.items()
    ]
    rest = {name: value for name, value in left.items() if name not in moments}
    lines += [
        say("*{name}*  {text}", name=_label(name), text=worded(text, room.call))
        for name, text in evidence_texts(rest, now).items()
    ]
    more = len(lines) - room.items
    if more <= 0:
        return lines
    return [*lines[: room.items], say("… and {more} more facts in *Details*", more=more)]


def _label(name: str) -> str:
    words = control_words(name)
    return words[:1].upper() + words[1:]


def _freshness(record: FindingRecord, facts: Mapping[str, Json]) -> Markup:
    """When AWS was looked at, by the most exact that is known."""
    live, report = _moment(facts, "seen_live"), _moment(facts, "report_generated")
    if live is not None:
        return say("*Seen*  in AWS itself, {when}", when=date(live))
    if report is not None:
        return say(
            "*Seen*  {when}; the credential report behind it was made {report}",
            when=date(record.last_seen),
            report=date(report),
        )
    return say("*Seen*  {when}", when=date(record.last_seen))


def _moment(facts: Mapping[str, Json], name: str) -> datetime | None:
    value = facts.get(name)
    return instant(value) if isinstance(value, str) else None
