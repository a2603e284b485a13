"""What came of containing a user: every door, closed or still open, and until when."""

from bot.engine.doors import Contained, Door, DoorState
from bot.slack.blocks.elements import Block, Payload, actions, button, header, message, section
from bot.slack.blocks.escape import Markup, code, date, joined, prose, say
from bot.slack.blocks.words import sentence, warned

_ORDER = (DoorState.OPEN, DoorState.UNKNOWN, DoorState.CLOSED)
_SHOWN = 40


def contain_answer(contained: Contained) -> Payload:
    """Never says that someone is contained while a door is open, or may be."""
    text = say(
        "{user}{warned} in account {account}: {state}",
        user=code(contained.user),
        warned=warned(contained.user),
        account=code(contained.account.id),
        state=_state(contained),
    )
    in_order = sorted(contained.doors, key=lambda door: _ORDER.index(door.state))
    lines = [_door(door) for door in in_order[:_SHOWN]]
    if len(in_order) > len(lines):
        lines.append(say("… and {more} more", more=len(in_order) - len(lines)))
    blocks: list[Block] = [header("Containment"), section(text)]
    blocks += [section(each) for each in _remarks(contained)]
    blocks += [section(joined("\n", lines[at : at + 10])) for at in range(0, len(lines), 10)]
    blocks.append(section(say("Two people of the security group can undo it.")))
    if contained.proposals:
        last = contained.proposals[-1]
        blocks.append(actions(button("Details", "details", f"{last.id} {last.digest}")))
    return message(text, blocks)


def _state(contained: Contained) -> Markup:
    count, every = contained.count, len(contained.doors)
    if not every:
        return say("nothing was closed")
    if count(DoorState.CLOSED) == every:
        return say("every door is closed")
    parts = []
    if count(DoorState.OPEN):
        parts.append(say("{open} of {all} doors *open*", open=count(DoorState.OPEN), all=every))
    if count(DoorState.UNKNOWN):
        unknown = count(DoorState.UNKNOWN)
        parts.append(say("{unknown} of {all} doors *unknown*", unknown=unknown, all=every))
    return joined(", ", parts)


def _remarks(contained: Contained) -> list[Markup]:
    lines = []
    if contained.was_already and contained.since is not None:
        lines.append(
            say(
                "Contained already since {when}: there was nothing left to close, and nothing was "
                "changed.",
                when=date(contained.since),
            )
        )
    if contained.problem:
        lines.append(say("*Not all of it was done.* {why}", why=sentence(contained.problem)))
    return lines


def _door(door: Door) -> Markup:
    what = prose(door.what, 150)
    note = say(": {note}", note=prose(door.note, 200)) if door.note else say("")
    until = say(" until {when}", when=date(door.until)) if door.until else say("")
    match door.state:
        case DoorState.CLOSED:
            return say("🔒 closed · {what}{note}", what=what, note=note)
        case DoorState.OPEN:
            return say("🔓 *open*{until} · {what}{note}", until=until, what=what, note=note)
        case DoorState.UNKNOWN:
            return say("❓ *unknown*{until} · {what}{note}", until=until, what=what, note=note)
