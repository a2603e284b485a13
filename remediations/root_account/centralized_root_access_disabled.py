"""Organization without central root access

Detects
-------
The management account of an organization in which AWS's central management of root is off, or only
half on: the management of members' root credentials, and privileged root actions in short sessions.
Accounts outside of organizations, members and delegated administrators are not judged: only the
management account can switch it on.

Why it matters
--------------
Without it every member keeps a root user with a password, a mailbox that can reset it, and perhaps
keys, each to be guarded for itself. With it the organization can remove them and keep them away:
new members then have none from the start.

Changes
-------
Switches on what is off. Where IAM has no trusted access to the organization yet, gives it that
first. No member's root credentials change by that: `member-root-credentials-present` is about them.
Where the organization has only consolidated billing, Locksmith lists the steps: giving it all
features takes every member's consent.

Undo
----
Switches off again what Locksmith switched on, and takes trusted access away where it gave it. Then
root credentials that were removed meanwhile can be recovered by mail again.

When to say no
--------------
When a landing zone (Control Tower) keeps it: switch it on there. When nobody has decided yet who
may open root sessions: sts:AssumeRoot belongs to few.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html
CIS AWS Foundations Benchmark 7.0: 2.1.1
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    ROOT_CREDENTIALS,
    ROOT_SESSIONS,
    Call,
    Control,
    Expect,
    Finding,
    Json,
    Manual,
    Operator,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
    Step,
)
from remediations import _reads as reads
from remediations._subjects import account_resource

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html"
_WORDS = {
    ROOT_CREDENTIALS: "central management of root credentials",
    ROOT_SESSIONS: "privileged root sessions",
}
_CALLS = {
    ROOT_CREDENTIALS: "OrganizationsRootCredentialsManagement",
    ROOT_SESSIONS: "OrganizationsRootSessions",
}
_IAM: dict[str, Json] = {"ServicePrincipal": "iam.amazonaws.com"}


class CentralizedRootAccessDisabledSettings(Settings):
    """What of it must be on."""

    root_sessions: bool = Field(
        default=True,
        description="Whether privileged root sessions must be on too, beside the management of "
        "credentials (CIS 7.0 2.1.1 wants the latter).",
    )


def detect(
    snapshot: Snapshot, settings: CentralizedRootAccessDisabledSettings
) -> Iterator[Finding]:
    """One finding for the management account."""
    organization = snapshot.organization
    off = _off(snapshot, settings)
    if organization.management != snapshot.account.id or not off:
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/central-root-access",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"The organization does without {' and '.join(_WORDS[each] for each in off)}",
        evidence={
            "organization": organization.id,
            "on": sorted(organization.features or ()),
            "trusted_access_of_iam": organization.trusted,
            "all_features": organization.all_features,
        },
    )


def _off(snapshot: Snapshot, settings: CentralizedRootAccessDisabledSettings) -> tuple[str, ...]:
    features = snapshot.organization.features
    wanted = [ROOT_CREDENTIALS, *([ROOT_SESSIONS] if settings.root_sessions else [])]
    return () if features is None else tuple(each for each in wanted if each not in features)


def plan(
    finding: Finding, snapshot: Snapshot, settings: CentralizedRootAccessDisabledSettings
) -> Plan | Manual:
    """Switch on what is off, after what that needs."""
    if not snapshot.organization.all_features:
        return Manual(
            account=snapshot.account,
            subject=finding.subject,
            reason="the organization has consolidated billing only, and its members must consent",
            steps=(
                (
                    "In the management account open https://console.aws.amazon.com/organizations/, "
                    "Settings, and begin to enable all features"
                ),
                "Let every invited member accept, then finish it there",
                "Let Locksmith look again",
            ),
            links=(_LINK,),
        )
    steps = [_switch_on(each) for each in _off(snapshot, settings)]
    if not snapshot.organization.trusted:
        steps.insert(0, _trust())
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=tuple(steps),
        summary="Switch on central root access for the organization",
    )


def _trust() -> Step:
    read = Call("organizations", "ListAWSServiceAccessForOrganization")
    path = "EnabledServicePrincipals[?ServicePrincipal=='iam.amazonaws.com'].ServicePrincipal | [0]"
    trusted = "iam.amazonaws.com"
    return Step(
        name="trust",
        summary="Give IAM trusted access to the organization",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, "IAM is trusted already"),),
        do=Call("organizations", "EnableAWSServiceAccess", _IAM),
        after=(Expect(read, path, Operator.EQUALS, trusted, "IAM is not trusted"),),
        undo=Call("organizations", "DisableAWSServiceAccess", _IAM),
    )


def _switch_on(feature: str) -> Step:
    read = reads.call("ListOrganizationsFeatures")
    path, words = f"EnabledFeatures[?@=='{feature}'] | [0]", _WORDS[feature]
    return Step(
        name=f"enable-{feature}",
        summary=f"Switch on {words}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"it has {words} already"),),
        do=reads.call(f"Enable{_CALLS[feature]}"),
        after=(Expect(read, path, Operator.EQUALS, feature, f"it has no {words}"),),
        undo=reads.call(f"Disable{_CALLS[feature]}"),
    )


CONTROL = Control(
    id="centralized-root-access-disabled",
    title="Organization without central root access",
    topic="root_account",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.ORGANIZATION}),
    settings=CentralizedRootAccessDisabledSettings,
    detect=detect,
    plan=plan,
    standards=Standards(cis={"7.0": ("2.1.1",)}, nist=("AC-2(1)", "AC-6(2)")),
)
