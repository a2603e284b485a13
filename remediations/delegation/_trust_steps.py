"""The one step that rewrites a trust policy, and what people do where there is none."""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from bot.model import (
    Account,
    Call,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    Risk,
    Role,
    Snapshot,
    Step,
)
from bot.policy import CannotTell, Document, deleted_principals, document_size
from remediations._policy_reads import compact, is_still
from remediations._reads import call
from remediations.delegation._closing import Closed, LeftOpen
from remediations.delegation._trust_reads import trust_is

#: How AWS says that third parties come in.
THIRD_PARTIES = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html"
)
#: What a change of a trust policy doesn't end.
SESSIONS = (
    "Sessions that were issued before stay open until they end, at most for the role's maximum "
    "session duration (1 to 12 hours)"
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_TRUST_SIZE = 2048


def too_long(new: Mapping[str, Json], snapshot: Snapshot) -> bool:
    """Whether AWS would refuse the document; by the account's quota where it was read."""
    summary = snapshot.parts.get(Part.ACCOUNT_SUMMARY, {})
    allowed: int = summary.get("AssumeRolePolicySizeQuota", _TRUST_SIZE)
    return document_size(new) > allowed


def why_for_good(document: Document) -> str:
    """Why a change of the trust policy could not be undone; empty where it could."""
    gone = deleted_principals(document)
    if not gone:
        return ""
    return f"the document names {', '.join(gone)}, so that a change could not be undone"


def why_not_rewritten(
    old: Document, new: Mapping[str, Json] | CannotTell, snapshot: Snapshot
) -> str:
    """Why people must put the new trust policy in the place of the old one; empty if nothing."""
    reason = why_for_good(old)
    if reason:
        return reason
    if isinstance(new, CannotTell):
        return f"{new.subject}: {new.reason}"
    return "the new trust policy would be longer than AWS allows" if too_long(new, snapshot) else ""


def close_trust(finding: Finding, role: Role, account: Account, old: Document, new: Closed) -> Plan:
    """Write the closed document; undo writes the exact old one."""
    step = rewrite_trust(
        role,
        old,
        new.document,
        name="close-trust",
        summary=f"Let nobody from outside assume the role {role.name} unconditionally",
    )
    summary = f"Close the trust policy of the role {role.name} to outsiders"
    return Plan(account, finding.subject, (step,), summary, (*new.refused, SESSIONS))


def rewrite_trust(
    role: Role,
    old: Document,
    new: Mapping[str, Json],
    *,
    name: str,
    summary: str,
    irreversible_because: str = "",
) -> Step:
    """Put another trust policy in the place of the one that was seen, and of no other.

    Undo writes the exact old text back, unless there is a reason why AWS would refuse it.
    """
    return Step(
        name=name,
        summary=summary,
        risk=Risk.IRREVERSIBLE if irreversible_because else Risk.DISRUPTIVE,
        before=(is_still(role), trust_is(role, old.as_json())),
        do=_update(role, compact(dict(new))),
        after=(trust_is(role, new),),
        undo=None if irreversible_because else _update(role, compact(old.as_json())),
        irreversible_because=irreversible_because,
    )


def _update(role: Role, text: str) -> Call:
    return call("UpdateAssumeRolePolicy", RoleName=role.name, PolicyDocument=text)


def who_assumed(role: Role) -> str:
    """The first thing to do by hand: see who comes in."""
    return (
        "See who assumed it: aws cloudtrail lookup-events --lookup-attributes "
        f"AttributeKey=ResourceName,AttributeValue={role.arn} (last 90 days, region by region)"
    )


def take_out(role: Role) -> str:
    """The last thing to do by hand, where nobody needs to come in."""
    return (
        "If nobody needs it, take the statement out: aws iam update-assume-role-policy "
        f"--role-name {role.name} --policy-document file://trust.json"
    )


def agree(finding: Finding, role: Role, account: Account, left: LeftOpen) -> Manual:
    """What people do: find out who comes in, agree with them, and tell the configuration."""
    steps = [who_assumed(role)]
    for other in left.accounts:
        steps += [
            f"If account {other} is yours: add it to `known_accounts.own`",
            f"If it is a third party's, write to them: “{letter(role, other)}”",
            f"Once they send it, add it to `external_ids` of this control under {other}",
        ]
    steps.append(take_out(role))
    return Manual(account, finding.subject, left.reason, tuple(steps), (THIRD_PARTIES,))


def letter(role: Role, other: str) -> str:
    """A suggestion to send; the id in it is the same every time and no secret, as AWS says."""
    suggested = uuid5(NAMESPACE_URL, f"{role.arn}#{role.id}#{other}")
    return (
        f"We want {role.arn} to be assumed with an external id only. Which one have you made for "
        f"us? If none, please send {suggested} as ExternalId whenever you assume it, and tell us "
        "when you do."
    )
