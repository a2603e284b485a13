"""Role that a third party may assume without an external id

Detects
-------
Roles whose trust policy lets in identities of a third party's account while no `sts:ExternalId` is
asked for. Third parties are accounts that aren't yours: neither this one, nor one that Locksmith is
set up to look at, nor in `own` of `known_accounts`, nor an active one of your organization, as far
as AWS lists it to this account or to the managing one (where not, the finding says so); a trust
that is limited to your organization is none. Whatever else narrows it, such as the ARN of the
vendor's own role, doesn't help against what an external id is for. Not raised where a Deny takes in
every caller who doesn't send the id, and for roles that only AWS changes. Roles without any
condition are `wildcard-trust-policy`'s first.

Why it matters
--------------
A vendor works for many customers with one identity. Whoever tells the vendor the ARN of your role,
as if it were theirs, lets the vendor work on your account for them: the confused deputy. An
external id that the vendor made for you alone shows on whose behalf it comes.

Changes
-------
Nothing by itself: asked for an id that it doesn't send yet, the vendor would be cut off at once.
People agree on one first; the advice has the letter to write, and the condition to add. Where
`known_accounts.vendors` says who they are and where they explain it, that is shown.

Undo
----
There is nothing to undo.

When to say no
--------------
When the account is yours (add it to `known_accounts.own`), or the vendor's service has only one
customer and a role in your account for itself alone.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
"""

from collections.abc import Iterator

from bot.model import (
    Account,
    Control,
    Finding,
    Manual,
    Part,
    Severity,
    Snapshot,
)
from bot.policy import Document, OpenTrust, asks_for_external_id
from remediations._subjects import resource_of
from remediations.delegation._known import Known, TrustSettings, known_in, look_up
from remediations.delegation._trust_steps import THIRD_PARTIES, letter, take_out, who_assumed
from remediations.delegation._trusts import (
    accounts_of,
    role_evidence,
    shown,
    third_parties,
    trust_of,
    trusts,
)


class CrossAccountTrustWithoutExternalIdSettings(TrustSettings):
    """Whether to look."""


def detect(
    snapshot: Snapshot,
    settings: CrossAccountTrustWithoutExternalIdSettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding per role that a third party may assume without an external id."""
    known = known_in(snapshot)
    for role, document in trusts(snapshot):
        found = _without_id(document, snapshot.account, known)
        if found:
            who = " and ".join(known.label(each) for each in accounts_of(found))
            yield Finding(
                control=CONTROL.id,
                subject=f"{role.id}/trust",
                resource=resource_of(role),
                severity=CONTROL.severity,
                summary=f"The role {role.name} asks {who} for no external id",
                evidence={
                    "accounts": [*accounts_of(found)],
                    "principals": shown(found),
                    **known.said(accounts_of(found)),
                    **role_evidence(role),
                },
            )


def _without_id(document: Document, account: Account, known: Known) -> tuple[OpenTrust, ...]:
    found = third_parties(document, account, known)
    return tuple(each for each in found if not asks_for_external_id(each.statement))


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: CrossAccountTrustWithoutExternalIdSettings,  # noqa: ARG001 - every control's signature
) -> Manual:
    """How people agree on an id with each third party."""
    role = snapshot.roles_by_id[finding.resource.unique_id]
    known = known_in(snapshot)
    found = _without_id(trust_of(role), snapshot.account, known)
    steps = [who_assumed(role)]
    for other in accounts_of(found):
        where = ", ".join(each.statement.label for each in found if each.account == other)
        condition = '"Condition": {"StringEquals": {"sts:ExternalId": "the id agreed on"}}'
        steps += [
            *((look_up(other),) if known.unread else ()),
            f"If account {other} is yours: add it to `known_accounts.own`",
            f"Else write to {known.label(other)}: “{letter(role, other)}”",
            f"Once they send it, add to {where}: {condition}",
        ]
    reason = "the third party must send the id before it is asked for, which only people can do"
    steps.append(take_out(role))
    return Manual(snapshot.account, finding.subject, reason, tuple(steps), (THIRD_PARTIES,))


CONTROL = Control(
    id="cross-account-trust-without-external-id",
    title="Role that a third party may assume without an external id",
    topic="delegation",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset({Part.ROLES}),
    plan_needs=frozenset({Part.ORGANIZATION_ACCOUNTS}),
    settings=CrossAccountTrustWithoutExternalIdSettings,
    detect=detect,
    plan=plan,
    supersedes=frozenset({"trust-to-unknown-account"}),
)
