"""Few lines, and a number for the rest."""

import asyncio
from datetime import timedelta

import pytest

from bot.http.sparse_log import SparseLog


def test_tells_the_first_ones_and_counts_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    async def storm() -> None:
        log = SparseLog(most=3, window=timedelta(seconds=0.05))
        for _ in range(126):
            log.note("Refused.")
        await asyncio.sleep(0.2)
        log.note("Refused later.")
        log.close()

    asyncio.run(storm())

    assert caplog.messages == [*["Refused."] * 3, "… and 123 more.", "Refused later."]


def test_what_is_held_back_is_told_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    async def storm() -> None:
        log = SparseLog(most=1)
        log.note("Refused.")
        log.note("Refused.")
        log.close()
        log.close()

    asyncio.run(storm())

    assert caplog.messages == ["Refused.", "… and 1 more."]
