"""What of a policy that people wrote nobody used, as far as AWS tracks it; the rest stays."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.credentials import is_older, utc_text
from bot.model import Expect, Group, Json, ManagedPolicy, PolicyUse, Snapshot
from bot.policy import (
    Document,
    PolicyDocumentError,
    Trimmed,
    applies_to_action,
    grants_full_administration,
    parse_document,
    without_actions,
)
from remediations._last_used import FRESH_DAYS, still_unused
from remediations._policy_reads import kind_of
from remediations.least_privilege._holders import reach_of
from remediations.policy_conditions._written import Written, written

#: AWS sees nobody do these: they are part of other calls.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
UNSEEN = frozenset({"iam:passrole"})
# How far back CloudTrail remembers who got a policy.
_REMEMBERED = 90
_SHOWN = 40

#: What of the report on a policy tells that an action of it (`sqs:ListQueues`) went unused: its
#: service (`sqs`), or itself; None where it was used, or where nothing tells.
Unused = Callable[[PolicyUse, str], str | None]


@dataclass(frozen=True, slots=True)
class Idle:
    """A policy with the document as it would be without what nobody used.

    `told_by` are the services and actions of whose use in so many `days` the report knows nothing.
    """

    policy: Written
    use: PolicyUse
    trimmed: Trimmed
    told_by: frozenset[str]
    days: int

    @property
    def subject(self) -> str:
        """What taking it out changes."""
        return f"{self.policy.subject}/document"

    @property
    def guards(self) -> tuple[Expect, ...]:
        """What is looked at before any of it is taken out: a report made then shows the same."""
        managed = self.policy.managed
        arn = managed.arn if managed else self.policy.holders[0].arn
        return still_unused(arn, self.told_by, self.days)

    def evidence(self, snapshot: Snapshot) -> dict[str, Json]:
        """What goes, what tells so, and whom else it touches."""
        names = sorted(self.trimmed.removed)
        services = sorted({name.partition(":")[0] for name in names})
        used = {
            service: utc_text(each.last) or "never" for service, each in self.use.services.items()
        }
        managed = self.policy.managed
        return {
            **self.policy.evidence(snapshot),
            "unused": [*names[:_SHOWN]],
            "more": max(0, len(names) - _SHOWN),
            "last_used": {service: used[service] for service in services},
            "report_made": utc_text(self.use.made),
            **({"version": managed.default.id} if managed else {"inline": self.policy.name}),
        }


def unused_service(snapshot: Snapshot, days: int) -> Unused:
    """Of a service that the report names, and that nobody tried for so many days."""

    def unused(use: PolicyUse, action: str) -> str | None:
        namespace = action.partition(":")[0]
        service = use.services.get(namespace)
        if service is None or was_used(service.last, days, snapshot.taken_at):
            return None
        return namespace

    return unused


def unused_action(snapshot: Snapshot, days: int) -> Unused:
    """Tracked, and tried by nobody for so many days, of a service that somebody uses."""

    def unused(use: PolicyUse, action: str) -> str | None:
        namespace, _, name = action.partition(":")
        service, now = use.services.get(namespace), snapshot.taken_at
        if service is None or not was_used(service.last, days, now):
            return None
        known = name in service.actions and not was_used(service.actions[name], days, now)
        return action if known else None

    return unused


def unused_of(actions: Collection[str], snapshot: Snapshot, days: int) -> Unused:
    """Of these actions alone: what went unused with all of its service, or by itself."""
    of_service, of_action = unused_service(snapshot, days), unused_action(snapshot, days)

    def unused(use: PolicyUse, action: str) -> str | None:
        return (of_service(use, action) or of_action(use, action)) if action in actions else None

    return unused


def idle_policies(
    snapshot: Snapshot, days: int, left_alone: tuple[str, ...], unused: Unused
) -> Iterator[Idle]:
    """Policies of which something went unused for so many days, by a fresh report.

    Not judged: one that nobody has, or somebody who or whose right is younger than that; one that
    is somebody's permissions boundary too; one that grants full administration. Rights that only a
    younger version gives stay.
    """
    for policy in written(snapshot):
        found = idle_in(policy, snapshot, days, left_alone, unused)
        if found is not None:
            yield found


def idle_in(
    policy: Written, snapshot: Snapshot, days: int, left_alone: tuple[str, ...], unused: Unused
) -> Idle | None:
    """What of one policy went unused, judged like that; None where nothing did."""
    use = _report(policy, snapshot)
    if use is None or is_older(use.made, FRESH_DAYS, snapshot.taken_at):
        return None
    if not _is_settled(policy, snapshot, days):
        return None
    if grants_full_administration(policy.document, partition=snapshot.account.partition):
        return None
    known = policy.document
    if policy.managed is not None:
        earlier = document_then(policy.managed, snapshot, days)
        if earlier is None:
            return None
        known = earlier
    spared = {each.casefold() for each in left_alone}

    def goes(action: str) -> bool:
        service = action.partition(":")[0].casefold()
        if action.casefold() in UNSEEN or service in spared or action.casefold() in spared:
            return False
        return unused(use, action) is not None and allows(known, action)

    trimmed = without_actions(policy.document, goes)
    told_by = frozenset(filter(None, (unused(use, each) for each in trimmed.removed)))
    return Idle(policy, use, trimmed, told_by, days) if trimmed.removed else None


def was_used(moment: datetime | None, days: int, now: datetime) -> bool:
    """Whether the last attempt lies within so many days."""
    return moment is not None and not is_older(moment, days, now)


def _report(policy: Written, snapshot: Snapshot) -> PolicyUse | None:
    """The report on a managed policy, or on the holder of an inline one."""
    uses = snapshot.policy_uses
    if policy.managed is not None:
        return uses.by_policy.get(policy.managed.id)
    return uses.by_holder.get(policy.holders[0].id)


def _is_settled(policy: Written, snapshot: Snapshot, days: int) -> bool:
    """Whether everybody who has the policy is surely older, and has had it for so long."""
    now, since = snapshot.taken_at, snapshot.taken_at - timedelta(days=min(days, _REMEMBERED))
    uses = snapshot.policy_uses
    given = [uses.attached.get(one.name) for one in policy.holders if isinstance(one, Group)]
    if policy.managed is not None:
        if policy.managed.boundaries:
            return False  # what it limits others to is used by none of its holders
        given.append(uses.attached.get(policy.managed.arn))
    else:
        holder = policy.holders[0]
        given.append(uses.put.get((kind_of(holder), holder.name, policy.name)))
    lately = any(moment is not None and moment >= since for moment in given)
    everybody = reach_of(policy.holders, snapshot).identities
    old = all(is_older(one.created, days, now) for one in everybody)
    return bool(everybody) and old and not lately


def document_then(policy: ManagedPolicy, snapshot: Snapshot, days: int) -> Document | None:
    """What was in force so many days ago, as far as it is kept: the newest version of then."""
    old = [each for each in policy.versions if is_older(each.created, days, snapshot.taken_at)]
    if not old:
        return None
    try:
        return parse_document(max(old, key=lambda each: each.created).text, where=policy.name)
    except PolicyDocumentError:
        return None


def allows(document: Document, action: str) -> bool:
    """Whether some Allow names the action, whatever denies it."""
    return any(
        statement.effect == "Allow" and applies_to_action(statement, action)
        for statement in document.statements
    )
