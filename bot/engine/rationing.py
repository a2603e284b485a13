"""How much one reader gets: so many questions a day, and a digest where there are many."""

from dataclasses import dataclass
from datetime import timedelta

from bot.engine.cards import CARD
from bot.store import messages
from bot.store.database import Transaction
from bot.store.messages import NewMessage

DIGEST, WAITING = "digest", messages.NEVER_SENT
_TWO_DAYS = timedelta(days=2)  # longer than any local day


@dataclass(frozen=True, slots=True)
class Ration:
    """`few` open questions are messages of their own; `per_day` new ones are what a reader gets.

    A day is the reader's, as `2026-11-25`. Cards carry the day that they count for; those that a
    person asked for, by handing over or undoing, count for none.
    """

    few: int
    per_day: int

    def room(self, tx: Transaction, reader: str, day: str) -> int:
        """How many more questions a reader may get on a day."""
        recent = messages.messages_to(tx, reader, CARD, since=tx.now - _TWO_DAYS)
        return max(0, self.per_day - sum(each.data.get("day") == day for each in recent))

    def thread(self, tx: Transaction, reader: str, day: str, more: int) -> str | None:
        """The digest in whose thread `more` cards of a day go, or None while there are few."""
        known = messages.by_key(tx, f"{DIGEST}:{reader}:{day}")
        if known is not None:
            return known.id
        if not more or messages.open_cards(tx, reader) + more <= self.few:
            return None
        new = NewMessage(f"{DIGEST}:{reader}:{day}", DIGEST, reader, data={"day": day})
        return messages.tell(tx, new).id


def note_waiting(tx: Transaction, proposal_id: str, readers: tuple[str, ...]) -> None:
    """Remember who will be asked on another day, for their Home; it is never sent."""
    messages.forget_waiting(tx, proposal_id, but=readers)
    for reader in readers:
        messages.tell(
            tx, NewMessage(f"{WAITING}:{proposal_id}:{reader}", WAITING, reader, proposal_id)
        )
