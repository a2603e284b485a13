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
from bot.aws.simulated.seed import OPERATOR_ROLE, fill
from bot.aws.simulated.seed_cast import ADMIN_GROUP, BREAK_GLASS_USER
from bot.aws.simulated.server import SimulatedAccount, start

__all__ = [
    "ADMIN_GROUP",
    "BREAK_GLASS_USER",
    "DEFAULT_ACCOUNT",
    "OPERATOR_ROLE",
    "AccountBuilder",
    "SimulatedAccount",
    "SimulatedClock",
    "fill",
    "install",
    "mock_account",
    "start",
]

del _moto
