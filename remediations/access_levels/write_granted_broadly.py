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
Who has to write people say, in the setting `writers`, by service. Everybody else then keeps what
they have but for writing to that service, and managing its permissions, on every resource: a policy
of your own that writers have too gets a companion, `NAME-readers`, without that, which takes its
place with each reader; one that only readers have gets a further version without it; an inline
policy is overwritten. What a policy allows on named resources or under conditions stays. Each new
document is proven to allow nothing that the old one doesn't.

For a service that `writers` doesn't name, and with `unused_days` set, those read of whom AWS's
last-accessed reports show that they tried none of that writing for so many days. Just before a
policy is changed its report is ordered anew, and what was tried since stops it, as in
unused-service-permissions. Without either, or where too many would still write afterwards since
AWS's own policies or groups of both kinds give it to them, the card names who writes and who only
reads, and how to split them by hand.

Undo
----
Step by step: the policy is attached again and the companion detached and deleted, the old version
put in force, the inline policy's old document put back.

When to say no
--------------
When writing is what nearly all of them do. Raise `share` then, or leave the service out.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-access-levels-to-review-permissions
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    Principal,
    Risk,
    Severity,
    Snapshot,
)
from bot.policy import PolicyDocumentError
from remediations._subjects import account_resource
from remediations.access_levels._advice import split_by_hand
from remediations.access_levels._by_use import ByUseSettings
from remediations.access_levels._reach import Access, access_of
from remediations.access_levels._readers import steps_of, why_not
from remediations.access_levels._splitting import applied, splits_of
from remediations.access_levels._who_writes import known_readers
from remediations.access_levels._written import cut
from remediations.least_privilege._holders import Meant, said


class WriteGrantedBroadlySettings(ByUseSettings):
    """Which services are looked at, and how many may write."""

    services: tuple[str, ...] = Field(
        default=("ec2", "s3", "dynamodb", "rds", "kms", "secretsmanager"),
        strict=False,
        description="The services, by the prefix of their actions.",
    )
    writers: dict[str, Annotated[tuple[str, ...], Field(strict=False)]] = Field(
        default={},
        description="Who has to write to a service, by the prefix of its actions: ARN patterns (* "
        "and ?) of users and roles; everybody else is to read only.",
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
            "writers": _named(access.writers),
            "readers": _named(access.readers),
        },
    )


def _named(principals: list[Principal]) -> list[Json]:
    return cut(sorted(map(said, principals)))


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: WriteGrantedBroadlySettings,
) -> Plan | Manual:
    """Split them, where it is known who reads; or say how."""
    service = str(finding.evidence["service"])
    meant = Meant(snapshot, settings.administrators)
    try:
        readers = known_readers(service, settings.writers, settings.unused_days, snapshot, meant)
        splits = splits_of(snapshot, service, readers.reads) if readers else None
    except PolicyDocumentError as error:  # of any policy: it might be a writer's
        return split_by_hand(finding, snapshot, str(error))
    if readers is None or splits is None:
        return split_by_hand(finding, snapshot, f"who has to write to {service} only people know")
    objection = next(filter(None, (why_not(each, snapshot) for each in splits)), None)
    if objection is None:
        later = detect(applied(snapshot, splits), settings)
        if not splits or any(each.subject == finding.subject for each in later):
            objection = (
                f"policies of your own don't tell apart who writes to {service} and who reads"
            )
    if objection is not None:
        return split_by_hand(finding, snapshot, objection)
    who = sorted({said(holder) for split in splits for holder in split.readers})
    names = ", ".join(map(str, cut(list(who))))
    return Plan(
        snapshot.account,
        finding.subject,
        steps_of(splits, snapshot, readers.guards),
        f"Leave writing to {service} to its writers",
        (f"Writing to {service} stops, unless AWS's policies allow it, for {names}",),
    )


CONTROL = Control(
    id="write-granted-broadly",
    title="Many may write to a service",
    topic="access_levels",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset(
        {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}
    ),
    settings=WriteGrantedBroadlySettings,
    detect=detect,
    plan=plan,
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    idle_setting="unused_days",
)
