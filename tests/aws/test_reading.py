"""One read: all pages, plain JSON, None for what isn't there, errors with the action to grant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, grant_for, plain, read
from bot.aws.simulated import AccountBuilder
from bot.errors import CredentialsError
from bot.model import Call
from tests.conftest import plain_id

CREATED = datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC)


def _key(name: str) -> dict[str, Any]:
    return {"UserName": "bob", "AccessKeyId": name * 16, "Status": "Active", "CreateDate": CREATED}


def test_an_answer_is_plain_json(connection: AwsConnection, account: AccountBuilder) -> None:
    account.user("bob", created=CREATED)
    key_id = account.key("bob", created=CREATED)
    answer = read(connection, Call("iam", "ListAccessKeys", {"UserName": "bob"}))
    assert answer == {
        "AccessKeyMetadata": [
            {
                "UserName": "bob",
                "AccessKeyId": key_id,
                "Status": "Active",
                "CreateDate": "2024-02-29T23:59:58Z",
            }
        ]
    }
    assert connection.calls["iam:ListAccessKeys"] == 1


def test_a_policy_document_is_an_object(connection: AwsConnection, account: AccountBuilder) -> None:
    account.user("bob")
    account.inline("all", {"Version": "2012-10-17", "Statement": []}, user="bob")
    answer = read(
        connection, Call("iam", "GetUserPolicy", {"UserName": "bob", "PolicyName": "all"})
    )
    assert isinstance(answer, dict)
    assert answer["PolicyDocument"] == {"Version": "2012-10-17", "Statement": []}


def test_all_pages_of_a_paginator_are_merged(connection: AwsConnection) -> None:
    with Stubber(connection.reader("iam")) as stub:
        stub.add_response(
            "list_access_keys",
            {"AccessKeyMetadata": [_key("A")], "IsTruncated": True, "Marker": "m1"},
            {"UserName": "bob"},
        )
        stub.add_response(
            "list_access_keys",
            {"AccessKeyMetadata": [], "IsTruncated": True, "Marker": "m2"},
            {"UserName": "bob", "Marker": "m1"},
        )
        stub.add_response(
            "list_access_keys",
            {"AccessKeyMetadata": [_key("B"), _key("C")], "IsTruncated": False},
            {"UserName": "bob", "Marker": "m2"},
        )
        answer = read(connection, Call("iam", "ListAccessKeys", {"UserName": "bob"}))
    assert isinstance(answer, dict)
    keys = answer["AccessKeyMetadata"]
    assert isinstance(keys, list)
    assert [key["AccessKeyId"][0] for key in keys] == ["A", "B", "C"]  # type: ignore[index]
    assert set(answer) == {"AccessKeyMetadata"}
    assert connection.calls["iam:ListAccessKeys"] == 3


def test_pages_without_a_paginator_are_turned_by_hand(connection: AwsConnection) -> None:
    operation = "list_service_specific_credentials"
    assert not connection.reader("iam").can_paginate(operation)
    with Stubber(connection.reader("iam")) as stub:
        stub.add_response(
            operation,
            {"ServiceSpecificCredentials": [], "IsTruncated": True, "Marker": "m1"},
            {"AllUsers": True},
        )
        stub.add_response(
            operation,
            {"ServiceSpecificCredentials": [], "IsTruncated": False},
            {"AllUsers": True, "Marker": "m1"},
        )
        answer = read(connection, Call("iam", "ListServiceSpecificCredentials", {"AllUsers": True}))
        stub.assert_no_pending_responses()
    assert answer == {"ServiceSpecificCredentials": []}


@pytest.mark.parametrize(
    ("operation", "method", "answer"),
    [
        ("ListAccessKeys", "list_access_keys", {"AccessKeyMetadata": []}),
        (
            "ListServiceSpecificCredentials",
            "list_service_specific_credentials",
            {"ServiceSpecificCredentials": []},
        ),
    ],
    ids=["paginator", "by hand"],
)
def test_pages_that_never_end_are_an_error(
    connection: AwsConnection, operation: str, method: str, answer: dict[str, Any]
) -> None:
    with Stubber(connection.reader("iam")) as stub:
        for _ in range(3):
            stub.add_response(method, {**answer, "IsTruncated": True, "Marker": "same"})
        with pytest.raises(ReadFailedError, match="same"):
            read(connection, Call("iam", operation))


def test_a_page_that_fails_midway_gives_nothing(connection: AwsConnection) -> None:
    with Stubber(connection.reader("iam")) as stub:
        stub.add_response(
            "list_access_keys",
            {"AccessKeyMetadata": [_key("A")], "IsTruncated": True, "Marker": "m1"},
        )
        stub.add_client_error("list_access_keys", "Throttling", "Rate exceeded", 400)
        with pytest.raises(ReadFailedError) as caught:
            read(connection, Call("iam", "ListAccessKeys", {"UserName": "bob"}))
    assert caught.value.code == "Throttling"


@pytest.mark.parametrize(
    "call",
    [
        Call("iam", "GetUser", {"UserName": "nobody"}),
        Call("iam", "ListAccessKeys", {"UserName": "nobody"}),
        Call("iam", "GetLoginProfile", {"UserName": "nobody"}),
        Call("iam", "GetAccountPasswordPolicy"),
        Call("cloudtrail", "GetTrailStatus", {"Name": "no-trail"}),
    ],
    ids=lambda call: call.operation,
)
def test_what_does_not_exist_is_none(connection: AwsConnection, call: Call) -> None:
    assert read(connection, call) is None


def test_a_refusal_names_the_action_to_grant(
    connection: AwsConnection, refuse: Callable[..., list[int]]
) -> None:
    refuse("iam", "GetUser", message="User: x is not authorized")
    with pytest.raises(ReadFailedError) as caught:
        read(connection, Call("iam", "GetUser", {"UserName": "bob"}))
    error = caught.value
    assert (error.operation, error.code, error.grant) == (
        "iam:GetUser",
        "AccessDenied",
        "iam:GetUser",
    )
    assert "is not authorized" in str(error)
    assert "iam:GetUser" in error.hint


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_a_session_that_ended_is_about_credentials(
    connection: AwsConnection, refuse: Callable[..., list[int]], code: str
) -> None:
    refuse("iam", "GetUser", code)
    with pytest.raises(CredentialsError):
        read(connection, Call("iam", "GetUser", {"UserName": "bob"}))


def test_no_network_is_an_error_with_its_cause(connection: AwsConnection) -> None:
    client = connection.reader("iam")

    def gone(request: Any, **_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url)

    client.meta.events.register_first("before-send.iam.GetUser", gone)
    with pytest.raises(ReadFailedError, match="Unreachable"):
        read(connection, Call("iam", "GetUser", {"UserName": "bob"}))


def test_a_call_with_wrong_parameters_is_an_error(connection: AwsConnection) -> None:
    with pytest.raises(ReadFailedError, match="ParamValidationError"):
        read(connection, Call("iam", "GetUser", {"Nobody": "bob"}))


def test_bytes_are_refused(connection: AwsConnection, account: AccountBuilder) -> None:
    connection.reader("iam").generate_credential_report()
    with pytest.raises(ReadFailedError, match="bytes"):
        read(connection, Call("iam", "GetCredentialReport"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (CREATED, "2024-02-29T23:59:58Z"),
        (datetime(2024, 3, 1, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2024-02-29T23:00:00Z"),
        (datetime(2024, 1, 1, 0, 0, 0, 120_000, tzinfo=UTC), "2024-01-01T00:00:00.120000Z"),
    ],
    ids=["utc", "elsewhere", "fractions"],
)
def test_times_have_one_text(value: datetime, text: str) -> None:
    assert plain([{"at": value}]) == [{"at": text}]


def test_a_fraction_is_its_text() -> None:
    """As in an alarm's threshold."""
    assert plain({"x": [1.0, 1.5, -2.0]}) == {"x": [1, "1.5", -2]}


@pytest.mark.parametrize("value", [Decimal(1), {1, 2}, object()], ids=plain_id)
def test_what_json_lacks_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="not plain JSON"):
        plain({"x": value})


@pytest.mark.parametrize(
    ("service", "operation", "grant"),
    [
        ("iam", "ListAccessKeys", "iam:ListAccessKeys"),
        ("cloudtrail", "DescribeTrails", "cloudtrail:DescribeTrails"),
        ("accessanalyzer", "ListAnalyzers", "access-analyzer:ListAnalyzers"),
        ("accessanalyzer", "ListFindingsV2", "access-analyzer:ListFindings"),
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
    ],
)
def test_the_action_that_allows_an_operation(service: str, operation: str, grant: str) -> None:
    assert grant_for(service, operation) == grant
