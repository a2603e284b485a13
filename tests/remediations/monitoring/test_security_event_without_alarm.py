"""Alarms on all fifteen kinds of events, made where they lack, and told to a topic."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan
from remediations.monitoring import security_event_without_alarm as control
from remediations.monitoring._events import EVENTS
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.monitoring.watching import (
    GROUP,
    PARTS,
    TOPIC,
    counting,
    in_cloudwatch_logs,
    watching,
)
from tests.remediations.people import found, planned

BY_ID = {event.id: event for event in EVENTS}
#: Three kinds are enough for the contract; the others are like them.
OTHERS = tuple(id_ for id_ in BY_ID if id_ not in ("use-of-root", "trails", "gateways"))
SETTINGS: dict[str, Any] = {"enabled": True, "left_out": OTHERS}


def seed(account: AccountBuilder) -> None:
    """One kind is watched, of one there is a filter without an alarm, one lacks both."""
    in_cloudwatch_logs(account)
    topic = account.topic("on-call")
    account.watched(GROUP, "root", BY_ID["use-of-root"].pattern, topics=(topic,))
    account.watched(GROUP, "trails", BY_ID["trails"].pattern, alarm=False)


def test_nothing_is_found_where_all_is_watched() -> None:
    assert found(control, watching()) == []


@pytest.mark.parametrize("event", BY_ID)
def test_each_kind_is_missed(event: str) -> None:
    filters = [counting(each.id, each.pattern) for each in EVENTS if each.id != event]
    (finding,) = found(control, watching(filters))
    assert finding.evidence["lacking"] == {event: "no filter"}
    assert found(control, watching(filters), left_out=(event,)) == []


def test_a_filter_without_an_alarm_gets_one_on_its_own_metric() -> None:
    snapshot = watching([counting("mine", BY_ID["trails"].pattern)], [])
    others = tuple(id_ for id_ in BY_ID if id_ != "trails")
    (finding,) = found(control, snapshot, left_out=others)
    assert finding.evidence["lacking"] == {"trails": "no alarm"}
    fix = planned(control, snapshot, left_out=others)
    assert isinstance(fix, Plan)
    making = {step.name: step.do for step in fix.steps}
    assert [*making] == ["make-topic", "alarm-SecurityEvents-trails"]
    assert making["alarm-SecurityEvents-trails"].params["MetricName"] == "mine"


def test_without_a_log_group_another_control_speaks() -> None:
    assert found(control, watching([], [], groups=())) == []


def test_the_topic_of_the_settings_or_one_that_is_there() -> None:
    unread = watching([], [], {})
    named = planned(control, unread, topic=TOPIC)
    assert isinstance(named, Plan)
    assert named.summary.endswith(f"that tell {TOPIC}")
    assert len(named.breaks) == 1
    assert "make-topic" not in {step.name for step in named.steps}
    known = planned(control, watching([], []), topic_name="on-call")
    assert isinstance(known, Plan)
    assert "make-topic" not in {step.name for step in known.steps}
    made = planned(control, watching([], []))
    assert isinstance(made, Plan)
    assert made.steps[0].name == "make-topic"
    assert "Nobody hears" in made.breaks[1]


def test_what_it_costs_is_said() -> None:
    fix = planned(control, watching([], []))
    assert isinstance(fix, Plan)
    assert "6.0 US dollars a month" in fix.breaks[0]
    assert "events, us-east-1" in fix.summary


@pytest.mark.parametrize(
    "wrong",
    [
        {"left_out": ("nothing",)},
        {"topic": "<!channel>"},
        {"topic_name": "a,b"},
        {"namespace": "a b"},
    ],
)
def test_what_is_wrong_is_no_setting(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        control.SecurityEventWithoutAlarmSettings(**wrong)


def test_all_fifteen_are_made_and_taken_back() -> None:
    with mock_account(NOW) as account:
        account.trail("everything", multi_region=True)
        in_cloudwatch_logs(account)
        fix = planned(control, look(account, more=PARTS))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        assert found(control, look(account, more=PARTS)) == []
        acting.undo()
        (finding,) = found(control, look(account, more=PARTS))
        assert len(finding.evidence["lacking"]) == 15  # type: ignore[arg-type]
