"""What people read of the watch after a change: harm, and at its end what nobody could see."""

from collections.abc import Iterable, Mapping

from bot.model import Json, WatchRecord
from bot.slack.blocks.buttons import undo_button
from bot.slack.blocks.elements import Payload, actions, message, section
from bot.slack.blocks.escape import Markup, code, date, joined, prose, say
from bot.slack.blocks.question import Place

_LIMIT = 300


def watch_lines(watch: WatchRecord | None) -> list[Markup]:
    """Harm where it was seen; at the end what was looked at, never as more than it is."""
    if watch is None:
        return []
    if watch.harm and watch.harmed_at:
        what = joined("; ", _each(watch.harm))
        return [
            say("*May have done harm*, seen {when}: {what}.", when=date(watch.harmed_at), what=what)
        ]
    if watch.ended_at is not None:
        return [joined(" ", _ended(watch, date(watch.ended_at)))]
    return [say("Watched for harm until {until}.", until=date(watch.until))] if watch.until else []


def harm_note(data: Mapping[str, Json], place: Place) -> Payload:
    """That a change did harm: what was seen, what becomes of it, and a button that undoes it."""
    if not place.confidential:
        text = say("⚠️ A change of Locksmith's may have done harm. Its owner has the details.")
        return message(text, [section(text)])
    text = say("⚠️ What Locksmith did may have done harm.")
    seen = data.get("seen")
    lines = [prose(str(each), 500) for each in seen[:8]] if isinstance(seen, list) else []
    blocks = [section(joined("\n", [say("*{text}*", text=text), *lines]))]
    if data.get("undo"):
        said = say("The rule takes it back by itself: {undo}.", undo=code(str(data["undo"])))
        return message(text, [*blocks, section(said)])
    if data.get("why"):
        why = prose(str(data["why"]), _LIMIT)
        blocks.append(section(say("*The rule does not take it back* by itself: {why}.", why=why)))
    return message(text, [*blocks, actions(undo_button(str(data.get("execution"))))])


def _ended(watch: WatchRecord, until: Markup) -> list[Markup]:
    if not watch.looked:
        parts = [say("*Not watched* until {until}: nothing could be looked at.", until=until)]
    else:
        what = joined(", ", _each(watch.looked))
        parts = [
            say("*Watched* until {until}: no harm was seen in {what}.", until=until, what=what)
        ]
    if watch.unknown:
        parts.append(say("Not known: {unknown}.", unknown=joined("; ", _each(watch.unknown))))
    return [*parts, *(say("{blind}.", blind=prose(each, _LIMIT)) for each in watch.blind)]


def _each(sentences: Iterable[str]) -> list[Markup]:
    return [prose(each, _LIMIT) for each in sentences]
