"""What a report on use must show before something is taken away: all of it, named, and unused."""

from datetime import timedelta
from typing import Any

import pytest

from bot.engine.calls import unfit_read
from bot.engine.looking import holds
from bot.model import Json
from remediations._last_used import none_still_used, still_unused
from tests.conftest import NOON

ARN = "arn:aws:iam::123456789012:user/o'brien`"
OLD, LATELY = "2020-01-01T00:00:00Z", "2026-11-20T00:00:00Z"
MANY = tuple(f"s{number:02}" for number in range(21))


def _service(name: str, last: str | None = None, **actions: str | None) -> dict[str, Any]:
    tracked = [
        {"ActionName": action, **({"LastAccessedTime": used} if used else {})}
        for action, used in actions.items()
    ]
    return {
        "ServiceNamespace": name,
        **({"LastAuthenticated": last} if last else {}),
        **({"TrackedActionsLastAccessed": tracked} if tracked else {}),
    }


def _report(*services: dict[str, Any], made: str = "2026-11-24T12:00:00Z") -> Json:
    return {"JobCompletionDate": made, "ServicesLastAccessed": [*services]}


@pytest.mark.parametrize(
    ("told_by", "services", "shown"),
    [
        pytest.param(("sqs",), [_service("sqs")], True, id="never"),
        pytest.param(("sqs",), [_service("sqs", OLD)], True, id="long ago"),
        pytest.param(("sqs",), [_service("sqs", LATELY)], False, id="lately"),
        pytest.param(("sqs",), [_service("s3")], False, id="not named"),
        pytest.param(("sqs",), [], False, id="nothing named"),
        pytest.param(("sqs",), [_service("s3", LATELY), _service("sqs")], True, id="another"),
        pytest.param(("sqs:A",), [_service("sqs", LATELY, A=None, B=LATELY)], True, id="action"),
        pytest.param(("sqs:A",), [_service("sqs", LATELY, A=LATELY)], False, id="action lately"),
        pytest.param(("sqs:A",), [_service("sqs", LATELY)], False, id="nothing tracked"),
        pytest.param(("sqs:A",), [_service("sqs", LATELY, B=None)], False, id="not tracked"),
        pytest.param(("sqs:A",), [_service("s3", LATELY, A=None)], False, id="another's action"),
        pytest.param(MANY, [_service(each, OLD) for each in MANY], True, id="many"),
        pytest.param(MANY, [_service(each, OLD) for each in MANY[1:]], False, id="many but one"),
        pytest.param(
            MANY,
            [_service("s00", LATELY), *(_service(each) for each in MANY[1:])],
            False,
            id="one of many lately",
        ),
        pytest.param(
            tuple(f"sqs:{each}" for each in MANY),
            [_service("sqs", LATELY, **dict.fromkeys(MANY, OLD))],
            True,
            id="many actions",
        ),
        pytest.param(
            tuple(f"sqs:{each}" for each in MANY),
            [_service("sqs", LATELY, **dict.fromkeys(MANY[1:], OLD))],
            False,
            id="many actions but one",
        ),
        pytest.param(
            ("s3", *(f"sqs:{each}" for each in MANY)),
            [_service("s3", LATELY), _service("sqs", LATELY, **dict.fromkeys(MANY))],
            False,
            id="many actions, and a service lately",
        ),
    ],
)
def test_all_of_it_must_be_shown(
    told_by: tuple[str, ...], services: list[dict[str, Any]], shown: bool
) -> None:
    looks = still_unused(ARN, told_by, 90)
    assert all(holds(each, _report(*services), NOON) for each in looks) is shown
    assert not any(holds(each, None, NOON) for each in looks)
    assert {unfit_read(each.read) for each in looks} == {None}


@pytest.mark.parametrize(
    ("services", "shown"),
    [
        pytest.param([_service("sqs"), _service("s3", OLD)], True, id="nothing lately"),
        pytest.param([_service("sqs"), _service("s3", LATELY)], False, id="one lately"),
        pytest.param([], False, id="an empty report tells nothing"),
    ],
)
def test_nothing_at_all(services: list[dict[str, Any]], shown: bool) -> None:
    looks = none_still_used(ARN, 90)
    assert all(holds(each, _report(*services), NOON) for each in looks) is shown


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        pytest.param(timedelta(days=5, seconds=-1), True, id="below"),
        pytest.param(timedelta(days=5), True, id="at"),
        pytest.param(timedelta(days=5, seconds=1), False, id="above"),
    ],
)
def test_a_report_is_five_days_old_at_most(age: timedelta, fresh: bool) -> None:
    report = _report(_service("sqs"), made=(NOON - age).isoformat())
    for looks in (still_unused(ARN, ("sqs",), 90), none_still_used(ARN, 90)):
        assert all(holds(each, report, NOON) for each in looks) is fresh


def test_it_says_which() -> None:
    """One by one where there are few; together, by service, where there are many."""
    assert len({each.read.data().__repr__() for each in still_unused(ARN, MANY, 90)}) == 1
    few = [each.why for each in still_unused(ARN, ("sqs:B", "sqs:A", "s3"), 90)[1:]]
    assert few == [
        f"AWS doesn't show any more that nobody used {name} for 90 days"
        for name in ("s3", "sqs:A", "sqs:B")
    ]
    (many,) = still_unused(ARN, MANY, 90)[1:]
    assert "nobody used s00 and 20 more for 90 days" in many.why
