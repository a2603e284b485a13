"""CloudTrail's event history: who made a thing, for 90 days, in the shapes of the model."""

import json
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from bot.aws.simulated import AccountBuilder, fill
from tests.aws.simulated.refusals import refused

ANN = "arn:aws:iam::123456789012:user/people/ann"
SESSION = "arn:aws:sts::123456789012:assumed-role/Admins/ann@example.com"


def looked_up(account: AccountBuilder, name: str, **more: Any) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": "ResourceName", "AttributeValue": name}]
    client = account.client("cloudtrail")
    found: list[dict[str, Any]] = client.lookup_events(LookupAttributes=attributes, **more)[
        "Events"
    ]
    return found


def the_user(account: AccountBuilder) -> tuple[str, dict[str, str]]:
    account.user("web", created=account.ago(days=3))
    return "web", {"user": "web"}


def the_role(account: AccountBuilder) -> tuple[str, dict[str, str]]:
    account.role("app", created=account.ago(days=3))
    return "app", {"role": "app"}


def the_policy(account: AccountBuilder) -> tuple[str, dict[str, str]]:
    document = {"Version": "2012-10-17", "Statement": []}
    return "read", {"policy": account.policy("read", document, created=account.ago(days=3))}


def the_key(account: AccountBuilder) -> tuple[str, dict[str, str]]:
    account.user("bot", created=account.ago(days=300))
    key = account.key("bot", created=account.ago(days=3))
    return key, {"key": key}


@pytest.mark.parametrize(
    ("make", "event", "where"),
    [
        (the_user, "CreateUser", ("user", "userId")),
        (the_role, "CreateRole", ("role", "roleId")),
        (the_policy, "CreatePolicy", ("policy", "policyId")),
        (the_key, "CreateAccessKey", ("accessKey", "accessKeyId")),
    ],
)
@pytest.mark.parametrize("maker", [ANN, SESSION])
def test_an_event_tells_who_made_what(
    account: AccountBuilder,
    make: Callable[[AccountBuilder], tuple[str, dict[str, str]]],
    event: str,
    where: tuple[str, str],
    maker: str,
) -> None:
    """Once by the name, with the unique id in the record's answer."""
    name, thing = make(account)
    account.made_by(maker, **thing)

    [found] = looked_up(account, name)

    record = json.loads(found["CloudTrailEvent"])
    assert (found["EventName"], found["ReadOnly"]) == (event, "false")
    assert found["EventTime"] == account.ago(days=3)
    assert record["userIdentity"]["arn"] == maker
    assert record["userIdentity"]["accessKeyId"] == found["AccessKeyId"]
    assert record["eventTime"] == "2026-11-21T12:00:00Z"
    unique_id = record["responseElements"][where[0]][where[1]]
    assert unique_id in [each["ResourceName"] for each in found["Resources"]]


def test_an_answer_is_the_models(account: AccountBuilder) -> None:
    """No field that the model doesn't have, and each of its type."""
    account.made_by(SESSION, **the_user(account)[1])
    model = botocore.session.get_session().get_service_model("cloudtrail")
    shape: Any = model.operation_model("LookupEvents").output_shape

    [event] = looked_up(account, "web")

    report = ParamValidator().validate({"Events": [event]}, shape)
    assert not report.has_errors(), report.generate_report()
    assert set(event) == set(shape.members["Events"].member.members)


def test_only_what_lies_within_the_times_and_90_days_is_told(account: AccountBuilder) -> None:
    """Both ends are included."""
    account.made_by(ANN, **the_user(account)[1])
    account.user("old", created=account.ago(days=91))
    account.made_by(ANN, user="old")
    made = account.ago(days=3)

    assert looked_up(account, "old") == []
    assert len(looked_up(account, "web", StartTime=made, EndTime=made)) == 1
    assert looked_up(account, "web", StartTime=account.ago(days=2)) == []
    assert looked_up(account, "web", EndTime=account.ago(days=4)) == []
    assert looked_up(account, "other") == []


def test_only_the_home_of_iam_has_them(account: AccountBuilder) -> None:
    """IAM is global, its events aren't."""
    account.made_by(ANN, **the_user(account)[1])

    elsewhere = account.session().client("cloudtrail", region_name="eu-central-1")

    assert elsewhere.lookup_events()["Events"] == []
    assert len(account.client("cloudtrail").lookup_events()["Events"]) == 1


@pytest.mark.parametrize(
    ("key", "value", "count"),
    [
        ("EventName", "CreateUser", 3),
        ("EventName", "CreateRole", 0),
        ("ReadOnly", "false", 3),
        ("ResourceType", "AWS::IAM::User", 3),
        ("Username", "ann", 3),
        ("EventSource", "sts.amazonaws.com", 0),
    ],
)
def test_events_are_found_by_any_attribute(
    account: AccountBuilder, key: Any, value: str, count: int
) -> None:
    """Newest first, in pages of the size asked for."""
    for days in (3, 1, 2):
        account.user(f"user-{days}", created=account.ago(days=days))
        account.made_by(ANN, user=f"user-{days}")
    pages = account.client("cloudtrail").get_paginator("lookup_events")

    found = [
        event["EventTime"]
        for page in pages.paginate(
            LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}],
            PaginationConfig={"PageSize": 1},
        )
        for event in page["Events"]
    ]

    assert found == [account.ago(days=days) for days in (1, 2, 3)][:count]


def test_what_the_model_refuses_is_refused(account: AccountBuilder) -> None:
    """By the codes of the model."""
    trails = account.client("cloudtrail")
    name: Any = {"AttributeKey": "EventName", "AttributeValue": "CreateUser"}
    with refused("InvalidLookupAttributesException", status=400):
        trails.lookup_events(LookupAttributes=[name, name])
    with refused("InvalidTimeRangeException", status=400):
        trails.lookup_events(StartTime=account.now, EndTime=account.ago(days=1))
    with refused("InvalidNextTokenException", status=400):
        trails.lookup_events(NextToken="nonsense")


def test_a_token_is_good_for_its_question_only(account: AccountBuilder) -> None:
    """As AWS documents it: the same parameters in every call."""
    for each in ("a", "b"):
        account.user(each)
        account.made_by(ANN, user=each)
    trails = account.client("cloudtrail")
    token = trails.lookup_events(MaxResults=1)["NextToken"]

    assert len(trails.lookup_events(MaxResults=1, NextToken=token)["Events"]) == 1
    with refused("InvalidNextTokenException", status=400):
        trails.lookup_events(MaxResults=1, NextToken=token, StartTime=account.ago(days=1))


def test_exactly_one_thing_was_made(account: AccountBuilder) -> None:
    """Not none and not two."""
    account.user("a")
    with pytest.raises(ValueError, match="exactly one"):
        account.made_by(ANN)
    with pytest.raises(ValueError, match="exactly one"):
        account.made_by(ANN, user="a", role="b")


def test_the_company_remembers_who_made_what_is_young(account: AccountBuilder) -> None:
    """Each user and key of the last 90 days, and nothing older."""
    fill(account, users=90)
    young = [
        user["UserName"]
        for user in account.client().list_users()["Users"]
        if user["CreateDate"] > account.ago(days=90)
    ]

    events = account.client("cloudtrail").get_paginator("lookup_events").paginate()
    history = [event for page in events for event in page["Events"]]
    made = [event for event in history if event["EventName"] in ("CreateUser", "CreateAccessKey")]

    users = {
        json.loads(event["CloudTrailEvent"])["requestParameters"]["userName"]
        for event in made
        if event["EventName"] == "CreateUser"
    }
    assert young
    assert users == set(young)
    assert {event["Username"] for event in made} == {"amara.okafor@harbourlight.example"}
    assert any(event["EventName"] == "CreateAccessKey" for event in made)
