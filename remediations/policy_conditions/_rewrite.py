"""Puts another document in the place of one that people wrote, or says why people must."""

from collections.abc import Iterator, Mapping

from bot.errors import PlanError
from bot.model import Finding, Group, Json, Manual, Plan, Risk, Snapshot, Step, canonical
from bot.policy import CannotTell, compare, document_size, parse_document
from remediations._policy_reads import (
    Holder,
    compact,
    has_attached,
    has_inline,
    is_still,
    kind_of,
    of_holder,
)
from remediations._quotas import quota
from remediations._reads import absent
from remediations.least_privilege._documents import Narrowing
from remediations.least_privilege._holders import members_of, said
from remediations.least_privilege._narrow import narrow_inline, narrow_managed
from remediations.policy_conditions._written import Written

_LINK = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html"
)


def rewrite(
    finding: Finding,
    policy: Written,
    new: Mapping[str, Json] | CannotTell,
    snapshot: Snapshot,
    *,
    summary: str,
    breaks: tuple[str, ...],
) -> Plan | Manual:
    """A new version in force, the old one kept as the undo; an inline policy is overwritten.

    People make the change where it would hit someone who is protected, where AWS has no room, and
    where it can't be proven that the new document allows nothing more.
    """
    reason = new.reason if isinstance(new, CannotTell) else _objection(policy, dict(new), snapshot)
    if isinstance(new, CannotTell) or reason:
        return by_hand(finding, policy, snapshot, reason)
    change = Narrowing(policy.document.as_json(), dict(new))
    steps: tuple[Step, ...]
    if policy.managed is not None:
        steps = narrow_managed(policy.managed, change, snapshot)
    elif policy.inline is not None:
        steps = narrow_inline(policy.holders[0], policy.inline, change)
    return Plan(snapshot.account, finding.subject, steps, summary, breaks)


def take_away(finding: Finding, policy: Written, snapshot: Snapshot, summary: str) -> Plan | Manual:
    """A policy that does nothing any more is detached from everybody, or deleted where inline."""
    reason = _spared(policy, snapshot) or _inexact(policy.document.as_json())
    if reason:
        return by_hand(finding, policy, snapshot, reason)
    steps = tuple(_away(policy))
    return Plan(snapshot.account, finding.subject, steps, summary, ("Nothing: it allows nothing",))


def by_hand(
    finding: Finding, policy: Written, snapshot: Snapshot, reason: str, *steps: str
) -> Manual:
    """What people do: change the document, and let Locksmith look again."""
    todo = (*steps, f"Change the document of {policy.label}", "Let Locksmith scan again")
    return Manual(snapshot.account, finding.subject, reason, todo, (_LINK,))


def _objection(policy: Written, new: dict[str, Json], snapshot: Snapshot) -> str:
    again = parse_document(new, where=f"the new document of {policy.label}")
    if not compare([policy.document], [again]).never_wider:
        return "it can't be proven that the new document allows nothing more"
    return (
        _spared(policy, snapshot)
        or _inexact(policy.document.as_json())
        or _no_room(policy, new, snapshot)
    )


def _spared(policy: Written, snapshot: Snapshot) -> str:
    """Whoever the change would hit although it must not."""
    hit: list[Holder] = [*policy.holders]
    for holder in policy.holders:
        hit += members_of(holder, snapshot) if isinstance(holder, Group) else ()
    for each in hit:
        why = snapshot.protection.reason_for(each.arn)
        if why:
            return f"the change would hit {said(each)}, which is {why}"
    return ""


def _inexact(document: Json) -> str:
    try:
        canonical(document)
    except PlanError as error:
        return f"the document can't be compared exactly: {error}"
    return ""


def _no_room(policy: Written, new: dict[str, Json], snapshot: Snapshot) -> str:
    if policy.managed is not None:
        count, allowed = len(policy.managed.versions), quota(snapshot, "VersionsPerPolicyQuota")
        if count >= allowed:
            return (
                f"{policy.name} has {count} versions, and AWS allows {allowed}: save and delete "
                "the oldest that isn't in force first"
            )
        fits = document_size(new) <= quota(snapshot, "PolicySizeQuota")
    else:
        holder = policy.holders[0]
        others = sum(document_size(each.text) for each in holder.inline if each.name != policy.name)
        room = quota(snapshot, f"{kind_of(holder)}PolicySizeQuota")
        fits = others + document_size(new) <= room
    return "" if fits else "the new document would be longer than AWS allows"


def _away(policy: Written) -> Iterator[Step]:
    for number, holder in enumerate(policy.holders, 1):
        if policy.managed is not None:
            arn = policy.managed.arn
            held = has_attached(holder, arn)
            yield Step(
                name=f"detach-{number}",
                summary=f"Detach {policy.name} from {said(holder)}",
                risk=Risk.REVERSIBLE,
                before=(is_still(holder), held),
                do=of_holder("Detach", "Policy", holder, PolicyArn=arn),
                after=(absent(held, f"{policy.name} is still attached to {holder.name}"),),
                undo=of_holder("Attach", "Policy", holder, PolicyArn=arn),
            )
        else:
            content = policy.document.as_json()
            held = has_inline(holder, policy.name, content)
            yield Step(
                name="delete-inline",
                summary=f"Delete the inline policy {policy.label}",
                risk=Risk.REVERSIBLE,
                before=(is_still(holder), held),
                do=of_holder("Delete", "Policy", holder, PolicyName=policy.name),
                after=(absent(held, f"{holder.name} still has {policy.name}"),),
                undo=of_holder(
                    "Put", "Policy", holder, PolicyName=policy.name, PolicyDocument=compact(content)
                ),
            )
