"""Services that moto lacks, and EC2, which is only loaded once more than its Regions are asked for.

moto finds the service behind an address in one table and loads it by name. The table gets what is
missing. EC2 takes moto two seconds to load, which few accounts need, but every look at each Region
begins with DescribeRegions. moto would tell of every Region of every partition, enabled or not.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from moto import backend_index, backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import ActionResult, BaseResponse
from moto.iam.models import iam_backends

from bot.aws.simulated.access_analyzer import URL_BASE, analyzer_backends

_load = backends.get_backend


class RegionsResponse(BaseResponse):
    """DescribeRegions of EC2; everything else is moto's."""

    def __init__(self) -> None:
        super().__init__(service_name="ec2")

    def describe_regions(self) -> ActionResult:
        """The Regions that are enabled in the account."""
        account: Any = iam_backends[self.current_account][self.partition]
        return ActionResult({"Regions": [_region(name) for name in sorted(account.regions)]})


def _region(name: str) -> dict[str, str]:
    endpoint = f"ec2.{name}.amazonaws.com"
    return {"RegionName": name, "Endpoint": endpoint, "OptInStatus": "opt-in-not-required"}


def _answer(request: Any, url: str, headers: Any) -> Any:
    if request.get_data().startswith(b"Action=DescribeRegions&"):
        return RegionsResponse.dispatch(request, url, headers)
    from bot.aws.simulated.ec2 import SimulatedEc2Response

    return SimulatedEc2Response.dispatch(request, url, headers)


class Ec2Front(BaseBackend):
    """What stands before EC2."""

    @property
    def _url_module(self) -> Any:
        base = r"https?://ec2\.(.+)\.amazonaws\.com(|\.cn)"
        return SimpleNamespace(url_bases=[base], url_paths={"{0}/": _answer})


_OURS: dict[str, Any] = {
    "accessanalyzer": analyzer_backends,
    "ec2": BackendDict(Ec2Front, "ec2"),
}


def install() -> None:
    """Add the services to moto. Doing it again is harmless."""
    if backends.get_backend is _get_backend:
        return
    backend_index.backend_url_patterns.append(("accessanalyzer", re.compile(URL_BASE)))
    table: Any = backends
    table.get_backend = _get_backend


def _get_backend(name: Any) -> Any:
    return _OURS[name] if name in _OURS else _load(name)
