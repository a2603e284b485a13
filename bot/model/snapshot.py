"""The Snapshot: everything one scan saw of one account, and what it could not see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from bot.errors import PartNotReadError
from bot.model.account import Account
from bot.model.analyses import Analyses
from bot.model.credential import (
    AccessKey,
    CredentialReport,
    PasswordPolicy,
    ReportRow,
    SecretStore,
    ServerCertificate,
    ServiceCredential,
    Trail,
    UserCredential,
    VirtualMfaDevice,
)
from bot.model.custody import RootCustody
from bot.model.identity import Group, ManagedPolicy, Role, User
from bot.model.known_accounts import KnownAccounts
from bot.model.last_access import LastAccess
from bot.model.organization import MemberRoot, Organization, OrganizationAccounts
from bot.model.policy_denials import PolicyDenials
from bot.model.policy_use import PolicyUses
from bot.model.protection import Protection
from bot.model.regional_parts import RegionalParts

Analysis = TypeVar("Analysis")


class Part(StrEnum):
    """The parts of a snapshot; a control declares in `needs` which it looks at.

    KEY_NAMES stands for live key ids and last use: the engine looks them up for findings on
    access keys within its budget, and always before a plan is shown, asked or applied. SIGN_INS,
    and of whom it is about MFA_DEVICES (kinds by user id), BELONGINGS (what hangs on them) and
    SERVICE_USE (when they last used which service, by user id), are read where a control that
    weighs them has found something. LAST_ACCESS takes a job of AWS for each user in a group, and
    POLICY_USE one for each customer policy that somebody holds and for each user, group and role
    with inline policies, within budgets of their own.
    ROOT_CUSTODY and FENCES come from the database.
    """

    USERS = "users"
    GROUPS = "groups"
    ROLES = "roles"
    CUSTOMER_POLICIES = "customer-policies"
    AWS_POLICIES = "aws-policies"
    CREDENTIAL_REPORT = "credential-report"
    ACCOUNT_SUMMARY = "account-summary"
    PASSWORD_POLICY = "password-policy"  # noqa: S105 - the name of a part, not a password
    PASSWORD_USE = "password-use"  # noqa: S105 - the name of a part, not a password
    VIRTUAL_MFA = "virtual-mfa"
    SERVICE_CREDENTIALS = "service-credentials"
    TRAILS = "trails"
    REGIONAL_TRAILS = "regional-trails"
    SECURITY_CONTACT = "security-contact"
    SECRETS = "secrets"
    SERVER_CERTIFICATES = "server-certificates"
    SSH_KEYS = "ssh-keys"
    SIGNING_CERTIFICATES = "signing-certificates"
    ROOT_CUSTODY = "root-custody"
    FENCES = "fences"
    ORGANIZATION = "organization"
    ORGANIZATION_ACCOUNTS = "organization-accounts"
    MEMBER_ROOTS = "member-roots"
    KEY_NAMES = "key-names"
    SIGN_INS = "sign-ins"
    MFA_DEVICES = "mfa-devices"
    BELONGINGS = "belongings"
    SERVICE_USE = "service-use"
    LAST_ACCESS = "last-access"
    POLICY_USE = "policy-use"
    POLICY_DENIALS = "policy-denials"
    UNUSED_ACCESS = "unused-access"
    ANALYZERS = "analyzers"
    TRAIL_BUCKETS = "trail-buckets"
    CONFIG_RECORDERS = "config-recorders"
    ALARMS = "alarms"
    INSTANCES = "instances"
    LAUNCH_TEMPLATES = "launch-templates"
    USER_DATA = "user-data"
    FUNCTION_ENVIRONMENTS = "function-environments"
    KEY_USES = "key-uses"
    BUCKETS = "buckets"
    DISTRIBUTIONS = "distributions"
    BUCKET_POLICIES = "bucket-policies"
    PUBLIC_BUCKETS = "public-buckets"
    QUEUE_AND_TOPIC_POLICIES = "queue-and-topic-policies"


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A part that could not be read: by which call, why, and the IAM action that would allow it.

    `given` is False where an offline scan was simply not given the part.
    """

    part: Part
    operation: str
    error: str
    grant: str
    given: bool = True


@dataclass(frozen=True)
class Snapshot(RegionalParts):
    """What one read-only pass saw. Immutable; `taken_at` is the one clock for detection.

    `parts` holds the value of each part that was read; the properties below give them types and
    raise PartNotReadError for a part that was not. `live_keys` maps a user's id to all their keys
    as ListAccessKeys knows them; they win over the report's slots. `owners` maps a unique id to the
    address of an owner whom no tag names: by someone's word, or by the mapping file; `readers` a
    user's to the ARN of whoever may read the secrets of their new keys, by that file.
    `known_accounts` are those that the configuration knows.
    """

    account: Account
    taken_at: datetime
    caller_arn: str = ""
    offline: bool = False
    parts: Mapping[Part, Any] = field(default_factory=dict)
    unavailable: Mapping[Part, Unavailable] = field(default_factory=dict)
    live_keys: Mapping[str, tuple[AccessKey, ...]] = field(default_factory=dict)
    protection: Protection = field(default_factory=Protection)
    known_accounts: KnownAccounts = field(default_factory=KnownAccounts)
    owners: Mapping[str, str] = field(default_factory=dict)
    readers: Mapping[str, str] = field(default_factory=dict)
    analyses: Analyses = field(default_factory=Analyses, compare=False, repr=False)

    def _part(self, part: str) -> Any:
        try:
            return self.parts[Part(part)]
        except KeyError:
            raise PartNotReadError(f"the part {part} was not read for this snapshot") from None

    @property
    def users(self) -> tuple[User, ...]:
        """All users."""
        users: tuple[User, ...] = self._part(Part.USERS)
        return users

    @property
    def groups(self) -> tuple[Group, ...]:
        """All groups."""
        groups: tuple[Group, ...] = self._part(Part.GROUPS)
        return groups

    @property
    def roles(self) -> tuple[Role, ...]:
        """All roles."""
        roles: tuple[Role, ...] = self._part(Part.ROLES)
        return roles

    @property
    def customer_policies(self) -> tuple[ManagedPolicy, ...]:
        """All customer-managed policies, attached or not."""
        policies: tuple[ManagedPolicy, ...] = self._part(Part.CUSTOMER_POLICIES)
        return policies

    @property
    def aws_policies(self) -> tuple[ManagedPolicy, ...]:
        """The AWS-managed policies that are attached or used as a boundary here."""
        policies: tuple[ManagedPolicy, ...] = self._part(Part.AWS_POLICIES)
        return policies

    @property
    def credential_report(self) -> CredentialReport:
        """The credential report; hours old, so it finds candidates and decides nothing."""
        report: CredentialReport = self._part(Part.CREDENTIAL_REPORT)
        return report

    @property
    def account_summary(self) -> Mapping[str, int]:
        """GetAccountSummary's counts, flags and quotas, by AWS's names."""
        summary: Mapping[str, int] = self._part(Part.ACCOUNT_SUMMARY)
        return summary

    @property
    def password_policy(self) -> PasswordPolicy:
        """The account's password policy."""
        policy: PasswordPolicy = self._part(Part.PASSWORD_POLICY)
        return policy

    @property
    def password_use(self) -> Mapping[str, datetime]:
        """When users last used their password, by user id, as ListUsers knows it (live)."""
        use: Mapping[str, datetime] = self._part(Part.PASSWORD_USE)
        return use

    @property
    def virtual_mfa(self) -> tuple[VirtualMfaDevice, ...]:
        """All virtual MFA devices."""
        devices: tuple[VirtualMfaDevice, ...] = self._part(Part.VIRTUAL_MFA)
        return devices

    @property
    def service_credentials(self) -> tuple[ServiceCredential, ...]:
        """All service-specific credentials."""
        credentials: tuple[ServiceCredential, ...] = self._part(Part.SERVICE_CREDENTIALS)
        return credentials

    @property
    def server_certificates(self) -> tuple[ServerCertificate, ...]:
        """The TLS certificates that were uploaded to IAM."""
        certificates: tuple[ServerCertificate, ...] = self._part(Part.SERVER_CERTIFICATES)
        return certificates

    @property
    def ssh_keys(self) -> tuple[UserCredential, ...]:
        """The SSH public keys of users whose policies name CodeCommit."""
        keys: tuple[UserCredential, ...] = self._part(Part.SSH_KEYS)
        return keys

    @property
    def signing_certificates(self) -> tuple[UserCredential, ...]:
        """All users' signing certificates."""
        certificates: tuple[UserCredential, ...] = self._part(Part.SIGNING_CERTIFICATES)
        return certificates

    @property
    def secrets(self) -> SecretStore:
        """The secrets that Locksmith keeps for users; never a value."""
        store: SecretStore = self._part(Part.SECRETS)
        return store

    @property
    def trails(self) -> tuple[Trail, ...]:
        """The trails that cover this account, as seen from its own region."""
        trails: tuple[Trail, ...] = self._part(Part.TRAILS)
        return trails

    @property
    def has_security_contact(self) -> bool:
        """Whether the account has an alternate contact for security; who it is stays at AWS."""
        contact: bool = self._part(Part.SECURITY_CONTACT)
        return contact

    @property
    def root_custody(self) -> RootCustody:
        """Who confirmed that root is in good hands; the engine knows it from the database."""
        custody: RootCustody = self._part(Part.ROOT_CUSTODY)
        return custody

    @property
    def fences(self) -> Mapping[tuple[str, str], datetime]:
        """When Locksmith put a fence that it didn't take back, by user id and the policy's name."""
        fences: Mapping[tuple[str, str], datetime] = self._part(Part.FENCES)
        return fences

    @property
    def organization(self) -> Organization:
        """The account's place in an organization."""
        organization: Organization = self._part(Part.ORGANIZATION)
        return organization

    @property
    def organization_accounts(self) -> OrganizationAccounts:
        """The accounts of the organization, or why AWS doesn't tell them here."""
        accounts: OrganizationAccounts = self._part(Part.ORGANIZATION_ACCOUNTS)
        return accounts

    @property
    def member_roots(self) -> tuple[MemberRoot, ...]:
        """What root has in the members, where this account manages that; none where it doesn't."""
        members: tuple[MemberRoot, ...] = self._part(Part.MEMBER_ROOTS)
        return members

    @property
    def last_access(self) -> LastAccess:
        """When members of groups last used what their policies allow."""
        access: LastAccess = self._part(Part.LAST_ACCESS)
        return access

    @property
    def policy_uses(self) -> PolicyUses:
        """What of the customer policies that somebody holds, and of inline policies, was used."""
        uses: PolicyUses = self._part(Part.POLICY_USE)
        return uses

    @property
    def policy_denials(self) -> PolicyDenials:
        """What AWS refused to those who have a policy with a new version."""
        denials: PolicyDenials = self._part(Part.POLICY_DENIALS)
        return denials

    def once(self, analysis: Callable[["Snapshot"], Analysis], of: frozenset[Part]) -> Analysis:
        """What a pure function says of some parts: asked once, however many want to know.

        It sees a snapshot of just those parts, and is asked anew only where one was read anew.
        """
        parts = {part: self.parts[part] for part in sorted(of & self.parts.keys())}
        looked_at = (self.account, self.protection, self.taken_at, *parts.values())
        seen = replace(self, parts=parts, live_keys={}, owners={}, readers={})
        return self.analyses.once(analysis, looked_at, lambda: analysis(seen))

    @cached_property
    def users_by_name(self) -> Mapping[str, User]:
        """Users by their name."""
        return {user.name: user for user in self.users}

    @cached_property
    def users_by_id(self) -> Mapping[str, User]:
        """Users by their unique id."""
        return {user.id: user for user in self.users}

    @cached_property
    def groups_by_name(self) -> Mapping[str, Group]:
        """Groups by their name."""
        return {group.name: group for group in self.groups}

    @cached_property
    def roles_by_id(self) -> Mapping[str, Role]:
        """Roles by their unique id."""
        return {role.id: role for role in self.roles}

    @cached_property
    def policies_by_arn(self) -> Mapping[str, ManagedPolicy]:
        """Customer and AWS-managed policies by their ARN; those parts that were read."""
        read = (self.parts.get(Part.CUSTOMER_POLICIES, ()), self.parts.get(Part.AWS_POLICIES, ()))
        return {policy.arn: policy for policies in read for policy in policies}

    @cached_property
    def report_rows(self) -> Mapping[str, ReportRow]:
        """The credential report's rows by user ARN, root left out."""
        return {row.arn: row for row in self.credential_report.users}

    @cached_property
    def access_keys(self) -> tuple[AccessKey, ...]:
        """Every user's access keys: live where the engine looked, else as the report has them."""
        listed = [key for keys in self.live_keys.values() for key in keys]
        reported = [
            key
            for row in self.credential_report.users
            for key in row.keys
            if key.user_id not in self.live_keys
        ]
        return tuple(listed + reported)
