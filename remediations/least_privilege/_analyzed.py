"""What analyzers for unused access say of users and roles, and which policies it is about."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.credentials import utc_text
from bot.model import (
    Call,
    Expect,
    Group,
    Json,
    Operator,
    Part,
    Principal,
    Role,
    Snapshot,
    UnusedAccess,
    User,
    is_placed_by_locksmith,
)
from bot.policy import Trimmed, grants_full_administration, without_actions
from remediations.least_privilege._holders import holders_of
from remediations.least_privilege._unused import UNSEEN, allows, document_then
from remediations.policy_conditions._written import Written, of_inline, of_policy

RIGHTS, ROLE = "UnusedPermission", "UnusedIAMRole"
KEY, PASSWORD = "UnusedIAMUserAccessKey", "UnusedIAMUserPassword"
KINDS = (RIGHTS, ROLE, KEY, PASSWORD)
_FINDINGS = frozenset({Part.UNUSED_ACCESS})
#: What an analyzer takes for unused where it doesn't say.
DAYS = 90


@dataclass(frozen=True, slots=True)
class Told:
    """One active finding of an analyzer, and the Region where it stands."""

    region: str
    found: UnusedAccess

    @property
    def named(self) -> str:
        """How the AWS CLI is told which one."""
        return f"--analyzer-arn {self.found.analyzer} --region {self.region}"

    def stands(self) -> Iterator[Expect]:
        """It is still active, and still about the same rights or the same key."""
        about = {"analyzerArn": self.found.analyzer, "id": self.found.id}
        read = Call("accessanalyzer", "GetFindingV2", about, self.region)
        why = "Access Analyzer's finding is archived or resolved by now"
        yield Expect(read, "status", Operator.EQUALS, "ACTIVE", why)
        if self.found.kind == RIGHTS:
            why = "Access Analyzer's finding is about other rights by now"
            told = self.found.unused
            names = sorted(name for each in told.values() for name in each or ())
            rights = "findingDetails[].unusedPermissionDetails"
            services = f"sort({rights}.serviceNamespace)"
            yield Expect(read, services, Operator.EQUALS, sorted(told), why)
            yield Expect(read, f"sort({rights}.actions[].action)", Operator.EQUALS, names, why)


def about(one: Principal, kind: str, snapshot: Snapshot) -> tuple[Told, ...]:
    """The findings of a kind about one user or role."""
    found = snapshot.once(_by_resource, _FINDINGS).get(one.arn, ())
    return tuple(each for each in found if each.found.kind == kind)


def told_of(snapshot: Snapshot) -> Iterator[Principal]:
    """Users and roles that analyzers have something about; not those that are never touched."""
    protection = replace(snapshot.protection, protected=())
    everybody: tuple[Principal, ...] = (*snapshot.users, *snapshot.roles)
    found = snapshot.once(_by_resource, _FINDINGS)
    for one in everybody:
        if one.arn in found and protection.reason_for(one.arn) is None:
            yield one


def _by_resource(snapshot: Snapshot) -> Mapping[str, tuple[Told, ...]]:
    found: dict[str, list[Told]] = {}
    for region, several in sorted(snapshot.unused_access.items()):
        for each in several:
            if each.kind in KINDS:
                found.setdefault(each.resource, []).append(Told(region, each))
    return {arn: tuple(each) for arn, each in found.items()}


def days_of(told: Iterable[Told]) -> int:
    """For how long what they are about lay unused, by the most patient of the analyzers."""
    return max(each.found.days or DAYS for each in told)


def evidence(told: Iterable[Told]) -> dict[str, Json]:
    """Which findings say so, and since when."""
    known = list(told)
    return {
        "kinds": sorted({each.found.kind for each in known}),
        "findings": [
            {
                "id": each.found.id,
                "analyzer": each.found.analyzer,
                "kind": each.found.kind,
                "region": each.region,
            }
            for each in known
        ],
        "since": utc_text(min(each.found.found for each in known)),
        "analyzer_days": days_of(known),
    }


@dataclass(frozen=True, slots=True)
class Excess:
    """A policy that allows one user or role what went unused; `theirs` if nobody else has it."""

    policy: Written
    trimmed: Trimmed
    theirs: bool

    @property
    def subject(self) -> str:
        """What a fix changes."""
        return f"{self.policy.subject}/document"


def excess(one: Principal, told: tuple[Told, ...], snapshot: Snapshot) -> tuple[Excess, ...]:
    """The policies that allow what all of these findings call unused, without it.

    Of a managed policy of one's own only what it allowed so long ago already can have lain unused.
    Policies that grant full administration are the business of full-admin-policy.
    """
    known = tuple(each for each in told if not each.found.unread)
    if not known:
        return ()
    goes, days = _goes(known), days_of(known)
    found = []
    for policy, theirs in _policies(one, snapshot):
        if grants_full_administration(policy.document, partition=snapshot.account.partition):
            continue
        trimmed = without_actions(policy.document, _then(policy, goes, days, snapshot))
        if trimmed.removed:
            found.append(Excess(policy, trimmed, theirs))
    return tuple(found)


def _then(
    policy: Written, goes: Callable[[str], bool], days: int, snapshot: Snapshot
) -> Callable[[str], bool]:
    if policy.managed is None or policy.managed.by_aws:
        return goes
    earlier = document_then(policy.managed, snapshot, days)
    return lambda action: earlier is not None and goes(action) and allows(earlier, action)


def _goes(told: Iterable[Told]) -> Callable[[str], bool]:
    """Whether all of them call an action unused, and AWS would have seen its use."""
    lists = [
        {
            service.casefold(): None if names is None else frozenset(map(_name, names))
            for service, names in each.found.unused.items()
        }
        for each in told
    ]

    def goes(action: str) -> bool:
        service, _, name = action.casefold().partition(":")
        if action.casefold() in UNSEEN:
            return False
        return all(
            service in unused and (unused[service] is None or name in (unused[service] or ()))
            for unused in lists
        )

    return goes


def _name(action: str) -> str:
    # With its service or without: the model of the API leaves both open.
    return action.casefold().rpartition(":")[2]


def _policies(one: Principal, snapshot: Snapshot) -> Iterator[tuple[Written, bool]]:
    """Every policy whose rights the user or role has, and whether it has them alone."""
    for inline in one.inline:
        if not is_placed_by_locksmith(inline.name):
            yield of_inline(one, inline), True
    for arn in one.attached:
        yield from _managed(arn, one, snapshot)
    groups = one.groups if isinstance(one, User) else ()
    for group in (snapshot.groups_by_name[name] for name in groups):
        for inline in group.inline:
            yield of_inline(group, inline), False
        for arn in group.attached:
            yield from ((policy, False) for policy, _ in _managed(arn, group, snapshot))


def _managed(
    arn: str, one: User | Role | Group, snapshot: Snapshot
) -> Iterator[tuple[Written, bool]]:
    policy = snapshot.policies_by_arn.get(arn)
    if policy is not None:
        held = holders_of(arn, snapshot)
        alone = [each.id for each in held] == [one.id] and not policy.boundaries
        yield of_policy(policy, held), alone and not policy.by_aws
