"""How many random policies each property tries: LOCKSMITH_EXAMPLES in all, or few in the suite.

Taking unused actions out gets 28 of a hundred, and 2,000 with every run; each of the 18 other kinds
of rewrites and verdicts gets 4 of a hundred.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

_IN_ALL = int(os.environ.get("LOCKSMITH_EXAMPLES", "0"))
# As many as one test takes without growing slow; workers share the tests.
_AT_ONCE = 1250


def tried(share: float, least: int) -> Callable[[Any], Any]:
    """Splits a property into `part`s that together try this share of all examples."""
    wanted = max(least, round(share * _IN_ALL))
    parts = -(-wanted // _AT_ONCE)

    def decorated(property_: Any) -> Any:
        limited = settings(max_examples=-(-wanted // parts))(property_)
        return pytest.mark.parametrize("part", range(parts))(limited)

    return decorated
