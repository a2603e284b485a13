"""`audit`: the log, whether it is whole, and what was noted down of it elsewhere."""

import os
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.engine.anchor_checking import AnchorsVerdict, Standing
from bot.engine.signing import fingerprint, new_key
from bot.errors import ExitCode, RefusedError, UsageError
from bot.reports.anchor_text import anchors_lines, noted_lines
from bot.reports.audit_text import audit_table, verdict_lines
from bot.reports.documents.anchors import (
    anchors_document,
    noted_document,
    signing_key_document,
)
from bot.reports.documents.audit import (
    audit_document,
    audit_event_document,
    audit_verdict_document,
)
from bot.reports.documents.document import line as json_line


@group(root, "audit", default="show")
def audit() -> None:
    """The tamper-evident log of all that was seen, decided, called and refused; alone it shows."""


@command(
    audit,
    "show",
    examples=("locksmith audit", "locksmith audit show p-3x8w5c1z --limit 200"),
    codes=(ExitCode.TROUBLE,),
)
@click.argument("subject", required=False, metavar="[ID]")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="At most so many of the newest.",
)
@pass_session
def show_audit(session: Session, subject: str | None, limit: int) -> None:
    """Show the newest events, about one finding, proposal, execution or account if given."""
    events = session.service.audit_events(subject=subject, limit=limit)
    lines: list[RenderableType] = list(
        audit_table(events, session.app.now(), width=session.screen.width)
    )
    if len(events) == limit:
        lines.append(Text(f"The newest {limit}; --limit shows more.", "dim"))
    session.screen.show(lines, audit_document(events))


@command(
    audit,
    "verify",
    examples=(
        "locksmith audit verify",
        "locksmith audit verify --anchors",
        "locksmith audit verify --anchors --replaced locksmith.db.20261124T120000Z.replaced",
    ),
    codes=(
        ExitCode.TROUBLE,
        ExitCode.UNREAD,
        ExitCode.REWRITTEN,
        ExitCode.TRUNCATED,
        ExitCode.ANCHOR_GONE,
    ),
)
@click.option(
    "--anchors", is_flag=True, help="Also read back what audit.anchors has of it, and compare."
)
@click.option(
    "--replaced",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A database that a restore replaced, whose log explains older anchors; may be repeated.",
)
@pass_session
def verify_audit(session: Session, anchors: bool, replaced: tuple[Path, ...]) -> int:
    """Check that no event was changed, removed, inserted or moved; names the first that was.

    That alone doesn't show a log that was rewritten as a whole, or whose end was cut off together
    with the note of where it ends. --anchors does, as far back as the newest anchor: each case has
    an exit code of its own, and where several hold the first of 3, 6, 7, 8 and 4 is given. A place
    that can't be read is unknown, never fine.
    """
    if replaced and not anchors:
        raise UsageError("--replaced explains anchors: it needs --anchors")
    if not anchors:
        verdict = session.service.audit_verify()
        session.screen.show(verdict_lines(verdict), audit_verdict_document(verdict))
        return ExitCode.FINE if verdict.ok else ExitCode.TROUBLE
    with session.screen.progress() as progress:
        progress("Reading the anchors back")
        compared = session.app.anchors.checking.check(replaced)
    session.screen.show(anchors_lines(compared, session.app.now()), anchors_document(compared))
    return _code(compared)


def _code(compared: AnchorsVerdict) -> ExitCode:
    standings = compared.standings()
    if not compared.chain.ok:
        return ExitCode.TROUBLE
    if Standing.REWRITTEN in standings:
        return ExitCode.REWRITTEN
    if Standing.TRUNCATED in standings:
        return ExitCode.TRUNCATED
    if standings & {Standing.REMOVED, Standing.ALTERED, Standing.FORGED}:
        return ExitCode.ANCHOR_GONE
    return ExitCode.UNREAD if compared.unknown else ExitCode.FINE


@command(
    audit,
    "anchor",
    examples=("locksmith audit anchor",),
    codes=(ExitCode.TROUBLE,),
)
@pass_session
def anchor(session: Session) -> int:
    """Note the end of the log down at every place that audit.anchors lists, now.

    `locksmith serve` does it every audit.anchor_every_hours. One place that can't be reached stops
    no other. What goes to Slack is sent by `locksmith serve`.
    """
    with session.screen.progress() as progress:
        progress("Noting the end of the log down")
        noted = session.app.anchors.placing.anchor()
    session.screen.show(noted_lines(noted), noted_document(noted))
    return ExitCode.TROUBLE if any(each.trouble for each in noted) else ExitCode.FINE


@command(
    audit,
    "keygen",
    examples=("locksmith audit keygen /etc/locksmith/anchors.key > anchors.pub",),
    codes=(ExitCode.REFUSED,),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@pass_session
def keygen(session: Session, file: Path) -> None:
    """Make an Ed25519 key that signs anchors: the private part into FILE, the public to stdout.

    Only you may read FILE, and nothing is overwritten. Give it to Locksmith with
    LOCKSMITH_AUDIT__SIGNING__PRIVATE_KEY_FILE, and keep the public key (audit.signing.public_keys)
    with whoever checks.
    """
    private, public = new_key()
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise RefusedError(
            f"{file} is there already, and nothing is overwritten", hint="Name a new file."
        ) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(private)
    session.screen.say(f"The private key is in {file}. {fingerprint(public)}")
    session.screen.show([Text(public.rstrip())], signing_key_document(public))


@command(
    audit,
    "public-key",
    examples=("locksmith audit public-key > anchors.pub",),
    codes=(ExitCode.TROUBLE,),
)
@pass_session
def public_key(session: Session) -> None:
    """Print the public key of what signs anchors, a private key of yours or one in KMS."""
    signer = session.app.anchors.signer
    if signer is None:
        raise UsageError(
            "nothing signs anchors",
            hint="audit.signing.private_key or audit.signing.kms_key does; see docs/audit.md.",
        )
    public = signer.public_key()
    session.screen.show([Text(public.rstrip())], signing_key_document(public))


@command(
    audit,
    "export",
    examples=("locksmith audit export > audit.jsonl",),
    codes=(ExitCode.TROUBLE,),
)
@pass_session
def export_audit(session: Session) -> None:
    """Write every event to stdout as JSON Lines, oldest first, whatever --output says."""
    for event in session.service.audit_export():
        click.echo(json_line(audit_event_document(event)))
