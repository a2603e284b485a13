"""A simulated AWS account for the demo, the tests and the bench: moto, corrected where it differs.

Needs the extra `demo`. Nothing outside this package and the tests imports moto.
"""

from __future__ import annotations

try:
    import moto as _moto
except ImportError as error:
    raise ImportError(
        "The simulated account needs moto, which the production installation leaves out. "
        "Install it with: pip install 'iam-locksmith[demo]'"
    ) from error

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import SimulatedClock
from bot.aws.simulated.fidelity import install
from bot.aws.simulated.in_process import DEFAULT_ACCOUNT, mock_account

__all__ = [
    "DEFAULT_ACCOUNT",
    "AccountBuilder",
    "SimulatedClock",
    "install",
    "mock_account",
]

del _moto
