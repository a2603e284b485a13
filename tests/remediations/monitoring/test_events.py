"""Filters that say the same in other words are the same, and those that say less are not."""

import json
from pathlib import Path

import pytest

from remediations.monitoring._events import EVENTS, Event

BY_ID = {event.id: event for event in EVENTS}
TRAILS = BY_ID["trails"]
KEYS = BY_ID["keys-switched-off"]
POLICIES = BY_ID["iam-policies"]
#: The filters that Security Hub and the CIS benchmark publish; the file says where they were read.
_FILE = Path(__file__).parents[2] / "data" / "metric_filters.json"
PUBLISHED = json.loads(_FILE.read_text())["filters"]
WITH_NAMES = [event for event in EVENTS if event.names]


def test_all_fifteen_items_are_there() -> None:
    assert [event.number for event in EVENTS] == [*range(1, 16)]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.id)
def test_what_is_made_is_seen(event: Event) -> None:
    assert event.is_seen_by(event.pattern)
    assert len(event.pattern) <= 1024  # what PutMetricFilter takes
    assert not any(other.is_seen_by(event.pattern) for other in EVENTS if other is not event)


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda each: each["item"])
def test_what_is_published_is_seen_as_that_and_nothing_else(published: dict[str, str]) -> None:
    seen = [event.id for event in EVENTS if event.is_seen_by(published["pattern"])]
    assert seen == [published["event"]]


def test_no_published_filter_is_missing() -> None:
    items = {each["item"] for each in PUBLISHED}
    assert {f"CloudWatch.{number}" for number in range(1, 15)} <= items
    assert {f"CIS 6.0 5.{number}" for number in range(1, 16)} <= items
    chapter = {item.rpartition(" ")[2] for item in items if item.startswith(("CIS 4", "CIS 5"))}
    assert chapter == {f"4.{number}" for number in range(1, 16)}


def _written(source: str, names: list[str], sign: str = "||") -> str:
    any_of = f" {sign} ".join(f"($.eventName = {name})" for name in names)
    return f"{{ ($.eventSource = {source}) && ({any_of}) }}"


@pytest.mark.parametrize("event", WITH_NAMES, ids=lambda event: event.id)
def test_the_service_may_be_named_and_no_other(event: Event) -> None:
    """Before the names or behind them; with a name missing it is another filter."""
    names = [*event.names]
    assert event.is_seen_by(_written(event.source, names))
    first, _, last = _written(event.source, names).strip("{} ").partition(" && ")
    assert event.is_seen_by(f"{{ {last} && {first} }}")
    for other in {each.source for each in WITH_NAMES} - {event.source}:
        assert not event.is_seen_by(_written(other, names))
    for missing in names:
        fewer = [name for name in names if name != missing]
        assert not event.is_seen_by(_written(event.source, fewer))
    assert not event.is_seen_by(_written(event.source, names, "&&"))
    more = _written(event.source, names)
    assert not event.is_seen_by(more.replace("}", "&& ($.awsRegion = us-east-1) }"))


def test_sign_ins_may_be_said_to_be_those_of_sign_in() -> None:
    failed, quiet = BY_ID["failed-sign-ins"], BY_ID["use-of-root"]
    said = failed.pattern.replace("{", "{ ($.eventSource = signin.amazonaws.com) &&")
    assert failed.is_seen_by(said)
    assert not failed.is_seen_by(said.replace("signin", "sts"))
    assert not failed.is_seen_by(said.replace("&& ($.error", "|| ($.error"))
    # Root is used with every service.
    assert not quiet.is_seen_by(
        quiet.pattern.replace("{", "{ ($.eventSource = signin.amazonaws.com) &&")
    )


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
        pytest.param(POLICIES, POLICIES.pattern.replace("iam", "sts"), False, id="not IAM's"),
        pytest.param(TRAILS, " || ".join(TRAILS.names), False, id="words anywhere"),
        pytest.param(TRAILS, "", False, id="everything, and so nothing"),
        pytest.param(TRAILS, "<!channel> ‮", False, id="nonsense"),
    ],
)
def test_what_another_filter_sees(event: Event, pattern: str, expected: bool) -> None:
    assert event.is_seen_by(pattern) is expected
