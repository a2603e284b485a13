"""The writes of plans that let somebody look at an account, by service: trails aside.

None of them gives rights to anyone, and none deletes what an account recorded.
"""

from collections.abc import Mapping

MONITORING_WRITES: Mapping[str, frozenset[str]] = {
    "accessanalyzer": frozenset({"CreateAnalyzer", "DeleteAnalyzer"}),
}
