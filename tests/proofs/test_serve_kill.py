"""`locksmith serve` killed by SIGKILL at random moments under work, and started again each time.

No decision that was acknowledged is lost, no write is repeated, no message is there twice, and
nothing is called done that isn't. `make serve-kill` is the long form. LOCKSMITH_TEST_SEED repeats
the chances of a run; what threads make of them differs each time.
"""

import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.aws.simulated.server import start
from tests.proofs.besieging import Siege
from tests.proofs.serve_forks import ServeForks, serve_forks
from tests.proofs.serving import Town
from tests.slack.double import SlackDouble

LONG = os.environ.get("LOCKSMITH_TEST_ROUNDS") == "long"
KILLS = 500 if LONG else 4
#: Where two serve one database, each time.
OF_TWO = 150 if LONG else 4


@pytest.fixture(scope="module")
def forks() -> Iterator[ServeForks]:
    with serve_forks() as forking:
        yield forking


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Tells the figures of a long run to whoever runs it."""

    def tell(text: str) -> None:
        with capsys.disabled():
            if LONG:
                sys.stderr.write(f"\n{text}\n")

    return tell


@pytest.fixture
def seed() -> int:
    """What all chances come from."""
    return int(os.environ.get("LOCKSMITH_TEST_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture
def town_on(
    forks: ServeForks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Town]]:
    """Makes a town on a database."""
    with start(users=0, now=None) as cloud, SlackDouble() as slack:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        made: list[Town] = []

        def make(url: str) -> Town:
            made.append(Town(slack, cloud, forks, tmp_path, url))
            return made[-1]

        yield make
        for town in made:
            town.close()


def besieged(siege: Siege, say: Callable[[str], None], kills: int, plainly: int = 0) -> None:
    siege.play(kills=kills, plainly=plainly)
    say(siege.report())
    found = siege.discrepancies()
    assert not found, "\n".join((siege.report(), *found))


@pytest.mark.timeout(7200 if LONG else 240)
def test_killed_under_work(
    town_on: Callable[[str], Town], sqlite_url: str, seed: int, say: Callable[[str], None]
) -> None:
    """Some of those that are killed are whole interpreters, as people start them."""
    siege = Siege(town_on(sqlite_url), seed, processes=1, owners=20 if LONG else 3)
    besieged(siege, say, KILLS, plainly=20 if LONG else 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
@pytest.mark.timeout(7200 if LONG else 300)
def test_two_on_one_database_killed_in_turn(
    database: str,
    town_on: Callable[[str], Town],
    seed: int,
    say: Callable[[str], None],
    request: pytest.FixtureRequest,
) -> None:
    """One goes on while the other is started again, and deals with what that one left."""
    town = town_on(request.getfixturevalue(f"{database}_url"))
    besieged(Siege(town, seed, processes=2, owners=20 if LONG else 3), say, OF_TWO)
