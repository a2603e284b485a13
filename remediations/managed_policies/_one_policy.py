"""The same inline document on several roles, or groups, and the one managed policy instead."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.errors import PlanError
from bot.model import (
    Finding,
    Group,
    InlinePolicy,
    Json,
    ManagedPolicy,
    Manual,
    Part,
    Plan,
    Severity,
    Snapshot,
    Step,
    canonical,
    is_placed_by_locksmith,
    stack_of,
)
from bot.policy import PolicyDocumentError, document_size
from remediations._documents import exact
from remediations._policy_reads import Holder, has_attached, has_inline, kind_of
from remediations._quotas import quota
from remediations._subjects import account_resource
from remediations.least_privilege._documents import full_access
from remediations.least_privilege._holders import said
from remediations.managed_policies._swap import (
    PATH,
    attach,
    create_policy,
    delete_inline,
    says,
)

#: The most holders that one plan moves; the rest come with the next question.
AT_ONCE = 25
_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"
_LAG = "For some seconds, while AWS spreads the change, a call of one of them may be refused"

#: A holder with the inline policy that others have too.
Use = tuple[Holder, InlinePolicy]


def shared(
    holders: Iterable[Holder], snapshot: Snapshot, members: Mapping[str, Sequence[Holder]]
) -> dict[str, list[Use]]:
    """By a short hash of the document: who has it inline, in the order of their names.

    `members` are those of each group. Left out is what Locksmith wouldn't change: holders that
    are protected, or whose members are, or that a stack owns; fences; documents that can't be
    compared exactly, and those that grant everything, which are wrong rather than misplaced.
    """
    found: dict[str, list[Use]] = defaultdict(list)
    for holder in sorted(holders, key=lambda each: each.name):
        if _is_left_out(holder, snapshot, members):
            continue
        seen: set[str] = set()
        for policy in sorted(holder.inline, key=lambda each: each.name):
            key = _key(policy, holder, snapshot)
            if key and key not in seen:
                seen.add(key)
                found[key].append((holder, policy))
    return found


def _is_left_out(
    holder: Holder, snapshot: Snapshot, members: Mapping[str, Sequence[Holder]]
) -> bool:
    reached = (holder, *members.get(holder.name, ())) if isinstance(holder, Group) else (holder,)
    if any(snapshot.protection.reason_for(each.arn) for each in reached):
        return True
    return not isinstance(holder, Group) and stack_of(holder.tags) is not None


def _key(policy: InlinePolicy, holder: Holder, snapshot: Snapshot) -> str:
    where = f"{policy.name} of {said(holder)}"
    if is_placed_by_locksmith(policy.name):
        return ""
    try:
        document = exact(policy.text, where)
        if full_access(policy.text, where, snapshot.account):
            return ""
    except (PolicyDocumentError, PlanError):
        return ""
    return hashlib.sha256(canonical(document).encode()).hexdigest()[:16]


def same_inline(
    control: str, kind: str, severity: Severity, key: str, uses: Sequence[Use], snapshot: Snapshot
) -> Finding:
    """The finding that these holders, all of one `kind`, have the same inline document."""
    names = [holder.name for holder, _ in uses]
    more = max(0, len(names) - AT_ONCE)
    return Finding(
        control=control,
        subject=f"{snapshot.account.id}/same-inline-policy/{kind}/{key}",
        resource=account_resource(snapshot),
        severity=severity,
        summary=f"{len(names)} {kind}s have the same inline policy {uses[0][1].name}",
        evidence={
            f"{kind}s": [*names[:AT_ONCE]],
            "more": more,
            "policies": [*sorted({policy.name for _, policy in uses})],
        },
        covers=frozenset(f"{holder.id}/inline/{policy.name}" for holder, policy in uses),
    )


def one_policy(
    finding: Finding, uses: Sequence[Use], least: int, snapshot: Snapshot
) -> Plan | Manual:
    """The plan that makes one managed policy of it, or why people must.

    With fewer than `least` that Locksmith may change, there is nothing to share.
    """
    if len(uses) < least:
        reason = f"{_spared(finding, snapshot)}; only {len(uses)} of them may be changed"
        return _manual(finding, snapshot, reason, "Make one policy of it by hand where you may")
    first, policy = uses[0]
    document = exact(policy.text, f"{policy.name} of {said(first)}")
    existing = _existing(document, snapshot)
    size, allowed = document_size(policy.text), quota(snapshot, "PolicySizeQuota")
    if existing is None and size > allowed:
        reason = f"the document has {size} characters, and AWS allows a managed policy {allowed}"
        return _manual(finding, snapshot, reason, "Split the document into two managed policies")
    room = [use for use in uses if _has_room(use[0], existing, snapshot)]
    if not room:
        reason = f"no {kind_of(first).lower()} among them can take another managed policy"
        return _manual(finding, snapshot, reason, "Detach managed policies that they don't need")
    moved = room[:AT_ONCE]
    name = existing.name if existing else _free(policy.name, snapshot)
    ordered = tuple(_steps(moved, name, document, existing, snapshot))
    left = len(uses) - len(moved)
    later = f"; {left} more with the next question" if left else ""
    kind = "the policy" if existing else "one new policy"
    summary = f"Have {kind} {name} instead of {len(moved)} inline ones{later}"
    breaks = (_LAG, f"From then on they all get and lose whatever {name} does")
    return Plan(snapshot.account, finding.subject, ordered, summary, breaks)


def _spared(finding: Finding, snapshot: Snapshot) -> str:
    """Why one of those that the finding is about is left out by now."""
    about = {subject.partition("/")[0] for subject in finding.covers}
    every = (*snapshot.parts.get(Part.ROLES, ()), *snapshot.parts.get(Part.GROUPS, ()))
    for holder in every:
        why = snapshot.protection.reason_for(holder.arn)
        if holder.id in about and why:
            return f"{said(holder)} is {why}"
    return "others of them are not as they were"


def _manual(finding: Finding, snapshot: Snapshot, reason: str, first: str) -> Manual:
    steps = (first, "Let Locksmith scan again")
    return Manual(snapshot.account, finding.subject, reason, steps, (_LINK,))


def _existing(document: Json, snapshot: Snapshot) -> ManagedPolicy | None:
    """A policy of one's own that says just this already."""
    for policy in sorted(snapshot.customer_policies, key=lambda each: each.arn):
        try:
            same = exact(policy.default.text, policy.name) == document
        except (PolicyDocumentError, PlanError):
            continue
        if same and snapshot.protection.reason_for(policy.arn) is None:
            return policy
    return None


def _has_room(holder: Holder, existing: ManagedPolicy | None, snapshot: Snapshot) -> bool:
    if existing and existing.arn in holder.attached:
        return True
    return len(holder.attached) < quota(snapshot, f"AttachedPoliciesPer{kind_of(holder)}Quota")


def _free(wanted: str, snapshot: Snapshot) -> str:
    # Names of policies are unique in an account without regard to case and path.
    taken = {policy.name.casefold() for policy in snapshot.customer_policies}
    number, name = 1, wanted
    while name.casefold() in taken:
        number += 1
        name = f"{wanted[:120]}-{number}"
    return name


def _steps(
    moved: Sequence[Use],
    name: str,
    document: Json,
    existing: ManagedPolicy | None,
    snapshot: Snapshot,
) -> Iterator[Step]:
    arn, version = snapshot.account.iam_arn(f"policy{PATH}{name}"), "v1"
    if existing:
        arn, version = existing.arn, existing.default.id
    else:
        first, policy = moved[0]
        held = (has_inline(first, policy.name, document),)
        yield create_policy(name, document, snapshot.account, held)
    same = says(arn, version, document)
    for number, (holder, policy) in enumerate(moved, 1):
        if arn not in holder.attached:
            guards = (has_inline(holder, policy.name, document), *same)
            yield attach(f"attach-{number}", holder, arn, guards, made=existing is None)
        guards = (has_attached(holder, arn), *same)
        yield delete_inline(f"delete-{number}", holder, policy, guards)
