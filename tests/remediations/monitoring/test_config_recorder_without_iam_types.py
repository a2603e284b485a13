"""One Region records how IAM is; everything else that its recorder is told stays."""

from dataclasses import replace
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import IAM_TYPES, Part, Plan, Unavailable
from remediations.monitoring import config_recorder_without_iam_types as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.monitoring.test_config_recorder_off import PARTS, recorder, regions
from tests.remediations.people import found, planned

SETTINGS: dict[str, Any] = {"enabled": True}
ALL_BUT_IAM = {"allSupported": True, "includeGlobalResourceTypes": False}
BUCKETS = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}
SOME_IAM = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket", *IAM_TYPES[:3]]}


def leaving_out(*types: str) -> dict[str, Any]:
    return {
        "allSupported": False,
        "exclusionByResourceTypes": {"resourceTypes": [*types]},
        "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
    }


def seed(account: AccountBuilder) -> None:
    """Both Regions record everything but IAM."""
    account.config_recorder(group=ALL_BUT_IAM)
    account.config_recorder(region="eu-west-1", group=BUCKETS)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        pytest.param({"allSupported": True, "includeGlobalResourceTypes": True}, False, id="all"),
        pytest.param(ALL_BUT_IAM, True, id="all but global types"),
        pytest.param(BUCKETS, True, id="listed, without IAM"),
        pytest.param(SOME_IAM, True, id="listed, one of IAM missing"),
        pytest.param({**BUCKETS, "resourceTypes": [*IAM_TYPES]}, False, id="listed"),
        pytest.param(leaving_out("AWS::S3::Bucket"), False, id="left out: others"),
        pytest.param(leaving_out("AWS::IAM::Role"), True, id="left out: roles"),
    ],
)
def test_what_is_recorded(group: dict[str, Any], expected: bool) -> None:
    assert bool(found(control, regions(us_east_1=recorder(group=group)))) is expected


def test_one_region_is_enough() -> None:
    snapshot = regions(us_east_1=recorder(group=ALL_BUT_IAM), eu_west_1=recorder())
    assert found(control, snapshot) == []


def test_nothing_is_concluded_where_a_region_is_unread() -> None:
    snapshot = regions(us_east_1=recorder(group=ALL_BUT_IAM))
    part = Part.CONFIG_RECORDERS
    gap = Unavailable(part, "config:X", "in eu-west-1: AccessDenied: no", "config:X")
    assert found(control, replace(snapshot, unavailable={part: gap})) == []


def test_a_stopped_recorder_records_nothing() -> None:
    alone = regions(us_east_1=recorder(recording=False), eu_west_1=None)
    assert found(control, alone) == []  # config-recorder-off says so
    beside = regions(us_east_1=recorder(recording=False), eu_west_1=recorder(group=BUCKETS))
    (finding,) = found(control, beside)
    assert [*finding.evidence] == ["eu-west-1"]


@pytest.mark.parametrize("group", [ALL_BUT_IAM, BUCKETS, SOME_IAM, leaving_out(*IAM_TYPES)])
@pytest.mark.parametrize("more", [(), ("AWS::S3::Bucket",)], ids=["alone", "with others"])
def test_each_kind_of_group_is_mended_and_taken_back(
    group: dict[str, Any], more: tuple[str, ...]
) -> None:
    if more and "exclusionByResourceTypes" in group:
        group = leaving_out(*IAM_TYPES, *more)
    with mock_account(NOW) as account:
        account.regions("us-east-1")
        account.config_recorder(group=group)
        fix = planned(control, look(account, more=PARTS))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        before = account.client("config").describe_configuration_recorders()
        acting.apply()
        assert found(control, look(account, more=PARTS)) == []
        after = account.client("config").describe_configuration_recorders()
        kept = after["ConfigurationRecorders"][0]["recordingGroup"]
        if more and "exclusionByResourceTypes" in group:
            assert kept["exclusionByResourceTypes"] == {"resourceTypes": [*more]}
        if group in (BUCKETS, SOME_IAM):
            assert "AWS::S3::Bucket" in kept["resourceTypes"]
        acting.undo()
        again = account.client("config").describe_configuration_recorders()
        assert again["ConfigurationRecorders"] == before["ConfigurationRecorders"]


NOTHING_OUT = {"exclusionByResourceTypes": {"resourceTypes": []}}


@pytest.mark.parametrize(
    ("group", "sent", "back"),
    [
        pytest.param(
            {"allSupported": False},
            {"allSupported": False, "resourceTypes": [*IAM_TYPES]},
            {"allSupported": False},
            id="no types",
        ),
        pytest.param(
            {**BUCKETS, **NOTHING_OUT, "includeGlobalResourceTypes": False},
            {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket", *IAM_TYPES]},
            BUCKETS,
            id="nothing left out",
        ),
        pytest.param(
            {**ALL_BUT_IAM, **NOTHING_OUT, "resourceTypes": []},
            {"allSupported": True, "includeGlobalResourceTypes": True},
            ALL_BUT_IAM,
            id="nothing named",
        ),
    ],
)
def test_what_aws_tells_as_empty_is_not_sent(
    group: dict[str, Any], sent: dict[str, Any], back: dict[str, Any]
) -> None:
    fix = planned(control, regions(us_east_1=recorder(group=group)))
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.undo is not None
    calls: list[Any] = [each.params["ConfigurationRecorder"] for each in (step.do, step.undo)]
    assert [each["recordingGroup"] for each in calls] == [sent, back]


def test_the_region_of_the_settings_if_it_records() -> None:
    both = regions(us_east_1=recorder(group=BUCKETS), eu_west_1=recorder(group=BUCKETS))
    fix = planned(control, both, region="us-east-1")
    assert isinstance(fix, Plan)
    assert fix.steps[0].do.region == "us-east-1"
    other = planned(control, both, region="ap-south-1")
    assert isinstance(other, Plan)
    assert other.steps[0].do.region == "eu-west-1"
    assert "1 US dollar" in fix.breaks[0]
