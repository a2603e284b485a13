"""A simulated account inside this process, without a server: the quick way for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from moto import mock_aws
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import SimulatedClock
from bot.aws.simulated.fidelity import install

DEFAULT_ACCOUNT = "123456789012"


@contextmanager
def mock_account(now: datetime | None = None) -> Iterator[AccountBuilder]:
    """An empty simulated account that answers every boto3 client made inside the block.

    With `now` its clock stands still there; without, it follows the real clock. Everything is
    forgotten at the end. A server of `start` in the same process shares moto's memory, so don't
    mix the two. Raises RuntimeError inside another such block, which it would share.
    """
    install()
    with mock_aws():
        if DEFAULT_ACCOUNT in iam_backends:
            raise RuntimeError("mock_account was opened inside another; moto has one memory")
        # moto forgets whose organization an account is in only with the process.
        known = organizations_backends.master_accounts
        before = dict(known)
        try:
            yield AccountBuilder(DEFAULT_ACCOUNT, SimulatedClock(now))
        finally:
            known.clear()
            known.update(before)
