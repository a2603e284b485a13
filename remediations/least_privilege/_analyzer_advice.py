"""What people do about unused access where Locksmith can't choose for them."""

import json
from collections.abc import Iterator

from bot.model import Finding, Manual, Principal, Snapshot
from bot.policy import document_size
from remediations.least_privilege._analyzed import RIGHTS, Excess, Told
from remediations.least_privilege._holders import said

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings-view-unused.html"
_SHOWN = 12
#: A longer document is no text to read: its author takes the actions out.
_READABLE = 1500


def shown(names: frozenset[str]) -> str:
    """The first of some actions, and how many more there are."""
    ordered = sorted(names)
    more = len(ordered) - _SHOWN
    return ", ".join(ordered[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def by_hand(
    finding: Finding,
    one: Principal,
    told: tuple[Told, ...],
    left: tuple[Excess, ...],
    snapshot: Snapshot,
) -> Manual:
    """The replacement for each policy that isn't this one's alone, and AWS's own recommendation."""
    unread = [each.found.unread for each in told if each.found.unread]
    if left:
        reason = "others have these policies too, or AWS does; who needs what people must say"
    elif unread:
        reason = f"which rights went unused could not be read: {unread[0]}"
    else:
        reason = "Access Analyzer doesn't say which rights went unused"
    steps = (
        *(_replacement(each, one) for each in left),
        *(step for each in told for step in _at_aws(each)),
        "Let Locksmith scan again once Access Analyzer has looked again, which takes a day",
    )
    return Manual(snapshot.account, finding.subject, reason, steps, (_LINK,))


def _replacement(each: Excess, one: Principal) -> str:
    """What to put in the place of one policy."""
    policy, new = each.policy, each.trimmed.document
    whose = "AWS's policy" if policy.managed and policy.managed.by_aws else "the policy"
    others = sorted(said(holder) for holder in policy.holders if holder.id != one.id)
    shared = f", which {', '.join(others[:_SHOWN])} has too" if others else ""
    if new is None:
        return f"Take {whose} {policy.label}{shared} away from {said(one)}: nothing of it was used"
    without = f"Give {said(one)} a policy of its own in the place of {whose} {policy.label}{shared}"
    text = json.dumps(new, separators=(",", ":"))
    if document_size(new) <= _READABLE:
        return f"{without}: {text}"
    return f"{without}, without {shown(each.trimmed.removed)}"


def _at_aws(each: Told) -> Iterator[str]:
    if each.found.kind == RIGHTS:
        yield (
            "See what AWS recommends: aws accessanalyzer generate-finding-recommendation "
            f"{each.named} --id {each.found.id}, then aws accessanalyzer "
            "get-finding-recommendation with the same"
        )
    yield (
        "Where it is needed all the same: aws accessanalyzer update-findings "
        f"{each.named} --ids {each.found.id} --status ARCHIVED"
    )
