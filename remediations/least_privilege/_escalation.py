"""Who can become an administrator without being meant to, and by which steps."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bot.model import Part, Principal, Role, Snapshot
from bot.policy import Answer
from remediations.least_privilege._powers import Powers
from remediations.least_privilege._way import Way
from remediations.least_privilege._ways import Ways

#: The parts of a snapshot that paths are looked for in.
LOOKED_AT = frozenset(
    {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}
)
# A chain longer than this is no plan that anybody follows.
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class Path:
    """Steps one after the other, from one principal to all rights."""

    steps: tuple[Way, ...]

    @property
    def sure(self) -> bool:
        """Whether each step surely works."""
        return all(step.sure for step in self.steps)

    @property
    def said(self) -> str:
        """The path in words."""
        return ", then ".join(step.said for step in self.steps)


def escalations(snapshot: Snapshot) -> Mapping[str, tuple[Path, ...]]:
    """The paths of each principal that has some, by unique id: one for each first step.

    Who administers already, may take on the role of an administrator, or has a boundary that could
    not be read is not in it.
    """
    powers = Powers(snapshot)
    ways = Ways(snapshot, powers)
    everybody: tuple[Principal, ...] = (*snapshot.users, *snapshot.roles)
    answers = {one.id: powers.administers(powers.rights(one)) for one in everybody}
    known = [one for one in everybody if powers.is_known(one)]
    sure = [one for one in known if answers[one.id] is Answer.YES]
    meant = _meant(sure, known, ways)
    reached: dict[str, tuple[Way, ...]] = dict.fromkeys(meant, ())
    left = [one for one in known if one.id not in meant and answers[one.id] is Answer.NO]
    _reach(reached, left, known, ways)
    by_id = {one.id: one for one in known}
    found = {}
    for one in left:
        if one.id in reached:
            paths = tuple(_paths(one, reached, by_id, ways))
            if paths:
                found[one.id] = paths
    return found


def _meant(sure: Collection[Principal], known: Collection[Principal], ways: Ways) -> frozenset[str]:
    """Administrators, and whoever may take on their roles, through others too."""
    found = {one.id for one in sure}
    frontier = [one for one in sure if isinstance(one, Role)]
    while frontier:
        new = [
            one
            for one in known
            if one.id not in found and any(ways.assumes(one, role) for role in frontier)
        ]
        found |= {one.id for one in new}
        frontier = [one for one in new if isinstance(one, Role)]
    return frozenset(found)


def _reach(
    reached: dict[str, tuple[Way, ...]],
    left: Collection[Principal],
    known: Collection[Principal],
    ways: Ways,
) -> None:
    """Add whoever gets to all rights, nearest first, with the steps that remain from there."""
    frontier = [one for one in known if one.id in reached]
    for one in left:
        way = next(ways.straight(one), None)
        if way is not None:
            reached[one.id] = (way,)
            frontier.append(one)
    for _ in range(_LONGEST):
        new = []
        for one in left:
            if one.id in reached:
                continue
            step = next(_steps(one, frontier, ways), None)
            if step is not None and step.to is not None:
                reached[one.id] = (step, *reached[step.to.id])
                new.append(one)
        frontier = new


def _steps(one: Principal, targets: Collection[Principal], ways: Ways) -> Iterator[Way]:
    for target in targets:
        if target.id == one.id:
            continue
        yield from ways.into(one, target)
        if isinstance(target, Role) and ways.assumes(one, target):
            yield Way("sts:AssumeRole", f"sts:AssumeRole {target.name}", target)


def _paths(
    one: Principal,
    reached: Mapping[str, tuple[Way, ...]],
    by_id: Mapping[str, Principal],
    ways: Ways,
) -> Iterator[Path]:
    """Every first step of its own; to take on a role as its trust means it is none."""
    yield from (Path((way,)) for way in ways.straight(one))
    for unique_id, rest in reached.items():
        through_itself = any(way.to is not None and way.to.id == one.id for way in rest)
        if unique_id != one.id and not through_itself:
            for way in ways.into(one, by_id[unique_id]):
                yield Path((way, *rest))
