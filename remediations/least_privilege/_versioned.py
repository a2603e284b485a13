"""A policy of one's own gets a further version in force, or people hear why they must do it."""

from collections.abc import Collection

from bot.errors import PlanError
from bot.model import Finding, ManagedPolicy, Manual, Plan, Snapshot, canonical
from bot.policy import Document, compare, parse_document, with_actions_of
from remediations._quotas import quota
from remediations.least_privilege._documents import Narrowing
from remediations.least_privilege._holders import Meant, holders_of
from remediations.least_privilege._narrow import narrow_managed

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html"
_AGAIN = "Let Locksmith scan again"


def give_back(
    finding: Finding,
    policy: ManagedPolicy,
    documents: tuple[Document, Document],
    actions: Collection[str],
    snapshot: Snapshot,
) -> Plan | Manual:
    """The plan that puts a version in force with these actions of an earlier document.

    `documents` are the earlier one and the one in force.
    """
    before, now = documents
    new = with_actions_of(now, before, actions)
    change = Narrowing(now.as_json(), new)
    after = parse_document(new, where=policy.name)
    listed = ", ".join(sorted(actions))
    hindrance = why_no_version(policy, snapshot, Meant(snapshot, ()))
    if hindrance is None:
        no_more = compare([before, now], [after]).never_wider
        doubt = _doubt(change, no_more, policy, snapshot)
        hindrance = (doubt, (f"Add {listed} to {policy.name}", _AGAIN)) if doubt else None
    if hindrance is not None:
        return Manual(snapshot.account, finding.subject, *hindrance, (_LINK,))
    return Plan(
        snapshot.account,
        finding.subject,
        narrow_managed(policy, change, snapshot, widened=True),
        f"Give {listed} back to whoever has {policy.name}",
        (f"Whoever has {policy.name} may do {listed} again, as before",),
    )


def why_no_version(
    policy: ManagedPolicy, snapshot: Snapshot, meant: Meant
) -> tuple[str, tuple[str, ...]] | None:
    """Why Locksmith makes no further version of the policy, and what people do instead."""
    return why_held(policy, snapshot, meant) or _why_full(policy, snapshot)


def why_held(
    policy: ManagedPolicy, snapshot: Snapshot, meant: Meant
) -> tuple[str, tuple[str, ...]] | None:
    """Why Locksmith changes nothing for those who have the policy, and what people do instead."""
    spared = next(
        (each for holder in holders_of(policy.arn, snapshot) for each in meant.spared(holder)),
        None,
    )
    if spared is None:
        return None
    who, why = spared
    return (
        f"{policy.name} is held by {who} too, which is {why}",
        (f"Give {who} a policy of its own", _AGAIN),
    )


def _why_full(policy: ManagedPolicy, snapshot: Snapshot) -> tuple[str, tuple[str, ...]] | None:
    versions, allowed = len(policy.versions), quota(snapshot, "VersionsPerPolicyQuota")
    if versions < allowed:
        return None
    spare = min(
        (version for version in policy.versions if not version.is_default),
        key=lambda version: version.created,
    )
    return (
        f"{policy.name} has {versions} versions, and AWS allows {allowed}",
        (
            f"Save the text of version {spare.id}, the oldest that isn't in force",
            f"aws iam delete-policy-version --policy-arn {policy.arn} --version-id {spare.id}",
            _AGAIN,
        ),
    )


def _doubt(
    change: Narrowing, never_wider: bool, policy: ManagedPolicy, snapshot: Snapshot
) -> str | None:
    try:
        canonical(change.old)
    except PlanError as error:
        return f"{policy.name} can't be compared exactly: {error}"
    if not never_wider:
        return f"it can't be told that the shorter document of {policy.name} allows nothing more"
    if change.size > quota(snapshot, "PolicySizeQuota"):
        return f"the list of what {policy.name} would still allow is too long for a policy"
    return None
