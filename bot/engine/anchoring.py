"""Notes the end of the audit log down outside the database, at each place that is configured."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.engine.signing import fingerprint
from bot.errors import LocksmithError
from bot.model import Anchor, AnchorTarget, Placed, Signer
from bot.store import anchors
from bot.store.database import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of one target: where the anchor is, or why it isn't there.

    `before` is set where nothing was written to the log since this target's newest anchor, so
    that there was nothing to note down.
    """

    target: str
    placed: Placed | None
    before: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Places anchors; without a signer they aren't signed."""

    store: Store
    targets: Sequence[AnchorTarget]
    signer: Signer | None = None

    def anchor(self) -> list[Noted]:
        """Note the end of the log down at every target that doesn't have it.

        One that can't be reached stops no other. Empty while the log is. Raises LocksmithError
        where nothing can be signed.
        """
        with self.store.read() as tx:
            head = anchors.head(tx)
            newest = {each.name: anchors.newest_at(tx, each.name) for each in self.targets}
        if head is None:
            return []
        due = [each for each in self.targets if not _has(newest[each.name], head)]
        signed = self._signed(head) if due else head
        return [
            self._placed(each, signed)
            if each in due
            else Noted(each.name, newest[each.name], before=True)
            for each in self.targets
        ]

    def anchor_all(self) -> None:
        """The same, as something that is due: what did not work is said in the log."""
        for noted in self.anchor():
            if noted.trouble:
                _log.warning("No anchor at %s: %s", noted.target, noted.trouble)

    def _signed(self, head: Anchor) -> Anchor:
        if self.signer is None:
            return head
        return head.signed(fingerprint(self.signer.public_key()), self.signer.sign)

    def _placed(self, target: AnchorTarget, anchor: Anchor) -> Noted:
        try:
            placed = Placed(anchor, target.name, target.place(anchor))
            with self.store.write() as tx:
                anchors.remember(tx, placed)
        except LocksmithError as error:
            return Noted(target.name, None, trouble=str(error))
        return Noted(target.name, placed)


def _has(newest: Placed | None, head: Anchor) -> bool:
    return newest is not None and (newest.anchor.seq, newest.anchor.hash) == (head.seq, head.hash)
