"""A trail's files can be proved once CloudTrail signs digests of them."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Plan
from remediations.monitoring import trail_without_log_validation as control
from tests.remediations.monitoring.test_no_multi_region_trail import trail, trails
from tests.remediations.people import found, planned


def seed(account: AccountBuilder) -> None:
    """A second trail without digests."""
    account.trail("second", multi_region=True, validation=False)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"validation": False}, True, id="off"),
        pytest.param({"validation": False, "logging": False}, True, id="off, and stopped"),
        pytest.param({}, False, id="on"),
        pytest.param({"validation": False, "organization": True}, False, id="the organization's"),
        pytest.param({"validation": False, "owner": "999988887777"}, False, id="another account's"),
    ],
)
def test_which_trails_are_found(facts: dict[str, Any], expected: bool) -> None:
    assert bool(found(control, trails(trail(**facts)))) is expected


def test_each_trail_is_a_question_of_its_own() -> None:
    off = [trail("one", validation=False), trail("two", validation=False), trail("three")]
    subjects = [each.subject for each in found(control, trails(*off))]
    assert len(set(subjects)) == 2


def test_it_is_switched_on_and_off_again() -> None:
    fix = planned(control, trails(trail(validation=False, home_region="us-west-2")))
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.do.params["EnableLogFileValidation"] is True
    assert step.do.region == "us-west-2"
    assert step.undo is not None
    assert step.undo.params["EnableLogFileValidation"] is False
