"""An empty account for each test of this folder."""

from collections.abc import Iterator

import pytest

from bot.aws.simulated import AccountBuilder, mock_account


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account
