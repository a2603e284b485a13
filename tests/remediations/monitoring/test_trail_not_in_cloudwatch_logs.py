"""One trail writes to CloudWatch Logs, by a role that may do no more than that."""

import json
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan
from remediations.monitoring import trail_not_in_cloudwatch_logs as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.monitoring.test_no_multi_region_trail import trail, trails
from tests.remediations.people import found, planned

SETTINGS: dict[str, Any] = {"enabled": True}
GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:there:*"


def seed(account: AccountBuilder) -> None:
    """The healthy trail writes to its bucket alone, and so does a regional one."""
    account.trail("regional", validation=True)


@pytest.mark.parametrize(
    ("all_of_them", "about"),
    [
        pytest.param([], None, id="no trail"),
        pytest.param([trail()], "main-trail", id="bucket alone"),
        pytest.param([trail(log_group=GROUP)], None, id="in CloudWatch Logs"),
        pytest.param([trail("a", multi_region=False), trail("b")], "b", id="the better one"),
        pytest.param([trail("a"), trail("b", log_group=GROUP)], None, id="another one is there"),
        pytest.param(
            [trail("a"), trail("b", log_group=GROUP, logging=False)], "a", id="one that is stopped"
        ),
        pytest.param(
            [trail("a", log_group=GROUP, logging=False), trail("b", logging=False)],
            "b",
            id="one that is stopped, as all are",
        ),
        pytest.param(
            [trail(log_group=GROUP, logging=False)], None, id="stopped: another control's"
        ),
        pytest.param(
            [trail(), trail("org", organization=True, log_group=GROUP, owner="999988887777")],
            None,
            id="the organization's is there",
        ),
        pytest.param(
            [trail(), trail("org", organization=True, log_group=GROUP, logging=False)],
            None,
            id="the organization's is there, stopped: not ours to start",
        ),
        pytest.param([trail(organization=True)], None, id="only the organization's"),
    ],
)
def test_which_trail_it_is_about(all_of_them: list[Any], about: str | None) -> None:
    names = [finding.resource.name for finding in found(control, trails(*all_of_them))]
    assert names == ([about] if about else [])


def test_the_role_may_write_there_and_nothing_else() -> None:
    fix = planned(control, trails(trail()))
    assert isinstance(fix, Plan)
    assert fix.whole
    steps = {step.name: step for step in fix.steps}
    assert [*steps] == ["make-role", "grant", "make-group", "keep", "deliver"]
    (allowed,) = json.loads(str(steps["grant"].do.params["PolicyDocument"]))["Statement"]
    assert allowed["Resource"] == (
        "arn:aws:logs:eu-west-1:123456789012:log-group:cloudtrail/events:log-stream:*"
    )
    assert "50 US cents" in fix.breaks[0]
    assert "eu-west-1" in fix.summary


def test_a_role_of_the_settings_is_used() -> None:
    role = "arn:aws:iam::123456789012:role/path/to-logs"
    fix = planned(control, trails(trail()), role=role)
    assert isinstance(fix, Plan)
    assert [step.name for step in fix.steps] == ["make-group", "keep", "deliver"]
    assert fix.steps[-1].do.params["CloudWatchLogsRoleArn"] == role


@pytest.mark.parametrize("days", ["1", "365", "3653"])
def test_days_that_cloudwatch_knows(days: str) -> None:
    assert control.TrailNotInCloudwatchLogsSettings(keep=days).keep == days


@pytest.mark.parametrize(
    "wrong",
    [
        {"keep": "2"},
        {"keep": "0"},
        {"log_group": "a b"},
        {"role_name": "<!channel>"},
        {"role": "x"},
    ],
)
def test_what_aws_would_refuse_is_no_setting(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        control.TrailNotInCloudwatchLogsSettings(**wrong)


def test_a_log_group_made_meanwhile_stops_it() -> None:
    with mock_account(NOW) as account:
        account.trail("main")
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        account.client("logs").create_log_group(logGroupName="cloudtrail/events")
        making = next(step for step in fix.steps if step.name == "make-group")
        assert Acting(account).broken(making.before) == [
            "there is a log group cloudtrail/events by now"
        ]
