"""AWS Config records in each Region: stopped recorders start, new ones need a bucket by name."""

import json
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import ConfigRecorder, Manual, Part, Plan, Role
from remediations.monitoring import config_recorder_off as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found, planned, seen

SETTINGS: dict[str, Any] = {"enabled": True, "bucket": "config-files"}
PARTS = frozenset({Part.CONFIG_RECORDERS, Part.ROLES})
ROLE = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/x"


def seed(account: AccountBuilder) -> None:
    """Virginia's recorder is stopped; Ireland has none, but the account has Config's role."""
    account.config_recorder(recording=False)
    account.service_linked_role("config.amazonaws.com", "Config")


def recorder(**facts: Any) -> ConfigRecorder:
    """A recorder that records everything, but for these facts."""
    group = facts.pop("group", {"allSupported": True, "includeGlobalResourceTypes": True})
    definition = {"name": "default", "roleARN": ROLE, "recordingGroup": group}
    return ConfigRecorder(
        **{
            "name": "default",
            "recording": True,
            "failed": False,
            "channel": "default",
            "definition": json.dumps(definition),
            **facts,
        }
    )


OTHER_ROLE = Role("other", "AROAOTHER", ROLE.replace("/x", "/other"), "/", NOW, "{}")


def regions(**recorders: ConfigRecorder | None) -> Any:
    """A snapshot with these recorders by Region, with _ for -, and no role for Config."""
    by_region = {name.replace("_", "-"): each for name, each in recorders.items()}
    return seen(parts={Part.CONFIG_RECORDERS: by_region, Part.ROLES: ()})


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        pytest.param({}, None, id="records"),
        pytest.param({"recording": False}, "stopped", id="stopped"),
        pytest.param({"failed": True}, "files don't arrive", id="fails"),
        pytest.param({"channel": ""}, "no delivery channel", id="no channel"),
        pytest.param({"group": {"allSupported": False}}, None, id="what it records: not ours"),
    ],
)
def test_what_regions_lack(facts: dict[str, Any], said: str | None) -> None:
    findings = found(control, regions(us_east_1=recorder(**facts)))
    evidence = [finding.evidence["regions"] for finding in findings]
    assert evidence == ([{"us-east-1": said}] if said else [])


def test_a_region_without_a_recorder_unless_it_is_left_out() -> None:
    snapshot = regions(us_east_1=recorder(), eu_west_1=None, eu_north_1=None)
    (finding,) = found(control, snapshot, left_out=("eu-n*",))
    assert finding.evidence["regions"] == {"eu-west-1": "no recorder"}
    assert found(control, snapshot, left_out=("eu-*",)) == []


def test_new_ones_record_iam_in_one_region_and_say_what_they_cost() -> None:
    fix = planned(
        control, regions(us_east_1=None, eu_west_1=None), bucket="config-files", role=ROLE
    )
    assert isinstance(fix, Plan)
    groups = {
        step.do.region: step.do.params["ConfigurationRecorder"]
        for step in fix.steps
        if step.name.startswith("define")
    }
    assert {
        region: each["recordingGroup"]["includeGlobalResourceTypes"]  # type: ignore[index,call-overload]
        for region, each in groups.items()
    } == {"us-east-1": True, "eu-west-1": False}
    said = {step.do.region for step in fix.steps if "the things of IAM too" in step.summary}
    assert said == {"us-east-1"}
    assert "1 US dollar a month" in fix.breaks[0]
    assert "config-files" in fix.summary


@pytest.mark.parametrize(
    ("snapshot", "settings"),
    [
        pytest.param(regions(us_east_1=None), {}, id="nothing named"),
        pytest.param(regions(us_east_1=None), {"bucket": "files"}, id="no role"),
        pytest.param(regions(us_east_1=None), {"role": ROLE}, id="no bucket"),
        pytest.param(regions(us_east_1=recorder(channel="")), {}, id="no channel, and no bucket"),
        pytest.param(
            seen(parts={Part.CONFIG_RECORDERS: {"us-east-1": None}, Part.ROLES: (OTHER_ROLE,)}),
            {"bucket": "files"},
            id="another role",
        ),
        pytest.param(regions(us_east_1=recorder(failed=True)), SETTINGS, id="failing delivery"),
    ],
)
def test_what_people_must_do(snapshot: Any, settings: dict[str, Any]) -> None:
    fix = planned(control, snapshot, **settings)
    assert isinstance(fix, Manual)
    assert "1 US dollar a month" in fix.steps[-1]


@pytest.mark.parametrize(
    ("recording", "steps"),
    [
        pytest.param(False, ["PutDeliveryChannel", "StartConfigurationRecorder"], id="stopped"),
        pytest.param(True, ["PutDeliveryChannel"], id="running"),
    ],
)
def test_one_without_a_channel_gets_one(recording: bool, steps: list[str]) -> None:
    """By its own name, and without another role."""
    one = recorder(name="own", channel="", recording=recording)
    fix = planned(control, regions(us_east_1=one), bucket="files")
    assert isinstance(fix, Plan)
    assert [step.do.operation for step in fix.steps] == steps
    assert fix.steps[0].do.params["DeliveryChannel"] == {"name": "own", "s3BucketName": "files"}


def test_a_stopped_one_is_started_without_any_setting() -> None:
    """The Region that is left to people is not said to record."""
    snapshot = regions(us_east_1=recorder(recording=False), eu_west_1=None)
    fix = planned(control, snapshot)
    assert isinstance(fix, Plan)
    assert [step.do.operation for step in fix.steps] == ["StartConfigurationRecorder"]
    assert fix.summary == "Let AWS Config record in us-east-1 (files in the bucket it has)"


def test_where_the_files_go_is_said_of_each_region() -> None:
    """A recorder that is there writes to its own channel's bucket, whatever the settings name."""
    stopped = recorder(recording=False, bucket="old-files")
    without = recorder(recording=False, channel="")
    snapshot = regions(us_east_1=stopped, eu_west_1=without)
    fix = planned(control, snapshot, bucket="config-files", role=ROLE)
    assert isinstance(fix, Plan)
    assert fix.summary == (
        "Let AWS Config record in eu-west-1 (files in the bucket config-files), us-east-1 (files "
        "in the bucket old-files)"
    )


def test_one_that_was_started_meanwhile_stops_it() -> None:
    with mock_account(NOW) as account:
        account.regions("us-east-1")
        account.config_recorder(recording=False)
        fix = planned(control, look(account, more=PARTS))
        assert isinstance(fix, Plan)
        account.client("config").start_configuration_recorder(ConfigurationRecorderName="default")
        assert Acting(account).broken(fix.steps[0].before) == ["default records by now"]
