"""Measures scans of growing accounts beside a bare reading of the same facts; writes a page.

The simulated account runs in another process. CPU, peak memory and wall are the operating system's
own accounting of each finished process, start-up included. Ratios compare processes of one session
on one machine. Exits 1 when a goal is missed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools import bench_policies
from tools.bench_policies import Measured

PAGE = Path(__file__).parents[1] / "docs/benchmarks.md"
SIZES = (100, 1_000, 5_000)
LATENCIES = (0, 50)
BUDGET = 400
#: What findings lead to: who signed in, certificates and last use of a few.
MORE = 10
ENOUGH_TO_NAME_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured command: medians over its repeats; calls and findings are equal in all."""

    what: str
    users: int
    latency_ms: int
    calls: Mapping[str, int]
    cpu: float
    megabytes: float
    wall: float
    findings: int | None = None


def main() -> int:
    """Measure, write the page, say which goals were met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--users", type=int, nargs="*", default=SIZES)
    parser.add_argument("--policies", type=int, nargs="*", default=bench_policies.SIZES)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--page", type=Path, default=PAGE)
    chosen = parser.parse_args()
    readings: list[Reading] = []
    for users in chosen.users:
        for latency in LATENCIES:
            repeats = chosen.repeats if latency == 0 else 1
            print(f"{users} users, {latency} ms a call", file=sys.stderr, flush=True)
            readings.extend(measure(users, latency, repeats))
    policies = [*measure_policies(chosen.policies)]
    goals = [*judge(readings), *bench_policies.judge(policies)]
    chosen.page.write_text(page(readings, goals, policies, chosen.repeats))
    missed = [goal for goal, met in goals if not met]
    for goal in missed:
        print(f"missed: {goal}", file=sys.stderr)
    return 1 if missed else 0


def measure(users: int, latency_ms: int, repeats: int) -> Iterator[Reading]:
    """All commands against one account of this size."""
    with account(users, latency_ms) as environ, tempfile.TemporaryDirectory() as folder:
        bare = [sys.executable, "-m", "tools.bare_reading"]
        scan = [sys.executable, "-m", "bot.main", "--output", "json", "scan"]

        def timed(what: str, command: Sequence[str], budget: int | None, database: str) -> Reading:
            more = dict(environ)
            if budget is not None:
                more["LOCKSMITH_INVENTORY__NAMING_BUDGET"] = str(budget)
            fresh = database == "fresh"
            runs = [
                once(command, more, f"{folder}/{f'{what}-{turn}' if fresh else database}.db")
                for turn in range(repeats)
            ]
            output = json.loads(runs[-1][3])
            return Reading(
                what,
                users,
                latency_ms,
                output["calls"],
                statistics.median(run[0] for run in runs),
                statistics.median(run[1] for run in runs),
                statistics.median(run[2] for run in runs),
                len(output["findings"]) if "findings" in output else None,
            )

        yield timed("bare reading", bare, None, "none")
        yield timed("scan, budget 0", scan, 0, "fresh")
        yield timed("bare reading with keys", [*bare, "--keys", str(BUDGET)], None, "none")
        yield timed("first scan", scan, BUDGET, "fresh")
        once(
            scan,
            {**environ, "LOCKSMITH_INVENTORY__NAMING_BUDGET": str(ENOUGH_TO_NAME_ALL)},
            f"{folder}/named.db",
        )
        yield timed("all named, nothing changed", scan, BUDGET, "named")


def measure_policies(sizes: Sequence[int]) -> Iterator[Measured]:
    """Scans of files with users, roles and policies of these sizes."""
    scan = [sys.executable, "-m", "bot.main", "--output", "json", "scan"]
    for town in bench_policies.towns(sizes):
        print(f"{town.users} users, {town.different} documents", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            details = Path(folder, "details.json")
            town.write(details)
            command = [*scan, "--authorization-details", str(details)]
            cpu, megabytes, wall, output = once(command, clean_environment(), f"{folder}/one.db")
        findings = len(json.loads(output)["findings"])
        yield Measured(town, cpu, megabytes, wall, findings)


@contextmanager
def account(users: int, latency_ms: int) -> Iterator[dict[str, str]]:
    """A simulated account in another process; gives the environment to reach it."""
    command = [sys.executable, "-m", "bot.aws.simulated", "--users", str(users), "--port", "0"]
    command += ["--latency-ms", str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            ready = json.loads(server.stdout.readline())
            yield {**clean_environment(), **ready["environment"]}
        finally:
            server.terminate()


def clean_environment() -> dict[str, str]:
    """This environment without what would point a tool at another account or database."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LOCKSMITH_"))
    }


def once(
    command: Sequence[str], environ: Mapping[str, str], database: str
) -> tuple[float, float, float, str]:
    """CPU seconds, peak MB, wall seconds and output of one process."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            stdout=output,
            env={**environ, "LOCKSMITH_DATABASE__URL": f"sqlite:///{database}"},
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        output.seek(0)
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wall, output.read()


def judge(readings: Sequence[Reading]) -> list[tuple[str, bool]]:
    """The goals at the largest account without latency, each with whether it was met."""
    at, small = _largest(readings), _smallest(readings)
    bare, keys = at["bare reading"], at["bare reading with keys"]
    none, first, named = (
        at["scan, budget 0"],
        at["first scan"],
        at["all named, nothing changed"],
    )
    pages = total(bare) - total(small["bare reading"])
    more = total(none) - total(small["scan, budget 0"])
    return [
        (f"a scan makes at most {MORE} calls more than the bare reading", _near(none, bare)),
        ("a larger account takes no more calls but for the pages of lists", more <= pages),
        (f"to name keys takes at most {BUDGET} calls", total(first) <= total(none) + BUDGET),
        ("once all keys are named, a scan makes no more calls for them", _near(named, bare)),
        ("own CPU is at most 6 times the bare reading, budget 0", none.cpu <= 6 * bare.cpu),
        ("own CPU is at most 6 times the bare reading, first scan", first.cpu <= 6 * keys.cpu),
        ("own CPU is at most 6 times the bare reading, all named", named.cpu <= 6 * bare.cpu),
        ("peak memory stays under 300 MB", max(r.megabytes for r in at.values()) < 300),
        ("CPU grows no faster than the account", is_linear(readings)),
    ]


def _largest(readings: Sequence[Reading]) -> dict[str, Reading]:
    return _at(readings, max(reading.users for reading in readings))


def _smallest(readings: Sequence[Reading]) -> dict[str, Reading]:
    return _at(readings, min(reading.users for reading in readings))


def _at(readings: Sequence[Reading], users: int) -> dict[str, Reading]:
    """The readings of one account without latency, by what was read."""
    return {r.what: r for r in readings if (r.users, r.latency_ms) == (users, 0)}


def _near(scan: Reading, bare: Reading) -> bool:
    return total(scan) <= total(bare) + MORE


def is_linear(readings: Sequence[Reading]) -> bool:
    """Whether CPU per added user at the top is at most 1.5 times that of the step before."""
    scans = sorted(
        (r for r in readings if r.what == "scan, budget 0" and r.latency_ms == 0),
        key=lambda reading: reading.users,
    )
    if len(scans) < 3:
        return True
    low, middle, high = scans[-3:]
    before = (middle.cpu - low.cpu) / (middle.users - low.users)
    after = (high.cpu - middle.cpu) / (high.users - middle.users)
    return after <= 1.5 * before


def total(reading: Reading) -> int:
    """All calls of a reading."""
    return sum(reading.calls.values())


def page(
    readings: Sequence[Reading],
    goals: Sequence[tuple[str, bool]],
    policies: Sequence[Measured],
    repeats: int,
) -> str:
    """The page, whole."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`: one simulated account per row group, served by another process,",
        "beside a bare boto3 reading of the same facts, other accounts' root users included. CPU,",
        "memory and wall are the operating system's accounting of the whole process, start-up",
        f"included: medians of {repeats} without latency, one run with it. Machines differ, so",
        "compare rows of one page only. Each process of `locksmith scan` also evaluates every",
        "control, plans every fix and writes findings, proposals and the audit chain to SQLite.",
        "",
        "| users | per call | what | calls | own CPU | of bare | peak memory | wall | findings |",
        "|--:|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [_row(reading, readings) for reading in readings]
    lines += ["", *bench_policies.section(policies)]
    lines += ["## Goals at the largest account", ""]
    lines += [f"- {goal}: **{'met' if met else 'missed'}**" for goal, met in goals]
    lines += ["", "## Calls by operation at the largest account", ""]
    return "\n".join([*lines, *_calls(readings)]) + "\n"


def _row(reading: Reading, readings: Sequence[Reading]) -> str:
    name = "bare reading with keys" if reading.what == "first scan" else "bare reading"
    bare = next(
        r
        for r in readings
        if r.what == name and (r.users, r.latency_ms) == (reading.users, reading.latency_ms)
    )
    ratio = "" if reading.what.startswith("bare") else f"{reading.cpu / bare.cpu:.1f}"
    found = "" if reading.findings is None else f"{reading.findings:,}"
    return (
        f"| {reading.users:,} | {reading.latency_ms} ms | {reading.what} | {total(reading):,} "
        f"| {reading.cpu:.1f} s | {ratio} | {reading.megabytes:.0f} MB | {reading.wall:.1f} s "
        f"| {found} |"
    )


def _calls(readings: Sequence[Reading]) -> list[str]:
    largest = max(reading.users for reading in readings)
    at = [r for r in readings if r.users == largest and r.latency_ms == 0]
    operations = sorted({operation for reading in at for operation in reading.calls})
    head = " | ".join(reading.what for reading in at)
    rows = [
        f"| {operation} | " + " | ".join(str(r.calls.get(operation, "")) for r in at) + " |"
        for operation in operations
    ]
    return [f"| operation | {head} |", "|---|" + "--:|" * len(at), *rows]


if __name__ == "__main__":
    sys.exit(main())
