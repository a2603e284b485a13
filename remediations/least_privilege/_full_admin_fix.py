"""Which way an administrator policy is cut down, and when only people can do it."""

from collections.abc import Iterable

from bot.model import (
    Finding,
    ManagedPolicy,
    Manual,
    Plan,
    Snapshot,
    Step,
    is_placed_by_locksmith,
)
from bot.policy import document_size
from remediations._policy_reads import Holder, kind_of
from remediations._quotas import quota
from remediations.least_privilege._documents import CannotNarrow, full_access, narrowed
from remediations.least_privilege._holders import Meant, said
from remediations.least_privilege._narrow import narrow_inline, narrow_managed
from remediations.least_privilege._replace import replace_attached
from remediations.least_privilege._versioned import why_no_version

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html"
_LEAST = "Write down what they really do (IAM console: Access Analyzer, Generate policy)"
_WHO_PUT_IT = "Look in CloudTrail who put it there: somebody may have hidden their rights"
#: What stops working, in the words of the services' names.
BREAKS = (
    "IAM stops working for them, but for listing roles and service-linked roles",
    "iam:PassRole goes too: launching EC2, Lambda, ECS and the like with a role stops working",
    "Organizations stops working for them, but for describing their own organization",
    "Account settings (the service account) stop working for them, but for looking at them",
)


def fix_policy(
    finding: Finding, policy: ManagedPolicy, snapshot: Snapshot, meant: Meant
) -> Plan | Manual:
    """A narrower default version of a customer's policy, for everybody who holds it."""
    hindrance = why_no_version(policy, snapshot, meant)
    if hindrance:
        return _manual(finding, snapshot, *hindrance)
    change = narrowed(policy.default.text, policy.name, snapshot.account)
    if isinstance(change, CannotNarrow):
        return _manual(finding, snapshot, change.reason, (_LEAST,))
    if change.size > quota(snapshot, "PolicySizeQuota"):
        return _manual(finding, snapshot, "the narrower document would be too long", (_LEAST,))
    summary = f"Narrow {policy.name} to everything but IAM, Organizations and account settings"
    return _plan(finding, snapshot, narrow_managed(policy, change, snapshot), summary)


def fix_attached(
    finding: Finding, holder: Holder, arn: str, snapshot: Snapshot, meant: Meant, replacement: str
) -> Plan | Manual:
    """A smaller AWS-managed policy in the place of one that grants everything."""
    new = snapshot.account.aws_policy_arn(replacement)
    spared = _spared((holder,), meant)
    if spared:
        return _spare(finding, snapshot, *spared)
    old = snapshot.policies_by_arn[arn]
    full = full_access(old.default.text, old.name, snapshot.account)
    if full and full.conditional:
        reason = f"{old.name} depends on a condition that {replacement} doesn't have: that is more"
        return _manual(finding, snapshot, reason, (_LEAST,))
    known = snapshot.policies_by_arn.get(new)
    if new == arn or (known and full_access(known.default.text, known.name, snapshot.account)):
        reason = f"the replacement {replacement} grants full administration too"
        return _manual(
            finding, snapshot, reason, ("Choose a smaller `replacement` in the settings",)
        )
    allowed = quota(snapshot, f"AttachedPoliciesPer{kind_of(holder)}Quota")
    if new not in holder.attached and len(holder.attached) >= allowed:
        return _manual(
            finding,
            snapshot,
            f"{said(holder)} has {len(holder.attached)} policies, and AWS allows {allowed}, "
            "so the replacement can't come before the policy goes",
            (f"Detach a policy that {holder.name} doesn't need", "Let Locksmith scan again"),
        )
    summary = f"Replace {old.name} of {said(holder)} by {replacement}"
    return _plan(finding, snapshot, replace_attached(holder, arn, new), summary)


def fix_inline(
    finding: Finding, holder: Holder, name: str, snapshot: Snapshot, meant: Meant
) -> Plan | Manual:
    """The narrowed document in the place of the inline policy's."""
    spared = _spared((holder,), meant)
    if spared:
        return _spare(finding, snapshot, *spared)
    if is_placed_by_locksmith(name):  # no fence of Locksmith's allows everything
        reason = f"{name} of {said(holder)} has a name of Locksmith's fences, but is none of them"
        by_hand = (_WHO_PUT_IT, f"Delete {name} of {holder.name}", "Let Locksmith scan again")
        return _manual(finding, snapshot, reason, by_hand)
    policy = next(policy for policy in holder.inline if policy.name == name)
    change = narrowed(policy.text, f"{name} of {said(holder)}", snapshot.account)
    if isinstance(change, CannotNarrow):
        return _manual(finding, snapshot, change.reason, (_LEAST,))
    others = sum(document_size(one.text) for one in holder.inline if one.name != name)
    allowed = quota(snapshot, f"{kind_of(holder)}PolicySizeQuota")
    if others + change.size > allowed:
        reason = f"the narrower document would not fit into the {allowed} characters AWS allows"
        return _manual(finding, snapshot, reason, (_LEAST,))
    summary = f"Narrow {name} of {said(holder)} to all but IAM, Organizations, account settings"
    return _plan(finding, snapshot, narrow_inline(holder, policy, change), summary)


def _spared(found: Iterable[Holder], meant: Meant) -> tuple[str, str] | None:
    return next((each for holder in found for each in meant.spared(holder)), None)


def _spare(finding: Finding, snapshot: Snapshot, who: str, why: str) -> Manual:
    reason = f"the change would hit {who}, which is {why}"
    by_hand = (f"Give {who} its rights in another way", "Let Locksmith scan again")
    return _manual(finding, snapshot, reason, by_hand)


def _plan(finding: Finding, snapshot: Snapshot, steps: Iterable[Step], summary: str) -> Plan:
    return Plan(snapshot.account, finding.subject, tuple(steps), summary, BREAKS)


def _manual(finding: Finding, snapshot: Snapshot, reason: str, steps: tuple[str, ...]) -> Manual:
    return Manual(snapshot.account, finding.subject, reason, steps, (_LINK,))
