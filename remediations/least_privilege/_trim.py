"""What nobody used goes out of a policy, or people hear why they must take it out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.errors import PlanError
from bot.model import Expect, Finding, Group, Json, Manual, Plan, Risk, Snapshot, Step, canonical
from bot.policy import Trimmed, compare, document_size, parse_document
from remediations._policy_reads import Holder, kind_of
from remediations._quotas import quota
from remediations.groups._reads import nobody_else_in
from remediations.least_privilege._documents import Narrowing
from remediations.least_privilege._holders import Meant, members_of
from remediations.least_privilege._narrow import narrow_inline, narrow_managed
from remediations.least_privilege._versioned import why_held, why_no_version
from remediations.managed_policies._swap import delete_inline, detach, says
from remediations.policy_conditions._written import Written

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html"
_AGAIN = "Let Locksmith scan again"


def trim(
    finding: Finding,
    policy: Written,
    trimmed: Trimmed,
    snapshot: Snapshot,
    breaks: tuple[str, ...],
    guards: tuple[Expect, ...],
) -> Plan | Manual:
    """The plan that puts the trimmed document in force, the old one kept as the undo.

    `guards` show just before that it still went unused. A policy of which nothing was used is
    detached from everybody, or deleted where it is inline.
    """
    new = trimmed.document
    hindrance = _hindrance(policy, new, snapshot)
    if hindrance is not None:
        return Manual(snapshot.account, finding.subject, *hindrance, (_LINK,))
    if new is None:
        steps, summary = (
            tuple(_gone(policy, snapshot)),
            f"Take {policy.label}, which nobody used, away",
        )
    else:
        change = Narrowing(policy.document.as_json(), new)
        count = len(trimmed.removed)
        what = "an action" if count == 1 else f"{count} actions"
        steps = tuple(_trimmed(policy, change, snapshot))
        summary = f"Take {what} that nobody used out of {policy.label}"
    return Plan(snapshot.account, finding.subject, guarded(steps, guards), summary, breaks)


def guarded(steps: tuple[Step, ...], guards: tuple[Expect, ...]) -> tuple[Step, ...]:
    """The steps, of which the first looks at these guards too: a report that is ordered for it."""
    first, *others = steps
    return (replace(first, before=(*first.before, *guards)), *others)


def _trimmed(policy: Written, change: Narrowing, snapshot: Snapshot) -> tuple[Step, ...]:
    if policy.managed is not None:
        return narrow_managed(policy.managed, change, snapshot)
    if policy.inline is None:
        raise PlanError(f"{policy.label} is neither managed nor inline")
    holder = policy.holders[0]
    steps = narrow_inline(holder, policy.inline, change)
    return tuple(replace(each, before=(*each.before, *_same(holder, snapshot))) for each in steps)


def _same(holder: Holder, snapshot: Snapshot) -> tuple[Expect, ...]:
    """Nobody joined a group since it was judged what its members use."""
    if not isinstance(holder, Group):
        return ()
    members = members_of(holder, snapshot)
    return (nobody_else_in(holder.name, *(user.id for user in members)),)


def _gone(policy: Written, snapshot: Snapshot) -> Iterator[Step]:
    if policy.inline is not None:
        holder = policy.holders[0]
        step = delete_inline("delete-inline", holder, policy.inline, _same(holder, snapshot))
        yield replace(step, risk=Risk.DISRUPTIVE)
    elif policy.managed is not None:
        arn, version = policy.managed.arn, policy.managed.default.id
        same = says(arn, version, policy.document.as_json())
        for number, holder in enumerate(policy.holders, 1):
            yield detach(f"detach-{number}", holder, arn, same, risk=Risk.DISRUPTIVE)


def _hindrance(
    policy: Written, new: dict[str, Json] | None, snapshot: Snapshot
) -> tuple[str, tuple[str, ...]] | None:
    """Why Locksmith doesn't do it, and what people do instead."""
    meant = Meant(snapshot, ())
    if policy.managed is not None:
        why = why_held if new is None else why_no_version
        hindrance = why(policy.managed, snapshot, meant)
    else:
        hindrance = why_spared(policy, meant)
    if hindrance is not None:
        return hindrance
    doubt = _doubt(policy, new, snapshot)
    by_hand = (f"Write {policy.label} anew, without what nobody used", _AGAIN)
    return (doubt, by_hand) if doubt else None


def why_spared(policy: Written, meant: Meant) -> tuple[str, tuple[str, ...]] | None:
    """Why Locksmith changes nothing for those who have the policy, and what people do instead."""
    spared = next((each for holder in policy.holders for each in meant.spared(holder)), None)
    if spared is None:
        return None
    who, why = spared
    return (
        f"the change of {policy.label} would hit {who}, which is {why}",
        (f"Give {who} its rights in another way", _AGAIN),
    )


def doubt_of_narrowing(policy: Written, new: Mapping[str, Json] | None, called: str) -> str | None:
    """Why it can't be told that a new document, as it is `called`, allows nothing more, or None.

    Nor may the old one be such that it could not be put back exactly.
    """
    try:
        canonical(policy.document.as_json())
    except PlanError as error:
        return f"{policy.label} can't be compared exactly: {error}"
    if new is None:
        return None
    after = parse_document(new, where=policy.label)
    if compare([policy.document], [after]).never_wider:
        return None
    return f"it can't be told that {called} allows nothing more"


def _doubt(policy: Written, new: dict[str, Json] | None, snapshot: Snapshot) -> str | None:
    doubt = doubt_of_narrowing(policy, new, f"the shorter document of {policy.label}")
    if doubt or new is None:
        return doubt
    if document_size(new) > room_for(policy, snapshot):
        return f"the list of what {policy.label} would still allow is too long for a policy"
    return None


def room_for(policy: Written, snapshot: Snapshot) -> int:
    """How long the document may be: of inline policies AWS counts all of a holder's together."""
    if policy.managed is not None:
        return quota(snapshot, "PolicySizeQuota")
    holder = policy.holders[0]
    others = sum(document_size(each.text) for each in holder.inline if each.name != policy.name)
    return quota(snapshot, f"{kind_of(holder)}PolicySizeQuota") - others
