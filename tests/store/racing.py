"""Transactions that begin at once, and one that fails at its end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import TypeVar

from bot.errors import LocksmithError
from bot.store.database import Store, Transaction

T = TypeVar("T")


def at_once(store: Store, do: Callable[[Transaction], T], times: int = 4) -> list[T | str]:
    """What each of `times` writers got, or what it was refused with."""
    together = Barrier(times)

    def one(_number: int) -> T | str:
        together.wait()
        try:
            with store.write() as tx:
                return do(tx)
        except LocksmithError as error:
            return str(error)

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


class _FailedError(Exception):
    """What went wrong."""


def then_fail(store: Store, do: Callable[[Transaction], object]) -> None:
    """Do something in a transaction, which then fails: nothing of it is saved."""
    with suppress(_FailedError), store.write() as tx:
        do(tx)
        raise _FailedError
