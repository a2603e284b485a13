"""Unused access that Access Analyzer found

Detects
-------
Users and roles of which an analyzer for unused access has active findings: a role, a password or a
key that nobody used, or rights that nobody used. Of rights there is one finding for each policy
that allows them and that is this user's or role's alone, and one for all others together. Nothing
is found where there is no such analyzer, which AWS charges for (Locksmith makes none), nor of what
is in order by now although the analyzer hasn't looked again: rights that no policy gives any more,
a role, key or password that was used since, or that a fence stands before. Left out are break-glass
identities, Locksmith's own and roles that only AWS changes.

Where the control on the same thing has a finding (unused-role, unused-access-key,
unused-console-password, unused-service-permissions, unused-action-permissions), that one asks, and
this is its evidence: nobody is asked twice.

It is off unless you enable it: it asks every enabled Region, and once for each finding about rights
or a key, up to 200 in a Region.

Why it matters
--------------
Somebody pays for these findings, and nobody acts on them. What AWS saw over months is a good reason
to take rights away.

Changes
-------
The same as those controls do, after a look whether the analyzer's finding is still active and still
says the same. A policy that is this user's or role's alone loses the actions: a managed one gets a
further version that is put in force, the old one stays; an inline one is overwritten. It is proven
to allow nothing that the old one doesn't. iam:PassRole stays, whose use AWS doesn't see. A role
gets the fence `Locksmith-UnusedRole`, a password the fence `Locksmith-ConsoleFence`, a key is
switched off. Policies of AWS, of groups and of others too people must replace: the steps have the
replacement. No rule carries any of it out, for an analyzer may be told to count a day as long.

Undo
----
The old version is put in force again and the new one deleted, the old document is written back, the
fence goes, the key is switched on again.

When to say no
--------------
When the access is for emergencies: archive the finding in Access Analyzer with a rule.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings-view-unused.html
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GenerateFindingRecommendation.html
"""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field

from bot.errors import PlanError
from bot.model import (
    Control,
    Expect,
    Finding,
    Group,
    Manual,
    Part,
    Plan,
    Principal,
    Risk,
    Role,
    Settings,
    Snapshot,
    Standards,
    User,
)
from remediations._key_steps import deactivation
from remediations.least_privilege._analyzed import (
    KEY,
    PASSWORD,
    RIGHTS,
    ROLE,
    Excess,
    about,
    days_of,
    excess,
    told_of,
)
from remediations.least_privilege._analyzer_advice import by_hand, shown
from remediations.least_privilege._analyzer_found import (
    CONTROL_ID,
    SEVERITY,
    of_credentials,
    of_rights,
    of_role,
)
from remediations.least_privilege._fence_role import fence_off
from remediations.least_privilege._holders import holder_by_id, holders_of, said
from remediations.least_privilege._trim import trim
from remediations.unused_credentials._idle import fence_password


class UnusedAccessAnalyzerFindingsSettings(Settings):
    """Whether to look."""

    enabled: bool = Field(
        default=False, description="Off by default: it asks every enabled Region."
    )


def detect(
    snapshot: Snapshot,
    settings: UnusedAccessAnalyzerFindingsSettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding per policy, role, key and password that an analyzer has something about."""
    for one in told_of(snapshot):
        yield from of_rights(one, snapshot)
        yield from (
            of_role(one, snapshot) if isinstance(one, Role) else of_credentials(one, snapshot)
        )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: UnusedAccessAnalyzerFindingsSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """What the control on the same thing does, once the analyzer's finding was looked at again."""
    one, kind = _meant(finding, snapshot)
    told = about(one, kind, snapshot)
    guards = tuple(expect for each in told if not each.found.unread for expect in each.stands())
    if kind == ROLE and isinstance(one, Role):
        return fence_off(finding, one, snapshot, days_of(told), guards)
    if kind == KEY:
        because = "which Access Analyzer calls unused"
        return deactivation(finding, snapshot, days_of(told), because, guards)
    if kind == PASSWORD and isinstance(one, User):
        return fence_password(finding, one, snapshot, days_of(told), guards)
    found = excess(one, told, snapshot)
    if finding.subject.endswith("/unused-access"):
        others = tuple(each for each in found if not each.theirs)
        return by_hand(finding, one, told, others, snapshot)
    mine = next((each for each in found if each.subject == finding.subject), None)
    if mine is None:
        raise PlanError(f"nothing that {finding.resource.name} allows went unused by now")
    return _narrowed(finding, mine, guards, snapshot)


def _meant(finding: Finding, snapshot: Snapshot) -> tuple[Principal, str]:
    """Whom the finding is about, and by which kind of an analyzer's findings."""
    if finding.resource.key is not None:
        return snapshot.users_by_id[finding.resource.key.user_id], KEY
    if finding.resource.type == "policy":
        (holder,) = holders_of(finding.resource.arn, snapshot)
    else:
        holder = holder_by_id(finding.resource.unique_id, snapshot)
    if isinstance(holder, Group):
        raise PlanError(f"{said(holder)} is no identity that an analyzer looks at")
    kinds = {f"{holder.id}/role": ROLE, f"{holder.id}/password": PASSWORD}
    return holder, kinds.get(finding.subject, RIGHTS)


def _narrowed(
    finding: Finding, mine: Excess, guards: tuple[Expect, ...], snapshot: Snapshot
) -> Plan | Manual:
    lost = shown(mine.trimmed.removed)
    label = mine.policy.label
    breaks = f"Unless other policies allow it, whoever has {label} can't do any more: {lost}"
    fix = trim(finding, mine.policy, mine.trimmed, snapshot, (breaks,), guards)
    if isinstance(fix, Manual):
        return replace(fix, steps=(*fix.steps, f"What went unused: {lost}"))
    return fix


CONTROL = Control(
    id=CONTROL_ID,
    title="Unused access that Access Analyzer found",
    topic="least_privilege",
    severity=SEVERITY,
    risk=Risk.DISRUPTIVE,
    needs=frozenset(
        {
            Part.USERS,
            Part.GROUPS,
            Part.ROLES,
            Part.CUSTOMER_POLICIES,
            Part.AWS_POLICIES,
            Part.CREDENTIAL_REPORT,
            Part.KEY_NAMES,
            Part.UNUSED_ACCESS,
        }
    ),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY, Part.PASSWORD_USE}),
    settings=UnusedAccessAnalyzerFindingsSettings,
    detect=detect,
    plan=plan,
    approval_only=True,
    standards=Standards(nist=("AC-2", "AC-2(3)", "AC-6", "AC-6(7)"), pci=("7.2.4", "7.2.5.1")),
)
