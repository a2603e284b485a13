"""A trail that doesn't record the whole account is mended; a new one needs a bucket by name."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Part, Plan, Trail
from remediations.monitoring import no_multi_region_trail as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ACCOUNT, found, planned, seen

BASIC = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
OBJECTS = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::bucket/"]}]


def seed(account: AccountBuilder) -> None:
    """The one trail is regional, stopped, and takes only what is written; some data events too."""
    cloudtrail = account.client("cloudtrail")
    cloudtrail.delete_trail(Name="everything")
    arn = account.trail("narrow", logging=False, validation=True)
    selectors = [
        {**BASIC, "ReadWriteType": "WriteOnly"},
        {**BASIC, "ReadWriteType": "ReadOnly", "DataResources": OBJECTS},
    ]
    selectors[1]["IncludeManagementEvents"] = False
    cloudtrail.put_event_selectors(TrailName=arn, EventSelectors=selectors)


def trail(name: str = "main-trail", **facts: Any) -> Trail:
    """A trail of this account that records everything, but for these facts."""
    region = facts.pop("home_region", "eu-west-1")
    owner = facts.pop("owner", "123456789012")
    selectors = facts.pop("selectors", [BASIC])
    return Trail(
        **{
            "name": name,
            "arn": f"arn:aws:cloudtrail:{region}:{owner}:trail/{name}",
            "home_region": region,
            "multi_region": True,
            "organization": False,
            "logging": True,
            "global_events": True,
            "validation": True,
            "management_events": "All",
            "selectors": None if selectors is None else json.dumps(selectors),
            **facts,
        }
    )


def trails(*all_of_them: Trail, elsewhere: Mapping[str, tuple[Trail, ...]] | None = None) -> Any:
    """A snapshot with these trails, and with those that show only in the Region they record."""
    return seen(parts={Part.TRAILS: all_of_them, Part.REGIONAL_TRAILS: elsewhere or {}})


@pytest.mark.parametrize(
    ("all_of_them", "expected"),
    [
        pytest.param([trail()], False, id="records everything"),
        pytest.param([trail(validation=False)], False, id="its files can't be proved: not ours"),
        pytest.param([trail(organization=True, owner="999988887777")], False, id="organization's"),
        pytest.param([trail(logging=False), trail("other")], False, id="another one does"),
        pytest.param([], True, id="no trail"),
        pytest.param([trail(logging=False)], True, id="made and never started"),
        pytest.param([trail(multi_region=False)], True, id="one region"),
        pytest.param([trail(management_events="WriteOnly")], True, id="writes only"),
        pytest.param([trail(management_events=None)], True, id="data events only"),
        pytest.param([trail(delivery_error="AccessDenied")], True, id="can't deliver"),
        pytest.param(
            [trail(logging=False), trail("other", multi_region=False)], True, id="halves don't add"
        ),
        pytest.param(
            [trail(organization=True, owner="999988887777", logging=False)], True, id="org stopped"
        ),
    ],
)
def test_which_accounts_are_found(all_of_them: list[Trail], expected: bool) -> None:
    """One trail must do all of it."""
    assert bool(found(control, trails(*all_of_them))) is expected


@pytest.mark.parametrize(
    ("all_of_them", "said", "lacking"),
    [
        pytest.param([], "No trail records this account", [], id="no trail"),
        pytest.param(
            [trail(logging=False)],
            "None of the trails here records the whole account",
            [["it is not logging"]],
            id="one that doesn't do",
        ),
        pytest.param(
            [
                trail("a", management_events="WriteOnly", delivery_error="AccessDenied"),
                trail("b", management_events=None, multi_region=False),
            ],
            "None of the trails here records the whole account",
            [
                [
                    "of management events it records WriteOnly",
                    "its files can't be delivered: AccessDenied",
                ],
                ["it records eu-west-1 only", "of management events it records not all"],
            ],
            id="two halves",
        ),
    ],
)
def test_what_is_said_of_the_trails(
    all_of_them: list[Trail], said: str, lacking: list[list[str]]
) -> None:
    (finding,) = found(control, trails(*all_of_them))
    evidence: Any = finding.evidence["trails"]
    assert (finding.summary, [*evidence.values()]) == (said, lacking)


def _steps(*all_of_them: Trail, **settings: Any) -> list[str]:
    fix = planned(control, trails(*all_of_them), **settings)
    assert isinstance(fix, Plan), fix
    return [f"{step.name} {step.do.region}" for step in fix.steps]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"logging": False}, ["start"], id="stopped"),
        pytest.param({"multi_region": False}, ["widen"], id="one region"),
        pytest.param(
            {"logging": False, "global_events": False},
            ["widen", "start"],
            id="stopped, without what is global",
        ),
        pytest.param(
            {"logging": False, "validation": False},
            ["widen", "start"],
            id="stopped, and its files can't be proved",
        ),
        pytest.param(
            {
                "management_events": "ReadOnly",
                "selectors": [{**BASIC, "ReadWriteType": "ReadOnly"}],
            },
            ["select"],
            id="reads only",
        ),
        pytest.param(
            {"multi_region": False, "logging": False, "management_events": None, "selectors": []},
            ["widen", "select", "start"],
            id="everything",
        ),
    ],
)
def test_a_trail_is_mended_in_its_home_region(facts: dict[str, Any], expected: list[str]) -> None:
    """Only what it lacks."""
    assert _steps(trail(**facts)) == [f"{name} eu-west-1" for name in expected]


def test_the_trail_that_lacks_least_is_mended() -> None:
    """And never one of the organization's or of another account."""
    fix = planned(
        control,
        trails(
            trail("aaa", multi_region=False, logging=False),
            trail("bbb", organization=True, logging=False),
            trail("ccc", owner="999988887777", logging=False),
            trail("zzz", logging=False),
        ),
    )
    assert isinstance(fix, Plan)
    assert str(fix.steps[0].do.params["Name"]).endswith("trail/zzz")


DATA = [{**BASIC, "IncludeManagementEvents": False, "DataResources": OBJECTS}]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param(
            {"management_events": None, "selectors": None}, "chooses its events", id="advanced"
        ),
        pytest.param(
            {
                "management_events": None,
                "selectors": [{**BASIC, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}],
            },
            "chooses its events",
            id="leaves KMS out",
        ),
        pytest.param(
            {"management_events": None, "selectors": DATA * 5}, "chooses its events", id="full"
        ),
        pytest.param({"delivery_error": "AccessDenied"}, "mend its bucket", id="can't deliver"),
        pytest.param({"organization": True, "logging": False}, "management account", id="org"),
        pytest.param({"owner": "999988887777", "logging": False}, "management account", id="other"),
    ],
)
def test_what_needs_a_decision_is_left_to_people(facts: dict[str, Any], reason: str) -> None:
    """The advice says which trail and why."""
    fix = planned(control, trails(trail(**facts)))
    assert isinstance(fix, Manual)
    assert any("main-trail" in step and reason in step for step in fix.steps)
    assert any("controls.no-multi-region-trail.bucket" in step for step in fix.steps)


def test_data_events_stay_as_they_are() -> None:
    """A selector is added; those with data resources only lose the management events."""
    old = [
        {**BASIC, "ReadWriteType": "ReadOnly", "DataResources": OBJECTS},
        {**BASIC, "ReadWriteType": "WriteOnly"},
    ]
    fix = planned(control, trails(trail(management_events="ReadOnly", selectors=old)))
    assert isinstance(fix, Plan)
    assert fix.steps[0].undo is not None
    assert fix.steps[0].undo.params["EventSelectors"] == old
    assert fix.steps[0].do.params["EventSelectors"] == [
        BASIC,
        {**old[0], "IncludeManagementEvents": False},
    ]


def test_a_new_trail_needs_a_bucket_and_a_free_name() -> None:
    """It costs money: without a bucket there is advice only."""
    assert isinstance(planned(control, trails()), Manual)
    assert _steps(bucket="logs") == ["make us-east-1", "start us-east-1"]
    assert _steps(bucket="logs", home_region="eu-north-1") == [
        "make eu-north-1",
        "start eu-north-1",
    ]
    taken = trail("management-events", organization=True, logging=False)
    assert isinstance(planned(control, trails(taken), bucket="logs"), Manual)
    assert _steps(taken, bucket="logs", trail_name="mine") == ["make us-east-1", "start us-east-1"]


def test_without_a_bucket_one_is_proposed_by_name() -> None:
    """Its command, its policy and where its name goes; what a trail costs a month too."""
    fix = planned(control, trails(), home_region="eu-west-1", trail_name="mine")
    assert isinstance(fix, Manual)
    make, allow, name, again = fix.steps
    assert make.endswith(
        "aws s3api create-bucket --bucket trail-files-123456789012 --region eu-west-1 "
        "--create-bucket-configuration LocationConstraint=eu-west-1"
    )
    assert "arn:aws:s3:::trail-files-123456789012/AWSLogs/123456789012/*" in allow
    assert "aws:SourceArn is arn:aws:cloudtrail:eu-west-1:123456789012:trail/mine" in allow
    assert "controls.no-multi-region-trail.bucket" in name
    assert "mine in eu-west-1" in name
    assert "a month" in again


def test_the_command_for_a_bucket_in_the_first_region_tells_s3_no_place() -> None:
    fix = planned(control, trails())
    assert isinstance(fix, Manual)
    assert fix.steps[0].endswith("--bucket trail-files-123456789012 --region us-east-1")


def test_plans_say_where_and_what_it_costs() -> None:
    mended = planned(control, trails(trail(logging=False, bucket="files", key="arn:of-a-key")))
    made = planned(control, trails(), bucket="logs")
    assert isinstance(mended, Plan)
    assert isinstance(made, Plan)
    assert mended.summary == (
        "Let the trail main-trail record the whole account from eu-west-1, with its files in the "
        "bucket files, encrypted with arn:of-a-key"
    )
    assert made.summary == (
        "Make the trail management-events in us-east-1, with its files in the bucket logs, and "
        "start it"
    )
    assert "1 US dollar a month" in mended.breaks[0]
    assert mended.breaks == made.breaks


@pytest.mark.parametrize(
    ("partition", "home"),
    [("aws", "us-east-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")],
)
def test_a_new_trail_is_at_home_where_the_partition_is(partition: str, home: str) -> None:
    there = replace(trails(), account=replace(ACCOUNT, partition=partition))
    fix = planned(control, there, bucket="logs")
    assert isinstance(fix, Plan)
    assert {step.do.region for step in fix.steps} == {home}


def test_a_new_trail_is_made_started_and_taken_back() -> None:
    """On an account without any."""
    with mock_account(NOW) as account:
        account.client("s3").create_bucket(Bucket="all-the-logs")
        fix = planned(control, look(account), bucket="all-the-logs")
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        assert not found(control, look(account))
        acting.undo()
        assert account.client("cloudtrail").describe_trails()["trailList"] == []
