"""Coming back from a backup: nothing acts on it before a person has looked."""

from pathlib import Path

from bot.engine.announcing import tell_freeze_soon
from bot.engine.core import Clock
from bot.errors import UsageError
from bot.model import Actor
from bot.store import freezes, heard, messages, restoring
from bot.store.database import Transaction
from bot.store.engines import file_of, parse, shown
from bot.store.restoring import Restored

#: Who stops writes after a restore; anyone who may resume may let them go on.
RESTORE = Actor("locksmith", "restore")


def restore(url: str, backup: Path, actor: Actor, clock: Clock) -> Restored:
    """Put a backup in the place of the SQLite database that `url` names, and keep that one.

    Writes to AWS are stopped until someone resumes them: what was decided after the backup is not
    known in it. Raises what `bot.store.restoring.restore` raises, and UsageError for a server.
    """
    parsed = parse(url)
    path = file_of(parsed)
    if path is None:
        raise UsageError(
            f"{shown(parsed)} is a PostgreSQL database, which its own tools restore",
            hint=(
                f"Stop `locksmith serve`. createdb NEW, then pg_restore --exit-on-error "
                f"--single-transaction --dbname=NEW {backup}, and let database.url name it: the "
                "old one stays. Then `locksmith db upgrade`, `locksmith audit verify` and "
                "`locksmith pause`, before `locksmith serve` starts."
            ),
        )

    def prepare(tx: Transaction) -> None:
        if freezes.current_freeze(tx) is None:
            freezes.freeze(tx, f"restored from the backup {backup.name}", RESTORE)
            tell_freeze_soon(tx)
        messages.look_first(tx)
        heard.forget_all(tx)

    return restoring.restore(path, backup, actor, clock, prepare)
