"""What the security channel is told of at once, whoever else was asked: a card, once for each."""

from bot.engine.cards import TELL_CONTAINED, TELL_EXEMPTION, Question, tell_card
from bot.engine.owners import Owned
from bot.model import OwnerClaim, OwnerSource
from bot.store import dues, exemptions, proposals
from bot.store.database import Store, Transaction


def tell_contained(store: Store, channel: str | None, proposal_id: str) -> bool:
    """Give the channel the card of a containment; False without a channel.

    It asks nothing: who asked for it has approved it. Its Undo asks in its thread.
    """
    with store.write() as tx:
        dues.drop_due(tx, TELL_CONTAINED, proposal_id)
        return _tell(tx, channel, proposal_id, "an incident")


def tell_exemption(store: Store, channel: str | None, proposal_id: str) -> bool:
    """Ask the channel too where an exemption waits for a second person, who may not know of it."""
    with store.write() as tx:
        dues.drop_due(tx, TELL_EXEMPTION, proposal_id)
        if exemptions.waiting_request(tx, proposal_id) is None:
            return False
        return _tell(tx, channel, proposal_id, "an exemption takes a second person")


def _tell(tx: Transaction, channel: str | None, proposal_id: str, because: str) -> bool:
    if channel is None:
        return False
    claim = OwnerClaim(OwnerSource.SECURITY, channel, because)
    question = Question(proposals.get_proposal(tx, proposal_id), Owned((channel,), claim))
    tell_card(tx, question, channel, role="security")
    return True
