"""Every error Locksmith raises on purpose; each docstring says what it means and what to do."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command tells its caller; 3 goes before 4, and 4 before 1.

    6 to 8 are what anchors say of the audit log, and come from `audit verify --anchors` alone.
    """

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    TROUBLE = 3
    UNREAD = 4
    REFUSED = 5
    REWRITTEN = 6
    TRUNCATED = 7
    ANCHOR_GONE = 8
    INTERRUPTED = 130


class LocksmithError(Exception):
    """Something Locksmith can name went wrong; `hint` says what to do next."""

    exit_code = ExitCode.TROUBLE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(LocksmithError):
    """The configuration can't be used. Mend the named line; nothing else was done."""

    exit_code = ExitCode.USAGE


class UsageError(LocksmithError):
    """The command can't be carried out as written. Call it again, corrected."""

    exit_code = ExitCode.USAGE


class NotFoundError(UsageError):
    """No finding, proposal or execution has this id. List them to see the ids."""


class InputError(UsageError):
    """A file that was given can't be read as what it should be. Export it again."""


class RefusedError(LocksmithError):
    """Locksmith won't do this, and nothing was written; the message says why."""

    exit_code = ExitCode.REFUSED


class ProtectedError(RefusedError):
    """The plan would touch an identity that is never touched. Change it by hand if you must."""


class StaleError(RefusedError):
    """The world or the plan is no longer what was approved. Scan again and decide anew."""


class FrozenError(RefusedError):
    """Writes are stopped until someone resumes them. Nothing was written; approvals stand."""


class HeldError(RefusedError):
    """A limit on rules holds this up. Nothing was written; it goes on when there is room."""


class LostRaceError(RefusedError):
    """Someone else decided or applied this first. Look at the proposal to see who."""


class NotLiveError(RefusedError):
    """The account is in notify mode. Confirm it with `locksmith go-live ACCOUNT`."""


class AwsError(LocksmithError):
    """AWS could not be reached or did not let us in. The message names call and cause."""


class CredentialsError(AwsError):
    """There are no usable AWS credentials. Sign in again or choose another profile."""


class NotEnteredError(AwsError):
    """An account of `accounts` can't be entered, or answers as another. Others are not affected."""


class UnfinishedError(LocksmithError):
    """Something was still under way when time was up. The next start looks how far it came."""


class SlackError(LocksmithError):
    """Slack could not be asked, or refused. The message names the method and the cause."""


class SlackFatalError(SlackError):
    """Slack doesn't let Locksmith in any more. Mend the token or the app, then start again."""


class StoreError(LocksmithError):
    """The database can't be used as it is. The message says how to mend or upgrade it."""


class PlanError(LocksmithError):
    """A plan breaks its contract. This is a bug in the control that the message names."""


class PartNotReadError(LocksmithError):
    """A control looked at a part of the snapshot that it had not declared in `needs`."""
