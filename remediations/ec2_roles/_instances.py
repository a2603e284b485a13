"""Findings about instances and what runs on them, and who is left out."""

from bot.model import Instance, Resource, Snapshot
from remediations._subjects import is_named


def instance_resource(instance: Instance, snapshot: Snapshot) -> Resource:
    """The instance."""
    account = snapshot.account
    arn = f"arn:{account.partition}:ec2:{instance.region}:{account.id}:instance/{instance.id}"
    return Resource("instance", instance.name, arn, instance.id)


def instances_of(snapshot: Snapshot, left_out: tuple[str, ...]) -> list[Instance]:
    """All instances but those whose name is left out, by Region and id."""
    return sorted(
        (
            each
            for here in snapshot.instances.values()
            for each in here
            if not is_named(each.name, left_out)
        ),
        key=lambda each: (each.region, each.id),
    )
