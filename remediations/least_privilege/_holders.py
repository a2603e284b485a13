"""Who holds a policy, whom it reaches, and who of them is meant to have it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from bot.model import Group, Json, Part, Principal, Role, Severity, Snapshot, User
from bot.policy import Openness, open_principals, parse_document
from remediations._policy_reads import Holder, kind_of
from remediations.groups._members import members_by_group

#: From this many identities on, administrator rights reach more people than an account can watch.
MANY = 10
_HOLDERS = frozenset({Part.USERS, Part.GROUPS, Part.ROLES})
_MEMBERS = frozenset({Part.USERS})
# Evidence is for people: longer lists are cut, and say so.
_SHOWN = 20


def said(holder: Holder) -> str:
    """The holder in words: `role ci`."""
    return f"{kind_of(holder).lower()} {holder.name}"


def holders(snapshot: Snapshot) -> tuple[Holder, ...]:
    """Every user, group and role of the account."""
    return (*snapshot.users, *snapshot.groups, *snapshot.roles)


def holder_by_id(unique_id: str, snapshot: Snapshot) -> Holder:
    """The user, role or group with this unique id."""
    known = snapshot.users_by_id.get(unique_id) or snapshot.roles_by_id.get(unique_id)
    return known or next(group for group in snapshot.groups if group.id == unique_id)


def holders_of(arn: str, snapshot: Snapshot) -> tuple[Holder, ...]:
    """Those that have the managed policy attached."""
    return snapshot.once(_holders_by_policy, _HOLDERS).get(arn, ())


def members_of(group: Group, snapshot: Snapshot) -> tuple[User, ...]:
    """The users in a group, by their names."""
    return snapshot.once(members_by_group, _MEMBERS).get(group.name, ())


def _holders_by_policy(snapshot: Snapshot) -> Mapping[str, tuple[Holder, ...]]:
    found: dict[str, list[Holder]] = defaultdict(list)
    for holder in holders(snapshot):
        for arn in dict.fromkeys(holder.attached):
            found[arn].append(holder)
    return {arn: tuple(each) for arn, each in found.items()}


@dataclass(frozen=True, slots=True)
class Meant:
    """Tells who is meant to be an administrator; `administrators` are ARN patterns."""

    snapshot: Snapshot
    administrators: tuple[str, ...]
    _groups: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    def why(self, holder: Holder) -> str | None:
        """Why this holder is no finding, or None. A group is what all of its members are."""
        if not isinstance(holder, Group):
            return self._why(holder)
        if holder.arn not in self._groups:
            self._groups[holder.arn] = self._why_group(holder)
        return self._groups[holder.arn]

    def _why_group(self, group: Group) -> str | None:
        if self._listed(group.arn):
            return self._why(group)
        first = None
        for user in members_of(group, self.snapshot):
            why = self._why(user)
            if why is None:
                return None
            first = first or why
        return first

    def spared(self, holder: Holder) -> Iterator[tuple[str, str]]:
        """Whoever a change at this holder would hit although it must not: who, and why."""
        hit: tuple[Holder, ...] = (holder,)
        if isinstance(holder, Group):
            hit += members_of(holder, self.snapshot)
        for one in hit:
            why = self._why(one) or self.snapshot.protection.reason_for(one.arn)
            if why:
                yield said(one), why

    def _why(self, holder: Holder) -> str | None:
        if self._listed(holder.arn):
            return "listed as an administrator"
        # What `protected:` names is not touched, but that makes it no less of a finding.
        return replace(self.snapshot.protection, protected=()).reason_for(holder.arn)

    def _listed(self, arn: str) -> bool:
        return any(fnmatchcase(arn, pattern) for pattern in self.administrators)


@dataclass(frozen=True, slots=True)
class Reach:
    """The identities that a policy makes administrators, through groups too."""

    holders: tuple[Holder, ...]
    identities: tuple[Principal, ...]
    open_roles: tuple[str, ...]

    def severity(self, *, conditional: bool) -> Severity:
        """Critical where strangers or many get it, low where nobody does."""
        if not self.identities:
            return Severity.LOW
        if self.open_roles:
            return Severity.CRITICAL
        if conditional:
            return Severity.MEDIUM
        return Severity.CRITICAL if len(self.identities) >= MANY else Severity.HIGH

    def evidence(self, snapshot: Snapshot) -> dict[str, Json]:
        """Who holds it, and how."""
        return {
            "held_by": _some(_described(holder, snapshot) for holder in self.holders),
            "reaches": _some(said(one) for one in self.identities),
            "identities": len(self.identities),
            "open_roles": _some(self.open_roles),
        }


def _some(texts: Iterable[str]) -> list[str]:
    ordered = sorted(texts)
    more = len(ordered) - _SHOWN
    return [*ordered[:_SHOWN], f"and {more} more"] if more > 0 else ordered


def reach_of(found: Collection[Holder], snapshot: Snapshot) -> Reach:
    """Whom the holders `found` stand for."""
    identities: dict[str, Principal] = {}
    for holder in found:
        members = members_of(holder, snapshot) if isinstance(holder, Group) else (holder,)
        identities |= {one.id: one for one in members}
    opened = [
        f"{one.name}: open to {how}"
        for one in identities.values()
        if isinstance(one, Role)
        for how in [_openness(one, snapshot.account.id)]
        if how
    ]
    return Reach(tuple(found), tuple(identities.values()), tuple(opened))


def _openness(role: Role, account_id: str) -> str:
    document = parse_document(role.trust, where=f"the trust policy of role {role.name}")
    found = open_principals(document, account_id)
    return next((one.openness.value for one in found if one.openness is Openness.ANYONE), "")


def _described(holder: Holder, snapshot: Snapshot) -> str:
    text = said(holder)
    if isinstance(holder, Group):
        names = ", ".join(user.name for user in members_of(holder, snapshot)) or "no members"
        return f"{text} ({names})"
    return f"{text}, under the boundary {holder.boundary}" if holder.boundary else text
