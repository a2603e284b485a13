"""`scan`: look at an account, or at files that describe one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from bot import registry
from bot.aws.offline import read_offline
from bot.cli.arguments import framework_option
from bot.cli.commands import command
from bot.cli.configuring import control_views
from bot.cli.context import Session, pass_session
from bot.cli.faults import complain, worst
from bot.cli.root import root
from bot.engine.views import ScanResult
from bot.errors import ExitCode, LocksmithError, StoreError
from bot.model import FindingStatus, Framework, Part, Severity, Snapshot
from bot.reports.documents.scan import long_scan, scans_document
from bot.reports.framework import FrameworkView, framework_view
from bot.reports.framework_text import framework_lines
from bot.reports.scan_text import scan_lines

_FILE = click.Path(path_type=Path)


@command(
    root,
    "scan",
    examples=(
        "locksmith scan",
        "locksmith --profile audit scan --fail-on high",
        "locksmith scan --account sandbox",
        "locksmith scan --framework cis-7.0",
        "locksmith --output json scan > scan.json",
        "locksmith scan --authorization-details auth.json --credential-report report.csv",
    ),
    codes=(ExitCode.FINDINGS, ExitCode.TROUBLE, ExitCode.UNREAD),
)
@click.option(
    "--account",
    metavar="ID",
    help="Look at this one of `accounts` alone, by its id or name.",
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
@framework_option
@pass_session
def scan(
    session: Session,
    /,
    account: str | None,
    authorization_details: Path | None,
    fail_on: str | None,
    framework: str | None,
    **files: Path | None,
) -> int:
    """Look at every account and propose a fix for what breaks a best practice.

    Those of `accounts` in the configuration, or the one that the credentials belong to. One that
    can't be entered holds up no other: what was seen of those is shown, and the exit code is 3.

    Only reads AWS. Findings keep their ids from scan to scan; what AWS no longer shows is
    resolved. What could not be read is said, and is neither passed nor failed.

    With --authorization-details it looks at exported files and needs no credentials. What isn't
    given is not evaluated, and such findings can't be applied.

    With --framework it says of each requirement, by the framework's number, how it stands.
    """
    threshold = _threshold(session, fail_on)
    chosen = Framework(framework) if framework else None
    snapshot = _snapshot(session, authorization_details, files)
    if snapshot is not None:
        if account is not None:
            raise click.UsageError("--account goes without --authorization-details")
        with session.screen.progress() as progress:
            progress("Evaluating controls")
            result = session.service.scan_offline(session.actor, snapshot)
        return _show(session, result, threshold, chosen)
    wanted = session.service.accounts(account)
    if len(wanted) > 1:
        return _scan_several(session, wanted, threshold, chosen)
    with session.screen.progress() as progress:
        result = session.service.scan(session.actor, progress, wanted[0])
    return _show(session, result, threshold, chosen)


def _show(
    session: Session, result: ScanResult, threshold: Severity | None, framework: Framework | None
) -> int:
    view = _view(session, result, framework)
    session.screen.show(_lines(session, result, view), long_scan(result, view))
    return worst(_codes(result, threshold))


def _scan_several(
    session: Session,
    wanted: Sequence[str],
    threshold: Severity | None,
    framework: Framework | None,
) -> int:
    """Each account by itself, and all that came of it."""
    results: list[ScanResult] = []
    failed: dict[str, LocksmithError] = {}
    for account in wanted:
        with session.screen.progress() as progress:
            try:
                results.append(session.service.scan(session.actor, progress, account))
            except StoreError:
                raise
            except LocksmithError as trouble:
                failed[account] = trouble
    lines: list[RenderableType] = []
    views = [_view(session, result, framework) for result in results]
    for result, view in zip(results, views, strict=True):
        lines += [*_lines(session, result, view), Text("")]
    session.screen.show(lines, scans_document(results, failed, views))
    for error in failed.values():
        complain(session.screen, error)
    codes = [code for result in results for code in _codes(result, threshold)]
    return worst([*codes, *(error.exit_code for error in failed.values())])


def _view(
    session: Session, result: ScanResult, framework: Framework | None
) -> FrameworkView | None:
    if framework is None:
        return None
    enabled = [view.control.id for view in control_views(session) if view.enabled]
    return framework_view(framework, result, tuple(registry.discover().values()), enabled)


def _lines(
    session: Session, result: ScanResult, view: FrameworkView | None
) -> Sequence[RenderableType]:
    screen = session.screen
    lines = scan_lines(result, session.app.now(), width=screen.width, verbose=bool(screen.verbose))
    if view is None:
        return lines
    return [*lines, Text(""), *framework_lines(view, width=screen.width)]


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
