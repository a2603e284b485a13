"""Analyzers are made, listed and deleted by Region, with the errors that botocore's model names."""

import pytest
from botocore.exceptions import ClientError

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.server import start


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def test_it_is_made_listed_and_deleted() -> None:
    with mock_account() as account:
        client = account.client("accessanalyzer")
        arn = client.create_analyzer(analyzerName="a.b-c", type="ACCOUNT")["arn"]
        assert arn == "arn:aws:access-analyzer:us-east-1:123456789012:analyzer/a.b-c"
        (listed,) = client.list_analyzers()["analyzers"]
        assert (listed["name"], listed["type"], listed["status"]) == ("a.b-c", "ACCOUNT", "ACTIVE")
        assert client.list_analyzers(type="ORGANIZATION")["analyzers"] == []
        assert client.get_analyzer(analyzerName="a.b-c")["analyzer"]["arn"] == arn
        assert _elsewhere(account) == []
        client.delete_analyzer(analyzerName="a.b-c")
        assert client.list_analyzers()["analyzers"] == []


def _elsewhere(account: AccountBuilder) -> list[object]:
    client = account.session().client("accessanalyzer", region_name="eu-west-1")
    return list(client.list_analyzers()["analyzers"])


def test_refusals() -> None:
    with mock_account() as account:
        client = account.client("accessanalyzer")
        client.create_analyzer(analyzerName="one", type="ACCOUNT")
        with pytest.raises(ClientError) as twice:
            client.create_analyzer(analyzerName="one", type="ACCOUNT_UNUSED_ACCESS")
        with pytest.raises(ClientError) as second:
            client.create_analyzer(analyzerName="two", type="ACCOUNT")
        with pytest.raises(ClientError) as gone:
            client.delete_analyzer(analyzerName="three")
    assert _code(twice.value) == "ConflictException"
    assert _code(second.value) == "ServiceQuotaExceededException"
    assert _code(gone.value) == "ResourceNotFoundException"


def test_findings_are_those_of_their_analyzer() -> None:
    """With all that the model requires of one, and by filters."""
    with mock_account() as account:
        client = account.client("accessanalyzer")
        arn = account.analyzer("unused", kind="ACCOUNT_UNUSED_ACCESS")
        other = account.analyzer("outsiders")
        user = account.user("ann")
        found = account.unused_access("unused", "UnusedPermission", user)
        listed = client.list_findings_v2(analyzerArn=arn)["findings"]
        model = client.meta.service_model.operation_model("ListFindingsV2")
        assert {*model.output_shape.members["findings"].member.required_members} <= listed[0].keys()
        assert [(each["id"], each["resource"]) for each in listed] == [(found, user)]
        assert client.list_findings_v2(analyzerArn=other)["findings"] == []
        for status, number in (("ACTIVE", 1), ("ARCHIVED", 0)):
            wanted = {"status": {"eq": [status]}}
            answer = client.list_findings_v2(analyzerArn=arn, filter=wanted)
            assert len(answer["findings"]) == number
        with pytest.raises(ClientError) as gone:
            client.list_findings_v2(analyzerArn=f"{arn}-2")
    assert _code(gone.value) == "ResourceNotFoundException"


def test_a_served_account_has_regions_and_analyzers_too() -> None:
    with start(users=0) as served:
        served.account.analyzer("one")
        regions = served.client("ec2").describe_regions()["Regions"]
        assert [each["RegionName"] for each in regions] == ["eu-west-1", "us-east-1"]
        assert len(served.client("accessanalyzer").list_analyzers()["analyzers"]) == 1
    with start(users=0) as anew:
        assert anew.client("accessanalyzer").list_analyzers()["analyzers"] == []
