"""Role whose trust policy names a deleted identity

Detects
-------
Roles whose trust policy names a user or role that is gone: where AWS once showed its ARN, it shows
the unique id (AIDA…, AROA…). Roles that only AWS changes are not looked at.

Why it matters
--------------
Nobody can be that identity again, for AWS never gives an id twice, so nobody comes in this way. But
AWS takes no document back that has such an id: every other change of this trust policy fails or
can't be undone until it is gone, and whoever reads it can't tell who is meant to come in. A new
identity of the old name is not let in, which is often found out late.

Changes
-------
The ids are taken out of the trust policy, and nothing else. A statement that names nobody else
goes; where it was the last one, a Deny for everyone takes its place, since AWS takes no document
without a statement. Nobody who could assume the role before loses anything. Where a statement lets
in everyone but the deleted identity, people decide.

Undo
----
There is none: AWS refuses a document with the id of a deleted identity. The text as it was stands
in the finding's evidence.

When to say no
--------------
When the identity is to be made anew: put its new ARN into the trust policy yourself. When nobody
else may assume the role, look whether the role itself is still needed.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Iterator

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import deleted_principals, without_principals
from remediations._subjects import resource_of
from remediations.delegation._trust_steps import rewrite_trust, take_out
from remediations.delegation._trusts import role_evidence, trust_of, trusts

_LINK = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
)


def detect(snapshot: Snapshot, _settings: Settings) -> Iterator[Finding]:
    """One finding per role whose trust policy names a deleted identity."""
    for role, document in trusts(snapshot):
        gone = tuple(dict.fromkeys(deleted_principals(document)))
        if gone:
            yield Finding(
                control=CONTROL.id,
                subject=f"{role.id}/trust",
                resource=resource_of(role),
                severity=CONTROL.severity,
                summary=f"The trust policy of {role.name} names {' and '.join(gone)}, now deleted",
                evidence={
                    "deleted": [*gone],
                    "trust_policy": document.raw,
                    **role_evidence(role),
                },
            )


def plan(finding: Finding, snapshot: Snapshot, _settings: Settings) -> Plan | Manual:
    """Take the ids out."""
    role, account = snapshot.roles_by_id[finding.resource.unique_id], snapshot.account
    document = trust_of(role)
    gone = deleted_principals(document)
    excepting = [
        each
        for each in document.statements
        if any(who.value in gone for who in each.not_principals)
    ]
    if excepting:
        reason = f"{excepting[0].label}: it lets in everyone but those it names"
        steps = ("Decide who may assume the role instead of everyone else", take_out(role))
        return Manual(account, finding.subject, reason, steps, (_LINK,))
    new = without_principals(document, lambda _, who: who.value in gone)
    step = rewrite_trust(
        role,
        document,
        new,
        name="take-out-deleted",
        summary=f"Take what was deleted out of the trust policy of {role.name}",
        irreversible_because="AWS takes no document with the id of a deleted identity back",
    )
    summary = f"Take deleted identities out of the trust policy of the role {role.name}"
    breaks = ("Nothing: nobody can be an identity that was deleted",)
    return Plan(account, finding.subject, (step,), summary, breaks)


CONTROL = Control(
    id="trust-to-deleted-principal",
    title="Role whose trust policy names a deleted identity",
    topic="delegation",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.ROLES}),
    settings=Settings,
    detect=detect,
    plan=plan,
)
