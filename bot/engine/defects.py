"""A control that fails: said where its answer would be, so that all others go on."""

import logging
import traceback

from bot.errors import LocksmithError
from bot.model import AnyControl, Finding, Manual, Snapshot

_log = logging.getLogger(__name__)


def said(control: AnyControl, error: Exception) -> str:
    """What failed, in words; where it did goes to the log.

    Only Locksmith's own errors are quoted: the text of any other may hold what was being read, such
    as an instance's user data.
    """
    if isinstance(error, LocksmithError):
        return str(error)
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s failed with %s:\n%s", control.id, type(error).__name__, where)
    return f"{control.id} failed with {type(error).__name__}, which is a bug; report it"


def no_plan(control: AnyControl, finding: Finding, snapshot: Snapshot, error: Exception) -> Manual:
    """What people do about a finding where the control could make no plan."""
    return Manual(
        snapshot.account,
        finding.subject,
        f"No plan could be made: {said(control, error)}",
        (
            f"Fix it by hand; `locksmith controls show {control.id}` says what is wrong and why",
            "Let Locksmith scan again",
        ),
    )
