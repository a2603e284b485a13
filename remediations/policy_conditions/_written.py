"""The policies that people wrote here: managed ones of their own, and inline ones."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model import (
    Group,
    InlinePolicy,
    Json,
    ManagedPolicy,
    Protection,
    Resource,
    Role,
    Snapshot,
    User,
    is_placed_by_locksmith,
)
from bot.policy import Document, parse_document
from remediations._policy_reads import Holder
from remediations._subjects import resource_of
from remediations.least_privilege._holders import (
    holder_by_id,
    holders,
    holders_of,
    members_of,
    reach_of,
    said,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A policy, what it says, and who holds it: `inline` where it lives in its one holder.

    `since` is when it was last changed; of inline policies AWS only knows how old their holder is.
    """

    document: Document
    holders: tuple[Holder, ...]
    since: datetime
    managed: ManagedPolicy | None = None
    inline: InlinePolicy | None = None

    @property
    def label(self) -> str:
        """How people find it: `deploy`, or `deploy of role ci`."""
        if self.managed is not None:
            return self.managed.name
        return f"{self.name} of {said(self.holders[0])}"

    @property
    def name(self) -> str:
        """Its name alone."""
        known = self.managed or self.inline
        return known.name if known else ""

    @property
    def subject(self) -> str:
        """What a fix changes: the policy, or the holder's inline one."""
        if self.managed is not None:
            return self.managed.id
        return f"{self.holders[0].id}/inline/{self.name}"

    @property
    def resource(self) -> Resource:
        """The policy, or the holder of an inline one."""
        if self.managed is not None:
            return resource_of(self.managed)
        holder = self.holders[0]
        return resource_of(holder)

    @property
    def tags(self) -> Mapping[str, str]:
        """Those of the user or role that an inline policy lives in: AWS lists none of policies."""
        holder = self.holders[0] if self.inline is not None else None
        return holder.tags if isinstance(holder, User | Role) else {}

    def evidence(self, snapshot: Snapshot) -> dict[str, Json]:
        """Who holds it, and whom it reaches."""
        return reach_of(self.holders, snapshot).evidence(snapshot)


def written(snapshot: Snapshot) -> Iterator[Written]:
    """Every policy that people may rewrite: not AWS's, and not what Locksmith placed."""
    everybody = holders(snapshot)
    held: dict[str, list[Holder]] = defaultdict(list)
    for holder in everybody:
        for arn in holder.attached:
            held[arn].append(holder)
    for policy in snapshot.customer_policies:
        yield of_policy(policy, held.get(policy.arn, ()))
    for holder in everybody:
        if Protection().reason_for(holder.arn):
            continue
        for inline in holder.inline:
            if not is_placed_by_locksmith(inline.name):
                yield of_inline(holder, inline)


def of_policy(policy: ManagedPolicy, found: Iterable[Holder]) -> Written:
    """A managed policy, by its version in force, and who holds it."""
    document = parse_document(policy.default.text, where=policy.name)
    return Written(document, tuple(found), policy.default.created, managed=policy)


def of_inline(holder: Holder, policy: InlinePolicy) -> Written:
    """An inline policy."""
    document = parse_document(policy.text, where=f"{policy.name} of {said(holder)}")
    return Written(document, (holder,), holder.created, inline=policy)


def written_at(resource: Resource, subject: str, snapshot: Snapshot) -> Written:
    """The policy that a finding is about."""
    if resource.type == "policy":
        policy = snapshot.policies_by_arn[resource.arn]
        return of_policy(policy, holders_of(policy.arn, snapshot))
    holder = holder_by_id(resource.unique_id, snapshot)
    name = subject.removeprefix(f"{holder.id}/inline/")
    return of_inline(holder, next(each for each in holder.inline if each.name == name))


def users_of(policy: Written, snapshot: Snapshot) -> tuple[User, ...]:
    """The users whom it reaches, directly or through groups; none where a role holds it too."""
    reached: dict[str, User] = {}
    for holder in policy.holders:
        if isinstance(holder, User):
            reached[holder.id] = holder
        elif isinstance(holder, Group):
            reached |= {user.id: user for user in members_of(holder, snapshot)}
        else:
            return ()
    return tuple(reached.values())
