"""A snapshot from files that auditors already have: the outputs of the AWS CLI's commands."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.aws.account_parts import OPERATIONS, policy_of, summary_of
from bot.aws.authorization import FILTERS, AuthorizationDetails, moment
from bot.aws.offline_details import account_of, account_of_arn, details_of, whole_parts
from bot.aws.offline_files import json_of, parsed, text_of
from bot.aws.report import BrokenReportError, parse_report
from bot.errors import InputError
from bot.model import (
    Account,
    CredentialReport,
    Part,
    Protection,
    Snapshot,
    Unavailable,
)

_LIVE_ONLY = "only a live scan reads it"
#: How to give a part that wasn't.
_HOW_TO_GIVE: Mapping[Part, str] = {
    **dict.fromkeys(OPERATIONS, _LIVE_ONLY),
    **dict.fromkeys(FILTERS, "the file doesn't hold it whole: export it without --filter"),
    Part.CREDENTIAL_REPORT: "give it with --credential-report",
    Part.ACCOUNT_SUMMARY: "give it with --account-summary",
    Part.PASSWORD_POLICY: "give it with --password-policy",
}


def read_offline(
    *,
    authorization_details: Path,
    credential_report: Path | None = None,
    account_summary: Path | None = None,
    password_policy: Path | None = None,
    clock: Callable[[], datetime],
    protection: Protection,
) -> Snapshot:
    """The snapshot that these files hold; what wasn't given is unavailable, not violated.

    Each file is the output of `aws iam get-account-authorization-details`,
    `get-credential-report` (or its CSV), `get-account-summary`, `get-account-password-policy`;
    the inner object alone will do. Raises InputError that names the file and the place in it.
    """
    details = details_of(authorization_details)
    account = account_of(authorization_details, details)
    parts = whole_parts(details, account)
    if credential_report:
        parts[Part.CREDENTIAL_REPORT] = _report(credential_report, account, details)
    if account_summary:
        summary = _object(account_summary, "SummaryMap")
        parts[Part.ACCOUNT_SUMMARY] = _checked(account_summary, summary_of, summary)
    if password_policy:
        policy = _object(password_policy, "PasswordPolicy")
        parts[Part.PASSWORD_POLICY] = _checked(password_policy, policy_of, policy)
    return Snapshot(
        account=account,
        taken_at=_taken_at(parts, clock()),
        offline=True,
        parts=parts,
        unavailable={
            part: Unavailable(
                part, OPERATIONS[part], f"not given: {_HOW_TO_GIVE[part]}", "", given=False
            )
            for part in OPERATIONS
            if part not in parts
        },
        protection=protection,
    )


def _taken_at(parts: Mapping[Part, Any], now: datetime) -> datetime:
    """When the files say they were made, as far as they do: ages count to then, not to today."""
    report = parts.get(Part.CREDENTIAL_REPORT)
    generated = report.generated if report else None
    return min(generated, now) if generated else now


def _report(path: Path, account: Account, details: AuthorizationDetails) -> CredentialReport:
    text, generated = _report_text(path)
    ids = {user.arn: user.id for user in details.users}
    try:
        report = parse_report(text, generated=generated, ids=ids)
    except BrokenReportError as error:
        raise InputError(
            f"{path}: {error}",
            hint="Export it again with `aws iam get-credential-report`.",
        ) from error
    arn = next(row.arn for row in (report.root, *report.users) if row)
    if account_of_arn(path, arn) != account:
        raise InputError(
            f"{path}: the credential report belongs to {arn}, the authorization details to "
            f"account {account.id}",
            hint="Give files of one account.",
        )
    return report


def _report_text(path: Path) -> tuple[str, datetime | None]:
    text = text_of(path)
    if not text.lstrip().startswith("{"):
        return text, None
    wrapper = parsed(path, text)
    content = wrapper.get("Content")
    if not isinstance(content, str):
        raise InputError(
            f"{path}: it has no Content", hint="Give the output of get-credential-report."
        )
    generated = wrapper.get("GeneratedTime")
    try:
        report = content if "," in content else base64.b64decode(content, validate=True).decode()
        return report, moment(generated) if generated else None
    except (binascii.Error, ValueError) as error:
        raise InputError(
            f"{path}: the credential report is cut off or damaged: {error}",
            hint="Export it again with `aws iam get-credential-report`.",
        ) from error


def _object(path: Path, wrapper: str) -> Mapping[str, Any]:
    data = json_of(path)
    inner = data.get(wrapper, data)
    if not isinstance(inner, dict) or not inner:
        raise InputError(f"{path}: {wrapper} is empty", hint="Export it again.")
    return inner


def _checked(path: Path, make: Callable[[Mapping[str, Any]], Any], data: Mapping[str, Any]) -> Any:
    try:
        return make(data)
    except KeyError as error:
        raise InputError(f"{path}: {error.args[0]} is missing", hint="Export it again.") from error
    except ValueError as error:
        raise InputError(f"{path}: {error}", hint="Export it again.") from error
