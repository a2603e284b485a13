"""Answers to commands: help, status, report, what a policy allows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.views import FindingView, ScanResult
from bot.model import Freeze, MessageRecord, Severity
from bot.reports.words import state_of
from bot.slack.blocks.elements import (
    Block,
    Payload,
    context,
    header,
    message,
    section,
)
from bot.slack.blocks.escape import Markup, address, code, date, joined, prose, say
from bot.slack.blocks.evidence_part import evidence_lines
from bot.slack.blocks.fitting import Room, fitted
from bot.slack.blocks.home import undelivered_blocks
from bot.slack.blocks.posture_part import (
    LastScan,
    TopicPosture,
    freeze_blocks,
    posture_text,
    scans_text,
)
from bot.slack.blocks.words import SEVERITIES, counted, severity_and_summary

_MOST_WAITING = 15
_MOST_ACCOUNTS = 20


@dataclass(frozen=True, slots=True)
class Status:
    """How everything stands. `waiting` is how many questions wait for whom: an id or address.

    `problems` are sentences on what is not as it should be: Slack silent, a migration missing.
    """

    now: datetime
    topics: Sequence[TopicPosture]
    waiting: Sequence[tuple[str, int]]
    scans: Sequence[LastScan]
    since: str = ""
    freeze: Freeze | None = None
    problems: Sequence[str] = ()
    undelivered: Sequence[MessageRecord] = ()
    people: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicySummary:
    """What a policy allows, as access levels by service; `unknown` are actions nobody can level.

    `limits` say of a service that not all of its resources are meant, or that there are conditions;
    `notes` what else counts, such as statements that deny. With `everything` no service is listed,
    and the limits are those of `*`.
    """

    arn: str
    levels: Mapping[str, Sequence[str]]
    limits: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    unknown: Sequence[str] = ()
    everything: bool = False


def word(text: Markup) -> Payload:
    """An answer of a sentence or two."""
    return message(text, [section(text)])


def help_answer(commands: Sequence[tuple[str, str]]) -> Payload:
    """Each command as it is typed, and what it does."""
    lines = [say("{how}  {what}", how=code(how), what=what) for how, what in commands]
    text = say("What /locksmith can do")
    return message(text, [header(text), section(joined("\n", lines))])


def unknown_command(typed: str, nearest: str | None) -> Payload:
    """A command that there isn't, and the one that was probably meant."""
    what = code(typed, 80) if typed.strip() else say("That")
    if nearest is None:
        hint = say("{help} lists them all.", help=code("/locksmith help"))
    else:
        hint = say("Did you mean {it}?", it=code(f"/locksmith {nearest}"))
    return word(say("{what} is no command. {hint}", what=what, hint=hint))


def status_answer(status: Status) -> Payload:
    """Posture by topic, what waits for whom, last scans, mode, health."""
    blocks = [
        *freeze_blocks(status.freeze, status.people),
        *[section(say("⚠️ {problem}", problem=problem)) for problem in status.problems[:10]],
        header("Posture"),
        section(posture_text(status.topics, since=status.since)),
        header("Waits for"),
        section(_waiting(status.waiting)),
        header("Last scans"),
        section(scans_text(status.scans)),
        *undelivered_blocks(status.undelivered),
        context(say("As of {now}.", now=date(status.now))),
    ]
    count = sum(count for _, count in status.waiting)
    found = sum(topic.open for topic in status.topics)
    text = say(
        "{found} open, {asked} waiting",
        found=counted(found, "finding"),
        asked=counted(count, "question"),
    )
    return message(text, blocks)


def report_answer(
    topics: Sequence[TopicPosture], decided: Mapping[str, int], *, since: str, now: datetime
) -> Payload:
    """What happened since a time: the posture with its trend, and how questions ended."""
    lines = [say("• {count} {what}", count=count, what=what) for what, count in decided.items()]
    text = say("Locksmith since {since}", since=since)
    blocks = [
        header(text),
        section(posture_text(topics, since=since)),
        section(joined("\n", lines) if lines else say("No question ended in this time.")),
        context(say("As of {now}.", now=date(now))),
    ]
    return message(text, blocks)


def finding_answer(view: FindingView, now: datetime) -> Payload:
    """A finding that nobody was asked about."""
    record = view.record
    text = severity_and_summary(record.finding)
    small = say("{id} · {state} · nobody was asked about it", id=record.id, state=state_of(view)[0])

    def build(room: Room) -> Payload:
        lines = section(evidence_lines(record, now, room))
        return message(text, [section(text), lines, context(small)])

    return fitted(build)


def scan_answer(result: ScanResult) -> Payload:
    """What a scan saw, what changed since the one before, and what it could not see."""
    text = say(
        "Scan of {account}: {open} open, {new} new, {resolved} resolved",
        account=code(result.account.id),
        open=counted(len(result.findings), "finding"),
        new=result.new,
        resolved=result.resolved,
    )
    count = Counter(view.record.finding.severity for view in result.findings)
    lines = [say("{severity}  {n}", severity=SEVERITIES[each], n=count[each]) for each in Severity]
    blocks: list[Block] = [section(text), section(joined("\n", lines))]
    unseen = [
        say("• {control}: {why}", control=control, why=prose(why, 200))
        for control, why in sorted(result.not_evaluated.items())
    ]
    if unseen:
        head = say("*Not evaluated*, so neither passed nor failed:")
        more = [say("… and {more} more", more=len(unseen) - 10)] if len(unseen) > 10 else []
        blocks.append(section(joined("\n", [head, *unseen[:10], *more])))
    blocks += [section(say("⚠️ {warning}", warning=each)) for each in result.warnings[:5]]
    times = say(
        "From {began} to {ended}.", began=date(result.started_at), ended=date(result.finished_at)
    )
    return message(text, [*blocks, context(times)])


def scans_answer(
    results: Sequence[ScanResult], failed: Mapping[str, str], names: Mapping[str, str]
) -> Payload:
    """What scans of several accounts saw, an account to a line; `failed` says why, by account."""
    lines = [
        say(
            "{sign} {account}  {open} open, {new} new, {resolved} resolved",
            sign="⚠️" if each.not_evaluated or each.unavailable else "•",
            account=_account(each.account.id, names),
            open=counted(len(each.findings), "finding"),
            new=each.new,
            resolved=each.resolved,
        )
        for each in results[:_MOST_ACCOUNTS]
    ]
    lines += [
        say(
            "⚠️ {account}  was not scanned: {why}", account=_account(id_, names), why=prose(why, 200)
        )
        for id_, why in list(failed.items())[:_MOST_ACCOUNTS]
    ]
    hidden = len(results) + len(failed) - len(lines)
    if hidden:
        lines.append(say("… and {more}", more=counted(hidden, "more account")))
    text = say(
        "Scan of {accounts}: {failed} not scanned",
        accounts=counted(len(results) + len(failed), "account"),
        failed=len(failed),
    )
    return message(text, [section(text), section(joined("\n", lines))])


def _account(account_id: str, names: Mapping[str, str]) -> Markup:
    name = names.get(account_id)
    return (
        say("{id} {name}", id=code(account_id), name=prose(name, 64)) if name else code(account_id)
    )


def policy_answer(policy: PolicySummary) -> Payload:
    """What a policy allows, service by service, in AWS's five access levels."""
    return fitted(lambda room: _policy(policy, room))


def _service(service: str, levels: Sequence[str], limits: str) -> Markup:
    known = {"service": service, "levels": ", ".join(levels)}
    if limits:
        return say("*{service}*  {levels} ({limits})", **known, limits=limits)
    return say("*{service}*  {levels}", **known)


def _policy(policy: PolicySummary, room: Room) -> Payload:
    what = f"something in {counted(len(policy.levels), 'service')}"
    if policy.everything:
        what = "everything, in every service"
        if policy.limits.get("*"):
            what += f" ({policy.limits['*']})"
    text = say("{arn} allows {what}", arn=code(policy.arn, 600), what=what)
    most = room.items * 3
    shown = sorted(policy.levels.items())[:most]
    lines = [_service(service, levels, policy.limits.get(service, "")) for service, levels in shown]
    if len(policy.levels) > len(shown):
        more = counted(len(policy.levels) - len(shown), "more service")
        lines.append(say("… and {more}", more=more))
    blocks: list[Block] = [section(text)]
    if policy.notes:
        notes = [say("⚠️ {note}", note=prose(note, room.text)) for note in policy.notes[:10]]
        blocks.append(section(joined("\n", notes)))
    if lines:
        blocks.append(section(joined("\n", lines)))
    if policy.unknown:
        unknown = ", ".join(policy.unknown[:20])
        blocks.append(
            section(
                say(
                    "{count} that nobody can level: {which}",
                    count=counted(len(policy.unknown), "action"),
                    which=prose(unknown, room.text),
                )
            )
        )
    return message(text, blocks)


def _waiting(waiting: Sequence[tuple[str, int]]) -> Markup:
    if not waiting:
        return say("No question waits for anyone.")
    lines = [
        say("{who}  {count}", who=address(who), count=counted(count, "question"))
        for who, count in waiting[:_MOST_WAITING]
    ]
    if len(waiting) > len(lines):
        lines.append(say("… and {more} more", more=len(waiting) - len(lines)))
    return joined("\n", lines)
