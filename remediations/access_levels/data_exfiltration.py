"""Data can be carried off with a policy

Detects
-------
Managed policies of yours and inline policies that allow, on every resource, actions that read what
the account keeps, or share or copy it out: objects, secrets, parameters, tables, snapshots, and
whatever any KMS key protects. The list is short and says why each action is on it. Statements under
conditions don't count, nor what the same document denies, nor what administrators hold that the
configuration names. Not raised for documents that grant everything, nor for AWS's own policies.

Why it matters
--------------
AWS files reading under Read, whether it is a bucket's name or everybody's documents. Who gets hold
of this identity reads all of it, and nothing in the account looks any different afterwards.

Changes
-------
Nothing by itself, unless `unused_days` is set: which of this data the work needs only people know.
The card lists the actions with the reason, and the policy's holders.

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
When reading everything is the holder's task, as of a backup. Name it in `administrators`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
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
    Standards,
)
from bot.policy import Document
from remediations.access_levels._advice import advice, listed
from remediations.access_levels._by_use import ByUseSettings, without_unused
from remediations.access_levels._listed_actions import findings_of, listed_in

_READS = "it reads what is kept there"
_SECRETS = "it reads secrets in the clear"
_SHARES = "it shares a copy with other accounts, or with everyone"
_DECRYPTS = "it opens what any key protects whose policy leaves that to IAM"
_COPIES = "it puts a copy where others may reach it"
#: Actions that read, share or copy data out; each with why.
TAKING: Mapping[str, str] = {
    "s3:GetObject": _READS,
    "dynamodb:Scan": _READS,
    "dynamodb:ExportTableToPointInTime": _COPIES,
    "ebs:GetSnapshotBlock": _READS,
    "secretsmanager:GetSecretValue": _SECRETS,
    "kms:Decrypt": _DECRYPTS,
    "kms:ReEncryptFrom": _DECRYPTS,
    "ssm:GetParameter": _SECRETS,
    "ssm:GetParameters": _SECRETS,
    "ssm:GetParametersByPath": _SECRETS,
    "rds:CopyDBSnapshot": _COPIES,
    "rds:StartExportTask": _COPIES,
    "rds:ModifyDBSnapshotAttribute": _SHARES,
    "ec2:ModifySnapshotAttribute": _SHARES,
    "ec2:ModifyImageAttribute": _SHARES,
}


class DataExfiltrationSettings(ByUseSettings):
    """Who may read everything, and which actions don't matter."""

    administrators: tuple[str, ...] = Field(
        default=("arn:*:iam::*:group/locksmith/administrators",),
        strict=False,
        description="ARN patterns (* and ?) of users, groups and roles that may read everything.",
    )
    allowed_actions: tuple[str, ...] = Field(
        default=(), strict=False, description="Actions of the list that don't count here."
    )


def detect(snapshot: Snapshot, settings: DataExfiltrationSettings) -> Iterator[Finding]:
    """One finding per policy."""
    yield from findings_of(
        TAKING,
        snapshot,
        (CONTROL.id, CONTROL.severity),
        "lets its holders read or copy out everything of a kind",
        administrators=settings.administrators,
        spared=settings.allowed_actions,
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: DataExfiltrationSettings,
) -> Plan | Manual:
    """What to leave out, or to limit."""
    by_hand = advice(
        finding,
        snapshot,
        "which data the work is about only people know",
        f"Leave out what the work doesn't need of {listed(finding, 'actions')}",
        "Limit what must stay to the buckets, tables, secrets or snapshots that it is about",
    )

    def counted(document: Document) -> frozenset[str]:
        return listed_in(document, TAKING, snapshot, settings.allowed_actions)

    return without_unused(finding, snapshot, settings.unused_days, counted, by_hand)


CONTROL = Control(
    id="data-exfiltration",
    title="Data can be carried off with a policy",
    topic="access_levels",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=DataExfiltrationSettings,
    detect=detect,
    plan=plan,
    idle_setting="unused_days",
    standards=Standards(
        fsbp=("KMS.1", "KMS.2"),
        nist=(
            "AC-2",
            "AC-2(1)",
            "AC-3",
            "AC-3(7)",
            "AC-3(15)",
            "AC-5",
            "AC-6",
            "AC-6(3)",
        ),
    ),
    supersedes=frozenset({"write-without-resource-limits"}),
)
