"""One-time codes: each counts once, guessing stops, and secrets stay in their file."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from bot.engine.codes import Codes
from bot.errors import ConfigError, RefusedError, UsageError
from bot.store.database import Store, open_store
from tests.conftest import StandingClock


@pytest.fixture
def codes(tmp_path: Path, clock: StandingClock) -> Codes:
    return Codes(tmp_path / "state" / "codes.json", clock)


def enrolled(codes: Codes, person: str = "UANN") -> pyotp.TOTP:
    enrolment = codes.enrol(person)
    otp = pyotp.parse_uri(enrolment.uri)
    assert isinstance(otp, pyotp.TOTP)
    enrolment.verify(otp.at(codes.clock()))
    enrolment.save()
    return otp


def test_a_code_counts_once(codes: Codes, store: Store, clock: StandingClock) -> None:
    code = enrolled(codes).at(clock())
    checked = codes.check(store, "UANN", code)
    with store.write() as tx:
        checked.use(tx)

    again = codes.check(store, "UANN", code)

    with pytest.raises(RefusedError, match="used already"), store.write() as tx:
        again.use(tx)


@pytest.mark.parametrize(
    ("seconds", "counts"), [(-60, False), (-30, True), (30, True), (60, False)]
)
def test_a_step_of_clock_drift_is_fine(
    codes: Codes, store: Store, clock: StandingClock, seconds: int, counts: bool
) -> None:
    code = enrolled(codes).at(clock() + timedelta(seconds=seconds))

    if counts:
        assert codes.check(store, "UANN", code).person == "UANN"
    else:
        with pytest.raises(RefusedError, match="wrong or too old"):
            codes.check(store, "UANN", code)


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "١٢٣٤٥٦", "1234567890", "12 34"])
def test_a_wrong_code_is_refused(codes: Codes, store: Store, code: str) -> None:
    enrolled(codes)

    with pytest.raises(RefusedError, match="wrong or too old"):
        codes.check(store, "UANN", code)


def guess(codes: Codes, store: Store, person: str = "UANN", code: str = "x") -> str:
    """Why a code is refused."""
    with pytest.raises(RefusedError) as caught:
        codes.check(store, person, code)
    return str(caught.value)


def test_guessing_stops(codes: Codes, store: Store, clock: StandingClock) -> None:
    """After five wrong ones even the right one is refused, for ten minutes."""
    otp = enrolled(codes)
    for _ in range(5):
        assert "wrong" in guess(codes, store)

    assert "too many" in guess(codes, store, code=otp.at(clock()))

    clock.pass_time(minutes=10, seconds=1)
    assert codes.check(store, "UANN", otp.at(clock()))


def test_one_persons_guesses_are_not_anothers(
    codes: Codes, store: Store, clock: StandingClock
) -> None:
    otp = enrolled(codes, "UBEN")
    enrolled(codes)
    for _ in range(5):
        guess(codes, store)

    assert codes.check(store, "UBEN", otp.at(clock()))


def test_slow_mistakes_are_no_guessing(codes: Codes, store: Store, clock: StandingClock) -> None:
    otp = enrolled(codes)
    for _ in range(6):
        assert "wrong" in guess(codes, store)
        clock.pass_time(minutes=3)

    assert codes.check(store, "UANN", otp.at(clock()))


def test_a_restart_lets_nobody_guess_on(
    codes: Codes, store: Store, store_url: str, clock: StandingClock
) -> None:
    otp = enrolled(codes)
    for _ in range(4):
        guess(codes, store)

    with closing(open_store(store_url, clock=clock)) as anew:
        restarted = Codes(codes.path, clock)
        assert "wrong" in guess(restarted, anew)
        assert "too many" in guess(restarted, anew, code=otp.at(clock()))
    assert "too many" in guess(codes, store, code=otp.at(clock()))


def test_many_processes_have_five_guesses_together(
    codes: Codes, store: Store, store_url: str, clock: StandingClock
) -> None:
    enrolled(codes)
    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        stores = [
            stack.enter_context(closing(open_store(store_url, clock=clock))) for _ in range(4)
        ]
        refusals = list(
            pool.map(lambda number: guess(Codes(codes.path, clock), stores[number % 4]), range(16))
        )

    assert sum("wrong or too old" in each for each in refusals) == 5
    assert sum("too many" in each for each in refusals) == 11


def test_one_persons_code_is_not_anothers(codes: Codes, store: Store, clock: StandingClock) -> None:
    code = enrolled(codes, "UANN").at(clock())
    enrolled(codes, "UBEN")

    with pytest.raises(RefusedError, match="wrong"):
        codes.check(store, "UBEN", code)
    with pytest.raises(RefusedError, match="not enrolled"):
        codes.check(store, "UCARL", code)


def test_nothing_is_saved_before_a_right_code(codes: Codes) -> None:
    with pytest.raises(RefusedError, match="not enrolled"):
        codes.enrol("UANN").verify("000000")

    assert codes.people() == ()


def test_the_file_is_for_locksmith_alone(codes: Codes, sqlite_store: Store) -> None:
    enrolled(codes)

    assert codes.path.stat().st_mode & 0o777 == 0o600
    codes.path.chmod(0o640)
    with pytest.raises(ConfigError, match="others may read"):
        codes.check(sqlite_store, "UANN", "123456")


def test_secrets_stay_in_the_file(codes: Codes, sqlite_store: Store) -> None:
    enrolment = codes.enrol("UANN")
    secret = pyotp.parse_uri(enrolment.uri).secret

    assert secret not in repr(enrolment)
    codes.path.parent.mkdir(parents=True)
    codes.path.write_text(f'{{"UANN": "{secret}"')
    codes.path.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        codes.check(sqlite_store, "UANN", "123456")
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


def test_removing(codes: Codes) -> None:
    enrolled(codes)
    enrolled(codes, "UBEN")

    codes.remove("UANN")

    assert codes.people() == ("UBEN",)
    assert list(json.loads(codes.path.read_text())) == ["UBEN"]
    with pytest.raises(UsageError, match="not enrolled"):
        codes.remove("UANN")
