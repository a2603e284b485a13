"""Role that outsiders may assume

Detects
-------
Roles whose trust policy lets in anyone (`*`, or everyone but a few), or another account, with no
condition that narrows it: no external id, no organization, no account or ARN of the caller. Other
accounts of yours are no outsiders: those that Locksmith is set up to look at, `known_accounts.own`,
and the active ones of your organization, as far as AWS lists it to this account or to the managing
one (where not, the finding says so). Roles that only AWS changes (service-linked,
Identity Center) and those of Control Tower and the like are not looked at; services and identity
providers as principals are another matter. Critical for anyone, high for a whole foreign account,
medium for single identities of it.

Why it matters
--------------
With `*` every AWS customer in the world can take on the role; its name is all they need. A foreign
account without a condition can be talked into using the role for somebody else (the confused
deputy), and every identity in that account may use it.

Changes
-------
The trust policy, and nothing else: `*` becomes your own account or, where
`known_accounts.organization_id` is set, stays with the condition that the caller is of your
organization. A foreign account must send its external id (`external_ids`), or else be of your
organization. Other statements stay word for word. Whoever came in from elsewhere is refused from
then on; sessions that were issued before stay open until they end, at most for the role's maximum
session duration (1 to 12 hours). Where no external id is agreed on, people are told how to agree on
one, with a letter to send.

Undo
----
The exact old document is written back. AWS refuses one that names a deleted identity, so such a
role is left to people.

When to say no
--------------
When the role is made for outsiders and they are told apart in another way. When a vendor uses it
and has not been told of the external id: their access stops at once.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
CIS AWS Foundations Benchmark 7.0: 2.21
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Role,
    Severity,
    Snapshot,
    Standards,
)
from bot.policy import Openness, OpenTrust, open_principals
from remediations._subjects import resource_of
from remediations.delegation._closing import LeftOpen, Terms, closed
from remediations.delegation._known import Known, TrustSettings, known_in
from remediations.delegation._trust_steps import agree, close_trust, too_long
from remediations.delegation._trusts import (
    AccountId,
    role_evidence,
    trust_of,
    trusts,
)

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_ExternalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_+=,.@:/-]{2,1224}$")]


class WildcardTrustPolicySettings(TrustSettings):
    """What is agreed on with those outside."""

    external_ids: Mapping[AccountId, _ExternalId] = Field(
        default_factory=dict,
        description="The external id agreed on with each foreign account, by its id in quotes. "
        "AWS does not treat it as a secret.",
    )


def detect(
    snapshot: Snapshot,
    settings: WildcardTrustPolicySettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding per role that lets outsiders in."""
    known = known_in(snapshot)
    for role, document in trusts(snapshot):
        found = open_principals(document, snapshot.account.id, trusted_accounts=known.own)
        if found:
            yield _finding(role, found, known)


def _finding(role: Role, found: tuple[OpenTrust, ...], known: Known) -> Finding:
    who = " and ".join(dict.fromkeys(_who(one, known) for one in found))
    accounts = sorted({one.account for one in found if one.account})
    return Finding(
        control=CONTROL.id,
        subject=f"{role.id}/trust",
        resource=resource_of(role),
        severity=min((_severity(one) for one in found), key=lambda severity: severity.rank),
        summary=f"The role {role.name} can be assumed by {who}, without a condition",
        evidence={
            "open_to": [f"{one.principal} ({one.statement.label})" for one in found],
            "accounts": [*accounts],
            **known.said(accounts),
            **role_evidence(role),
        },
    )


def _who(one: OpenTrust, known: Known) -> str:
    return "anyone" if one.openness is Openness.ANYONE else known.label(one.account)


def _severity(one: OpenTrust) -> Severity:
    """Anyone: critical. A whole foreign account: high. One identity of it: medium."""
    if one.openness is Openness.ANYONE:
        return Severity.CRITICAL
    whole = one.principal == one.account or one.principal.endswith((":root", "*"))
    return Severity.HIGH if whole else Severity.MEDIUM


def plan(
    finding: Finding, snapshot: Snapshot, settings: WildcardTrustPolicySettings
) -> Plan | Manual:
    """Close the trust policy, or say what people must agree on first."""
    role = snapshot.roles_by_id[finding.resource.unique_id]
    known = known_in(snapshot)
    terms = Terms(known.own, settings.external_ids, known.organization_id)
    document = trust_of(role)
    new = closed(document, snapshot.account, terms)
    if isinstance(new, LeftOpen):
        return agree(finding, role, snapshot.account, new)
    if too_long(new.document, snapshot):
        reason = LeftOpen("the closed trust policy would be longer than AWS allows")
        return agree(finding, role, snapshot.account, reason)
    return close_trust(finding, role, snapshot.account, document, new)


CONTROL = Control(
    id="wildcard-trust-policy",
    title="Role that outsiders may assume",
    topic="delegation",
    severity=Severity.CRITICAL,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.ROLES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY, Part.ORGANIZATION_ACCOUNTS}),
    settings=WildcardTrustPolicySettings,
    detect=detect,
    plan=plan,
    supersedes=frozenset({"cross-account-trust-without-external-id", "trust-to-unknown-account"}),
    standards=Standards(
        cis={"7.0": ("2.21",)},
        nist=("AC-3", "AC-3(7)", "AC-4", "AC-6", "AC-6(3)"),
        pci=("7.2.1", "7.2.2"),
    ),
)
