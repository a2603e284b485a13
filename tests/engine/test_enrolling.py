"""Enrolling for one-time codes: the log has a row before the file changes, whatever comes then."""

from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest

from bot.engine.approvals import Approvals
from bot.engine.codes import Codes, Enrolment
from bot.engine.core import Aws
from bot.engine.protecting import Guard
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.errors import ConfigError, RefusedError, UsageError
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.engine.house import ALICE

ANN = "UANN"


def never() -> Aws:
    raise AssertionError("enrolling asks AWS nothing")


@pytest.fixture
def service(sqlite_store: Store, clock: StandingClock) -> Service:
    scanner = Scanner(sqlite_store, (), ScanSettings(), Guard.on, clock)
    return Service(sqlite_store, never, scanner, Approvals(), clock)


@pytest.fixture
def codes(tmp_path: Path, clock: StandingClock) -> Codes:
    return Codes(tmp_path / "state" / "codes.json", clock)


def begun(codes: Codes) -> tuple[Enrolment, str, str]:
    """An enrolment, a right code for it, and its secret."""
    enrolment = codes.enrol(ANN)
    otp = pyotp.parse_uri(enrolment.uri)
    assert isinstance(otp, pyotp.TOTP)
    return enrolment, otp.at(codes.clock()), otp.secret


def logged(service: Service) -> list[str]:
    return [each.event for each in service.audit_events() if each.event.startswith("codes.")]


def test_an_enrolment_and_its_end_are_logged_without_the_secret(
    service: Service, codes: Codes
) -> None:
    enrolment, code, secret = begun(codes)

    service.enrol(enrolment, code, ALICE)
    service.withdraw(codes, ANN, ALICE)

    assert logged(service) == [
        "codes.enrolling", "codes.enrolled", "codes.removing", "codes.removed",
    ]  # fmt: skip
    events = service.audit_events()
    assert {each.actor for each in events} == {str(ALICE)}
    assert secret not in str(events)
    assert code not in str(events)
    assert codes.people() == ()


def test_a_wrong_code_enrols_nobody_and_begins_nothing(service: Service, codes: Codes) -> None:
    enrolment, _, _ = begun(codes)

    with pytest.raises(RefusedError, match="not enrolled"):
        service.enrol(enrolment, "000000", ALICE)

    assert codes.people() == ()
    assert logged(service) == []


def refusing(_codes: Codes, store: Store) -> None:
    """A database that takes nothing."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        )


def open_to_others(codes: Codes, _store: Store) -> None:
    """A file of secrets that others may read."""
    codes.path.parent.mkdir(parents=True, exist_ok=True)
    codes.path.write_text('{"UBEN": "SECRET"}')
    codes.path.chmod(0o644)


def no_folder(codes: Codes, _store: Store) -> None:
    """A place where no file can be."""
    codes.path.parent.parent.joinpath("state").write_text("a file")


@pytest.mark.parametrize(
    ("trouble", "error", "events"),
    [
        (refusing, Exception, []),
        (open_to_others, ConfigError, ["codes.enrolling", "codes.unchanged"]),
        (no_folder, Exception, ["codes.enrolling", "codes.unchanged"]),
    ],
)
def test_nobody_is_enrolled_without_a_row(
    service: Service,
    codes: Codes,
    sqlite_store: Store,
    trouble: Callable[[Codes, Store], None],
    error: type[Exception],
    events: list[str],
) -> None:
    enrolment, code, _ = begun(codes)
    trouble(codes, sqlite_store)

    with pytest.raises(error):
        service.enrol(enrolment, code, ALICE)

    assert logged(service) == events
    assert not codes.path.is_file() or ANN not in codes.path.read_text()


def test_a_crash_on_the_way_leaves_the_row(service: Service, codes: Codes) -> None:
    """Nothing runs after it, so that whether the file changed stays unknown."""
    enrolment, code, _ = begun(codes)

    class Killed(BaseException):
        pass

    def killed(_person: str, _secret: str) -> None:
        assert logged(service) == ["codes.enrolling"]
        raise Killed

    class Crashing(Codes):
        save = staticmethod(killed)

    dying = Enrolment(Crashing(codes.path, codes.clock), ANN, enrolment._secret)
    with pytest.raises(Killed):
        service.enrol(dying, code, ALICE)

    assert logged(service) == ["codes.enrolling"]


def test_who_is_not_enrolled_is_not_removed(service: Service, codes: Codes) -> None:
    with pytest.raises(UsageError, match="not enrolled"):
        service.withdraw(codes, ANN, ALICE)

    assert logged(service) == []
