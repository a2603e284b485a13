"""An alarm is heard if it speaks, to a topic with a confirmed subscription."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Plan
from remediations.monitoring import alarm_nobody_hears as control
from remediations.monitoring._events import EVENTS
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.monitoring.watching import (
    GROUP,
    PARTS,
    TOPIC,
    alarm,
    counting,
    in_cloudwatch_logs,
    watching,
)
from tests.remediations.people import found, planned
from tests.remediations.renaming import ANYTHING

SETTINGS: dict[str, Any] = {"enabled": True}
TRAILS = next(event for event in EVENTS if event.id == "trails")
FILTERS = [counting("trails", TRAILS.pattern)]
OTHER = f"{TOPIC}-2"


def seed(account: AccountBuilder) -> None:
    """One alarm is heard, of another one the actions are switched off."""
    in_cloudwatch_logs(account)
    topic = account.topic("on-call")
    account.watched(GROUP, "heard", TRAILS.pattern, topics=(topic,))
    account.watched(GROUP, ANYTHING, TRAILS.pattern, topics=(topic,), speaks=False)


@pytest.mark.parametrize(
    ("facts", "listeners", "said"),
    [
        pytest.param({}, {TOPIC: 1}, None, id="heard"),
        pytest.param({"topics": (TOPIC, OTHER)}, {TOPIC: 0, OTHER: 2}, None, id="by the other"),
        pytest.param({}, {}, None, id="a topic that can't be read"),
        pytest.param({}, {TOPIC: 0}, "no subscription", id="unconfirmed"),
        pytest.param({"topics": ()}, {}, "tells no topic", id="no topic"),
        pytest.param({"enabled": False}, {TOPIC: 1}, "switched off", id="actions off"),
    ],
)
def test_which_alarms_are_heard(
    facts: dict[str, Any], listeners: dict[str, int], said: str | None
) -> None:
    findings = found(control, watching(FILTERS, [alarm("trails", **facts)], listeners))
    assert bool(findings) is (said is not None)
    assert all((said or "") in each.summary for each in findings)


@pytest.mark.parametrize(
    ("facts", "listeners", "topic"),
    [
        pytest.param({}, {TOPIC: 0}, TOPIC, id="unconfirmed"),
        pytest.param({"topics": ()}, {}, "TOPIC_ARN", id="no topic"),
        pytest.param({"enabled": False}, {TOPIC: 0}, TOPIC, id="off, and unconfirmed"),
    ],
)
def test_who_hears_it_people_choose(
    facts: dict[str, Any], listeners: dict[str, int], topic: str
) -> None:
    fix = planned(control, watching(FILTERS, [alarm("trails", **facts)], listeners))
    assert isinstance(fix, Manual)
    assert f"aws sns subscribe --topic-arn {topic} --region" in fix.steps[1]


def test_an_alarm_that_was_silenced_speaks_again() -> None:
    fix = planned(control, watching(FILTERS, [alarm("trails", enabled=False)]))
    assert isinstance(fix, Plan)
    assert [step.do.operation for step in fix.steps] == ["EnableAlarmActions"]
    assert "costs nothing" in fix.summary


def test_a_subscription_that_nobody_confirmed_is_no_listener() -> None:
    with mock_account(NOW) as account:
        account.trail("everything", multi_region=True)
        in_cloudwatch_logs(account)
        deaf = account.topic("deaf", heard=False)
        account.watched(GROUP, "trails", TRAILS.pattern, topics=(deaf,))
        (finding,) = found(control, look(account, more=PARTS))
        assert finding.evidence["topics"] == {deaf: 0}
        assert "confirmed" in finding.summary
