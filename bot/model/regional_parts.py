"""What a snapshot says of each Region; the parts that only controls read that are off at first."""

from collections.abc import Mapping
from typing import Any

from bot.model.alarm import Alarms
from bot.model.computing import Instance, KeyUse, LaunchTemplate, Spotted
from bot.model.credential import Trail
from bot.model.regional import Analyzer, Bucket, ConfigRecorder, Distribution, UnusedAccess
from bot.model.resource_policy import Guarded


class RegionalParts:
    """A snapshot's parts by Region. Regions that could not be read are missing, and said."""

    def _part(self, part: str) -> Any:
        raise NotImplementedError

    @property
    def regional_trails(self) -> Mapping[str, tuple[Trail, ...]]:
        """The trails of each enabled Region but ours that record it alone, so show only there."""
        trails: Mapping[str, tuple[Trail, ...]] = self._part("regional-trails")
        return trails

    @property
    def analyzers(self) -> Mapping[str, tuple[Analyzer, ...]]:
        """The Access Analyzers of each enabled Region."""
        analyzers: Mapping[str, tuple[Analyzer, ...]] = self._part("analyzers")
        return analyzers

    @property
    def trail_buckets(self) -> tuple[Bucket, ...]:
        """The buckets of this account that its trails write to."""
        buckets: tuple[Bucket, ...] = self._part("trail-buckets")
        return buckets

    @property
    def recorders(self) -> Mapping[str, ConfigRecorder | None]:
        """AWS Config's recorder of each enabled Region, None where it has none."""
        recorders: Mapping[str, ConfigRecorder | None] = self._part("config-recorders")
        return recorders

    @property
    def alarms(self) -> Alarms:
        """What watches the trails' log groups."""
        alarms: Alarms = self._part("alarms")
        return alarms

    @property
    def instances(self) -> Mapping[str, tuple[Instance, ...]]:
        """The instances of each enabled Region that aren't terminated."""
        instances: Mapping[str, tuple[Instance, ...]] = self._part("instances")
        return instances

    @property
    def launch_templates(self) -> Mapping[str, tuple[LaunchTemplate, ...]]:
        """The launch templates of each enabled Region."""
        templates: Mapping[str, tuple[LaunchTemplate, ...]] = self._part("launch-templates")
        return templates

    @property
    def user_data(self) -> Mapping[str, tuple[Spotted, ...]]:
        """The instances of each enabled Region whose user data have credentials in them."""
        spotted: Mapping[str, tuple[Spotted, ...]] = self._part("user-data")
        return spotted

    @property
    def function_environments(self) -> Mapping[str, tuple[Spotted, ...]]:
        """The functions of each enabled Region whose environment has credentials in it."""
        spotted: Mapping[str, tuple[Spotted, ...]] = self._part("function-environments")
        return spotted

    @property
    def key_uses(self) -> tuple[KeyUse, ...]:
        """Which access keys were used from instances of the account."""
        uses: tuple[KeyUse, ...] = self._part("key-uses")
        return uses

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """All buckets of this account."""
        buckets: tuple[Bucket, ...] = self._part("buckets")
        return buckets

    @property
    def distributions(self) -> tuple[Distribution, ...]:
        """CloudFront's distributions."""
        distributions: tuple[Distribution, ...] = self._part("distributions")
        return distributions

    @property
    def bucket_policies(self) -> tuple[Guarded, ...]:
        """All buckets of this account with their policies."""
        guarded: tuple[Guarded, ...] = self._part("bucket-policies")
        return guarded

    @property
    def public_buckets(self) -> tuple[Bucket, ...]:
        """All buckets of this account, with what would let the public in."""
        buckets: tuple[Bucket, ...] = self._part("public-buckets")
        return buckets

    @property
    def queue_and_topic_policies(self) -> Mapping[str, tuple[Guarded, ...]]:
        """The queues and topics of each enabled Region, with their policies."""
        guarded: Mapping[str, tuple[Guarded, ...]] = self._part("queue-and-topic-policies")
        return guarded

    @property
    def unused_access(self) -> Mapping[str, tuple[UnusedAccess, ...]]:
        """What analyzers for unused access say, by the Region that each is in."""
        found: Mapping[str, tuple[UnusedAccess, ...]] = self._part("unused-access")
        return found
