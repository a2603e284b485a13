"""Role that an unknown account may assume

Detects
-------
Roles whose trust policy lets in identities of an account that is neither this one, nor one of
`trusted_accounts`, nor a vendor's that `vendors` names: under whatever condition, an external id
too. `*` counts where a condition names the account (`aws:PrincipalAccount`, `aws:PrincipalArn`).
Not raised where a condition limits the trust to your organization, where a Deny takes it back, and
for roles that only AWS changes. Roles without any condition are `wildcard-trust-policy`'s first.

Why it matters
--------------
Somebody let this account in, and nobody here knows whose it is any more: a vendor of long ago, an
account that was given up, or an attacker who came to stay. A line in a trust policy outlives every
password and key that was changed since.

Changes
-------
The trust policy, and nothing else: the unknown account's principals are taken out. A statement that
names nobody else goes; where it was the last one, a Deny for everyone takes its place, since AWS
takes no document without a statement. Everything else stays word for word. That account is refused
from then on; sessions that were issued before stay open until they end, at most for the role's
maximum session duration (1 to 12 hours).

Undo
----
The exact old document is written back. AWS refuses one that names a deleted identity, so such a
role is left to people.

When to say no
--------------
When you know the account: add it to `trusted_accounts` or `vendors`, and it is none of this
control's business any more.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_aws-accounts.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html
"""

from collections.abc import Collection, Iterator

from bot.model import (
    Account,
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Role,
    Severity,
    Snapshot,
)
from bot.policy import (
    Document,
    OpenTrust,
    named_accounts,
    without_principals,
)
from remediations._subjects import resource_of
from remediations.delegation._trust_steps import (
    SESSIONS,
    THIRD_PARTIES,
    rewrite_trust,
    take_out,
    who_assumed,
    why_for_good,
)
from remediations.delegation._trusts import (
    KnownAccounts,
    accounts_of,
    role_evidence,
    shown,
    third_parties,
    trust_of,
    trusts,
)


class TrustToUnknownAccountSettings(KnownAccounts):
    """Which other accounts are known."""


def detect(snapshot: Snapshot, settings: TrustToUnknownAccountSettings) -> Iterator[Finding]:
    """One finding per role that an unknown account may assume."""
    for role, document in trusts(snapshot):
        found = _unknown(document, snapshot.account, settings)
        if found:
            who = " and ".join(f"account {each}" for each in accounts_of(found))
            yield Finding(
                control=CONTROL.id,
                subject=f"{role.id}/trust",
                resource=resource_of(role),
                severity=CONTROL.severity,
                summary=f"The role {role.name} can be assumed by {who}, which nobody here knows",
                evidence={
                    "accounts": [*accounts_of(found)],
                    "principals": shown(found),
                    **role_evidence(role),
                },
            )


def _unknown(
    document: Document, account: Account, settings: KnownAccounts
) -> tuple[OpenTrust, ...]:
    found = third_parties(document, account, settings)
    return tuple(each for each in found if each.account not in settings.vendors)


def plan(
    finding: Finding, snapshot: Snapshot, settings: TrustToUnknownAccountSettings
) -> Plan | Manual:
    """Take the unknown account's principals out of the trust policy."""
    role, account = snapshot.roles_by_id[finding.resource.unique_id], snapshot.account
    document = trust_of(role)
    found = _unknown(document, account, settings)
    unknown = accounts_of(found)
    reason = why_for_good(document)
    if reason:
        return _manual(finding, role, account, unknown, reason)
    if any(_lets_in_others(each, unknown) for each in found):
        reason = "one statement is about known accounts and an unknown one, which a condition names"
        return _manual(finding, role, account, unknown, reason)
    unwanted = {(each.statement.index, each.principal) for each in found}
    new = without_principals(document, lambda where, who: (where.index, who.value) in unwanted)
    who = " and ".join(f"account {each}" for each in unknown)
    step = rewrite_trust(
        role, document, new, name="close-trust", summary=f"Let {who} assume {role.name} no more"
    )
    breaks = (*(f"Account {each} can't assume the role any more" for each in unknown), SESSIONS)
    summary = f"Take {who} out of the trust policy of the role {role.name}"
    return Plan(account, finding.subject, (step,), summary, breaks)


def _lets_in_others(found: OpenTrust, unknown: Collection[str]) -> bool:
    """Whether `*` stands for known accounts beside unknown ones."""
    by_condition = "*" in found.principal
    return by_condition and not set(named_accounts(found.statement)) <= set(unknown)


def _manual(
    finding: Finding, role: Role, account: Account, unknown: Collection[str], reason: str
) -> Manual:
    known = (
        f"If you know account {each}: add it to `trusted_accounts` or `vendors` of this control"
        for each in unknown
    )
    steps = (who_assumed(role), *known, take_out(role))
    return Manual(account, finding.subject, reason, steps, (THIRD_PARTIES,))


CONTROL = Control(
    id="trust-to-unknown-account",
    title="Role that an unknown account may assume",
    topic="delegation",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.ROLES}),
    settings=TrustToUnknownAccountSettings,
    detect=detect,
    plan=plan,
)
