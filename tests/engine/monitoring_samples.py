"""One call of each write that lets somebody look at an account."""

from bot.model import Call, Json

_PARAMS: dict[str, dict[str, Json]] = {
    "accessanalyzer:CreateAnalyzer": {"analyzerName": "external-access", "type": "ACCOUNT"},
    "accessanalyzer:DeleteAnalyzer": {"analyzerName": "external-access"},
}


def monitoring_samples() -> dict[str, Call]:
    """Them by service and operation."""
    return {name: _call(name, params) for name, params in _PARAMS.items()}


def _call(name: str, params: dict[str, Json]) -> Call:
    service, _, operation = name.partition(":")
    return Call(service, operation, params, "us-east-1")
