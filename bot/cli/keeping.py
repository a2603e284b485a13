"""`db`: where the database is, bringing it up to date, and coming back from a backup."""

from pathlib import Path

import click

from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.engine.restoring import restore as put_back
from bot.errors import ExitCode, RefusedError
from bot.reports.documents.installation import (
    backup_document,
    database_document,
    restore_document,
    tidied_document,
)
from bot.reports.keeping_text import backup_lines, restore_lines, tidied_lines, upgrade_lines
from bot.reports.terminal import styled
from bot.store import schema
from bot.store.backups import BackupRules, back_up, place_of
from bot.store.dumping import dump
from bot.store.engines import file_of, parse, shown
from bot.store.upgrading import upgrade as bring_up


@group(root, "db")
def db() -> None:
    """The database: which schema it has, backups, and coming back from one."""


@command(db, "current", examples=("locksmith db current",), codes=(ExitCode.TROUBLE,))
@pass_session
def current(session: Session) -> None:
    """Show where the database is and which schema it has; changes nothing."""
    url = session.app.config.database_url
    revision = schema.current(url)
    where = shown(parse(url))
    state = "there is none yet; the first command that needs it makes it"
    if revision is not None:
        state = f"revision {revision}" + ("" if revision == schema.HEAD else " (not the newest)")
    lines = [styled(where), styled(f"schema: {state}; this release makes {schema.HEAD}")]
    session.screen.show(lines, database_document(where, revision, schema.HEAD))


@command(db, "upgrade", examples=("locksmith db upgrade",), codes=(ExitCode.TROUBLE,))
@pass_session
def upgrade(session: Session) -> None:
    """Bring the database to this release's schema; a SQLite file is backed up and checked first.

    `database.backups` says where that copy goes and how many are kept.
    """
    url = session.app.config.database_url
    with session.screen.progress() as progress:
        progress("Upgrading the database")
        done = bring_up(url, _rules(session), session.app.now())
    where = shown(parse(url))
    document = database_document(where, done.to_revision, schema.HEAD, done)
    session.screen.show(upgrade_lines(where, done), document)


@command(
    db,
    "backup",
    examples=(
        "locksmith db backup",
        "locksmith db backup /mnt/backups",
        "locksmith db backup /mnt/backups/before-the-move.db",
    ),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("target", required=False, metavar="[FILE|FOLDER]", type=click.Path(path_type=Path))
@pass_session
def backup(session: Session, target: Path | None) -> None:
    """Copy the database to a new file while everything goes on; nothing is overwritten.

    The copy is checked (its pages, its schema, its audit log) before it gets its name. Only you
    may read it. Without a place it goes to database.backups.folder, or beside the database, named
    after the time. A PostgreSQL database is dumped with pg_dump.
    """
    url, now = session.app.config.database_url, session.app.now()
    parsed = parse(url)
    path = file_of(parsed)
    with session.screen.progress() as progress:
        progress("Copying the database")
        if path is None:
            name = Path.cwd() / (parsed.database or "locksmith")
            made = dump(url, place_of(name, target, _rules(session), now, "dump"))
            session.screen.show(backup_lines(made), backup_document(made))
            return
        contents = back_up(path, target, _rules(session), now)
    session.screen.show(
        backup_lines(contents.path, contents), backup_document(contents.path, contents)
    )


@command(
    db,
    "restore",
    examples=("locksmith db restore /mnt/backups/locksmith-20261124T120000Z.db",),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("backup", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do it without asking.")
@pass_session
def restore(session: Session, backup: Path, yes: bool) -> None:
    """Put a backup in the database's place, and keep that one beside it.

    The backup is checked before, and brought to this release's schema. Refused while `locksmith
    serve` or any other command has the database open. The log says that it was restored and from
    when. Writes to AWS are stopped until `locksmith resume`: what was decided after the backup is
    not known in it, so look first. What was done already is not done again, because every plan
    looks at AWS before it writes.
    """
    url, screen = session.app.config.database_url, session.screen
    where = shown(parse(url))
    if not yes and not (screen.can_ask and screen.ask(f"Put {backup} in the place of {where}?")):
        raise RefusedError("nothing was restored: the answer was not a yes", hint="--yes says it.")
    with screen.progress() as progress:
        progress("Checking the backup")
        done = put_back(url, backup, session.app.actor, session.app.now)
    screen.show(restore_lines(where, done), restore_document(where, done))


@command(db, "tidy", examples=("locksmith db tidy",), codes=(ExitCode.TROUBLE,))
@pass_session
def tidy(session: Session) -> None:
    """Remove what was kept for longer than database.retention says; the audit log always stays.

    `locksmith serve` does it once a day. What is open stays, and what Locksmith could still undo.
    """
    with session.screen.progress() as progress:
        progress("Tidying the database")
        done = session.app.tidying.tidy(session.actor)
    session.screen.show(tidied_lines(done), tidied_document(done))


def _rules(session: Session) -> BackupRules:
    backups = session.app.config.database.backups
    folder = Path(backups.folder).expanduser() if backups.folder else None
    return BackupRules(backups.before_upgrade, folder, backups.keep)
