"""Two processes and one proposal: one wins, the other is told, and nothing is lost."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from bot.model import ProposalState, Verdict
from bot.store import audit, proposals
from bot.store.backups import BackupRules
from bot.store.database import open_store
from bot.store.upgrading import upgrade
from tests.conftest import StandingClock
from tests.postgres import PostgresServer
from tests.store.samples import move, propose

ROUNDS = 20
CLOCK = StandingClock()
_ROOT = Path(__file__).parents[2]
#: Decides every proposal named on standard input, one by one, as soon as it is named.
_DECIDER = """
import os, signal, sys
from datetime import UTC, datetime
from bot.errors import LostRaceError
from bot.model import Actor, ProposalState, Verdict
from bot.store import proposals
from bot.store.database import open_store

url, name, verdict, state, killed_when = sys.argv[1:]
store = open_store(url, clock=lambda: datetime.now(UTC))
actor = Actor("local", name)
print("ready", flush=True)
for line in sys.stdin:
    try:
        with store.write() as tx:
            asked = proposals.get_proposal(tx, line.strip())
            proposals.decide(tx, asked.id, asked.digest, Verdict(verdict), actor, "")
            if killed_when == "decided":
                os.kill(os.getpid(), signal.SIGKILL)
            proposals.move(tx, asked.id, expected=ProposalState.PROPOSED,
                           to=ProposalState(state), why=f"{state} by {name}", actor=actor)
            if killed_when == "moved":
                os.kill(os.getpid(), signal.SIGKILL)
        print("won", flush=True)
    except LostRaceError as error:
        print(f"lost: {error}", flush=True)
"""


def decider(url: str, name: str, verdict: Verdict, to: ProposalState) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", _DECIDER, url, name, verdict.value, to.value, "never"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process


def test_deciding_at_once(store_url: str, clock: StandingClock) -> None:
    with closing(open_store(store_url, clock=clock)) as store:
        with store.write() as tx:
            ids = [propose(tx, f"AKIA{number}").id for number in range(ROUNDS)]
        with (
            decider(store_url, "alice", Verdict.APPROVE, ProposalState.APPROVED) as alice,
            decider(store_url, "bob", Verdict.DENY, ProposalState.DENIED) as bob,
        ):
            both = (alice, bob)
            for process in both:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            answers = []
            for proposal_id in ids:
                for process in both:
                    assert process.stdin is not None
                    process.stdin.write(f"{proposal_id}\n")
                    process.stdin.flush()
                answers.append([process.stdout.readline() for process in both])  # type: ignore[union-attr]
            for process in both:
                assert process.stdin is not None
                process.stdin.close()

        with store.read() as tx:
            verdict = audit.verify(tx)
            settled = [proposals.get_proposal(tx, proposal_id) for proposal_id in ids]
            decided = [proposals.decisions(tx, proposal_id) for proposal_id in ids]

    for (alices, bobs), proposal, decisions in zip(answers, settled, decided, strict=True):
        won, lost = ("alice", bobs) if alices == "won\n" else ("bob", alices)
        assert lost.startswith(f"lost: {proposal.id} is {proposal.state}"), (alices, bobs)
        assert proposal.why == f"{proposal.state} by {won}"
        assert [decision.actor.name for decision in decisions] == [won]
    assert verdict.ok


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'l.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        with server.database() as url:
            yield url


def upgraded(url: str) -> None:
    upgrade(url, BackupRules(), CLOCK())


@pytest.mark.parametrize("make", [lambda url: open_store(url, clock=CLOCK).close(), upgraded])
def test_making_a_database_at_once(empty_url: str, make: Callable[[str], object]) -> None:
    """All find it made: by themselves or by another."""
    together = Barrier(4)

    def one(_number: int) -> None:
        together.wait()
        make(empty_url)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one, range(4)))

    with closing(open_store(empty_url, clock=CLOCK)) as store, store.read() as tx:
        assert audit.verify(tx).ok


@pytest.mark.parametrize("killed_when", ["decided", "moved"])
def test_killed_before_the_commit(store_url: str, clock: StandingClock, killed_when: str) -> None:
    """Neither the decision nor the move, nor their events, are there afterwards."""
    with closing(open_store(store_url, clock=clock)) as store:
        with store.write() as tx:
            asked = propose(tx)
        killed = subprocess.run(
            [
                sys.executable,
                "-c",
                _DECIDER,
                store_url,
                "alice",
                "approve",
                "approved",
                killed_when,
            ],
            cwd=_ROOT,
            input=f"{asked.id}\n",
            text=True,
            capture_output=True,
            check=False,
        )

        assert killed.returncode == -9, killed.stderr
        with store.write() as tx:
            assert proposals.get_proposal(tx, asked.id) == asked
            assert proposals.decisions(tx, asked.id) == []
            assert audit.verify(tx).ok
            move(tx, asked, ProposalState.STALE)  # no lock is left behind
