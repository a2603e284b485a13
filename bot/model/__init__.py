"""The frozen values that every layer speaks in; no I/O."""

from bot.model.account import Account, of_one_principal
from bot.model.alarm import Alarm, Alarms, LogGroup, MetricFilter
from bot.model.anchor import Anchor, AnchorTarget, Found, Placed, Signer
from bot.model.belongings import Belongings
from bot.model.canonical import Json, canonical, digest
from bot.model.chat import (
    Address,
    AddressKind,
    Channel,
    Directory,
    DirectoryBusyError,
    DirectoryError,
    Greeting,
    Member,
    OwnerClaim,
    OwnerSource,
)
from bot.model.computing import Instance, KeyUse, LaunchTemplate, Spotted
from bot.model.control import AnyControl, Control, Settings, Standards
from bot.model.credential import (
    SECRETS_PREFIX,
    AccessKey,
    CredentialReport,
    MfaKind,
    PasswordPolicy,
    ReportRow,
    SecretStore,
    ServerCertificate,
    ServiceCredential,
    SignIn,
    SignIns,
    Trail,
    UserCredential,
    VirtualMfaDevice,
)
from bot.model.custody import POLICY_REVIEW, ROOT_CUSTODY, Attested, RootCustody
from bot.model.finding import Finding, KeyReference, Resource, Severity, fingerprint
from bot.model.framework import Framework
from bot.model.identity import (
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Principal,
    Role,
    User,
)
from bot.model.known_accounts import KnownAccounts
from bot.model.last_access import LastAccess
from bot.model.lifecycle import (
    MOVES,
    FindingStatus,
    Origin,
    Outcome,
    ProposalState,
    Verdict,
)
from bot.model.occasion import Occasion
from bot.model.organization import (
    ROOT_CREDENTIALS,
    ROOT_SESSIONS,
    MemberAccount,
    MemberRoot,
    Organization,
    OrganizationAccounts,
)
from bot.model.plan import Call, Expect, Manual, Operator, Output, Plan, Risk, Step, Trace
from bot.model.policy_denials import Narrowed, PolicyDenials, Refusal
from bot.model.policy_use import PolicyUse, PolicyUses, ServiceUse
from bot.model.protection import (
    CONSOLE_FENCE,
    MFA_FENCE,
    PLACED_PREFIX,
    Protection,
    is_placed_by_locksmith,
    is_quarantine,
    stack_of,
)
from bot.model.record import (
    Actor,
    AuditEvent,
    Decision,
    ExecutionRecord,
    ExemptionRequest,
    FindingRecord,
    Freeze,
    MessageRecord,
    ProposalRecord,
    StepRecord,
)
from bot.model.regional import (
    IAM_TYPES,
    Analyzer,
    Bucket,
    ConfigRecorder,
    Distribution,
    UnusedAccess,
)
from bot.model.remediation import Grace, GraceRecord, RemediationMode
from bot.model.resource_policy import Guarded
from bot.model.snapshot import Part, Snapshot, Unavailable
from bot.model.stored_plan import plan_of
from bot.model.too_early import TooEarly
from bot.model.watch import WatchRecord

__all__ = [
    "POLICY_REVIEW", "ROOT_CUSTODY", "Attested", "RootCustody",
    "Belongings",
    "KnownAccounts", "MemberAccount", "MemberRoot", "Organization", "OrganizationAccounts",
    "ROOT_CREDENTIALS", "ROOT_SESSIONS",
    "Account", "of_one_principal",
    "Anchor", "AnchorTarget", "Found", "Placed", "Signer",
    "Json", "canonical", "digest",
    "Address", "AddressKind", "Channel", "Directory", "DirectoryBusyError", "DirectoryError",
    "Greeting", "Member",
    "OwnerClaim",
    "OwnerSource",
    "AnyControl", "Control", "Settings", "Standards",
    "AccessKey", "CredentialReport", "MfaKind", "PasswordPolicy", "ReportRow",
    "SECRETS_PREFIX", "SecretStore", "ServerCertificate",
    "ServiceCredential", "SignIn", "SignIns", "Trail",
    "UserCredential",
    "VirtualMfaDevice",
    "Framework",
    "Finding", "KeyReference", "Resource", "Severity", "fingerprint",
    "Group", "InlinePolicy", "ManagedPolicy", "PolicyVersion", "Principal", "Role", "User",
    "LastAccess", "Narrowed", "PolicyDenials", "PolicyUse", "PolicyUses", "Refusal", "ServiceUse",
    "Call", "Expect", "Manual", "Operator", "Output", "Plan", "Risk", "Step", "TooEarly", "Trace",
    "plan_of",
    "CONSOLE_FENCE", "MFA_FENCE", "PLACED_PREFIX", "Protection", "is_placed_by_locksmith",
    "is_quarantine",
    "stack_of",
    "MOVES", "FindingStatus", "Origin", "Outcome", "ProposalState", "Verdict",
    "Actor", "AuditEvent", "Decision", "ExecutionRecord", "FindingRecord", "ProposalRecord",
    "StepRecord", "ExemptionRequest", "Freeze", "MessageRecord",
    "Part", "Snapshot", "Unavailable",
    "Grace", "GraceRecord", "Occasion", "RemediationMode",
    "WatchRecord",
    "Instance", "KeyUse", "LaunchTemplate", "Spotted",
    "Alarm", "Alarms", "LogGroup", "MetricFilter",
    "IAM_TYPES", "Analyzer", "Bucket", "ConfigRecorder", "Distribution", "Guarded", "UnusedAccess",
]  # fmt: skip
