"""The small parts of a snapshot: each one answer of AWS, live or from a file, as its value."""

from collections.abc import Mapping
from typing import Any

from bot.aws.authorization import FILTERS, moment
from bot.aws.connection import AwsConnection
from bot.aws.reading import read
from bot.model import (
    SECRETS_PREFIX,
    Call,
    Json,
    Part,
    PasswordPolicy,
    SecretStore,
    ServerCertificate,
    ServiceCredential,
    VirtualMfaDevice,
)

#: The call that each part stands or falls with.
OPERATIONS: Mapping[Part, str] = {
    **dict.fromkeys(FILTERS, "iam:GetAccountAuthorizationDetails"),
    Part.CREDENTIAL_REPORT: "iam:GetCredentialReport",
    Part.ACCOUNT_SUMMARY: "iam:GetAccountSummary",
    Part.PASSWORD_POLICY: "iam:GetAccountPasswordPolicy",
    Part.PASSWORD_USE: "iam:ListUsers",
    Part.VIRTUAL_MFA: "iam:ListVirtualMFADevices",
    Part.SERVICE_CREDENTIALS: "iam:ListServiceSpecificCredentials",
    Part.TRAILS: "cloudtrail:DescribeTrails",
    Part.REGIONAL_TRAILS: "cloudtrail:DescribeTrails",
    Part.SECURITY_CONTACT: "account:GetAlternateContact",
    Part.SECRETS: "secretsmanager:ListSecrets",
    Part.SERVER_CERTIFICATES: "iam:ListServerCertificates",
    Part.SSH_KEYS: "iam:ListSSHPublicKeys",
    Part.SIGNING_CERTIFICATES: "iam:ListSigningCertificates",
    Part.ROOT_CUSTODY: "the database of Locksmith",
    Part.FENCES: "the database of Locksmith",
    Part.ORGANIZATION: "organizations:DescribeOrganization",
    Part.ORGANIZATION_ACCOUNTS: "organizations:ListAccounts",
    Part.MEMBER_ROOTS: "sts:AssumeRoot",
    Part.ANALYZERS: "accessanalyzer:ListAnalyzers",
    Part.TRAIL_BUCKETS: "s3:ListBuckets",
    Part.ALARMS: "logs:DescribeMetricFilters",
    Part.INSTANCES: "ec2:DescribeInstances",
    Part.LAUNCH_TEMPLATES: "ec2:DescribeLaunchTemplates",
    Part.USER_DATA: "ec2:DescribeInstanceAttribute",
    Part.BUCKETS: "s3:ListBuckets",
    Part.DISTRIBUTIONS: "cloudfront:ListDistributions",
    Part.KEY_USES: "cloudtrail:LookupEvents",
    Part.FUNCTION_ENVIRONMENTS: "lambda:ListFunctions",
    Part.BUCKET_POLICIES: "s3:ListBuckets",
    Part.PUBLIC_BUCKETS: "s3:ListBuckets",
    Part.QUEUE_AND_TOPIC_POLICIES: "sqs:ListQueues",
    Part.CONFIG_RECORDERS: "config:DescribeConfigurationRecorders",
    Part.UNUSED_ACCESS: "accessanalyzer:ListFindingsV2",
}


def read_summary(connection: AwsConnection) -> Mapping[str, int]:
    """GetAccountSummary's counts, flags and quotas. Raises ReadFailedError."""
    answer: Any = read(connection, Call("iam", "GetAccountSummary"))
    return summary_of(answer["SummaryMap"])


def summary_of(entries: Mapping[str, Any]) -> Mapping[str, int]:
    """The summary's map, checked. Raises ValueError for a value that isn't a whole number."""
    for name, value in entries.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{name} is {value!r}, which is no whole number")  # noqa: TRY004 - bad input
    return dict(entries)


def read_password_policy(connection: AwsConnection) -> PasswordPolicy:
    """The password policy; where the account has none, AWS's default. Raises ReadFailedError."""
    answer: Any = read(connection, Call("iam", "GetAccountPasswordPolicy"))
    return PasswordPolicy(exists=False) if answer is None else policy_of(answer["PasswordPolicy"])


def policy_of(entry: Mapping[str, Any]) -> PasswordPolicy:
    """GetAccountPasswordPolicy's object.

    Raises KeyError where it has no minimum length, ValueError for a value of the wrong kind.
    """

    def says(name: str) -> bool:
        value = entry.get(name) or False
        if not isinstance(value, bool):
            raise ValueError(f"{name} is {value!r}, neither true nor false")  # noqa: TRY004 - bad input
        return value

    def number(name: str) -> int:
        value = entry.get(name) or 0
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{name} is {value!r}, which is no whole number")  # noqa: TRY004 - bad input
        return value

    return PasswordPolicy(
        exists=True,
        minimum_length=number("MinimumPasswordLength") or entry["MinimumPasswordLength"],
        symbols=says("RequireSymbols"),
        numbers=says("RequireNumbers"),
        uppercase=says("RequireUppercaseCharacters"),
        lowercase=says("RequireLowercaseCharacters"),
        users_may_change=says("AllowUsersToChangePassword"),
        max_age=number("MaxPasswordAge"),
        reuse=number("PasswordReusePrevention"),
        hard_expiry=says("HardExpiry"),
    )


def read_virtual_mfa(connection: AwsConnection, page_size: int) -> tuple[VirtualMfaDevice, ...]:
    """All virtual MFA devices, root's and unassigned ones too. Raises ReadFailedError."""
    call = Call("iam", "ListVirtualMFADevices", {"AssignmentStatus": "Any", "MaxItems": page_size})
    answer: Any = read(connection, call)
    return tuple(
        VirtualMfaDevice(device["SerialNumber"], (device.get("User") or {}).get("Arn"))
        for device in answer["VirtualMFADevices"]
    )


def read_security_contact(connection: AwsConnection) -> bool:
    """Whether there is an alternate contact for security. Raises ReadFailedError."""
    call = Call("account", "GetAlternateContact", {"AlternateContactType": "SECURITY"})
    answer: Any = read(connection, call)
    return answer is not None and answer["AlternateContact"]["AlternateContactType"] == "SECURITY"


def read_service_credentials(
    connection: AwsConnection, page_size: int
) -> tuple[ServiceCredential, ...]:
    """All users' service-specific credentials. Raises ReadFailedError."""
    call = Call("iam", "ListServiceSpecificCredentials", {"AllUsers": True, "MaxItems": page_size})
    answer: Any = read(connection, call)
    return tuple(
        ServiceCredential(
            id=entry["ServiceSpecificCredentialId"],
            user=entry["UserName"],
            service=entry["ServiceName"],
            active=entry["Status"] == "Active",
            created=moment(entry["CreateDate"]),
            expires=moment(entry["ExpirationDate"]) if entry.get("ExpirationDate") else None,
        )
        for entry in answer["ServiceSpecificCredentials"]
    )


def read_server_certificates(
    connection: AwsConnection, page_size: int
) -> tuple[ServerCertificate, ...]:
    """All TLS certificates that were uploaded to IAM. Raises ReadFailedError."""
    answer: Any = read(connection, Call("iam", "ListServerCertificates", {"MaxItems": page_size}))
    return tuple(
        ServerCertificate(
            name=entry["ServerCertificateName"],
            id=entry["ServerCertificateId"],
            arn=entry["Arn"],
            expires=moment(entry["Expiration"]),
        )
        for entry in answer["ServerCertificateMetadataList"]
        # Without a date nothing can be said of it; AWS gives one with every certificate.
        if entry.get("Expiration")
    )


def read_secrets(connection: AwsConnection) -> SecretStore:
    """Locksmith's own secrets by name, never a value. Raises ReadFailedError."""
    filters: Json = [{"Key": "name", "Values": [SECRETS_PREFIX]}]
    call = Call("secretsmanager", "ListSecrets", {"Filters": filters})
    answer: Any = read(connection, call)
    return SecretStore(
        connection.region,
        {
            entry["Name"]: version
            for entry in answer["SecretList"]
            for version, stages in (entry.get("SecretVersionsToStages") or {}).items()
            if "AWSCURRENT" in stages and entry["Name"].startswith(SECRETS_PREFIX)
        },
    )
