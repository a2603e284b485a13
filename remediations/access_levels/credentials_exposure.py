"""Credentials can be had from a policy

Detects
-------
Managed policies of yours and inline policies that allow, on every resource, actions whose answer
holds credentials or makes them: keys and passwords of users, sessions of roles, logins to databases
and instances. The list is short and says why each action is on it. Statements under conditions
don't count, nor what the same document denies, nor what administrators hold that the configuration
names. Not raised for documents that grant everything, nor for AWS's own policies.

Why it matters
--------------
Who gets hold of this identity gets other identities with it, and those are not taken back by
switching this one off.

Changes
-------
Nothing by itself, unless `unused_days` is set: which of these credentials the work needs only
people know. The card lists the actions with the reason, and the policy's holders.

With `unused_days` set, and where AWS's last-accessed reports show that none of those who have the
policy tried any of these actions for so many days, the policy gets a further version without them,
and that version is put in force; the old one stays. An inline policy is overwritten. It is proven
to allow nothing that the old one doesn't. What the reports don't track (iam:PassRole, reading S3
objects) stays with people. What else is not judged, and the look at a new report just before, are
as in unused-service-permissions.

Undo
----
The old version is put in force again and the new one deleted; an inline policy gets its old
document back. Where people made the change, they take it back.

When to say no
--------------
When handing out these credentials is the holder's task. Limit it to the resources it is about then.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Iterator, Mapping

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Severity,
    Snapshot,
)
from bot.policy import Document
from remediations.access_levels._advice import advice, listed
from remediations.access_levels._by_use import ByUseSettings, without_unused
from remediations.access_levels._listed_actions import findings_of, listed_in

_OF_USERS = "it gives or revives a user's own way in"
_OF_ROLES = "it gives a session with the rights of another identity"
_OF_DATABASES = "it gives a login to a database"
_OF_MACHINES = "it gives a way into a machine"
#: Actions whose answer holds credentials, or that make them; each with why.
EXPOSING: Mapping[str, str] = {
    "iam:CreateAccessKey": _OF_USERS,
    "iam:CreateLoginProfile": _OF_USERS,
    "iam:CreateServiceSpecificCredential": _OF_USERS,
    "iam:ResetServiceSpecificCredential": _OF_USERS,
    "iam:UpdateAccessKey": _OF_USERS,
    "iam:UpdateLoginProfile": _OF_USERS,
    "sts:AssumeRole": _OF_ROLES,
    "sts:GetFederationToken": "it gives a session to whoever it is passed to",
    "cognito-identity:GetCredentialsForIdentity": _OF_ROLES,
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity": _OF_ROLES,
    "codepipeline:PollForJobs": "its answer holds a pipeline's credentials",
    "rds-db:connect": _OF_DATABASES,
    "redshift:GetClusterCredentials": _OF_DATABASES,
    "redshift:GetClusterCredentialsWithIAM": _OF_DATABASES,
    "redshift-serverless:GetCredentials": _OF_DATABASES,
    "lightsail:GetRelationalDatabaseMasterUserPassword": _OF_DATABASES,
    "lightsail:GetInstanceAccessDetails": _OF_MACHINES,
    "lightsail:DownloadDefaultKeyPair": _OF_MACHINES,
    "ec2:GetPasswordData": _OF_MACHINES,
    "gamelift:RequestUploadCredentials": "its answer holds credentials for a bucket of AWS's",
    "mediapackage:RotateIngestEndpointCredentials": "its answer holds a stream's password",
}


class CredentialsExposureSettings(ByUseSettings):
    """Who may have credentials, and which actions don't matter."""

    administrators: tuple[str, ...] = Field(
        default=("arn:*:iam::*:group/locksmith/administrators",),
        strict=False,
        description="ARN patterns (* and ?) of users, groups and roles that may have them.",
    )
    allowed_actions: tuple[str, ...] = Field(
        default=(), strict=False, description="Actions of the list that don't count here."
    )


def detect(snapshot: Snapshot, settings: CredentialsExposureSettings) -> Iterator[Finding]:
    """One finding per policy."""
    yield from findings_of(
        EXPOSING,
        snapshot,
        (CONTROL.id, CONTROL.severity),
        "gives credentials of others",
        administrators=settings.administrators,
        spared=settings.allowed_actions,
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: CredentialsExposureSettings,
) -> Plan | Manual:
    """What to leave out, or to limit."""
    by_hand = advice(
        finding,
        snapshot,
        "which of these credentials the work needs only people know",
        f"Leave out what the work doesn't need of {listed(finding, 'actions')}",
        "Limit what must stay to the users, roles or databases that it is about",
    )

    def counted(document: Document) -> frozenset[str]:
        return listed_in(document, EXPOSING, snapshot, settings.allowed_actions)

    return without_unused(finding, snapshot, settings.unused_days, counted, by_hand)


CONTROL = Control(
    id="credentials-exposure",
    title="Credentials can be had from a policy",
    topic="access_levels",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=CredentialsExposureSettings,
    detect=detect,
    plan=plan,
    idle_setting="unused_days",
    supersedes=frozenset({"data-exfiltration", "write-without-resource-limits"}),
)
