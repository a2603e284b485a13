"""What the tests of Slack share."""

from collections.abc import Iterator

import pytest

from tests.slack.double import SlackDouble


@pytest.fixture
def slack_double() -> Iterator[SlackDouble]:
    """A running workspace with nobody in it but the bot; no rates enforced, real time."""
    with SlackDouble() as double:
        yield double
