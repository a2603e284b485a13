"""The one read-only pass over an account: as few calls as AWS allows, and what failed said."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from bot.aws.account_parts import (
    OPERATIONS,
    read_password_policy,
    read_secrets,
    read_security_contact,
    read_server_certificates,
    read_service_credentials,
    read_summary,
    read_virtual_mfa,
)
from bot.aws.authorization import FILTERS, AuthorizationDetails, DetailsError, moment
from bot.aws.connection import AwsConnection, own_arns
from bot.aws.opt_in_parts import OPT_IN, Reading
from bot.aws.organization import describe_organization, read_member_roots, read_organization
from bot.aws.organization_accounts import read_organization_accounts
from bot.aws.reading import UNREACHABLE, ReadFailedError, pages
from bot.aws.regional import Regions
from bot.aws.report import BrokenReportError, parse_report
from bot.aws.report_reading import ReportRequest
from bot.aws.trails import read_trails
from bot.model import (
    Call,
    CredentialReport,
    Json,
    MemberRoot,
    Organization,
    OrganizationAccounts,
    Part,
    Protection,
    Role,
    Snapshot,
    Unavailable,
)


def take_snapshot(
    connection: AwsConnection,
    needs: frozenset[Part],
    *,
    clock: Callable[[], datetime],
    protection: Protection,
    progress: Callable[[str], None],
    page_size: int = 1000,
    pause: Callable[[float], None] = time.sleep,
) -> Snapshot:
    """What the account looks like now, as far as `needs` asks; no call is made per user.

    A part that can't be read, whole, is in `unavailable` with the call, the error and the IAM
    action that would allow it; the rest is read all the same. `taken_at` is the beginning. The
    caller's own identity joins `protection.own`. KEY_NAMES is not read here: see `bot.aws.keys`.
    Raises CredentialsError where the session ends on the way.
    """
    reading = _Reading(connection, needs, progress, page_size, pause, clock)
    return reading.snapshot(clock(), protection)


class _Reading:
    """One pass: what was asked, and what came of it so far."""

    def __init__(
        self,
        connection: AwsConnection,
        needs: frozenset[Part],
        progress: Callable[[str], None],
        page_size: int,
        pause: Callable[[float], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._clock = clock
        self._connection = connection
        self._needs = needs
        self._progress = progress
        self._page_size = page_size
        self._pause = pause
        self._parts: dict[Part, Any] = {}
        self._unavailable: dict[Part, Unavailable] = {}
        self._ids: dict[str, str] | None = None
        self._regions = Regions(connection)
        # Services that can't be reached: trying them ten times for each part would take minutes.
        self._unreachable: dict[str, ReadFailedError] = {}

    def snapshot(self, taken_at: datetime, protection: Protection) -> Snapshot:
        """Read all parts that are needed."""
        request: ReportRequest | None = None
        if Part.CREDENTIAL_REPORT in self._needs:
            self._progress("Asking for the credential report")
            request = ReportRequest(self._connection)
            if request.refused and request.refused.code == UNREACHABLE:
                self._unreachable["iam"] = request.refused
        self._read_details()
        self._read_users_list()
        self._read_small_parts()
        if request:
            report = request
            self._keep(Part.CREDENTIAL_REPORT, lambda: self._report(report))
        roles: tuple[Role, ...] = self._parts.get(Part.ROLES, ())
        own = (*protection.own, *own_arns(self._connection, roles))
        return Snapshot(
            account=self._connection.account,
            taken_at=taken_at,
            caller_arn=self._connection.caller_arn,
            parts=self._parts,
            unavailable=self._unavailable,
            protection=replace(protection, own=tuple(dict.fromkeys(own))),
        )

    def _keep(self, part: Part, read: Callable[[], Any]) -> None:
        if self._out_of_reach(part):
            return
        try:
            self._parts[part] = read()
        except ReadFailedError as error:
            self._failed((part,), error)
        except BrokenReportError as error:
            self._miss(part, OPERATIONS[part], str(error), "")
        except (KeyError, ValueError) as error:
            said = f"the answer has no {error}" if isinstance(error, KeyError) else str(error)
            self._miss(part, OPERATIONS[part], said, "")

    def _failed(self, parts: Iterable[Part], error: ReadFailedError) -> None:
        if error.code == UNREACHABLE:
            self._unreachable[error.operation.partition(":")[0]] = error
        for part in parts:
            self._miss(part, error.operation, f"{error.code}: {error.message}", error.grant)

    def _out_of_reach(self, part: Part) -> bool:
        operation = OPERATIONS[part]
        error = self._unreachable.get(operation.partition(":")[0])
        if error:
            self._miss(part, operation, f"not tried: {error.code}: {error.message}", operation)
        return error is not None

    def _miss(self, part: Part, operation: str, error: str, grant: str) -> None:
        self._unavailable[part] = Unavailable(part, operation, error, grant)
        self._progress(f"Could not read {part}: {error}")

    def _read_details(self) -> None:
        needed = (part for part in FILTERS if part in self._needs)
        wanted = [part for part in needed if not self._out_of_reach(part)]
        if not wanted:
            return
        operation = "GetAccountAuthorizationDetails"
        params: dict[str, Json] = {
            "Filter": [FILTERS[part] for part in wanted],
            "MaxItems": self._page_size,
        }
        details = AuthorizationDetails()
        try:
            for page in pages(self._connection, Call("iam", operation, params)):
                details.add(page)
                self._progress(f"Read {len(details)} users, groups, roles and policies")
        except ReadFailedError as error:
            self._failed(wanted, error)
            return
        except DetailsError as error:
            self._miss_details(wanted, str(error))
            return
        if not details.lists:
            self._miss_details(wanted, "the answer has no list of users, groups, roles or policies")
            return
        for part in wanted:
            self._parts[part] = details.part(part)
        if Part.USERS in wanted:
            self._ids = {user.arn: user.id for user in details.users}

    def _miss_details(self, parts: Iterable[Part], error: str) -> None:
        for part in parts:
            self._miss(part, OPERATIONS[part], error, "")

    def _read_users_list(self) -> None:
        """ListUsers, which alone knows PasswordLastUsed; also for the ids of the report's users."""
        only_ids = Part.CREDENTIAL_REPORT in self._needs and self._ids is None
        if Part.PASSWORD_USE in self._needs:
            self._progress("Reading when passwords were last used")
            self._keep(Part.PASSWORD_USE, self._password_use)
        elif only_ids and not self._unreachable.get("iam"):
            try:
                self._password_use()
            except ReadFailedError as error:
                # The report can be read without; its users then go by their ARN.
                self._progress(f"Could not read the users' unique ids: {error}")

    def _password_use(self) -> Mapping[str, datetime]:
        ids: dict[str, str] = {}
        use: dict[str, datetime] = {}
        for page in pages(
            self._connection, Call("iam", "ListUsers", {"MaxItems": self._page_size})
        ):
            for user in page["Users"]:
                ids[user["Arn"]] = user["UserId"]
                if user.get("PasswordLastUsed"):
                    use[user["UserId"]] = moment(user["PasswordLastUsed"])
        if self._ids is None:
            self._ids = ids
        return use

    def _read_small_parts(self) -> None:
        connection, size = self._connection, self._page_size
        readers: Mapping[Part, Callable[[], Any]] = {
            Part.ACCOUNT_SUMMARY: lambda: read_summary(connection),
            Part.PASSWORD_POLICY: lambda: read_password_policy(connection),
            Part.VIRTUAL_MFA: lambda: read_virtual_mfa(connection, size),
            Part.SERVICE_CREDENTIALS: lambda: read_service_credentials(connection, size),
            Part.TRAILS: lambda: read_trails(connection),
            Part.SECURITY_CONTACT: lambda: read_security_contact(connection),
            Part.SECRETS: lambda: read_secrets(connection),
            Part.ORGANIZATION: lambda: read_organization(connection),
            Part.ORGANIZATION_ACCOUNTS: self._organization_accounts,
            Part.MEMBER_ROOTS: self._member_roots,
            Part.SERVER_CERTIFICATES: lambda: read_server_certificates(connection, size),
        }
        for part, reader in readers.items():
            if part in self._needs:
                self._progress(f"Reading {part.value.replace('-', ' ')}")
                self._keep(part, reader)
        for part, regional in OPT_IN.items():
            if part in self._needs:
                self._progress(f"Reading {part.value.replace('-', ' ')}")
                self._keep(part, partial(self._of_regions, part, regional))

    def _of_regions(self, part: Part, regional: Reading) -> Any:
        """What could be read; a Region that could not is said, and hides no other."""
        seen, unread = regional(self._connection, self._regions)
        if unread:
            self._unavailable[part] = unread
            self._progress(f"Could not read all of {part}: {unread.error}")
        return seen

    def _organization_accounts(self) -> OrganizationAccounts:
        known: Organization | None = self._parts.get(Part.ORGANIZATION)
        organization = known or describe_organization(self._connection)
        return read_organization_accounts(self._connection, organization)

    def _member_roots(self) -> tuple[MemberRoot, ...]:
        """Those that could be looked at; what could not is said, and hides no other."""
        known: Organization | None = self._parts.get(Part.ORGANIZATION)
        organization = known or read_organization(self._connection)
        listed: OrganizationAccounts | None = self._parts.get(Part.ORGANIZATION_ACCOUNTS)
        members, unread = read_member_roots(
            self._connection, organization, self._clock, listed.members if listed else None
        )
        if unread:
            self._unavailable[Part.MEMBER_ROOTS] = unread
            self._progress(f"Could not read all of {Part.MEMBER_ROOTS}: {unread.error}")
        return members

    def _report(self, request: ReportRequest) -> CredentialReport:
        text, generated = request.fetch(self._pause, self._progress)
        return parse_report(
            text, generated=generated, ids=self._ids or {}, known_only=self._ids is not None
        )
