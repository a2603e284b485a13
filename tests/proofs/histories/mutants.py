"""Guards taken away one by one, to see that the histories notice: a proof of the proof.

This copies the tree, takes one guard away in the copy, and plays histories there until one fails.
What survives is a hole in the machine. Nothing here touches the tree itself. Names of mutants as
arguments try these only; `--histories` says after how many histories a mutant counts as survivor.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parents[3]
_COPIED = ("bot", "remediations", "migrations", "tests", "pyproject.toml")
_PLAY = "tests.proofs.histories.play"
_HISTORIES = 2_000


@dataclass(frozen=True)
class Mutant:
    """A guard, and the text that takes it away: (file, what stands there once, what instead)."""

    name: str
    changes: tuple[tuple[str, str, str], ...]


def _mutant(name: str, file: str, *texts: str) -> Mutant:
    pairs = zip(texts[::2], texts[1::2], strict=True)
    return Mutant(name, tuple((f"bot/{file}.py", old, new) for old, new in pairs))


_NEVER = "if False:"
_ORIGINAL = "    changed = _not_as_approved(original, proposals.decisions(tx, original.id))\n"

MUTANTS = (
    _mutant(
        "what is stored is not compared with what was approved",
        "engine/claiming",
        "changed = tampered(tx, proposal, decisions)",
        "changed = None",
    ),
    _mutant(
        "nobody looks whether the world still is as it was",
        "engine/executor",
        "            if off:\n",
        "            if False:\n",
    ),
    _mutant(
        "an undo doesn't look what was changed since",
        "engine/executor",
        "            if off:\n",
        "            if off and not attempt.proposal.undoes:\n",
    ),
    Mutant(
        "an undo believes a row that was changed",
        (
            ("bot/engine/claiming.py", _ORIGINAL, "    changed = None\n"),
            ("bot/engine/taking_back.py", "if original.plan.digest() != original.digest:", _NEVER),
        ),
    ),
    _mutant(
        "nobody is protected",
        "engine/claiming",
        "ports.rails.check_plan(plan, ports.read, undoing=proposal.undoes is not None)",
        "pass",
    ),
    _mutant(
        "an approval lasts forever",
        "engine/approvals",
        "or now - decision.at <= lasts",
        "or True",
    ),
    _mutant(
        "people approve what is about themselves",
        "engine/approvals",
        "if standing.about_themselves and (self.strict or not self.subject_may_approve):",
        "if False:",
    ),
    _mutant(
        "one person counts twice by two names",
        "engine/people",
        "return frozenset(self.person(actor) for actor in actors)",
        "return frozenset(str(actor) for actor in actors)",
    ),
    _mutant(
        "one person is enough for what can't be undone",
        "engine/approvals",
        "return 1 if self.alone and rule is not UNDO_OF_CONTAINMENT else max(1, rule.people)",
        "return 1",
    ),
    _mutant(
        "approvers are not looked up again",
        "engine/claiming",
        "or ports.recheck(\n        proposal, decisions\n    )",
        "or None",
    ),
    _mutant(
        "other workspaces decide",
        "engine/standing",
        "if team not in self.directory.teams:",
        "if False:",
    ),
    _mutant(
        "guests and bots decide",
        "engine/standing",
        "unfit = member.unfit(self.directory.teams)",
        "unfit = None",
    ),
    _mutant(
        "a tag that changed still names an owner",
        "engine/standing",
        'return "" if holds else',
        'return "" if True else',
    ),
    _mutant(
        "a freeze is not seen right before the call",
        "engine/attempt",
        "            leases.check(tx, self.lease)\n"
        "            self.ports.rails.refuse_if_frozen(tx)\n",
        "            leases.check(tx, self.lease)\n",
    ),
    _mutant(
        "an old lease is as good as a new one",
        "engine/attempt",
        "            leases.check(tx, self.lease)\n"
        "            self.ports.rails.refuse_if_frozen(tx)\n",
        "            self.ports.rails.refuse_if_frozen(tx)\n",
    ),
    _mutant(
        "rules do as much as they like",
        "engine/limits",
        "        if len(recent) >= limit:\n",
        "        if False:\n",
    ),
    _mutant(
        "a rule doesn't wait for its grace",
        "engine/rule_acting",
        "if tx.now < until or not self.clock.counts(tx):",
        "if False:",
        "        until = self._ends(proposal, over)\n",
        "        until = tx.now\n",
    ),
    _mutant(
        "a rule that is gone still approves",
        "engine/remediation",
        "        rule = self.ruling(proposal).acts\n"
        "        if rule is not None and rule.actor == actor:\n            return None\n",
        "        return None\n",
    ),
    _mutant(
        "a rule does again what was taken back",
        "engine/attempt",
        "findings.hold(tx, self.proposal.finding_id, self.actor)",
        "pass",
    ),
    _mutant(
        "moves are not compared before they are made",
        "store/moving",
        "        if was.state not in each.expected:\n",
        "        if False:\n",
    ),
    _mutant(
        "the intent is written down after the call",
        "engine/executor",
        "            attempt.intend(index, ready, seen)\n",
        "            self.later = (index, ready, seen)\n",
        "        answer = send(self.ports.connection, ready.do)\n",
        "        answer = send(self.ports.connection, ready.do)\n"
        "        attempt.intend(*self.later)\n",
    ),
    _mutant(
        "a write whose answer was lost is sent again",
        "engine/sending",
        "        return Answer(Reply.LOST, {}, None, "
        'f"no answer: {type(error).__name__}: {error}")\n',
        "        with connection.writing(call):\n            body = method(**call.params)\n",
    ),
    _mutant(
        "a lost answer is taken for a refusal",
        "engine/executor",
        "        if answer.reply is Reply.REFUSED:\n",
        "        if answer.reply in (Reply.REFUSED, Reply.LOST):\n",
    ),
    _mutant(
        "nobody looks whether it worked",
        "engine/executor",
        "        verifier = self.ports.verifier(attempt.pulse)\n",
        "        if answer.reply is Reply.DONE:\n            return Settled(Outcome.HOLDS), {}\n"
        "        verifier = self.ports.verifier(attempt.pulse)\n",
    ),
    _mutant(
        "one good look is enough",
        "engine/verifying",
        "return max(self.reads, 1 + waits)",
        "return 1",
    ),
    _mutant(
        "a no after the claim comes too late",
        "engine/attempt",
        "            if not self.outcomes:\n                decisions",
        "            if False:\n                decisions",
    ),
    _mutant(
        "an exemption leaves the question open",
        "engine/exempting",
        "    if asked:\n        proposals.move(",
        "    if False:\n        proposals.move(",
    ),
    _mutant(
        "an account needs no go-live",
        "engine/core",
        'if record is None or record.mode != "live":',
        "if False:",
    ),
    _mutant(
        "whoever stopped writes lets them go on",
        "engine/approvals",
        "if self.anyone_resumes or len(self.people.distinct((stopped_by, actor))) == 2:",
        "if True:",
    ),
    _mutant(
        "the log forgets a move",
        "store/moving",
        "    messages.retell(tx, [record.id for record in moved])\n    tx.record_many(\n",
        "    messages.retell(tx, [record.id for record in moved])\n"
        '    if len(moved) and moved[0].state.value == "verifying":\n        return moved\n'
        "    tx.record_many(\n",
    ),
)


def _copy(mutant: Mutant, folder: Path) -> None:
    for name in _COPIED:
        source, target = _HERE / name, folder / name
        if source.is_dir():
            skipped = shutil.ignore_patterns("__pycache__", "*.md")
            shutil.copytree(source, target, ignore=skipped)
        else:
            shutil.copy(source, target)
    for file, old, new in mutant.changes:
        text = (folder / file).read_text()
        if text.count(old) != 1:
            raise SystemExit(f"{mutant.name}: {file} has {text.count(old)} times: {old}")
        (folder / file).write_text(text.replace(old, new))


@dataclass(frozen=True)
class Tried:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    histories: int
    seconds: float
    how: str


def try_one(mutant: Mutant, histories: int, seed: int) -> Tried:
    """Play histories on a copy without the guard, until one fails."""
    with tempfile.TemporaryDirectory(prefix="locksmith-mutant-") as named:
        folder = Path(named)
        _copy(mutant, folder)
        began = time.monotonic()
        played = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.proofs.histories.play",
                str(histories),
                "--seed",
                str(seed),
            ],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": named, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - began
    last = (played.stdout.strip() or "0 nothing was played").splitlines()[-1]
    count, _, how = last.partition(" ")
    if played.returncode not in (0, 1):
        raise SystemExit(f"{mutant.name}: {played.stderr}")
    return Tried(mutant, played.returncode == 1, int(count), seconds, how)


def try_all(mutants: Sequence[Mutant], histories: int, seed: int) -> Iterator[Tried]:
    """Try them, as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda each: try_one(each, histories, seed), mutants)


def say(what: str) -> None:
    """A line to whoever started this."""
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


def main() -> int:
    """Try mutants, and say which survive."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--histories", type=int, default=_HISTORIES)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wanted = [each for each in MUTANTS if not given.names or each.name in given.names]
    survivors = 0
    for tried in try_all(wanted, given.histories, given.seed):
        survivors += not tried.killed
        word = "killed" if tried.killed else "SURVIVED"
        said = f"{word:8} after {tried.histories:5} histories, {tried.seconds:5.0f} s"
        say(f"{said}: {tried.mutant.name}\n{'':11}{tried.how[:150]}")
    say(f"{len(wanted) - survivors} of {len(wanted)} mutants killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
