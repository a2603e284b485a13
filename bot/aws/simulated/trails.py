"""CloudTrail as AWS answers: the default event selector, home regions, names, five per region.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.models import Trail
from moto.cloudtrail.urls import url_bases
from moto.core.exceptions import JsonRESTError

from bot.aws.simulated.event_history import EventHistory, SimulatedCloudTrailResponse

TRAILS_PER_REGION = 5
# A trail records every management event until PutEventSelectors says otherwise.
_DEFAULT_SELECTOR = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


_URLS = SimpleNamespace(
    url_bases=url_bases, url_paths={"{0}/$": SimulatedCloudTrailResponse.dispatch}
)


class SimulatedCloudTrail(EventHistory):
    """moto's CloudTrail with AWS's refusals and defaults, and an event history."""

    @property
    def _url_module(self) -> Any:
        return _URLS

    def create_trail(self, name: str, *rest: Any, **more: Any) -> Trail:
        if name in self.trails:
            raise JsonRESTError(
                "TrailAlreadyExistsException",
                f"Trail {name} already exists for customer: {self.account_id}",
            )
        if len(self.trails) >= TRAILS_PER_REGION:
            raise JsonRESTError(
                "MaximumNumberOfTrailsExceededException",
                f"User: {self.account_id} already has {TRAILS_PER_REGION} trails in "
                f"{self.region_name}.",
            )
        return super().create_trail(name, *rest, **more)

    def update_trail(self, name: str, *rest: Any, **more: Any) -> Trail:
        self._at_home(name)
        trail = super().update_trail(name, *rest, **more)
        # An empty text takes the key, or CloudWatch Logs, away.
        for fact in ("kms_key_id", "cw_log_group_arn", "cw_role_arn"):
            setattr(trail, fact, getattr(trail, fact) or None)
        return trail

    def start_logging(self, name: str) -> None:
        self._at_home(name)
        super().start_logging(name)

    def stop_logging(self, name: str) -> None:
        self._at_home(name)
        super().stop_logging(name)

    def delete_trail(self, name: str) -> None:
        trail = self._at_home(name)
        super().delete_trail(trail.trail_name)

    def put_event_selectors(
        self,
        trail_name: str,
        event_selectors: list[dict[str, Any]],
        advanced_event_selectors: list[dict[str, Any]],
    ) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
        trail = self._at_home(trail_name)
        if event_selectors:
            trail.advanced_event_selectors = []
        return super().put_event_selectors(trail_name, event_selectors, advanced_event_selectors)

    def get_event_selectors(
        self, trail_name: str
    ) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
        trail = self._visible(trail_name)
        basic, advanced = trail.get_event_selectors()
        return trail.arn, basic or ([] if advanced else [dict(_DEFAULT_SELECTOR)]), advanced

    def _visible(self, name_or_arn: str) -> Trail:
        """A trail of this region, or a multi-Region one of another that shows here."""
        for trail in self.describe_trails(include_shadow_trails=True):
            if name_or_arn in (trail.trail_name, trail.arn):
                return trail
        raise TrailNotFoundException(account_id=self.account_id, name=name_or_arn)

    def _at_home(self, name_or_arn: str) -> Trail:
        trail = self._visible(name_or_arn)
        if trail.region_name != self.region_name:
            raise JsonRESTError(
                "InvalidHomeRegionException",
                f"Trail {trail.arn} is a shadow trail and can only be changed in its home "
                f"region, {trail.region_name}.",
            )
        return trail
