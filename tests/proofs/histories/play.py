"""Plays histories without pytest: `python -m tests.proofs.histories.play 500 --seed 7`.

The last line says how many histories were played, and what the one that failed says; the exit code
is 1 where one failed. With `--shrink` the failing one is made as short as it goes, and shown.
"""

import argparse
import sys
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proofs.histories.machine import Machine

STEPS = 12


def play(
    histories: int, with_seed: int, *, steps: int = STEPS, shrink: bool = False
) -> Counter[str]:
    """Play so many histories; what happened in them. Raises what the first one that fails does."""
    happened: Counter[str] = Counter()

    class Counted(Machine):
        def teardown(self) -> None:
            happened["histories"] += 1
            if hasattr(self, "witness"):
                happened.update(self.witness.happened)
            super().teardown()

    chosen = settings(
        max_examples=histories,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seed(with_seed)(Counted), settings=chosen)  # type: ignore[arg-type]
    except BaseException as error:
        error.add_note(f"after {happened['histories']} histories with seed {with_seed}")
        error.happened = happened  # type: ignore[attr-defined]
        raise
    return happened


def say(what: str) -> None:
    """A line to whoever started this."""
    sys.stdout.write(what + "\n")


def main() -> int:
    """Play, and say what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("histories", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shrink", action="store_true")
    given = parser.parse_args()
    try:
        happened = play(given.histories, given.seed, shrink=given.shrink)
    except Exception as error:
        if given.shrink:
            raise
        count = getattr(error, "happened", Counter())["histories"]
        said = " ".join(str(error).split()) or type(error).__name__
        say(f"{count} {said}")
        return 1
    for what, count in sorted(happened.items()):
        say(f"{what}: {count}")
    say(f"{happened['histories']} nothing that must not be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
