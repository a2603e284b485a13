"""Broad policy that nobody has reviewed lately

Detects
-------
Policies of yours, managed and inline, that somebody holds, that allow writing or managing
permissions on every resource, and that are more than 180 days old without anybody having said since
that they are as they should be. A managed policy is as old as its version in force. When an inline
policy was written AWS doesn't tell: it counts as old as the user, group or role that it lives in,
and may be younger. So one that was written lately into something old is asked about at once, and so
is one that was changed; after a review it is quiet for as long as any other. Not raised for what
only administrators hold that the configuration names, nor for documents that grant everything,
which are a finding by themselves, nor for Locksmith's fences.

Why it matters
--------------
Work changes and policies stay. AWS asks that the levels of access that each policy gives be looked
at regularly; auditors ask who did, and when.

Changes
-------
Nothing in AWS. The card shows the policy by service and access level, as AWS's console does.
Whoever has looked says so with the button "Reviewed", or `locksmith attest policy` with the
finding's id: those who may exempt findings. That is recorded with their name, the day and the hash
of the document, and counts for just this document in this place: a new version of the policy is not
covered by it, nor the same text in another's inline policy, and after `days` the question comes
back by itself.

Undo
----
None is needed: a review runs out by itself.

When to say no
--------------
When what the policy allows is not needed any more: narrow it instead.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-access-levels-to-review-permissions
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from bot.credentials import days_since, is_older, utc_text
from bot.model import (
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from bot.policy import AccessLevel, Document, document_hash, summary_of
from remediations.access_levels._advice import place_of
from remediations.access_levels._by_level import of_level
from remediations.access_levels._written import Written, allowed_everywhere, cut, written
from remediations.least_privilege._holders import said

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary.html"


class PolicyReviewOverdueSettings(Settings):
    """How often broad policies are reviewed."""

    days: int = Field(
        default=180,
        ge=1,
        le=3650,
        description="Days after which a broad policy is reviewed (PCI 7.2.4: six months).",
    )
    administrators: tuple[str, ...] = Field(
        default=("arn:*:iam::*:group/locksmith/administrators",),
        strict=False,
        description="ARN patterns (* and ?) of users, groups and roles whose policies are reviewed "
        "elsewhere.",
    )


def detect(snapshot: Snapshot, settings: PolicyReviewOverdueSettings) -> Iterator[Finding]:
    """One finding per policy and document."""
    for each in written(snapshot, settings.administrators):
        dated = _dated(each, snapshot)
        due = is_older(dated.since, settings.days, snapshot.taken_at)
        if due and _is_broad(each, snapshot):
            yield Finding(
                control=CONTROL.id,
                subject=f"{dated.place}/review/{document_hash(each.document)[:16]}",
                resource=each.resource,
                severity=CONTROL.severity,
                summary=f"Nobody has reviewed {each.name} in {settings.days} days",
                evidence={
                    **dated.evidence,
                    "age_days": days_since(dated.since, snapshot.taken_at),
                    "document": f"sha256:{document_hash(each.document)}",
                    "days_that_a_review_counts": settings.days,
                    "allows": _summary(each.document),
                    "held_by": cut(sorted(said(holder) for holder in each.held_by)),
                },
            )


@dataclass(frozen=True, slots=True)
class _Dated:
    """Where a policy lives, and since when it may say what it says."""

    place: str
    since: datetime
    evidence: dict[str, Json]


def _dated(each: Written, snapshot: Snapshot) -> _Dated:
    """A managed policy by its version in force; an inline one is no older than its holder."""
    place = each.subject.removesuffix("/access-levels")
    if each.resource.type == "policy":
        since = snapshot.policies_by_arn[each.resource.arn].default.created
        return _Dated(place, since, {"in_force_since": utc_text(since)})
    since = each.held_by[0].created
    inline = place.removeprefix(f"{each.resource.unique_id}/inline/")
    return _Dated(place, since, {"inline": inline, "no_older_than": utc_text(since)})


def _is_broad(each: Written, snapshot: Snapshot) -> bool:
    everywhere = allowed_everywhere(each.document, snapshot.account.partition)
    broad = (AccessLevel.WRITE, AccessLevel.PERMISSIONS_MANAGEMENT)
    return any(of_level(level, everywhere) for level in broad)


def _summary(document: Document) -> list[Json]:
    """One line per service, with what limits it, and what else counts."""
    found = summary_of(document)
    lines = []
    for service, by in found.levels.items():
        levels = [f"{'full' if full else 'limited'} {level.value}" for level, full in by.items()]
        limits = found.limits(service)
        lines.append(f"{service}: {', '.join(levels)}" + (f" ({limits})" if limits else ""))
    return [*cut(lines), *found.notes]


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: PolicyReviewOverdueSettings,
) -> Manual:
    """What to look at, and how to say so."""
    inline = finding.evidence.get("inline")
    name = finding.resource.name
    if inline is not None:
        name = f"{inline} of {finding.resource.type} {name}"
    again = "when it is as old" if inline is None else "with the next scan, as AWS doesn't date it"
    return Manual(
        snapshot.account,
        finding.subject,
        f"whether {name} still is as it should be only people can tell",
        (
            f"Look what it allows: locksmith policy summary {place_of(finding)}",
            "Look whether its holders still need it, and all of it",
            (
                f"If so, say so, for {settings.days} days: `Reviewed` on the card, or "
                "`locksmith attest policy` with the finding's id"
            ),
            f"If not, narrow the policy; what it says then is asked about {again}",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="policy-review-overdue",
    title="Broad policy that nobody has reviewed lately",
    topic="access_levels",
    severity=Severity.INFO,
    risk=None,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=PolicyReviewOverdueSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-6(7)",), pci=("7.2.4",)),
)
