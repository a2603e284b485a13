"""A simulated account inside the test's process, its clock held still."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.aws.simulated import AccountBuilder, mock_account

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    """An empty account at noon of 24 November 2026."""
    with mock_account(NOW) as built:
        yield built
