"""Calls are recognised in each protocol, writes are kept, secrets are not."""

import json
from datetime import UTC, datetime

import pytest

from bot.aws.simulated.call_log import HIDDEN, CallLog, Request, read_request


@pytest.mark.parametrize(
    ("service", "target", "method", "path", "body", "operation", "params", "is_write"),
    [
        ("iam", "", "POST", "/", b"Action=GetUser&Version=1&UserName=a%2Cb", "GetUser",
         {"UserName": "a,b"}, False),
        ("iam", "", "POST", "/", b"Action=DeleteUser&UserName=x", "DeleteUser",
         {"UserName": "x"}, True),
        ("iam", "", "POST", "/", b"Action=GenerateCredentialReport", "GenerateCredentialReport",
         {}, False),
        ("sts", "", "POST", "/", b"Action=AssumeRole&RoleArn=r", "AssumeRole",
         {"RoleArn": "r"}, False),
        ("cloudtrail", "com.amazonaws.x.CloudTrail_20131101.StartLogging", "POST", "/",
         b'{"Name": "t"}', "StartLogging", {"Name": "t"}, True),
        ("cloudtrail", "x.CloudTrail_20131101.DescribeTrails", "POST", "/", b"",
         "DescribeTrails", {}, False),
        ("s3", "", "PUT", "/bucket", b"<xml/>", "Put /bucket", {}, True),
        ("account", "", "POST", "/getAlternateContact", b'{"AlternateContactType": "SECURITY"}',
         "GetAlternateContact", {"AlternateContactType": "SECURITY"}, False),
        ("account", "", "POST", "/deleteAlternateContact", b"{}", "DeleteAlternateContact",
         {}, True),
        ("s3", "", "HEAD", "/bucket", b"", "Get /bucket", {}, False),
    ],
)  # fmt: skip
def test_requests_are_recognised(
    service: str,
    target: str,
    method: str,
    path: str,
    body: bytes,
    operation: str,
    params: dict[str, str],
    is_write: bool,
) -> None:
    """Query, JSON and REST."""
    request = read_request(service, target, method, path, body)
    assert (request.operation, request.params) == (operation, params)
    assert request.is_write is is_write


def test_passwords_are_hidden() -> None:
    """What a person would type never gets into the log."""
    body = b"Action=CreateLoginProfile&UserName=alice&Password=Sesame-1234"
    log = CallLog()
    log.record(read_request("iam", "", "POST", "/", body), datetime.now(UTC))
    assert "Sesame" not in json.dumps(log.as_json())
    assert log.writes[0].params == {"UserName": "alice", "Password": HIDDEN}


def test_counts_and_writes() -> None:
    """Every call counts, writes are kept in order, clear forgets both."""
    log = CallLog()
    at = datetime(2026, 11, 24, tzinfo=UTC)
    for operation in ("GetUser", "DeleteUser", "GetUser", "CreateUser"):
        log.record(Request("iam", operation, {}), at)
    assert log.counts == {"iam:CreateUser": 1, "iam:DeleteUser": 1, "iam:GetUser": 2}
    assert [(w.number, w.operation) for w in log.writes] == [(2, "DeleteUser"), (4, "CreateUser")]
    log.clear()
    assert (log.counts, log.writes) == ({}, [])
