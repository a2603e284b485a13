"""`scan`: look at an account, or at files that describe one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bot import registry
from bot.aws.offline import read_offline
from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.faults import worst
from bot.cli.root import root
from bot.engine.views import ScanResult
from bot.errors import ExitCode
from bot.model import FindingStatus, Part, Severity, Snapshot
from bot.reports.documents.scan import scan_document
from bot.reports.scan_text import scan_lines

_FILE = click.Path(path_type=Path)


@command(
    root,
    "scan",
    examples=(
        "locksmith scan",
        "locksmith --profile audit scan --fail-on high",
        "locksmith --output json scan > scan.json",
        "locksmith scan --authorization-details auth.json --credential-report report.csv",
    ),
    codes=(ExitCode.FINDINGS, ExitCode.TROUBLE, ExitCode.UNREAD),
)
@click.option(
    "--authorization-details",
    type=_FILE,
    metavar="FILE",
    help="Look at this file instead of AWS: `aws iam get-account-authorization-details`.",
)
@click.option(
    "--credential-report",
    type=_FILE,
    metavar="FILE",
    help="With it: `aws iam get-credential-report`, or its CSV.",
)
@click.option(
    "--account-summary",
    type=_FILE,
    metavar="FILE",
    help="With it: `aws iam get-account-summary`.",
)
@click.option(
    "--password-policy",
    type=_FILE,
    metavar="FILE",
    help="With it: `aws iam get-account-password-policy`.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*(each.value for each in Severity), "none"]),
    metavar="SEVERITY",
    help="Exit with 1 when findings this bad or worse are open; instead of scan.fail_on.",
)
@pass_session
def scan(
    session: Session,
    /,
    authorization_details: Path | None,
    fail_on: str | None,
    **files: Path | None,
) -> int:
    """Look at the account and propose a fix for what breaks a best practice.

    Only reads AWS. Findings keep their ids from scan to scan; what AWS no longer shows is
    resolved. What could not be read is said, and is neither passed nor failed.

    With --authorization-details it looks at exported files and needs no credentials. What isn't
    given is not evaluated, and such findings can't be applied.
    """
    threshold = _threshold(session, fail_on)
    snapshot = _snapshot(session, authorization_details, files)
    with session.screen.progress() as progress:
        if snapshot is None:
            result = session.service.scan(session.actor, progress)
        else:
            progress("Evaluating controls")
            result = session.service.scan_offline(session.actor, snapshot)
    screen = session.screen
    lines = scan_lines(result, session.app.now(), width=screen.width, verbose=bool(screen.verbose))
    screen.show(lines, scan_document(result))
    return worst(_codes(result, threshold))


def _threshold(session: Session, fail_on: str | None) -> Severity | None:
    if fail_on is None:
        return session.app.config.scan.fail_on
    return None if fail_on == "none" else Severity(fail_on)


def _snapshot(session: Session, details: Path | None, files: dict[str, Any]) -> Snapshot | None:
    if details is None:
        alone = sorted(name for name, path in files.items() if path is not None)
        if alone:
            option = alone[0].replace("_", "-")
            raise click.UsageError(f"--{option} goes with --authorization-details")
        return None
    return read_offline(
        authorization_details=details,
        clock=session.app.now,
        protection=session.app.protection(),
        **files,
    )


def _codes(result: ScanResult, threshold: Severity | None) -> Sequence[ExitCode]:
    codes = []
    if _unread(result):
        codes.append(ExitCode.UNREAD)
    if threshold is not None and any(
        view.record.status is FindingStatus.OPEN
        and view.record.finding.severity.rank <= threshold.rank
        for view in result.findings
    ):
        codes.append(ExitCode.FINDINGS)
    return codes


def _unread(result: ScanResult) -> bool:
    """Whether something that was there to be read could not be, a whole part or one document.

    What an offline scan was simply not given is no such thing.
    """
    not_given = {gap.part for gap in result.unavailable if not gap.given} - {Part.KEY_NAMES}
    controls = registry.discover()
    return any(gap.given for gap in result.unavailable) or any(
        name not in controls or not controls[name].needs & not_given
        for name in result.not_evaluated
    )
