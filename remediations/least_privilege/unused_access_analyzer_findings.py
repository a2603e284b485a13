"""Unused access that Access Analyzer found

Detects
-------
Users and roles of which an analyzer for unused access has active findings: a role, a password or a
key that nobody used, or rights that nobody used. One finding for each user or role. Nothing is
found where there is no such analyzer, which AWS charges for; Locksmith makes none. Left out are
break-glass identities, Locksmith's own and roles that only AWS changes.

It is off unless you enable it: it asks every enabled Region.

Why it matters
--------------
Somebody pays for these findings, and nobody acts on them. What AWS saw over months is a good reason
to take rights away.

Changes
-------
Nothing: what a finding means people must say, for the work may come seldom. The steps name AWS's
own recommendation for each, and the control of Locksmith that has a plan for it.

Undo
----
Nothing was changed, so there is nothing to undo.

When to say no
--------------
When the access is for emergencies: archive the finding in Access Analyzer with a rule.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings-view-unused.html
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GenerateFindingRecommendation.html
"""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field

from bot.credentials import utc_text
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Principal,
    Resource,
    Settings,
    Severity,
    Snapshot,
    Standards,
    UnusedAccess,
)
from remediations._policy_reads import kind_of
from remediations.least_privilege._holders import said

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings-view-unused.html"
#: What a kind of finding means, and the control that has a plan for it.
_KINDS = {
    "UnusedIAMRole": ("nobody used it", "unused-role"),
    "UnusedIAMUserAccessKey": ("an access key that nobody used", "unused-access-key"),
    "UnusedIAMUserPassword": ("a password that nobody used", "unused-console-password"),
    "UnusedPermission": ("rights that nobody used", "unused-action-permissions"),
}


class UnusedAccessAnalyzerFindingsSettings(Settings):
    """Whether to look."""

    enabled: bool = Field(
        default=False, description="Off by default: it asks every enabled Region."
    )


def detect(
    snapshot: Snapshot,
    settings: UnusedAccessAnalyzerFindingsSettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding per user or role that an analyzer has something about."""
    found: dict[str, list[tuple[str, UnusedAccess]]] = {}
    for region, several in sorted(snapshot.unused_access.items()):
        for each in several:
            if each.kind in _KINDS:
                found.setdefault(each.resource, []).append((region, each))
    protection = replace(snapshot.protection, protected=())
    everybody: tuple[Principal, ...] = (*snapshot.users, *snapshot.roles)
    for one in everybody:
        if one.arn in found and protection.reason_for(one.arn) is None:
            yield _finding(one, found[one.arn])


def _finding(one: Principal, several: list[tuple[str, UnusedAccess]]) -> Finding:
    kinds = sorted({each.kind for _, each in several})
    return Finding(
        control=CONTROL.id,
        subject=f"{one.id}/unused-access",
        resource=Resource(kind_of(one).lower(), one.name, one.arn, one.id),
        severity=CONTROL.severity,
        summary=f"Access Analyzer says of {said(one)}: "
        f"{', '.join(_KINDS[kind][0] for kind in kinds)}",
        evidence={
            "kinds": [*kinds],
            "findings": [
                {"id": each.id, "analyzer": each.analyzer, "kind": each.kind, "region": region}
                for region, each in several
            ],
            "since": utc_text(min(each.found for _, each in several)),
        },
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: UnusedAccessAnalyzerFindingsSettings,  # noqa: ARG001 - every control's signature
) -> Manual:
    """What AWS recommends, and which control has a plan for it."""
    mine = [
        (region, each)
        for region, several in sorted(snapshot.unused_access.items())
        for each in several
        if each.resource == finding.resource.arn and each.kind in _KINDS
    ]
    return Manual(
        snapshot.account,
        finding.subject,
        "whether the access is still needed people must say",
        (
            *(step for region, each in mine for step in _steps(region, each)),
            "Let Locksmith scan again once Access Analyzer has looked again, which takes a day",
        ),
        (_LINK,),
    )


def _steps(region: str, each: UnusedAccess) -> Iterator[str]:
    what, control = _KINDS[each.kind]
    yield (
        f"{each.resource}: {what}. Enable controls.{control}, which has a plan for that, or take "
        "it away by hand"
    )
    named = f"--analyzer-arn {each.analyzer} --region {region}"
    if each.kind == "UnusedPermission":
        yield (
            f"See what AWS recommends: aws accessanalyzer generate-finding-recommendation {named} "
            f"--id {each.id}, then aws accessanalyzer get-finding-recommendation with the same"
        )
    yield (
        "Where it is needed all the same: aws accessanalyzer update-findings "
        f"{named} --ids {each.id} --status ARCHIVED"
    )


CONTROL = Control(
    id="unused-access-analyzer-findings",
    title="Unused access that Access Analyzer found",
    topic="least_privilege",
    severity=Severity.LOW,
    risk=None,
    needs=frozenset({Part.USERS, Part.ROLES, Part.UNUSED_ACCESS}),
    settings=UnusedAccessAnalyzerFindingsSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "AC-2(3)", "AC-6", "AC-6(7)"), pci=("7.2.4", "7.2.5.1")),
)
