"""What came of containing a user: every door, closed or still open, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.slack.blocks.elements import Block, Payload, actions, button, header, message, section
from bot.slack.blocks.escape import Markup, code, date, joined, prose, say
from bot.slack.blocks.words import warned


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: `closed` when that was seen in AWS. `until` is when an open one closes itself.

    `note` says why it is open, or what closed it; `what` is ours: "access key AKIA…".
    """

    what: str
    closed: bool
    until: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Contained:
    """The doors of a user; `question` is what the button to the details carries."""

    user: str
    account_id: str
    doors: Sequence[Door]
    question: str = ""


def contain_answer(contained: Contained) -> Payload:
    """Never says that someone is contained while a door is open."""
    still_open = [door for door in contained.doors if not door.closed]
    state = say("every door is closed")
    if not contained.doors:
        state = say("nothing was closed")
    elif still_open:
        state = say(
            "{open} of {all} doors are *still open*",
            open=len(still_open),
            all=len(contained.doors),
        )
    text = say(
        "{user}{warned} in account {account}: {state}",
        user=code(contained.user),
        warned=warned(contained.user),
        account=code(contained.account_id),
        state=state,
    )
    in_order = [*still_open, *(door for door in contained.doors if door.closed)]
    lines = [_door(door) for door in in_order[:40]]
    if len(in_order) > len(lines):
        lines.append(say("… and {more} more", more=len(in_order) - len(lines)))
    blocks: list[Block] = [header("Containment"), section(text)]
    blocks += [section(joined("\n", lines[at : at + 10])) for at in range(0, len(lines), 10)]
    blocks.append(section(say("Two people of the security group can undo it.")))
    if contained.question:
        blocks.append(actions(button("Details", "details", contained.question)))
    return message(text, blocks)


def _door(door: Door) -> Markup:
    note = say(": {note}", note=prose(door.note, 150)) if door.note else say("")
    if door.closed:
        return say("🔒 closed · {what}{note}", what=prose(door.what, 100), note=note)
    until = say(" until {when}", when=date(door.until)) if door.until else say("")
    return say(
        "🔓 *open*{until} · {what}{note}", until=until, what=prose(door.what, 100), note=note
    )
