"""A distribution logs in the older way, by a delivery, or in real time; else it gets a delivery."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Distribution, Manual, Part, Plan
from remediations.monitoring import distribution_without_logging as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found, planned, seen
from tests.remediations.renaming import ANYTHING

LOGS = "cloudfront-logs"
SETTINGS: dict[str, Any] = {"enabled": True, "log_bucket": LOGS}
PARTS = frozenset({Part.DISTRIBUTIONS})


def may_deliver(bucket: str) -> dict[str, object]:
    """The policy of a bucket for deliveries."""
    writer = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}}
    what = {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return {"Version": "2012-10-17", "Statement": [{**writer, **what}]}


def seed(account: AccountBuilder) -> None:
    """One distribution logs the older way, one is switched off, one doesn't log."""
    account.bucket(LOGS, policy=may_deliver(LOGS))
    account.distribution("shop", logs_to=LOGS)
    account.distribution("old", enabled=False)
    account.distribution(ANYTHING)


def distributions(**facts: Any) -> Any:
    """A snapshot with one distribution."""
    arn = "arn:aws:cloudfront::123456789012:distribution/E1"
    given = {"id": "E1", "arn": arn, "domain": "d1.cloudfront.net", "enabled": True, "logs": False}
    return seen(parts={Part.DISTRIBUTIONS: (Distribution(**{**given, **facts}),)})


@pytest.mark.parametrize(
    ("facts", "settings", "expected"),
    [
        pytest.param({}, {}, True, id="doesn't log"),
        pytest.param({"logs": True}, {}, False, id="logs"),
        pytest.param({"enabled": False}, {}, False, id="switched off"),
        pytest.param({}, {"left_out": ("E1",)}, False, id="left out by id"),
        pytest.param({}, {"left_out": ("d1.*",)}, False, id="left out by name"),
    ],
)
def test_which_are_found(facts: dict[str, Any], settings: dict[str, Any], expected: bool) -> None:
    assert bool(found(control, distributions(**facts), **settings)) is expected


def test_a_delivery_is_made_and_its_cost_said() -> None:
    fix = planned(control, distributions(), log_bucket=LOGS)
    assert isinstance(fix, Plan)
    assert [step.name for step in fix.steps] == ["source", "destination", "deliver"]
    assert {step.do.region for step in fix.steps} == {"us-east-1"}
    assert fix.whole
    assert "2 US cents" in fix.breaks[0]


def test_without_a_bucket_people_choose() -> None:
    fix = planned(control, distributions())
    assert isinstance(fix, Manual)
    assert "cloudfront-logs-123456789012" in fix.steps[0]


def test_a_delivery_counts_as_logging_and_no_more_once_it_is_gone() -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account, more=PARTS), log_bucket=LOGS)
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        assert found(control, look(account, more=PARTS)) == []
        acting.undo()
        assert len(found(control, look(account, more=PARTS))) == 1


def test_what_is_there_by_then_stops_each_step() -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account, more=PARTS), log_bucket=LOGS)
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        assert all(acting.broken(step.before) for step in fix.steps)


def test_a_bucket_that_may_not_be_written_to_stops_it() -> None:
    with mock_account(NOW) as account:
        account.bucket(LOGS)
        account.distribution("api")
        fix = planned(control, look(account, more=PARTS), log_bucket=LOGS)
        assert isinstance(fix, Plan)
        (why,) = Acting(account).broken(fix.steps[1].before)
        assert "does not let delivery.logs.amazonaws.com write" in why
