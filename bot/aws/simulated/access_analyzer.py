"""IAM Access Analyzer, which moto has not: analyzers of a Region, listed, made and deleted.

Shapes and errors are those of botocore's model. It finds nothing by itself: findings are those that
the builder made, and no service-linked role appears when the first one is made.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html
"""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.iam.models import iam_backends

URL_BASE = r"https?://access-analyzer\.(.+)\.amazonaws\.com"
#: One analyzer of the account for each kind and Region.
_ONE_EACH = frozenset({"ACCOUNT", "ACCOUNT_UNUSED_ACCESS", "ACCOUNT_INTERNAL_ACCESS"})


#: Days that access may lie unused unless an analyzer is told otherwise.
_AGE = 90
#: What the list doesn't tell of a finding, and GetFindingV2 not either.
_UNLISTED, _INNER = {"analyzer", "findingDetails"}, {"analyzer"}


class NoSuchFindingError(JsonRESTError):
    """The analyzer has no such finding."""

    code = 404

    def __init__(self, finding: str) -> None:
        super().__init__("ResourceNotFoundException", f"Finding {finding} was not found.")


class NoSuchAnalyzerError(JsonRESTError):
    """There is no analyzer of that name in the Region."""

    code = 404

    def __init__(self, name: str) -> None:
        super().__init__("ResourceNotFoundException", f"Analyzer {name} was not found.")


class AccessAnalyzer(BaseBackend):
    """The analyzers of one Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.analyzers: dict[str, dict[str, Any]] = {}
        self.findings: list[dict[str, Any]] = []

    @property
    def _url_module(self) -> Any:
        paths = (
            "{0}/analyzer$",
            r"{0}/analyzer/(?P<analyzerName>[^/]+)$",
            "{0}/findingv2$",
            r"{0}/findingv2/(?P<id>[^/]+)$",
        )
        dispatch = AccessAnalyzerResponse.dispatch
        return SimpleNamespace(url_bases=[URL_BASE], url_paths=dict.fromkeys(paths, dispatch))

    def make(self, name: str, kind: str, now: datetime) -> str:
        """Make an analyzer; returns its ARN."""
        if name in self.analyzers:
            raise _conflict(f"Analyzer {name} already exists.")
        if kind in _ONE_EACH and any(each["type"] == kind for each in self.analyzers.values()):
            raise JsonRESTError(
                "ServiceQuotaExceededException", f"There is an analyzer of type {kind} already."
            )
        prefix = f"arn:{self.partition}:access-analyzer:{self.region_name}:{self.account_id}"
        self.analyzers[name] = {
            "arn": f"{prefix}:analyzer/{name}",
            "name": name,
            "type": kind,
            "createdAt": now,
            "status": "ACTIVE",
        }
        if kind.endswith("_UNUSED_ACCESS"):
            self.analyzers[name]["configuration"] = {"unusedAccess": {"unusedAccessAge": _AGE}}
        return str(self.analyzers[name]["arn"])

    def find(
        self,
        analyzer: str,
        kind: str,
        resource: str,
        now: datetime,
        details: list[dict[str, Any]] | None = None,
    ) -> str:
        """Make an active finding of an analyzer, by its name; returns the finding's id.

        `details` are its findingDetails, which GetFindingV2 alone tells.
        """
        number = f"{len(self.findings):012d}"
        finding = {
            "id": f"00000000-0000-4000-8000-{number}",
            "analyzer": self.named(analyzer)["arn"],
            "findingType": kind,
            "resource": resource,
            "resourceType": "AWS::IAM::User" if ":user/" in resource else "AWS::IAM::Role",
            "resourceOwnerAccount": self.account_id,
            "status": "ACTIVE",
            "createdAt": now,
            "updatedAt": now,
            "analyzedAt": now,
            "findingDetails": details or [],
        }
        self.findings.append(finding)
        return str(finding["id"])

    def named(self, name: str) -> dict[str, Any]:
        """The analyzer of that name."""
        if name not in self.analyzers:
            raise NoSuchAnalyzerError(name)
        return self.analyzers[name]


def _conflict(message: str) -> JsonRESTError:
    error = JsonRESTError("ConflictException", message)
    error.code = 409
    return error


analyzer_backends: BackendDict[AccessAnalyzer] = BackendDict(AccessAnalyzer, "accessanalyzer")


class AccessAnalyzerResponse(BaseResponse):
    """Its front end."""

    def __init__(self) -> None:
        super().__init__(service_name="accessanalyzer")

    @property
    def _here(self) -> AccessAnalyzer:
        return analyzer_backends[self.current_account][self.region]

    def _name(self) -> str:
        return unquote(self.path.rpartition("/")[2])

    def list_analyzers(self) -> ActionResult:
        kind = self._get_param("type")
        found = [each for each in self._here.analyzers.values() if kind in (None, each["type"])]
        return ActionResult({"analyzers": found})

    def create_analyzer(self) -> ActionResult:
        account: Any = iam_backends[self.current_account][self.partition]
        now = account.clock.now()
        name, kind = self._get_param("analyzerName"), self._get_param("type")
        return ActionResult({"arn": self._here.make(name, kind, now)})

    def get_analyzer(self) -> ActionResult:
        return ActionResult({"analyzer": self._here.named(self._name())})

    def delete_analyzer(self) -> EmptyResult:
        self._here.named(self._name())
        del self._here.analyzers[self._name()]
        return EmptyResult()

    def list_findings_v2(self) -> ActionResult:
        wanted = self._get_param("filter") or {}
        analyzer = self._get_param("analyzerArn")
        if analyzer not in {each["arn"] for each in self._here.analyzers.values()}:
            raise NoSuchAnalyzerError(analyzer)
        found = [
            _without(each, _UNLISTED)
            for each in self._here.findings
            if each["analyzer"] == analyzer
            and all(each[name] in test["eq"] for name, test in wanted.items())
        ]
        return ActionResult({"findings": found})

    def get_finding_v2(self) -> ActionResult:
        analyzer, wanted = self._get_param("analyzerArn"), self._name()
        for each in self._here.findings:
            if (each["analyzer"], each["id"]) == (analyzer, wanted):
                return ActionResult(_without(each, _INNER))
        raise NoSuchFindingError(wanted)


def _without(finding: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {key: value for key, value in finding.items() if key not in names}
