"""A snapshot from files that auditors already have: the outputs of the AWS CLI's commands."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.aws.account_parts import policy_of, summary_of
from bot.aws.authorization import FILTERS, AuthorizationDetails, DetailsError, moment
from bot.aws.report import BrokenReportError, parse_report
from bot.errors import InputError
from bot.model import (
    Account,
    CredentialReport,
    Part,
    Protection,
    Role,
    Snapshot,
    Unavailable,
    User,
)

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")

#: What each part would be read from, and how to give it where it can be given.
_SOURCES: Mapping[Part, tuple[str, str]] = {
    **dict.fromkeys(
        FILTERS,
        (
            "iam:GetAccountAuthorizationDetails",
            "the file has none of them: export it without --filter",
        ),
    ),
    Part.CREDENTIAL_REPORT: ("iam:GetCredentialReport", "give it with --credential-report"),
    Part.ACCOUNT_SUMMARY: ("iam:GetAccountSummary", "give it with --account-summary"),
    Part.PASSWORD_POLICY: ("iam:GetAccountPasswordPolicy", "give it with --password-policy"),
    Part.PASSWORD_USE: ("iam:ListUsers", "only a live scan reads it"),
    Part.VIRTUAL_MFA: ("iam:ListVirtualMFADevices", "only a live scan reads it"),
    Part.SERVICE_CREDENTIALS: ("iam:ListServiceSpecificCredentials", "only a live scan reads it"),
    Part.TRAILS: ("cloudtrail:DescribeTrails", "only a live scan reads it"),
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
    details = _details(authorization_details)
    account = _account(authorization_details, details)
    parts = _whole_parts(details, account)
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
        taken_at=clock(),
        offline=True,
        parts=parts,
        unavailable={
            part: Unavailable(part, operation, f"not given: {how}", "", given=False)
            for part, (operation, how) in _SOURCES.items()
            if part not in parts
        },
        protection=protection,
    )


def _details(path: Path) -> AuthorizationDetails:
    data = _json(path)
    if not any(name in data for name in _LISTS):
        raise InputError(
            f"{path}: no authorization details: it has none of {', '.join(_LISTS)}",
            hint="Export them with `aws iam get-account-authorization-details`.",
        )
    if data.get("IsTruncated") or data.get("NextToken"):
        raise InputError(
            f"{path}: these are only the first of the authorization details",
            hint="Export them without --max-items and --no-paginate.",
        )
    details = AuthorizationDetails()
    try:
        details.add(data)
    except DetailsError as error:
        raise InputError(f"{path}: {error}", hint=error.hint) from error
    return details


def _whole_parts(details: AuthorizationDetails, account: Account) -> dict[Part, Any]:
    """The parts that the file doesn't show to be partial: --filter leaves kinds out."""
    people: list[User | Role] = [*details.users, *details.roles]
    used = {arn for person in people for arn in person.attached}
    used |= {arn for group in details.groups for arn in group.attached}
    used |= {holder.boundary for holder in people if holder.boundary}
    by_aws = {arn for arn in used if account.is_aws_managed(arn)}
    found = {part: details.part(part) for part in FILTERS}
    mentioned: Mapping[Part, set[str]] = {
        Part.GROUPS: {name for user in details.users for name in user.groups},
        Part.CUSTOMER_POLICIES: used - by_aws,
        Part.AWS_POLICIES: by_aws,
    }
    names = {
        part: {each.name if part is Part.GROUPS else each.arn for each in found[part]}
        for part in mentioned
    }
    return {
        part: found[part]
        for part in FILTERS
        if mentioned.get(part, set()) <= names.get(part, set())
    }


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
    if _account_of(path, arn) != account:
        raise InputError(
            f"{path}: the credential report belongs to {arn}, the authorization details to "
            f"account {account.id}",
            hint="Give files of one account.",
        )
    return report


def _report_text(path: Path) -> tuple[str, datetime | None]:
    text = _text(path)
    if not text.lstrip().startswith("{"):
        return text, None
    wrapper = _parsed(path, text)
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


def _account(path: Path, details: AuthorizationDetails) -> Account:
    accounts = {_account_of(path, arn) for arn in _arns(details)}
    if len(accounts) != 1:
        found = ", ".join(sorted(account.id for account in accounts)) or "none"
        raise InputError(
            f"{path}: one account is needed, its ARNs name {found}",
            hint="Give the authorization details of one account.",
        )
    return accounts.pop()


def _arns(details: AuthorizationDetails) -> Iterator[str]:
    for part in FILTERS:
        if part is not Part.AWS_POLICIES:
            yield from (entity.arn for entity in details.part(part))


def _account_of(path: Path, arn: str) -> Account:
    try:
        return Account.of_arn(arn)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _object(path: Path, wrapper: str) -> Mapping[str, Any]:
    data = _json(path)
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


def _json(path: Path) -> dict[str, Any]:
    return _parsed(path, _text(path))


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}: line {error.lineno}, column {error.colno}: {error.msg}",
            hint="The file must be JSON, as `aws … --output json` writes it.",
        ) from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: it must hold a JSON object", hint="Export it again.")
    return data


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="Check the file's name.") from error
    # PowerShell's redirection writes UTF-16 with a byte order mark.
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text: {error}", hint="Export it again.") from error
