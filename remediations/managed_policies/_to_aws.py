"""One of AWS's policies in the place of a policy that says the same; nobody's rights change."""

from collections.abc import Iterator, Sequence

from bot.model import (
    Expect,
    Finding,
    InlinePolicy,
    ManagedPolicy,
    Manual,
    Plan,
    Snapshot,
    Step,
)
from remediations._documents import exact
from remediations._policy_reads import Holder, has_attached, has_inline, kind_of
from remediations._quotas import quota
from remediations.least_privilege._holders import holders_of, said
from remediations.managed_policies._aws import AwsText
from remediations.managed_policies._deleting import policy_is, version_holds
from remediations.managed_policies._swap import attach, delete_inline, detach, in_force, says

#: The most holders that one plan moves; the rest come with the next question.
AT_ONCE = 25
_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html"
_LAG = "For some seconds, while AWS spreads the change, a call of one of them may be refused"


def replace_policy(
    finding: Finding, policy: ManagedPolicy, twin: AwsText, snapshot: Snapshot
) -> Plan | Manual:
    """AWS's policy for everybody who holds the customer's."""
    found = holders_of(policy.arn, snapshot)
    room = [each for each in found if _has_room(each, twin, snapshot)]
    if not room:
        return _full(finding, snapshot, found[0])
    moved = room[:AT_ONCE]
    left = len(found) - len(moved)
    later = f"; {left} more with the next question" if left else ""
    summary = f"Have AWS's {twin.name} in the place of {policy.name} at {_listed(moved)}{later}"
    steps = tuple(_swapped(moved, policy, twin))
    return Plan(snapshot.account, finding.subject, steps, summary, _breaks(twin))


def replace_inline(
    finding: Finding, holder: Holder, inline: InlinePolicy, twin: AwsText, snapshot: Snapshot
) -> Plan | Manual:
    """AWS's policy for the one who has the inline copy."""
    if not _has_room(holder, twin, snapshot):
        return _full(finding, snapshot, holder)
    document = exact(inline.text, f"{inline.name} of {said(holder)}")
    held = has_inline(holder, inline.name, document)
    same = says(twin.arn, twin.version, exact(twin.text, twin.name))
    steps: list[Step] = []
    if twin.arn not in holder.attached:
        steps.append(attach("attach", holder, twin.arn, (held, *same)))
    steps.append(delete_inline("delete", holder, inline, (has_attached(holder, twin.arn), *same)))
    summary = f"Have AWS's {twin.name} in the place of {inline.name} of {said(holder)}"
    return Plan(snapshot.account, finding.subject, tuple(steps), summary, _breaks(twin))


def _swapped(moved: Sequence[Holder], policy: ManagedPolicy, twin: AwsText) -> Iterator[Step]:
    # A version never changes, so its text is looked at once; from then on that it is in force.
    same: tuple[Expect, ...] = (
        *says(twin.arn, twin.version, exact(twin.text, twin.name)),
        version_holds(policy, policy.default),
    )
    still = (policy_is(policy), in_force(policy.arn, policy.default.id))
    for number, holder in enumerate(moved, 1):
        held = has_attached(holder, policy.arn)
        if twin.arn not in holder.attached:
            yield attach(f"attach-{number}", holder, twin.arn, (held, *still, *same))
            same = (in_force(twin.arn, twin.version),)
        guards = (has_attached(holder, twin.arn), *still, *same)
        yield detach(f"detach-{number}", holder, policy.arn, guards)
        same = (in_force(twin.arn, twin.version),)


def _has_room(holder: Holder, twin: AwsText, snapshot: Snapshot) -> bool:
    allowed = quota(snapshot, f"AttachedPoliciesPer{kind_of(holder)}Quota")
    return twin.arn in holder.attached or len(holder.attached) < allowed


def _full(finding: Finding, snapshot: Snapshot, holder: Holder) -> Manual:
    return Manual(
        snapshot.account,
        finding.subject,
        f"{said(holder)} has {len(holder.attached)} policies, and AWS allows no more, "
        "so AWS's policy can't come before the other goes",
        (f"Detach a policy that {holder.name} doesn't need", "Let Locksmith scan again"),
        (_LINK,),
    )


def _listed(moved: Sequence[Holder]) -> str:
    return said(moved[0]) if len(moved) == 1 else f"{len(moved)} holders"


def _breaks(twin: AwsText) -> tuple[str, ...]:
    return (_LAG, f"AWS may change {twin.name} at any time; who has it gets what it says then")
