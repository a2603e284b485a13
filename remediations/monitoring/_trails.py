"""Trails that this account owns, and findings about one of them."""

from collections.abc import Iterable, Iterator, Mapping

from bot.model import Account, Finding, Json, Part, Resource, Severity, Snapshot, Trail

#: The trails that are seen from here, and those that only show in the one Region they record.
EVERY_TRAIL = frozenset({Part.TRAILS, Part.REGIONAL_TRAILS})


def own_trails(snapshot: Snapshot) -> Iterator[Trail]:
    """Trails of this account, of any Region; the organization's are another one's, changed there.

    Needs EVERY_TRAIL.
    """
    for trail in _every(snapshot):
        if not trail.organization and trail.arn.split(":")[4] == snapshot.account.id:
            yield trail


def _every(snapshot: Snapshot) -> Iterable[Trail]:
    """Each trail once, though it came to record all Regions, or one, while they were asked."""
    regional = (trail for trails in snapshot.regional_trails.values() for trail in trails)
    return {trail.arn: trail for trail in (*regional, *snapshot.trails)}.values()


def lacks(trail: Trail) -> Iterator[str]:
    """What keeps a trail from recording the whole account, in sentences."""
    if not trail.logging:
        yield "it is not logging"
    if not trail.multi_region:
        yield f"it records {trail.home_region} only"
    if trail.management_events != "All":
        yield f"of management events it records {trail.management_events or 'not all'}"
    if trail.delivery_error:
        yield f"its files can't be delivered: {trail.delivery_error}"


def trail_finding(
    control: str,
    severity: Severity,
    trail: Trail,
    snapshot: Snapshot,
    aspect: str,
    summary: str,
    evidence: Mapping[str, Json],
) -> Finding:
    """A finding about one aspect of a trail. A trail has no id besides its ARN."""
    return Finding(
        control=control,
        subject=f"{snapshot.account.id}/{trail.arn}/{aspect}",
        resource=Resource("trail", trail.name, trail.arn, trail.arn),
        severity=severity,
        summary=summary,
        evidence={"home_region": trail.home_region, **evidence},
    )


def trail_in(finding: Finding, snapshot: Snapshot) -> Trail:
    """The trail that a finding is about."""
    return next(each for each in _every(snapshot) if each.arn == finding.resource.unique_id)


def new_trail(account: Account, name: str, region: str) -> Trail:
    """A trail of the whole account that is still to be made and started.

    Without a region its home is where the partition keeps its global services.
    """
    home = region or account.home_region or "us-east-1"
    return Trail(
        name=name,
        arn=f"arn:{account.partition}:cloudtrail:{home}:{account.id}:trail/{name}",
        home_region=home,
        multi_region=True,
        organization=False,
        logging=False,
        global_events=True,
        validation=True,
        management_events="All",
    )
