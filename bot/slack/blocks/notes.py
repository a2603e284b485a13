"""Digests, reminders and notices: the messages beside the cards."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.engine.views import ProposalView
from bot.model import Anchor, Freeze, Json, MessageRecord, ProposalState, Severity
from bot.slack.blocks.elements import Payload, context, message, section
from bot.slack.blocks.escape import Markup, address, code, date, joined, person, prose, say
from bot.slack.blocks.fitting import ROOMS
from bot.slack.blocks.posture_part import freeze_blocks
from bot.slack.blocks.question import PRIVATE, Place, Question
from bot.slack.blocks.standing_part import standing, title
from bot.slack.blocks.watch_part import harm_note
from bot.slack.blocks.words import SEVERITIES, control_words, counted, sentence
from bot.store.freezes import BY_FILE

_MOST_LINES = 15
_ASKED = frozenset({ProposalState.PROPOSED, ProposalState.PENDING})


def digest(views: Sequence[ProposalView]) -> Payload:
    """A day's questions to one owner, the worst first; each stands in the thread."""
    waiting = [view for view in views if view.proposal.state in _ASKED]
    what = f"{counted(len(waiting), 'question')} {'waits' if len(waiting) == 1 else 'wait'}"
    text = say("Locksmith: {what} for you", what=what)
    lines = [say("*{text}*", text=text), *_by_control(waiting)]
    answered = len(views) - len(waiting)
    if answered:
        lines.append(say("{n} of {all} are settled.", n=answered, all=len(views)))
    small = say("Each has its own message in this thread.")
    return message(text, [section(joined("\n", lines)), context(small)])


def _by_control(views: Sequence[ProposalView]) -> list[Markup]:
    """How many of what, the worst and most first."""
    counts = Counter((_severity(view), control_words(view.proposal.control)) for view in views)
    in_order = sorted(counts.items(), key=lambda item: (item[0][0].rank, -item[1], item[0][1]))
    lines = [
        say(
            "• {severity} · {control}{count}",
            severity=SEVERITIES[severity],
            control=control,
            count=say(" ({n})", n=n) if n > 1 else say(""),
        )
        for (severity, control), n in in_order[:_MOST_LINES]
    ]
    left = sum(n for _, n in in_order[_MOST_LINES:])
    return [*lines, say("• … and {n} more", n=left)] if left else lines


def _severity(view: ProposalView) -> Severity:
    return view.finding.record.finding.severity if view.finding else Severity.INFO


def reminder(record: MessageRecord, view: ProposalView) -> Payload | None:
    """A reminder in a card's thread; None once the question was answered."""
    if view.proposal.state not in _ASKED:
        return None
    number = record.data.get("number")
    text = say(
        "Reminder {n}: this still waits for an answer{until}.",
        n=number if isinstance(number, int) else 1,
        until=_until(record.data.get("deadline")),
    )
    return message(text, [section(text)])


def notice(record: MessageRecord, place: Place = PRIVATE) -> Payload | None:
    """What a message of this kind tells; None for one that this release doesn't know.

    Where others read along, nobody is named.
    """
    if record.data.get("what") == "harm":
        return harm_note(record.data, place)
    text = _notice(record.data, place)
    return None if text is None else message(text, [section(text)])


def _notice(data: Mapping[str, Json], place: Place) -> Markup | None:
    match data.get("what"):
        case "notify-mode":
            text = _notify_mode(str(data.get("account")), data.get("questions"), data.get("live"))
        case "escalated" if not place.confidential:
            text = say("Unanswered so far, so others are asked too.")
        case "escalated":
            text = say("Unanswered so far, so {who} is asked too.", who=_readers(data.get("to")))
        case "passed-over" if not place.confidential:
            text = say("The owner can't be reached, so others are asked.")
        case "passed-over":
            over = data.get("passed_over")
            why = [prose(str(each), 200) for each in over[:8]] if isinstance(over, list) else []
            text = say(
                "{why}; asking {who}.",
                why=joined("; ", why) if why else say("The owner can't be reached"),
                who=_readers(data.get("to")),
            )
        case "held":
            text = _held(data, place)
        case "silence":
            text = _silence(data, place)
        case "regraced":
            text = say(
                "Writes were stopped or you could not answer for a while, and that time doesn't "
                "count: the rule acts later{when}, unless someone objects.",
                when=_until(data.get("until"), "on"),
            )
        case _:
            return None
    return text


def _held(data: Mapping[str, Json], place: Place) -> Markup:
    if not place.confidential:
        return say("A limit holds up what rules do.")
    return say(
        "⏸️ Rules wait: {why}{until}.",
        why=prose(str(data.get("why")), 300),
        until=_until(data.get("until"), "on from"),
    )


def _silence(data: Mapping[str, Json], place: Place) -> Markup:
    if not place.confidential:
        return say("An account is not looked at as it should be.")
    return say(
        "🔕 {why}. Silence does not mean that all is well: {status} shows every account.",
        why=prose(str(data.get("why")), 400),
        status=code("/locksmith status"),
    )


def anchor(record: MessageRecord) -> Payload | None:
    """Where the audit log ends, in a form that is read back to compare; nothing in it is secret."""
    noted = Anchor.read(str(record.data.get("anchor")))
    if noted is None:
        return None
    line = code(noted.text(), 2_000)
    small = say(
        "The audit log had {n} by {when}.", n=counted(noted.seq, "row"), when=date(noted.at)
    )
    text = say("Locksmith's audit log: {line}", line=line)
    return message(text, [section(line), context(small)])


def outcome(question: Question, ended: ProposalState | None = None) -> Payload:
    """How an execution ended, for the thread of its card, so that people are told.

    `ended` is the state that this was made for: one whose outcome was unknown can be known by now,
    and then a note of its own says so.
    """
    if ended is not None and ended is not question.state:
        text = say("The outcome was not clear; it is known by now: {state}.", state=title(question))
        return message(text, [section(text)])
    if not question.place.confidential:
        text = say("{state}. Its owner has the details.", state=title(question))
        return message(text, [section(text)])
    text = say("{state} · {what}", state=title(question), what=sentence(question.plan.summary))
    return message(text, [section(text), section(standing(question, ROOMS[-2]))])


def frozen(freeze: Freeze, people: Mapping[str, str], place: Place = PRIVATE) -> Payload:
    """That every write is stopped, or may go on; where others read along, not by whom or why."""
    over = freeze.ended_at is not None
    if not place.confidential:
        text = say("▶️ Resumed.") if over else say("🧊 Paused: nothing is written to AWS.")
        return message(text, [section(text)])
    if freeze.ended_at is None:
        text = say("🧊 Paused by {who}: nothing is written.", who=person(freeze.by, people))
        return message(text, freeze_blocks(freeze, people))
    who = say("whoever took the stop file away")
    if freeze.by.kind != BY_FILE:
        who = person(freeze.ended_by, people) if freeze.ended_by else say("Locksmith")
    text = say("▶️ Resumed by {who}, {when}.", who=who, when=date(freeze.ended_at))
    return message(text, [section(text)])


def _notify_mode(account: str, count: Json, live: Json) -> Markup:
    """That nobody is asked yet; once the account is live, since when."""
    if isinstance(live, str):
        return say(
            "Account {account} is live since {when}: owners are asked, and what they approve is "
            "carried out.",
            account=code(account),
            when=date(datetime.fromisoformat(live)),
        )
    return say(
        "Account {account} was scanned, and {n} proposed. It is in notify mode: nobody is asked "
        "and nothing is changed there until {command} was run.",
        account=code(account),
        n=counted(count if isinstance(count, int) else 0, "plan"),
        command=code(f"locksmith go-live {account}"),
    )


def _readers(value: Json) -> Markup:
    ids = [str(each) for each in value[:8]] if isinstance(value, list) else []
    return joined(", ", [address(each) for each in ids]) if ids else say("the security group")


def _until(value: Json, how: str = "by") -> Markup:
    if not isinstance(value, str):
        return say("")
    return say(", {how} {when}", how=how, when=date(datetime.fromisoformat(value)))
