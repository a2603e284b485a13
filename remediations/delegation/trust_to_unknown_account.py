"""Role that an unknown account may assume

Detects
-------
Roles whose trust policy lets in identities of an account that is not known: under whatever
condition, an external id too. Known are this account, those that Locksmith comes from or is set up
to look at (`accounts`), those that `known_accounts` names as yours or as a vendor's, and the active
accounts of your organization. AWS lists these to the management account, which is asked too where
it is one of `accounts`, and to delegated administrators; where it lists them to neither, the
finding says that it can't tell. An account that was closed or suspended, or that left, is not
known. `*` counts where a condition names the account (`aws:PrincipalAccount`, `aws:PrincipalArn`).
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
When you know the account: add it to `own` or `vendors` of `known_accounts`, and it is none of this
control's business any more.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_aws-accounts.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html
https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
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
from remediations.delegation._known import Known, TrustSettings, known_in, look_up
from remediations.delegation._trust_steps import (
    SESSIONS,
    THIRD_PARTIES,
    rewrite_trust,
    take_out,
    who_assumed,
    why_for_good,
)
from remediations.delegation._trusts import (
    accounts_of,
    role_evidence,
    shown,
    third_parties,
    trust_of,
    trusts,
)


class TrustToUnknownAccountSettings(TrustSettings):
    """Whether to look."""


def detect(
    snapshot: Snapshot,
    settings: TrustToUnknownAccountSettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding per role that an unknown account may assume."""
    known = known_in(snapshot)
    for role, document in trusts(snapshot):
        found = _unknown(document, snapshot.account, known)
        if found:
            who = " and ".join(known.label(each) for each in accounts_of(found))
            yield Finding(
                control=CONTROL.id,
                subject=f"{role.id}/trust",
                resource=resource_of(role),
                severity=CONTROL.severity,
                summary=f"The role {role.name} can be assumed by {who}, {_how_unknown(known)}",
                evidence={
                    "accounts": [*accounts_of(found)],
                    "principals": shown(found),
                    **known.said(accounts_of(found)),
                    **role_evidence(role),
                },
            )


def _how_unknown(known: Known) -> str:
    """No more than is known: where AWS doesn't list the organization, it may be one of its."""
    if known.unread:
        return "which isn't in the configuration; AWS didn't tell whether your organization has it"
    return "which nobody here knows"


def _unknown(document: Document, account: Account, known: Known) -> tuple[OpenTrust, ...]:
    found = third_parties(document, account, known)
    return tuple(each for each in found if each.account not in known.vendors)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: TrustToUnknownAccountSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Take the unknown account's principals out of the trust policy."""
    role, account = snapshot.roles_by_id[finding.resource.unique_id], snapshot.account
    document, known = trust_of(role), known_in(snapshot)
    found = _unknown(document, account, known)
    unknown = accounts_of(found)
    reason = why_for_good(document)
    if reason:
        return _manual(finding, role, account, known, reason)
    if any(_lets_in_others(each, unknown) for each in found):
        reason = "one statement is about known accounts and an unknown one, which a condition names"
        return _manual(finding, role, account, known, reason)
    unwanted = {(each.statement.index, each.principal) for each in found}
    new = without_principals(document, lambda where, who: (where.index, who.value) in unwanted)
    who = " and ".join(f"account {each}" for each in unknown)
    step = rewrite_trust(
        role, document, new, name="close-trust", summary=f"Let {who} assume {role.name} no more"
    )
    breaks = (
        *(f"Account {each} can't assume the role any more" for each in unknown),
        *(
            f"It may be one of your organization: {look_up(each)}"
            for each in unknown
            if known.unread
        ),
        SESSIONS,
    )
    summary = f"Take {who} out of the trust policy of the role {role.name}"
    return Plan(account, finding.subject, (step,), summary, breaks)


def _lets_in_others(found: OpenTrust, unknown: Collection[str]) -> bool:
    """Whether `*` stands for known accounts beside unknown ones."""
    by_condition = "*" in found.principal
    return by_condition and not set(named_accounts(found.statement)) <= set(unknown)


def _manual(finding: Finding, role: Role, account: Account, known: Known, reason: str) -> Manual:
    unknown = accounts_of(_unknown(trust_of(role), account, known))
    steps = (
        who_assumed(role),
        *(look_up(each) for each in unknown if known.unread),
        *(
            f"If you know account {each}: add it to `own` or `vendors` of `known_accounts`"
            for each in unknown
        ),
        take_out(role),
    )
    return Manual(account, finding.subject, reason, steps, (THIRD_PARTIES,))


CONTROL = Control(
    id="trust-to-unknown-account",
    title="Role that an unknown account may assume",
    topic="delegation",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.ROLES}),
    plan_needs=frozenset({Part.ORGANIZATION_ACCOUNTS}),
    settings=TrustToUnknownAccountSettings,
    detect=detect,
    plan=plan,
)
