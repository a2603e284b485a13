"""The use cases of messages to people: those that did not arrive are sent once more."""

from bot.engine.containing import Containing
from bot.model import Actor
from bot.store import messages


class Messaging(Containing):
    """Looking after what people are told."""

    def retry_messages(self, actor: Actor) -> int:
        """Try again what could not be delivered, as after the app was let into a channel.

        For the security group and operators; returns how many messages that are. Those of which
        it is not known whether they arrived are looked for before, so that nobody gets one twice.
        Raises RefusedError.
        """
        self._require_security(actor, "retry messages")
        with self._store.write() as tx:
            return messages.try_again(tx, actor)
