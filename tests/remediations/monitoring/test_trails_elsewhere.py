"""A trail that records another Region alone is found from here, and changed where it is at home."""

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.planner import evaluate
from bot.model import Finding, Part, Plan, Unavailable
from bot.registry import Enabled
from remediations.monitoring import (
    trail_bucket_public,
    trail_not_encrypted,
    trail_not_in_cloudwatch_logs,
    trail_not_logging,
    trail_without_log_validation,
)
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.monitoring.test_no_multi_region_trail import trail, trails
from tests.remediations.monitoring.test_trail_bucket_public import anyone
from tests.remediations.people import found

KEY = "arn:aws:kms:us-east-1:123456789012:key/0000-1111"
BUCKETS = frozenset({Part.TRAIL_BUCKETS})


def _seed(account: AccountBuilder) -> None:
    """A trail of the whole account, and in another Region one that lacks everything."""
    account.regions("us-east-1", "eu-west-1", "eu-west-3")
    account.kms_key("0000-1111")
    account.trail("whole", multi_region=True, validation=True, key=KEY)
    account.trail("far", region="eu-west-3", logging=False)


def _about_far(
    control: ModuleType, account: AccountBuilder, settings: dict[str, Any]
) -> list[tuple[Finding, Any]]:
    snapshot, chosen = look(account), control.CONTROL.settings(**settings)
    return [
        (each, control.plan(each, snapshot, chosen))
        for each in control.detect(snapshot, chosen)
        if each.resource.name == "far"
    ]


@pytest.mark.parametrize(
    ("control", "settings"),
    [
        pytest.param(trail_without_log_validation, {}, id="validation"),
        pytest.param(trail_not_logging, {}, id="logging"),
        pytest.param(trail_not_encrypted, {"key": KEY}, id="encryption"),
    ],
)
def test_it_is_found_and_mended_at_home_and_back(
    control: ModuleType, settings: dict[str, Any]
) -> None:
    with mock_account(NOW) as account:
        _seed(account)
        ((finding, fix),) = _about_far(control, account, settings)
        assert finding.evidence["home_region"] == "eu-west-3"
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        assert {step.do.region for step in fix.steps} == {"eu-west-3"}
        assert _about_far(control, account, settings) == []
        acting.undo()
        assert [each.subject for each, _ in _about_far(control, account, settings)] == [
            finding.subject
        ]


def test_a_bucket_of_such_a_trail_is_looked_at() -> None:
    with mock_account(NOW) as account:
        _seed(account)
        bucket = f"far-{account.account_id}"
        account.bucket(bucket, policy=anyone(bucket))
        (finding,) = found(trail_bucket_public, look(account, more=BUCKETS))
        assert finding.resource.name == bucket


@pytest.mark.parametrize(
    ("here", "about"),
    [
        pytest.param([], ["far"], id="no other"),
        pytest.param([trail("near", multi_region=False)], ["far"], id="by name among equals"),
        pytest.param([trail("whole")], ["whole"], id="a better one"),
    ],
)
def test_it_answers_for_nothing_but_itself(here: list[Any], about: list[str]) -> None:
    far = trail("far", multi_region=False, home_region="eu-west-3")
    control = trail_not_in_cloudwatch_logs
    silent = trails(*here, elsewhere={"eu-west-3": (far,)})
    assert [each.resource.name for each in found(control, silent)] == about
    writes = replace(far, log_group="arn:aws:logs:eu-west-3:123456789012:log-group:there:*")
    there = trails(*here, elsewhere={"eu-west-3": (writes,)})
    assert [each.resource.name for each in found(control, there)] == [each.name for each in here]


def test_one_that_changed_while_regions_were_asked_is_told_of_once() -> None:
    was = trail("far", multi_region=False, validation=False, home_region="eu-west-3")
    both = trails(replace(was, multi_region=True), elsewhere={"eu-west-3": (was,)})
    assert len(found(trail_without_log_validation, both)) == 1


def test_where_a_region_cannot_be_read_the_others_count_and_nothing_is_resolved() -> None:
    part, control = Part.REGIONAL_TRAILS, trail_without_log_validation.CONTROL
    gap = Unavailable(part, "cloudtrail:DescribeTrails", "in eu-west-3: AccessDenied: no", "x")
    snapshot = replace(trails(trail(validation=False)), unavailable={part: gap})
    seen = evaluate(snapshot, [Enabled(control, control.settings())])
    assert len(seen.seen) == 1
    assert not seen.evaluated
    assert "eu-west-3" in seen.not_evaluated[control.id]
