"""Answers of AWS that were cut off or damaged on their way: never half a truth."""

import base64
import json
import re
from collections.abc import Callable

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith, nothing_lost
from tests.e2e.conftest import EVERYONE, asked
from tests.e2e.proxies import spoiling

#: Controls that look at the credential report.
BY_REPORT = {
    "console-user-without-mfa",
    "inactive-access-key",
    "old-access-key",
    "unused-access-key",
    "unused-console-password",
}
_CONTENT = re.compile(rb"(?<=<Content>)[^<]+(?=</Content>)")


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[bytes, bytes], bytes]:
    """Changes the CSV of a credential report, and lets every other answer be."""

    def spoil(asked: bytes, answer: bytes) -> bytes:
        if b"Action=GetCredentialReport" not in asked:
            return answer
        return _CONTENT.sub(
            lambda found: base64.b64encode(change(base64.b64decode(found[0]))), answer
        )

    return spoil


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report[: len(report) // 2],
        lambda report: report[:-4],
        lambda report: report[: report.index(b"\n") + 1],
        lambda report: report[:40],
        lambda report: b"",
        lambda report: report.replace(b"mfa_active", b"mfa"),
        lambda report: report[:-200] + b"\xff\xfe",
    ],
    ids=["half", "last-value", "header-alone", "half-a-header", "empty", "column", "not-text"],
)
def test_a_credential_report_that_was_cut_off(
    change: Callable[[bytes], bytes], company_seen: Locksmith, company: Cloud
) -> None:
    """Exit code 4; what needs it is not evaluated, and nothing that was found is resolved."""
    with spoiling(company.endpoint, rewritten(change)) as endpoint:
        scan = company_seen.but(AWS_ENDPOINT_URL=endpoint).json("scan", code=4)

    (part,) = scan["unavailable"]
    assert part["part"] == "credential-report"
    assert part["operation"] == "iam:GetCredentialReport"
    assert {each["control"] for each in scan["not_evaluated"]} >= BY_REPORT
    assert scan["resolved"] == 0


PAGE = b"<html><body>The proxy wants you to sign in.</body></html>"
NONSENSE = pytest.mark.parametrize(
    "body", [b"", PAGE, b"\x00\xff", b"<?xml", b'{"ok": true}'], ids=repr
)


def answering(operation: str, body: bytes) -> Callable[[bytes, bytes], bytes]:
    """Answers one operation with this, and lets every other answer be."""
    named = f"Action={operation}&".encode()
    return lambda asked, answer: body if named in asked + b"&" else answer


@pytest.mark.parametrize("body", [b"", PAGE], ids=["empty", "page"])
@pytest.mark.parametrize(
    ("operation", "part", "left_out"),
    [
        ("GetAccountAuthorizationDetails", "users", "policy-attached-to-user"),
        ("GetCredentialReport", "credential-report", "unused-access-key"),
        ("GetAccountSummary", "account-summary", "root-without-mfa"),
        ("GetAccountPasswordPolicy", "password-policy", "weak-password-policy"),
        ("ListVirtualMFADevices", "virtual-mfa", None),
    ],
)
def test_an_answer_that_is_not_from_aws(
    operation: str,
    part: str,
    left_out: str | None,
    body: bytes,
    locksmith: Locksmith,
    cloud: Cloud,
) -> None:
    """The part is not read: exit code 4, its controls are named, and nothing is resolved."""
    with spoiling(cloud.endpoint, answering(operation, body)) as endpoint:
        scan = locksmith.but(AWS_ENDPOINT_URL=endpoint).json("scan", code=4)

    assert part in {each["part"] for each in scan["unavailable"]}
    assert scan["resolved"] == 0
    assert left_out is None or left_out in {each["control"] for each in scan["not_evaluated"]}


def test_a_census_of_nobody(locksmith: Locksmith, cloud: Cloud) -> None:
    """An answer without a single list tells of no user and no role: nobody is gone for that."""
    name = "GetAccountAuthorizationDetails"
    empty = (
        f"<{name}Response><{name}Result/><ResponseMetadata><RequestId>1</RequestId>"
        f"</ResponseMetadata></{name}Response>"
    ).encode()

    with spoiling(cloud.endpoint, answering(name, empty)) as endpoint:
        scan = locksmith.but(AWS_ENDPOINT_URL=endpoint).json("scan", code=4)

    assert {"users", "roles"} <= {each["part"] for each in scan["unavailable"]}
    assert scan["resolved"] == 0


def test_trails_of_somebody_else(locksmith: Locksmith, cloud: Cloud) -> None:
    """An empty JSON object says nothing of trails: that is no violation."""

    def spoil(asked: bytes, answer: bytes) -> bytes:
        return b"{}" if b"includeShadowTrails" in asked else answer

    with spoiling(cloud.endpoint, spoil) as endpoint:
        scan = locksmith.but(AWS_ENDPOINT_URL=endpoint).json("scan", code=4)

    assert {each["control"] for each in scan["not_evaluated"]} == {
        "no-multi-region-trail",
        "trail-not-logging",
        "trail-without-log-validation",
    }


@NONSENSE
def test_a_door_that_is_not_aws(body: bytes, locksmith: Locksmith, cloud: Cloud) -> None:
    """Who answers the first question so is not AWS: exit code 3, and nothing else is asked."""
    with (
        nothing_lost(locksmith),
        spoiling(cloud.endpoint, answering("GetCallerIdentity", body)) as endpoint,
    ):
        locksmith.but(AWS_ENDPOINT_URL=endpoint)("scan").failed(3, "GetCallerIdentity")

    assert set(cloud.counts()) == {"sts:GetCallerIdentity"}


@NONSENSE
def test_a_write_whose_answer_was_damaged(body: bytes, locksmith: Locksmith, cloud: Cloud) -> None:
    """The change was made, and its answer makes no sense: looking tells; nothing is sent twice."""
    iam = cloud.client()
    iam.update_assume_role_policy(RoleName="garbled", PolicyDocument=json.dumps(EVERYONE))
    cloud.heal()
    question = asked(locksmith, "garbled")
    locksmith.json("approve", question["id"], "--digest", question["digest"])

    with spoiling(cloud.endpoint, answering("UpdateAssumeRolePolicy", body)) as endpoint:
        there = locksmith.but(AWS_ENDPOINT_URL=endpoint)
        (done,) = there.json("apply", question["id"])["executions"]

    assert done["state"] == "done"
    assert cloud.writes() == ["UpdateAssumeRolePolicy"]
    assert b"sign in" not in locksmith.database.read_bytes()
