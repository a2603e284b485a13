"""Many may write to a service

Detects
-------
A service that the setting `services` names, where more than half of all users and roles that have
any access to it may also write to it, or delete in it, on every resource. Counted is everything
that somebody has: their own policies, their groups', AWS's, taken together with the permissions
boundary; statements under conditions don't count. Services to which fewer than 5 users and roles
have access don't count, nor do roles that only AWS changes, Identity Center's excepted, whoever may
do everything, and the administrators that the configuration names.

Why it matters
--------------
Most people look, few change. Where everybody who may look may also delete, a slip of any of them,
or a key of any of them in wrong hands, is enough.

Changes
-------
Nothing by itself: who has to write only people know. The card names who writes and who only reads,
and how to split them into a group of readers and one of writers.

Undo
----
None is needed.

When to say no
--------------
When writing is what nearly all of them do. Raise `share` then, or leave the service out.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-access-levels-to-review-permissions
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Settings,
    Severity,
    Snapshot,
)
from remediations._subjects import account_resource
from remediations.access_levels._advice import listed
from remediations.access_levels._reach import Access, access_of
from remediations.access_levels._written import cut

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html"


class WriteGrantedBroadlySettings(Settings):
    """Which services are looked at, and how many may write."""

    services: tuple[str, ...] = Field(
        default=("ec2", "s3", "dynamodb", "rds", "kms", "secretsmanager"),
        strict=False,
        description="The services, by the prefix of their actions.",
    )
    share: int = Field(
        default=50,
        ge=1,
        le=99,
        description="Of 100 users and roles with access, so many may write everywhere.",
    )
    principals: int = Field(
        default=5,
        ge=2,
        le=10000,
        description="Fewer users and roles with access than this don't count.",
    )
    administrators: tuple[str, ...] = Field(
        default=("arn:*:iam::*:group/locksmith/administrators",),
        strict=False,
        description="ARN patterns (* and ?) of users, groups and roles that may write everywhere; "
        "they are not counted.",
    )


def detect(snapshot: Snapshot, settings: WriteGrantedBroadlySettings) -> Iterator[Finding]:
    """One finding per service."""
    reach = access_of(snapshot, settings.services, settings.administrators)
    for service, access in sorted(reach.items()):
        number = len(access.writers) + len(access.readers)
        if number < settings.principals:
            continue
        if 100 * len(access.writers) > settings.share * number:
            yield _finding(service, access, number, snapshot)


def _finding(service: str, access: Access, number: int, snapshot: Snapshot) -> Finding:
    return Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/writers/{service}",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"{len(access.writers)} of {number} who may use {service} may write to all of it",
        evidence={
            "service": service,
            "share_percent": 100 * len(access.writers) // number,
            "writers": cut(sorted(access.writers)),
            "readers": cut(sorted(access.readers)),
        },
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: WriteGrantedBroadlySettings,  # noqa: ARG001 - every control's signature
) -> Manual:
    """How to split them."""
    service = finding.evidence["service"]
    return Manual(
        snapshot.account,
        finding.subject,
        f"who has to write to {service} only people know",
        (
            f"Make a group with List and Read of {service}, and one with Write on what it works on",
            f"Look who of these has written lately (Access Advisor): {listed(finding, 'writers')}",
            "Put those who write into both groups, the others into the first",
            "Take the policies off them that the groups replace; give roles two policies likewise",
            "Let Locksmith scan again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="write-granted-broadly",
    title="Many may write to a service",
    topic="access_levels",
    severity=Severity.LOW,
    risk=None,
    needs=frozenset(
        {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}
    ),
    settings=WriteGrantedBroadlySettings,
    detect=detect,
    plan=plan,
)
