"""The Home tab: what waits for its reader, what they decided; for the security group the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.overview import Decided
from bot.model import FindingRecord, Freeze, MessageRecord, Verdict
from bot.slack.blocks.buttons import card_buttons
from bot.slack.blocks.elements import (
    Block,
    Payload,
    button,
    context,
    divider,
    header,
    home,
    section,
)
from bot.slack.blocks.escape import Markup, address, date, joined, prose, say
from bot.slack.blocks.posture_part import (
    LastScan,
    TopicPosture,
    freeze_blocks,
    posture_text,
    scans_text,
)
from bot.slack.blocks.question import Question
from bot.slack.blocks.standing_part import title
from bot.slack.blocks.words import SEVERITIES, resource_words, sentence

#: How many are shown: Slack takes 100 blocks, and a question has up to three.
MINE = 20
EVERYONE = 15
LATER = 5
_LINES = 10
_VERDICTS = {
    Verdict.APPROVE: say("approved"),
    Verdict.DENY: say("denied"),
    Verdict.SNOOZE: say("put off"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question of anyone, and whom it waits for: ids or e-mail addresses."""

    question: Question
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecurityHome:
    """What the security group sees besides: everyone's queue, the posture, what went wrong.

    `everyone_more` counts questions beyond those of `everyone`.
    """

    topics: Sequence[TopicPosture] = ()
    since: str = ""
    everyone: Sequence[Waiting] = ()
    everyone_more: int = 0
    scans: Sequence[LastScan] = ()
    undelivered: Sequence[MessageRecord] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """One reader's Home at one moment, worst and oldest questions first.

    `mine_more` counts questions beyond those of `mine`. `capped` counts those that wait for a day
    with room for them, of which `later` are the first. `decided` are the reader's newest
    decisions, `ending` their exemptions that end soon.
    """

    now: datetime
    mine: Sequence[Question] = ()
    mine_more: int = 0
    capped: int = 0
    later: Sequence[Question] = ()
    decided: Sequence[Decided] = ()
    ending: Sequence[FindingRecord] = ()
    freeze: Freeze | None = None
    security: SecurityHome | None = None
    people: Mapping[str, str] = field(default_factory=dict)


def home_view(page: Home) -> Payload:
    """The view to publish; at most 100 blocks."""
    blocks = [
        *freeze_blocks(page.freeze, page.people),
        *_mine(page),
        *_decided(page.decided),
        *_ending(page.ending),
    ]
    if page.security is not None:
        blocks += _security(page.security)
    return home([*blocks, context(say("As of {now}.", now=date(page.now)))])


def stranger_view(why: str) -> Payload:
    """The Home of people who are nobody here, and why they see nothing."""
    text = say("👋 Locksmith asks people here about the AWS identities that they own.")
    return home([section(text), section(say("There is nothing for you here: {why}.", why=why))])


def question_line(question: Question) -> Markup:
    """A question in two lines: what is wrong, where it stands, until when."""
    finding = question.view.finding
    if finding is None:
        what = sentence(question.plan.summary, 300)
    else:
        seen = finding.record.finding
        what = say(
            "*{severity}* · {summary}\n{resource}",
            severity=SEVERITIES[seen.severity],
            summary=sentence(seen.summary, 300),
            resource=resource_words(seen.resource),
        )
    deadline = question.asked.deadline if question.asked else None
    until = say(" · until {when}", when=date(deadline)) if deadline else say("")
    return say("{what}\n{state}{until}", what=what, state=title(question), until=until)


def _mine(page: Home) -> list[Block]:
    blocks = [header("Waits for you")]
    if not page.mine:
        blocks.append(section(say("Nothing waits for you.")))
    for question in page.mine[:MINE]:
        blocks += [section(question_line(question)), *card_buttons(question)]
    more = len(page.mine[MINE:]) + page.mine_more
    if more > 0:
        blocks.append(section(say("… and {more} more: `/locksmith mine`", more=more)))
    return [*blocks, *_later(page)]


def _later(page: Home) -> list[Block]:
    """What the reader will be asked another day: who likes to can answer it today."""
    if not page.capped:
        return []
    head = say(
        "{count} more wait for another day, so that you get only so many a day.",
        count=page.capped,
    )
    lines = [_short(question) for question in page.later[:LATER]]
    if lines and page.capped > len(lines):
        lines.append(say("• … and {more} more", more=page.capped - len(lines)))
    if lines:
        lines.append(say("To answer one of them today: `/locksmith show ID`"))
    return [section(joined("\n", [head, *lines]))]


def _short(question: Question) -> Markup:
    finding = question.view.finding
    summary = finding.record.finding.summary if finding else question.plan.summary
    return say("• {id}  {what}", id=question.view.proposal.id, what=sentence(summary, 150))


def _decided(decided: Sequence[Decided]) -> list[Block]:
    if not decided:
        return []
    lines = [
        say(
            "{when}  {verdict}: {what} It is *{state}* now.",
            when=date(each.decision.at),
            verdict=_VERDICTS[each.decision.verdict],
            what=sentence(each.proposal.plan.summary, 150),
            state="undone" if each.undone else each.proposal.state.value,
        )
        for each in decided[:_LINES]
    ]
    return [divider(), header("What you decided"), section(joined("\n", lines))]


def _ending(records: Sequence[FindingRecord]) -> list[Block]:
    if not records:
        return []
    lines = [exemption_line(record) for record in records[:_LINES]]
    return [divider(), header("Your exemptions that end soon"), section(joined("\n", lines))]


def exemption_line(record: FindingRecord) -> Markup:
    """An exempt finding in a line: until when, what, why."""
    until = date(record.exempt_until) if record.exempt_until else say("no day")
    return say(
        "until {until}  {resource} {control}: {why}",
        until=until,
        resource=resource_words(record.finding.resource),
        control=record.finding.control,
        why=prose(record.exempt_reason, 120),
    )


def _security(security: SecurityHome) -> list[Block]:
    return [
        divider(),
        header("Posture"),
        section(posture_text(security.topics, since=security.since)),
        *_everyone(security),
        divider(),
        header("Last scans"),
        section(scans_text(security.scans)),
        *undelivered_blocks(security.undelivered, again=True),
    ]


def _everyone(security: SecurityHome) -> list[Block]:
    blocks = [divider(), header("Everyone's questions")]
    waiting = security.everyone
    if not waiting:
        return [*blocks, section(say("Nothing waits for anyone."))]
    for each in waiting[:EVERYONE]:
        who = (
            joined(", ", [address(one) for one in each.who[:8]]) if each.who else say("nobody yet")
        )
        text = say("{line} · waits for {who}", line=question_line(each.question), who=who)
        details = button("Details", "details", each.question.value)
        blocks.append(section(text, accessory=details))
    more = len(waiting[EVERYONE:]) + security.everyone_more
    if more > 0:
        blocks.append(section(say("… and {more} more: `/locksmith status`", more=more)))
    return blocks


def undelivered_blocks(messages: Sequence[MessageRecord], *, again: bool = False) -> list[Block]:
    """Messages that Slack did not take, and why; none where all arrived.

    With `again` there is a button that has them tried once more, `retry_messages`.
    """
    if not messages:
        return []
    lines = [
        say(
            "{kind} to {who}: {why}",
            kind=message.kind,
            who=address(message.recipient),
            why=prose(message.error, 200),
        )
        for message in messages[:_LINES]
    ]
    more = len(messages) - _LINES
    if more > 0:
        lines.append(say("… and {more} more", more=more))
    retry = button("Try again", "retry_messages", "all") if again else None
    text = section(joined("\n", lines), accessory=retry)
    return [divider(), header("Could not be delivered"), text]
