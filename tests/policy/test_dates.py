"""Until when a statement can hold."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.policy.dates import ends_at, until
from bot.policy.document import parse_document

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def end(condition: dict[str, Any]) -> datetime | None:
    content = {"Version": "2012-10-17", "Statement": {**READ, "Condition": condition}}
    (statement,) = parse_document(content, where="d").statements
    return ends_at(statement)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01", NEW_YEAR),
        ("2026-01-01T00:00:00Z", NEW_YEAR),
        ("2026-01-01T02:00:00+02:00", NEW_YEAR),
        ("2026-01-01T00:00:00.500Z", NEW_YEAR + timedelta(seconds=0.5)),
        ("1767225600", NEW_YEAR),
        (1767225600, NEW_YEAR),
        ("tomorrow", None),
        ("${aws:PrincipalTag/until}", None),
        ("99999999999999999999", None),
    ],
)
def test_dates_as_aws_takes_them(text: Any, expected: datetime | None) -> None:
    assert end({"DateLessThan": {"aws:CurrentTime": text}}) == expected


def test_all_conditions_must_hold_and_values_are_alternatives() -> None:
    later = ["2026-06-01", "2026-03-01"]
    both = {"DateLessThan": {"aws:CurrentTime": later}, "DateEquals": {"aws:EpochTime": later[1]}}

    assert end({"DateLessThan": {"aws:CurrentTime": later}}) == datetime(2026, 6, 1, tzinfo=UTC)
    assert end(both) == datetime(2026, 3, 1, tzinfo=UTC)
    assert end({"DateLessThan": {"aws:CurrentTime": [*later, "tomorrow"]}}) is None


def test_what_is_written_is_read_again_to_the_second() -> None:
    """In UTC, whatever zone the moment came in."""
    moment = datetime(2026, 1, 1, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    written = until(moment)
    block = {written.operator: {written.key: list(written.values)}}

    assert end(block) == moment
    assert written.values == ("2026-01-01T00:30:00Z",)
