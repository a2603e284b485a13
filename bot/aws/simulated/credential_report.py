"""The credential report as AWS writes it: the root row, real sentinels and times, four hours old.

Columns and meanings:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
Where the documentation and live reports differ, this follows the reports: `Z` times, lower-case
booleans, 22 columns, no newline after the last row.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moto.iam.exceptions import ReportNotPresentException
from moto.iam.models import AccessKey, SigningCertificate

from bot.aws.simulated.clock import aware
from bot.aws.simulated.entities import SimulatedUser
from bot.aws.simulated.errors import ReportExpired, ReportInProgress
from bot.aws.simulated.passwords import Passwords

REPORT_AGE_LIMIT = timedelta(hours=4)
ROOT_NAME = "<root_account>"
ADDITIONAL_COLUMN = "additional_credentials_info"

_KEY_FIELDS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(f"access_key_1_{name}" for name in _KEY_FIELDS),
    *(f"access_key_2_{name}" for name in _KEY_FIELDS),
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)


@dataclass(slots=True)
class StoredReport:
    """The one report that AWS keeps for an account; `polls_left` until it is written."""

    content: str
    generated: datetime
    polls_left: int


class CredentialReports(Passwords):
    """Generating and reading the credential report.

    `report_polls` is how many times GenerateCredentialReport answers INPROGRESS before COMPLETE.
    `report_has_additional_column` adds the 23rd column that AWS documents.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.report: StoredReport | None = None
        self.report_polls = 0
        self.report_has_additional_column = False

    def forget_report(self) -> None:
        """Drop the cached report, as if four hours had passed."""
        self.report = None

    def request_report(self) -> str:
        """GenerateCredentialReport: the state, STARTED, INPROGRESS or COMPLETE."""
        if self.report is None or self._expired(self.report):
            self.report = StoredReport(self.write_report(), self.clock.now(), self.report_polls)
            return "STARTED"
        if self.report.polls_left > 0:
            self.report.polls_left -= 1
            return "INPROGRESS"
        return "COMPLETE"

    def read_report(self) -> StoredReport:
        """GetCredentialReport; raises ReportNotPresent, ReportInProgress or ReportExpired."""
        if self.report is None:
            raise ReportNotPresentException("No report is present")
        if self.report.polls_left > 0:
            raise ReportInProgress("Report is in progress")
        if self._expired(self.report):
            raise ReportExpired("Report has expired")
        return self.report

    def _expired(self, report: StoredReport) -> bool:
        return self.clock.now() - report.generated > REPORT_AGE_LIMIT

    def write_report(self) -> str:
        """The CSV of the account as it is now."""
        text = io.StringIO()
        extra = (ADDITIONAL_COLUMN,) if self.report_has_additional_column else ()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS + extra)
        for row in (self._root_row(), *map(self._user_row, self.simulated_users())):
            writer.writerow(row + [""] * len(extra))
        return text.getvalue().removesuffix("\n")

    def _root_row(self) -> list[str]:
        root = self.root
        password = [
            _flag(root.password),
            _time(root.password_last_used, "no_information" if root.password else "N/A"),
            _time(root.password_changed, "not_supported"),
            "not_supported",
        ]
        return [
            ROOT_NAME,
            f"arn:{self.partition}:iam::{self.account_id}:root",
            _time(root.created),
            *password,
            _flag(root.mfa),
            *_key_columns(root.keys),
            *_certificate_columns(root.certificates),
        ]

    def _user_row(self, user: SimulatedUser) -> list[str]:
        return [
            user.name,
            user.arn,
            _time(user.create_date),
            *self._password_columns(user),
            _flag(user.mfa_devices),
            *_key_columns(user.access_keys),
            *_certificate_columns(list(user.signing_certificates.values())),
        ]

    def _password_columns(self, user: SimulatedUser) -> list[str]:
        if not user.password:
            return ["false", "N/A", "N/A", "N/A"]
        changed = user.password_changed or user.create_date
        policy = self.account_password_policy
        expires = None
        if policy and policy.max_password_age:
            expires = changed + timedelta(days=policy.max_password_age)
        return [
            "true",
            _time(user.password_last_used, "no_information"),
            _time(changed),
            _time(expires),
        ]


def _key_columns(keys: list[AccessKey]) -> list[str]:
    """Ten columns: the two keys with the lowest ids, which is all the report shows."""
    shown = sorted(keys, key=lambda key: key.access_key_id)[:2]
    columns: list[str] = []
    for key in shown:
        used = key.last_used
        columns += [
            _flag(key.status == "Active"),
            _time(vars(key).get("changed", key.create_date)),
            _time(used.timestamp if used else None),
            used.region if used else "N/A",
            used.service if used else "N/A",
        ]
    return columns + ["false", "N/A", "N/A", "N/A", "N/A"] * (2 - len(shown))


def _certificate_columns(certificates: list[SigningCertificate]) -> list[str]:
    columns: list[str] = []
    for certificate in certificates[:2]:
        columns += [_flag(certificate.status == "Active"), _time(certificate.upload_date)]
    return columns + ["false", "N/A"] * (2 - len(certificates[:2]))


def _flag(truth: object) -> str:
    return "true" if truth else "false"


def _time(moment: datetime | None, missing: str = "N/A") -> str:
    if moment is None:
        return missing
    return aware(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
