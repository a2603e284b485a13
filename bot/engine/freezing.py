"""The use cases of the freeze: stop every write at once, and let them happen again."""

from bot.engine.announcing import tell_freeze_soon
from bot.engine.core import refused
from bot.engine.doing import Doing
from bot.errors import RefusedError
from bot.model import Actor, Freeze
from bot.store import freezes


class Freezing(Doing):
    """Stopping every write, also those of a plan half way, and going on.

    The security channel is told of both by whoever serves Slack.
    """

    def pause(self, reason: str, actor: Actor) -> Freeze:
        """Stop every write to AWS, effective before the next call, whoever makes it.

        What people approved stays approved. Raises RefusedError where writes are stopped already,
        or the actor may not decide that.
        """
        self._require_security(actor, "pause")
        with self._store.write() as tx:
            begun = freezes.freeze(tx, reason, actor)
            tell_freeze_soon(tx)
            return begun

    def resume(self, actor: Actor) -> Freeze:
        """Let writes happen again. Raises RefusedError where the configuration wants another
        person than the one who stopped them, or nothing is stopped.
        """
        self._require_security(actor, "resume")
        objection: str | None = None
        with self._store.write() as tx:
            standing = freezes.current_freeze(tx)
            if standing is not None:
                objection = self._approvals.may_resume(standing.by, actor)
            if objection is None:
                ended = freezes.unfreeze(tx, actor)
                tell_freeze_soon(tx)
                return ended
            refused(tx, actor, "resume", objection)
        raise RefusedError(
            objection,
            hint="`people:` says who is who; with `approvals.resume: anyone` the same person may.",
        )

    def freeze(self) -> Freeze | None:
        """The freeze in force, or None."""
        with self._store.read() as tx:
            return freezes.current_freeze(tx)
