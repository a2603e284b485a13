"""Sends deliveries the configured way, and lets Slack act on what the app answers."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.slack.double.delivery import Ack, Delivery, Post
from tests.slack.double.refusals import Refused
from tests.slack.double.sockets import Sockets
from tests.slack.double.workspace import Workspace

#: What Slack does with a good answer.
Settle = Callable[[Delivery], None]


@dataclass(slots=True)
class Delivering:
    """Every delivery so far. `post` is set in HTTP mode; without it, sockets carry."""

    workspace: Workspace
    post: Post | None = None
    sockets: Sockets | None = None
    #: Seconds within which an answer counts.
    patience: float = 3
    #: Seconds until Slack acts on an answer that it has.
    lag: float = 0
    deliveries: list[Delivery] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    _settles: dict[str, Settle] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)

    def deliver(
        self, kind: str, payload: dict[str, Any], settle: Settle, *, wait: bool
    ) -> Delivery:
        """Send a payload; `wait` for its answer, or leave `Delivery.wait` to the test."""
        delivery = Delivery(kind, payload, str(uuid4()), self.patience)
        self.deliveries.append(delivery)
        self._settles[delivery.envelope_id] = settle
        self._send(delivery)
        return delivery.wait() if wait else delivery

    def again(self, delivery: Delivery, *, wait: bool) -> Delivery:
        """Send the same envelope, or the same bytes, once more."""
        delivery.again()
        self._send(delivery)
        return delivery.wait() if wait else delivery

    def _send(self, delivery: Delivery) -> None:
        if self.post is not None:
            thread = threading.Thread(target=self._posted, args=(self.post, delivery))
            self._threads.append(thread)
            thread.start()
            return
        assert self.sockets is not None
        delivery.sent_at = time.monotonic()
        if not self.sockets.send(delivery.envelope()):
            delivery.problem = "no_socket"
            delivery.finish()

    def _posted(self, post: Post, delivery: Delivery) -> None:
        before = len(delivery.acks)
        post.send(delivery)
        for ack in delivery.acks[before:]:
            self.acks.append(ack)
            self._settle(delivery)
        delivery.finish()

    def heard(self, message: dict[str, Any]) -> None:
        """Take what the app said over a socket: the acknowledgement of an envelope."""
        for delivery in self.deliveries:
            if delivery.envelope_id == message.get("envelope_id"):
                latency = time.monotonic() - delivery.sent_at
                ack = Ack(
                    self.workspace.clock(), delivery.envelope_id, latency, message.get("payload")
                )
                delivery.acks.append(ack)
                self.acks.append(ack)
                self._settle(delivery)
                delivery.finish()

    def _settle(self, delivery: Delivery) -> None:
        """Act on the first answer that came in time; on no other."""
        time.sleep(self.lag)
        settle = self._settles.pop(delivery.envelope_id, None)
        if settle is None or not delivery.ok:
            return
        with self.workspace.lock:
            try:
                settle(delivery)
            except Refused as refusal:
                delivery.problem = f"{refusal.code} {refusal.more or ''}".strip()

    def finish(self) -> None:
        """Wait for the requests that are still out."""
        for thread in self._threads:
            thread.join()
