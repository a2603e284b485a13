"""Where a message goes: to whom, and into which thread."""

from dataclasses import dataclass

from bot.model import MessageRecord
from bot.store import messages
from bot.store.database import Transaction

#: A reminder hangs on a card, and the card on a digest; nothing hangs deeper.
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Place:
    """`to` is a user or channel id; `thread_ts` the message below which it goes, None for none."""

    to: str
    thread_ts: str | None = None


def place_of(tx: Transaction, message: MessageRecord) -> Place | None:
    """Where this message goes, or None while the message it replies to isn't posted yet.

    A reply to what will never be posted stands for itself. Slack's threads are one level deep.
    """
    parent = messages.get_message(tx, message.thread) if message.thread else None
    if parent is None:
        return Place(message.recipient)
    if parent.channel is None or parent.ts is None:
        return None if _is_coming(parent) else Place(message.recipient)
    head, channel, ts = parent, parent.channel, parent.ts
    for _ in range(_DEEPEST):
        above = messages.get_message(tx, head.thread) if head.thread else None
        if above is None or above.ts is None or above.channel != channel:
            break
        head, ts = above, above.ts
    return Place(channel, ts)


def _is_coming(parent: MessageRecord) -> bool:
    if parent.error:
        return False
    return parent.told < parent.wanted or parent.sending_since is not None
