"""Digests, reminders and notices: the messages beside the cards."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot.engine.views import ProposalView
from bot.model import Json, MessageRecord, ProposalState
from bot.slack.blocks.elements import Payload, context, message, section
from bot.slack.blocks.escape import Markup, address, code, date, joined, prose, say
from bot.slack.blocks.words import control_words, counted

_ASKED = frozenset({ProposalState.PROPOSED, ProposalState.PENDING})


def digest(views: Sequence[ProposalView]) -> Payload:
    """A day's questions to one owner; each stands in the thread."""
    open_ones = [view for view in views if view.proposal.state in _ASKED]
    count = len(open_ones)
    what = f"{counted(count, 'question')} {'waits' if count == 1 else 'wait'}"
    head = say("*Locksmith: {what} for you*, of {all} asked today", what=what, all=len(views))
    by_control = Counter(control_words(view.proposal.control) for view in open_ones)
    lines = [
        say("• {n} of {control}", n=n, control=prose(control))
        for control, n in by_control.most_common(15)
    ]
    blocks = [section(joined("\n", [head, *lines]))]
    blocks.append(context(Markup("Each has its own message in this thread.")))
    return message(say("Locksmith: {what} for you", what=what), blocks)


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


def notice(record: MessageRecord) -> Payload | None:
    """What a message of this kind tells; None for one that this release doesn't know."""
    data = record.data
    match data.get("what"):
        case "notify-mode":
            account = str(data.get("account"))
            text = say(
                "Account {account} was scanned, and {n} fixes were proposed. It is in notify mode: "
                "nobody is asked and nothing is changed there until {command} was run.",
                account=code(account),
                n=int(str(data.get("questions", 0))),
                command=code(f"locksmith go-live {account}"),
            )
        case "escalated":
            text = say("Unanswered so far, so {who} is asked too.", who=_readers(data.get("to")))
        case "passed-over":
            over = data.get("passed_over")
            why = [prose(str(each), 200) for each in over] if isinstance(over, list) else []
            text = say(
                "{why}; asking {who}.",
                why=joined("; ", why) if why else Markup("The owner can't be reached"),
                who=_readers(data.get("to")),
            )
        case _:
            return None
    return message(text, [section(text)])


def _readers(value: Json) -> Markup:
    ids = [str(each) for each in value] if isinstance(value, list) else []
    return joined(", ", [address(each) for each in ids]) if ids else Markup("the security group")


def _until(value: Json) -> Markup:
    if not isinstance(value, str):
        return Markup()
    return say(", by {when}", when=date(datetime.fromisoformat(value)))
