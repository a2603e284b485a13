"""Path from few rights to all of them

Detects
-------
Users and roles that don't administer the account but can make themselves able to, by the known
methods (those of Rhino Security and pathfinding.cloud): rights that they may give themselves, their
groups, their policies or a role that they may take on; a policy that denies them rights which they
have, where they may take it away; keys, passwords and trust of others; SAML providers that roles
trust; roles that they may pass to a service which then works for them. Looked at is everything that
they have: their own policies and their groups', Deny, the permissions boundary (and whether they
may lift it), conditions, resources, and to which service a role may be passed. A path counts only
where it ends in all rights: passing roles is no finding while no role that can be passed has more.
Several steps over other users and roles are followed. Not found: administrators and who may take on
their roles, break-glass identities, Locksmith's own, `administrators`, and who has a boundary that
can't be read. An Allow under a condition other than MFA or iam:PassedToService doesn't count, a
Deny under one does not take it away. Organization policies are not known here. Where a step takes
something that works as a role already (a function, an instance), it counts where all of the kind in
this account may be taken, however that is written, and the severity is lower: Locksmith doesn't
look whether there is one.

Why it matters
--------------
Who has such a right is an administrator whom nobody counts. Whoever gets hold of one of their keys
needs a single call more.

Changes
-------
Puts a fence on the user or role: the inline policy `Locksmith-NoEscalation`, which denies the first
step of each path, on just the resource that it needs (passing that role, making keys for that
user), and taking this fence away. Where a path begins with making roles or users, or with something
that works as a role already, people must say what is meant: the steps are listed.

Undo
----
Takes the fence away: one call.

When to say no
--------------
When it is meant: a pipeline that makes roles for the account. Name it in `administrators`, and
treat it like one.

References
----------
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
https://pathfinding.cloud/paths/
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Iterator

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
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._fence import fence
from remediations._fence_documents import ESCALATION_FENCE, escalation_document
from remediations._policy_reads import kind_of
from remediations._subjects import resource_of
from remediations.least_privilege._escalation import LOOKED_AT, Path, escalations
from remediations.least_privilege._holders import Meant, said

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"
_SHOWN = 10


class PrivilegeEscalationPathSettings(Settings):
    """Who is meant to be able to have all rights."""

    administrators: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="ARN patterns of users and roles that may make themselves administrators.",
    )


def detect(snapshot: Snapshot, settings: PrivilegeEscalationPathSettings) -> Iterator[Finding]:
    """One finding per user or role that has a path."""
    found = snapshot.once(escalations, LOOKED_AT)
    meant = Meant(snapshot, settings.administrators)
    everybody: tuple[Principal, ...] = (*snapshot.users, *snapshot.roles)
    for one in everybody:
        if one.id in found and meant.why(one) is None:
            yield _finding(one, found[one.id])


def _finding(one: Principal, paths: tuple[Path, ...]) -> Finding:
    shown = min(paths, key=lambda path: (not path.sure, len(path.steps), path.said))
    evidence: dict[str, Json] = {
        "path": shown.said,
        "paths": [path.said for path in paths[:_SHOWN]],
        "more": max(0, len(paths) - _SHOWN),
        "methods": sorted({path.steps[0].method for path in paths}),
        "sure": shown.sure,
        "boundary": one.boundary,
    }
    return Finding(
        CONTROL.id,
        f"{one.id}/escalation",
        resource_of(one),
        Severity.HIGH if shown.sure else Severity.MEDIUM,
        f"{said(one)} can get all rights: {shown.said}",
        evidence,
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: PrivilegeEscalationPathSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Deny the first step of each path, or have people say what is meant."""
    known = finding.resource.unique_id
    one: Principal = snapshot.users_by_id.get(known) or snapshot.roles_by_id[known]
    paths = snapshot.once(escalations, LOOKED_AT)[one.id]
    firsts = [path.steps[0] for path in paths]
    if not all(step.cuts for step in firsts):
        return _by_hand(finding, snapshot, [path for path in paths if not path.steps[0].cuts])
    closed = sorted({cut for step in firsts for cut in step.cuts})
    named = ", ".join(dict.fromkeys(action for action, _ in closed))
    # Whoever could take the fence away, or write over it, would only need one step more.
    kept = [(f"iam:{verb}{kind_of(one)}Policy", one.arn) for verb in ("Delete", "Put")]
    cuts = sorted({*closed, *kept})
    return fence(
        finding,
        one,
        snapshot,
        name=ESCALATION_FENCE,
        document=escalation_document(cuts),
        guards=(),
        risk=Risk.DISRUPTIVE,
        summary=f"Deny {said(one)} the first step of each path to all rights: {named}",
        breaks=tuple(
            f"{action} on {resource} stops working for {said(one)}" for action, resource in cuts
        ),
    )


def _by_hand(finding: Finding, snapshot: Snapshot, open_ones: list[Path]) -> Manual:
    name = finding.resource.name
    return Manual(
        snapshot.account,
        finding.subject,
        "the first step is part of other work too, so that people must say what is meant",
        (
            *(f"Close this path of {name}: {path.said}" for path in open_ones[:_SHOWN]),
            (
                "To close one, name the resources that the work needs (functions, instances, "
                "roles), or ask for a boundary on what is made (condition iam:PermissionsBoundary)"
            ),
            f"Or name {name} in controls.{CONTROL.id}.administrators, if all of it is meant",
            "Let Locksmith scan again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="privilege-escalation-path",
    title="Path from few rights to all of them",
    topic="least_privilege",
    severity=Severity.HIGH,
    risk=Risk.DISRUPTIVE,
    needs=LOOKED_AT,
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=PrivilegeEscalationPathSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        nist=("AC-2", "AC-3", "AC-5", "AC-6", "AC-6(1)", "AC-6(5)", "AC-6(10)"),
        pci=("7.2.1", "7.2.2"),
    ),
)
