"""Filters that say the same in other words are the same, and those that say less are not."""

import pytest

from remediations.monitoring._events import EVENTS, Event

BY_ID = {event.id: event for event in EVENTS}
TRAILS = BY_ID["trails"]
KEYS = BY_ID["keys-switched-off"]


def test_all_fifteen_items_are_there() -> None:
    assert [event.number for event in EVENTS] == [*range(1, 16)]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.id)
def test_what_is_made_is_seen(event: Event) -> None:
    assert event.is_seen_by(event.pattern)
    assert len(event.pattern) <= 1024  # what PutMetricFilter takes
    assert not any(other.is_seen_by(event.pattern) for other in EVENTS if other is not event)


@pytest.mark.parametrize(
    ("event", "pattern", "expected"),
    [
        pytest.param(
            TRAILS,
            '{($.eventName="CreateTrail")||($.eventName="UpdateTrail")||($.eventName=DeleteTrail)'
            "||($.eventName = StartLogging)||( $.eventName = StopLogging )}",
            True,
            id="other spaces and quotes",
        ),
        pytest.param(
            TRAILS,
            TRAILS.pattern.replace("{ ", "{ ($.eventName = PutEventSelectors) || "),
            True,
            id="more events",
        ),
        pytest.param(TRAILS, "{ $.eventName = StopLogging }", False, id="fewer events"),
        pytest.param(
            TRAILS, TRAILS.pattern.replace(" = StopLogging", " != StopLogging"), False, id="all but"
        ),
        pytest.param(
            TRAILS,
            TRAILS.pattern.replace("}", "&& ($.userIdentity.type = Root) }"),
            False,
            id="only root's",
        ),
        pytest.param(KEYS, KEYS.pattern.replace("kms", "s3"), False, id="another service"),
        pytest.param(
            KEYS,
            "{ ($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion) }",
            True,
            id="of every service",
        ),
        pytest.param(BY_ID["use-of-root"], '{ $.userIdentity.type = "Root" }', False, id="other"),
        pytest.param(
            BY_ID["sign-in-without-mfa"],
            '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
            True,
            id="the older form",
        ),
        pytest.param(TRAILS, "", False, id="everything, and so nothing"),
        pytest.param(TRAILS, "<!channel> ‮", False, id="nonsense"),
    ],
)
def test_what_another_filter_sees(event: Event, pattern: str, expected: bool) -> None:
    assert event.is_seen_by(pattern) is expected
