"""CloudTrail: default selectors, logging off until started, home regions, limits."""

import pytest
from botocore.exceptions import ClientError

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.refusals import refused


def test_new_trail_records_all_management_events(account: AccountBuilder) -> None:
    """GetEventSelectors of a trail that nobody configured; moto answers nothing."""
    account.trail("main")
    found = account.client("cloudtrail").get_event_selectors(TrailName="main")
    assert found["EventSelectors"] == [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [],
            "ExcludeManagementEventSources": [],
        }
    ]
    assert not found.get("AdvancedEventSelectors")


def test_advanced_selectors_replace_the_default(account: AccountBuilder) -> None:
    """And basic ones replace those again."""
    account.trail("main")
    trails = account.client("cloudtrail")
    advanced = [
        {"Name": "m", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    ]
    trails.put_event_selectors(TrailName="main", AdvancedEventSelectors=advanced)
    found = trails.get_event_selectors(TrailName="main")
    assert (found["EventSelectors"], found["AdvancedEventSelectors"]) == ([], advanced)
    basic = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}]
    trails.put_event_selectors(TrailName="main", EventSelectors=basic)
    found = trails.get_event_selectors(TrailName="main")
    assert found["EventSelectors"] == basic
    assert not found.get("AdvancedEventSelectors")


def test_trail_made_by_the_api_does_not_log(account: AccountBuilder) -> None:
    """Until StartLogging."""
    account.trail("first")
    trails = account.client("cloudtrail")
    trails.create_trail(Name="second", S3BucketName="first-123456789012", IsMultiRegionTrail=True)
    assert trails.get_trail_status(Name="second")["IsLogging"] is False
    trails.start_logging(Name="second")
    assert trails.get_trail_status(Name="second")["IsLogging"] is True


def test_same_name_and_sixth_trail_are_refused(account: AccountBuilder) -> None:
    """moto replaces the one and makes the other."""
    for number in range(5):
        account.trail(f"trail-{number}", bucket="logs-123")
    trails = account.client("cloudtrail")
    with refused("TrailAlreadyExistsException", status=400):
        trails.create_trail(Name="trail-0", S3BucketName="logs-123")
    with refused("MaximumNumberOfTrailsExceededException", status=400):
        trails.create_trail(Name="trail-5", S3BucketName="logs-123")


@pytest.mark.parametrize("operation", ["start_logging", "stop_logging", "delete_trail"])
def test_shadow_trails_change_only_at_home(account: AccountBuilder, operation: str) -> None:
    """A multi-Region trail shows everywhere and is changed in its home region only."""
    arn = account.trail("wide", region="eu-west-1", multi_region=True)
    away = account.session().client("cloudtrail", region_name="us-east-1")
    (shown,) = away.describe_trails()["trailList"]
    assert (shown["TrailARN"], shown["HomeRegion"]) == (arn, "eu-west-1")
    assert away.get_event_selectors(TrailName=arn)["EventSelectors"]
    with refused("InvalidHomeRegionException", status=400, saying="eu-west-1"):
        getattr(away, operation)(Name=arn)
    home = account.session().client("cloudtrail", region_name="eu-west-1")
    getattr(home, operation)(Name=arn)


def test_update_away_from_home_and_missing_trail(account: AccountBuilder) -> None:
    """UpdateTrail too; a trail that isn't there is TrailNotFoundException."""
    arn = account.trail("wide", region="eu-west-1", multi_region=True)
    away = account.session().client("cloudtrail", region_name="us-east-1")
    with refused("InvalidHomeRegionException", status=400):
        away.update_trail(Name=arn, EnableLogFileValidation=True)
    with pytest.raises(ClientError) as caught:
        away.update_trail(Name="missing", EnableLogFileValidation=True)
    assert caught.value.response["Error"]["Code"] == "TrailNotFoundException"
