"""Role that a third party may assume without an external id

Detects
-------
Roles whose trust policy lets in identities of a third party's account while no `sts:ExternalId` is
asked for. Third parties are accounts that are neither this one nor one of `trusted_accounts`; a
trust that is limited to your organization is none. Whatever else narrows it, such as the ARN of the
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
`vendors` says who they are and where they explain it, that is shown.

Undo
----
There is nothing to undo.

When to say no
--------------
When the account is yours (add it to `trusted_accounts`), or the vendor's service has only one
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
from remediations.delegation._trust_steps import THIRD_PARTIES, letter, take_out, who_assumed
from remediations.delegation._trusts import (
    KnownAccounts,
    accounts_of,
    role_evidence,
    shown,
    third_parties,
    trust_of,
    trusts,
)


class CrossAccountTrustWithoutExternalIdSettings(KnownAccounts):
    """Which accounts are yours, and who the others are."""


def detect(
    snapshot: Snapshot, settings: CrossAccountTrustWithoutExternalIdSettings
) -> Iterator[Finding]:
    """One finding per role that a third party may assume without an external id."""
    for role, document in trusts(snapshot):
        found = _without_id(document, snapshot.account, settings)
        if found:
            who = " and ".join(_named(each, settings) for each in accounts_of(found))
            yield Finding(
                control=CONTROL.id,
                subject=f"{role.id}/trust",
                resource=resource_of(role),
                severity=CONTROL.severity,
                summary=f"The role {role.name} asks {who} for no external id",
                evidence={
                    "accounts": [*accounts_of(found)],
                    "principals": shown(found),
                    **role_evidence(role),
                },
            )


def _without_id(
    document: Document, account: Account, settings: KnownAccounts
) -> tuple[OpenTrust, ...]:
    found = third_parties(document, account, settings)
    return tuple(each for each in found if not asks_for_external_id(each.statement))


def _named(account: str, settings: KnownAccounts) -> str:
    known = settings.vendors.get(account)
    return f"account {account} ({known})" if known else f"account {account}"


def plan(
    finding: Finding, snapshot: Snapshot, settings: CrossAccountTrustWithoutExternalIdSettings
) -> Manual:
    """How people agree on an id with each third party."""
    role = snapshot.roles_by_id[finding.resource.unique_id]
    found = _without_id(trust_of(role), snapshot.account, settings)
    steps = [who_assumed(role)]
    for other in accounts_of(found):
        where = ", ".join(each.statement.label for each in found if each.account == other)
        condition = '"Condition": {"StringEquals": {"sts:ExternalId": "the id agreed on"}}'
        steps += [
            f"If account {other} is yours: add it to `trusted_accounts` of this control",
            f"Else write to {_named(other, settings)}: “{letter(role, other)}”",
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
    settings=CrossAccountTrustWithoutExternalIdSettings,
    detect=detect,
    plan=plan,
    supersedes=frozenset({"trust-to-unknown-account"}),
)
