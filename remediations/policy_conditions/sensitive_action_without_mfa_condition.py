"""People may do harm without MFA

Detects
-------
Policies of your own, and inline ones, that let people use one of `actions` (terminating EC2
instances, the example of AWS's own document) without proof of MFA: by an access key alone, or in a
console session without a second factor. Only policies whose holders are all people are looked at:
users with a console password, directly or through a group. A program can't give a code, and for a
role the condition belongs in its trust policy. All that a person holds counts: where another policy
or boundary refuses the action without MFA, nothing is reported. AWS's own policies can't be given a
condition, so they are left to `console-user-without-mfa` and the like.

Why it matters
--------------
A stolen password or key is enough to end what can't be brought back. With the condition, the second
factor must be there at that moment, whatever else is allowed without it.

Changes
-------
The policy gets one statement more: a Deny of these actions where the request has no MFA
(`BoolIfExists`, so that access keys are refused too). Everything else stays word for word. A
managed policy gets a new version and keeps the old one; an inline one is overwritten. Sessions with
MFA notice nothing; whoever works with a key asks for a session first (`aws sts get-session-token
--serial-number … --token-code …`).

Undo
----
The old version is put in force again and the new one deleted; the old text is written back.

When to say no
--------------
When one of them has no MFA device yet (see `console-user-without-mfa`), or runs scripts with their
own key that terminate instances: give those a role first.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-policy-conditions
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.credentials import people, report_evidence
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
from bot.policy import Document, Proof, Verdict, as_said_to, decide, denied_without_mfa
from remediations._rights import Rights, RightsReader
from remediations.policy_conditions._rewrite import rewrite
from remediations.policy_conditions._written import users_of, written, written_at

_Action = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[A-Za-z0-9]+$")]
_WITHOUT = (Proof.KEY, Proof.PASSWORD)
_MAY = (Verdict.ALLOWED, Verdict.CONDITIONAL)


class SensitiveActionWithoutMfaConditionSettings(Settings):
    """What takes MFA."""

    actions: tuple[_Action, ...] = Field(
        default=("ec2:TerminateInstances",),
        strict=False,
        min_length=1,
        description="Actions that people may use with MFA only.",
    )


def detect(
    snapshot: Snapshot, settings: SensitiveActionWithoutMfaConditionSettings
) -> Iterator[Finding]:
    """One finding per policy whose holders are all people."""
    readers = [RightsReader(snapshot, proof) for proof in _WITHOUT]
    with_password = {user.id for user, row in people(snapshot) if row.password_enabled}
    for policy in written(snapshot):
        actions = _without_mfa(policy.document, settings)
        if not actions:
            continue
        users = users_of(policy, snapshot)
        if any(user.id not in with_password for user in users):
            continue
        found = [user for user in users if any(_may(each.of(user), actions) for each in readers)]
        if found:
            yield Finding(
                control=CONTROL.id,
                subject=policy.subject,
                resource=policy.resource,
                severity=CONTROL.severity,
                summary=f"{policy.label} lets people use {' and '.join(actions)} without MFA",
                evidence={
                    "actions": [*actions],
                    "without_mfa": sorted(user.name for user in found)[:20],
                    **policy.evidence(snapshot),
                    **report_evidence(snapshot),
                },
            )


def _without_mfa(
    document: Document, settings: SensitiveActionWithoutMfaConditionSettings
) -> tuple[str, ...]:
    """The actions that the document allows without proof of MFA."""
    said = [Rights(frozenset((as_said_to(document, proof),)), None) for proof in _WITHOUT]
    return tuple(
        action for action in settings.actions if any(_may(each, (action,)) for each in said)
    )


def _may(rights: Rights, actions: tuple[str, ...]) -> bool:
    """Whether some of it is allowed, if perhaps on some resources only."""
    return any(
        decide(action, "*", rights.documents, rights.boundary).verdict in _MAY for action in actions
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: SensitiveActionWithoutMfaConditionSettings
) -> Plan | Manual:
    """Deny the actions where there is no MFA."""
    policy = written_at(finding.resource, finding.subject, snapshot)
    actions = _without_mfa(policy.document, settings)
    named = " and ".join(actions)
    return rewrite(
        finding,
        policy,
        denied_without_mfa(policy.document, actions),
        snapshot,
        summary=f"Refuse {named} without MFA to whoever holds {policy.label}",
        breaks=(
            f"Without MFA {named} is refused, by access keys too: they need a session with MFA",
            "Whoever has no MFA device can't use it at all",
        ),
    )


CONTROL = Control(
    id="sensitive-action-without-mfa-condition",
    title="People may do harm without MFA",
    topic="policy_conditions",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset(
        {
            Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES,
            Part.CREDENTIAL_REPORT,
        }
    ),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=SensitiveActionWithoutMfaConditionSettings,
    detect=detect,
    plan=plan,
)  # fmt: skip
