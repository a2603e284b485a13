"""A trail that is stopped beside one that records is started; where none records, another asks."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Plan, Trail
from remediations.monitoring import trail_not_logging as control
from tests.remediations.monitoring.test_no_multi_region_trail import trail, trails
from tests.remediations.people import found, planned

OTHER = "999988887777"


def seed(account: AccountBuilder) -> None:
    """A second trail that somebody stopped."""
    account.trail("second", multi_region=True, validation=True, logging=False)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"logging": False}, True, id="stopped"),
        pytest.param({"delivery_error": "AccessDenied"}, True, id="delivers nothing"),
        pytest.param({"logging": False, "multi_region": False}, True, id="of one region"),
        pytest.param({}, False, id="records"),
        pytest.param({"multi_region": False}, False, id="records one region"),
        pytest.param({"logging": False, "organization": True}, False, id="the organization's"),
        pytest.param({"logging": False, "owner": OTHER}, False, id="another account's"),
    ],
)
def test_which_trails_are_found(facts: dict[str, Any], expected: bool) -> None:
    all_of_them = trails(trail("whole"), trail("this,one+more", **facts))
    assert [each.resource.name for each in found(control, all_of_them)] == (
        ["this,one+more"] if expected else []
    )


@pytest.mark.parametrize("other", [None, trail("other", multi_region=False)])
def test_where_none_records_all_another_control_asks(other: Trail | None) -> None:
    stopped = trail(logging=False)
    assert found(control, trails(stopped, *([other] if other else []))) == []


def test_evidence_has_why_nothing_arrives() -> None:
    failing = trail("two", delivery_error="NoSuchBucket")
    (finding,) = found(control, trails(trail("whole"), failing))
    assert finding.evidence == {
        "home_region": "eu-west-1",
        "logging": True,
        "delivery_error": "NoSuchBucket",
    }


def test_it_is_started_in_its_home_region() -> None:
    fix = planned(
        control, trails(trail("whole"), trail("two", logging=False, home_region="us-west-2"))
    )
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert (step.do.operation, step.do.region) == ("StartLogging", "us-west-2")
    assert step.undo is not None
    assert step.undo.operation == "StopLogging"


def test_a_failing_delivery_is_for_people() -> None:
    fix = planned(control, trails(trail("whole"), trail("two", delivery_error="NoSuchBucket")))
    assert isinstance(fix, Manual)
    assert any("get-trail-status" in each for each in fix.steps)
