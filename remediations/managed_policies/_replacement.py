"""One of AWS's policies for another one that gives no more, or the reason why people must."""

from bot.model import Finding, Manual, Plan, Risk, Snapshot, Step
from bot.policy import PolicyDocumentError, compare
from remediations._documents import exact
from remediations._policy_reads import Holder, has_attached, kind_of
from remediations._quotas import quota
from remediations.least_privilege._holders import said
from remediations.managed_policies._aws import AwsText, aws_text
from remediations.managed_policies._likeness import shown
from remediations.managed_policies._swap import attach, detach, in_force, says

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html"


def smaller(
    finding: Finding,
    holder: Holder,
    arn: str,
    new: str,
    snapshot: Snapshot,
    *,
    final: str = "",
) -> Plan | Manual:
    """Attach `new` to the holder, look that it is there, then detach `arn`.

    `final` says why the old policy can't be attached again, where that is so. People make the
    change where `new` allows anything that the old one doesn't, for all that is known.
    """
    old, wanted = aws_text(arn, snapshot), aws_text(new, snapshot)
    if old is None or wanted is None:
        unknown = arn if old is None else new
        return by_hand(finding, snapshot, f"the text of {unknown} is not known here", new)
    try:
        difference = compare((old.document,), (wanted.document,))
    except PolicyDocumentError as error:
        return by_hand(finding, snapshot, str(error), new)
    if any(one.effect == "Deny" for each in (old, wanted) for one in each.document.statements):
        reason = f"a Deny in {old.name} or {wanted.name} reaches into what other policies give"
        return by_hand(finding, snapshot, reason, new)
    if not difference.never_wider:
        more = "; ".join(map(str, shown(difference.gained)[:3]))
        return by_hand(finding, snapshot, f"{wanted.name} allows more: {more}", new)
    if new not in holder.attached and not _has_room(holder, snapshot):
        reason = f"{said(holder)} has {len(holder.attached)} policies, and AWS allows no more"
        return by_hand(finding, snapshot, reason, new)
    lost = tuple(f"Stops working: {each}" for each in shown(difference.lost))
    summary = f"Replace {old.name} of {said(holder)} by {wanted.name}"
    return Plan(
        snapshot.account, finding.subject, _steps(holder, old, wanted, final), summary, lost
    )


def by_hand(finding: Finding, snapshot: Snapshot, reason: str, new: str) -> Manual:
    """What people do instead."""
    return Manual(
        snapshot.account,
        finding.subject,
        reason,
        (
            "Look at what it really uses: IAM console, Access Advisor or Last Accessed",
            f"Attach {new}, or a policy of your own, to {finding.resource.name}",
            "Look that everything still works, then detach the old one",
            "Let Locksmith scan again",
        ),
        (_LINK,),
    )


def _has_room(holder: Holder, snapshot: Snapshot) -> bool:
    return len(holder.attached) < quota(snapshot, f"AttachedPoliciesPer{kind_of(holder)}Quota")


def _steps(holder: Holder, old: AwsText, new: AwsText, final: str) -> tuple[Step, ...]:
    ours = says(old.arn, old.version, exact(old.text, old.name))
    theirs = says(new.arn, new.version, exact(new.text, new.name))
    has_new = has_attached(holder, new.arn)
    steps: list[Step] = []
    if new.arn not in holder.attached:
        held = has_attached(holder, old.arn)
        steps.append(attach("attach-replacement", holder, new.arn, (held, *ours, *theirs)))
    guards = (has_new, in_force(old.arn, old.version), in_force(new.arn, new.version))
    steps.append(detach("detach", holder, old.arn, guards, risk=Risk.DISRUPTIVE, final=final))
    return tuple(steps)
