"""What of a policy of one's own nobody used, as far as AWS tracks it; what can't be told stays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.credentials import is_older, utc_text
from bot.model import Group, Json, ManagedPolicy, PolicyUse, Snapshot
from bot.policy import (
    Document,
    PolicyDocumentError,
    Trimmed,
    applies_to_action,
    parse_document,
    without_actions,
)
from remediations.least_privilege._documents import full_access
from remediations.least_privilege._holders import holders_of, reach_of

#: Older reports are not believed.
FRESH = timedelta(days=5)
#: AWS sees nobody do these: they are part of other calls.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
_UNSEEN = frozenset({"iam:passrole"})
# How far back CloudTrail remembers who got a policy.
_REMEMBERED = 90
_SHOWN = 40

#: Whether an action of a policy, as `service:Name`, went unused, by the policy's report.
Unused = Callable[[PolicyUse, str], bool]


@dataclass(frozen=True, slots=True)
class Idle:
    """A policy with the document as it would be without what nobody used."""

    policy: ManagedPolicy
    use: PolicyUse
    document: Document
    trimmed: Trimmed

    def evidence(self, snapshot: Snapshot) -> dict[str, Json]:
        """What goes, what tells so, and whom else it touches."""
        names = sorted(self.trimmed.removed)
        services = sorted({name.partition(":")[0] for name in names})
        used = {
            service: utc_text(each.last) or "never" for service, each in self.use.services.items()
        }
        return {
            **reach_of(holders_of(self.policy.arn, snapshot), snapshot).evidence(snapshot),
            "unused": [*names[:_SHOWN]],
            "more": max(0, len(names) - _SHOWN),
            "last_used": {service: used[service] for service in services},
            "report_made": utc_text(self.use.made),
            "version": self.policy.default.id,
        }


def idle_policies(
    snapshot: Snapshot, days: int, left_alone: tuple[str, ...], unused: Unused
) -> Iterator[Idle]:
    """Policies of which something went unused for so many days, by a fresh report.

    Not judged: one that nobody has, or somebody who or whose right is younger than that; one that
    grants full administration. Rights that only a younger version gives stay.
    """
    for policy in snapshot.customer_policies:
        use = snapshot.policy_uses.by_policy.get(policy.id)
        if use is None or snapshot.taken_at - use.made > FRESH:
            continue
        if not _is_settled(policy, snapshot, days):
            continue
        found = _idle(policy, use, snapshot, days, left_alone, unused)
        if found is not None:
            yield found


def _idle(
    policy: ManagedPolicy,
    use: PolicyUse,
    snapshot: Snapshot,
    days: int,
    left_alone: tuple[str, ...],
    unused: Unused,
) -> Idle | None:
    if full_access(policy.default.text, policy.name, snapshot.account):
        return None
    document = parse_document(policy.default.text, where=policy.name)
    known = _document_then(policy, snapshot, days)
    spared = {each.casefold() for each in left_alone}

    def goes(action: str) -> bool:
        service = action.partition(":")[0].casefold()
        if action.casefold() in _UNSEEN or service in spared or action.casefold() in spared:
            return False
        return unused(use, action) and _allows(known, action)

    trimmed = without_actions(document, goes)
    return Idle(policy, use, document, trimmed) if trimmed.removed else None


def was_used(moment: datetime | None, days: int, now: datetime) -> bool:
    """Whether the last attempt lies within so many days."""
    return moment is not None and not is_older(moment, days, now)


def _is_settled(policy: ManagedPolicy, snapshot: Snapshot, days: int) -> bool:
    """Whether everybody who has the policy is surely older, and has had it for so long."""
    found = holders_of(policy.arn, snapshot)
    now, since = snapshot.taken_at, snapshot.taken_at - timedelta(days=min(days, _REMEMBERED))
    given = [policy.arn, *(one.name for one in found if isinstance(one, Group))]
    attached = snapshot.policy_uses.attached
    lately = any(name in attached and attached[name] >= since for name in given)
    everybody = reach_of(found, snapshot).identities
    old = all(is_older(one.created, days, now) for one in everybody)
    return bool(everybody) and old and not lately


def _document_then(policy: ManagedPolicy, snapshot: Snapshot, days: int) -> Document | None:
    """What was in force so many days ago, as far as it is kept: the newest version of then."""
    old = [each for each in policy.versions if is_older(each.created, days, snapshot.taken_at)]
    if not old:
        return None
    try:
        return parse_document(max(old, key=lambda each: each.created).text, where=policy.name)
    except PolicyDocumentError:
        return None


def _allows(document: Document | None, action: str) -> bool:
    return document is not None and any(
        statement.effect == "Allow" and applies_to_action(statement, action)
        for statement in document.statements
    )
