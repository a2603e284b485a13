"""The served account: its sessions, its log, its faults, its control pages, its end."""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from bot.aws.simulated import SimulatedAccount, start
from tests.aws.simulated.conftest import NOW
from tests.aws.simulated.refusals import refused

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


@pytest.fixture
def served() -> Iterator[SimulatedAccount]:
    """A served account with one user and her key."""
    with start(users=0, now=NOW) as account:
        account.account.user("alice")
        yield account


@pytest.fixture
def iam(served: SimulatedAccount) -> Any:
    """A client that tries once, as the executor's does."""
    session: Any = served.session()
    return session.client("iam", config=ONCE)


def page(served: SimulatedAccount, method: str, name: str, body: Any = None) -> Any:
    """One of the account's control pages."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback server
        f"{served.endpoint_url}/simulated/{name}",
        data=json.dumps(body).encode() if body is not None else None,
        method=method,
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.loads(answer.read())


def test_session_is_the_operators_role(served: SimulatedAccount) -> None:
    """Callers come as a role that is in the account, like Locksmith's own."""
    caller = served.client("sts").get_caller_identity()
    assert caller["Account"] == "123456789012"
    assert caller["Arn"].startswith("arn:aws:sts::123456789012:assumed-role/LocksmithOperator/")


def test_looking_changes_nothing(served: SimulatedAccount) -> None:
    """Two readings of the account are equal, its own role's last use included."""
    iam = served.client()
    first, second = (iam.get_account_authorization_details() for _ in range(2))
    (operator,) = first["RoleDetailList"]
    assert operator["RoleLastUsed"]["LastUsedDate"] == NOW
    first.pop("ResponseMetadata")
    second.pop("ResponseMetadata")
    assert first == second


def test_environment_is_enough(served: SimulatedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any boto3 program with these variables reaches this account."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in served.environment().items():
        monkeypatch.setenv(name, value)
    assert boto3.Session().client("iam").list_users()["Users"][0]["UserName"] == "alice"


def test_builder_and_api_see_the_same(served: SimulatedAccount, iam: Any) -> None:
    """A fact changed behind the API shows through it, and the other way round."""
    key = served.account.key("alice", last_used=served.account.ago(minutes=12))
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]["LastUsedDate"]
    assert used == served.account.ago(minutes=12)
    iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
    assert served.account.iam.access_keys[key].status == "Inactive"


def test_log_reconciles_with_the_client(served: SimulatedAccount, iam: Any) -> None:
    """Each write with its parameters and the request id that the client got; reads are counted."""
    answer = iam.tag_user(UserName="alice", Tags=[{"Key": "team", "Value": "x"}])
    iam.list_users()
    iam.list_users()
    with refused("NoSuchEntity", status=404):
        iam.delete_user(UserName="nobody")
    tagged, deleted = served.calls.writes
    assert (tagged.service, tagged.operation, tagged.applied) == ("iam", "TagUser", True)
    assert tagged.params["UserName"] == "alice"
    assert tagged.request_id == answer["ResponseMetadata"]["RequestId"]
    assert (deleted.operation, deleted.status, deleted.applied) == ("DeleteUser", 404, False)
    assert served.calls.counts == {"iam:DeleteUser": 1, "iam:ListUsers": 2, "iam:TagUser": 1}
    assert page(served, "GET", "calls") == json.loads(json.dumps(served.calls.as_json()))


def tags(served: SimulatedAccount) -> list[str]:
    """The keys of alice's tags, looked up behind the API."""
    found = served.account.iam.list_user_tags("alice")
    return [tag["Key"] for tag in found]


def tag(iam: Any, key: str) -> None:
    iam.tag_user(UserName="alice", Tags=[{"Key": key, "Value": "x"}])


def test_drop_before_loses_the_request(served: SimulatedAccount, iam: Any) -> None:
    """The client can't tell it from a lost answer; the account knows nothing of it."""
    served.fault("iam:TagUser", "drop_before")
    with pytest.raises(ConnectionClosedError):
        tag(iam, "first")
    assert tags(served) == []
    (entry,) = served.calls.writes
    assert (entry.outcome, entry.applied, entry.status) == ("dropped before", False, None)
    tag(iam, "second")
    assert tags(served) == ["second"]


def test_drop_after_loses_the_answer(served: SimulatedAccount, iam: Any) -> None:
    """Applied, and the client doesn't hear of it."""
    served.fault("TagUser", "drop_after", nth=2)
    tag(iam, "first")
    with pytest.raises(ConnectionClosedError):
        tag(iam, "second")
    assert tags(served) == ["first", "second"]
    entry = served.calls.writes[1]
    assert (entry.outcome, entry.applied, entry.status) == ("dropped after", True, 200)


def test_a_retrying_client_applies_a_lost_write_twice(served: SimulatedAccount) -> None:
    """Why writes are tried once: boto3's default retries a create whose answer was lost."""
    served.fault("iam:CreateAccessKey", "drop_after")
    served.client().create_access_key(UserName="alice")
    assert len(served.account.iam.users["alice"].access_keys) == 2


@pytest.mark.parametrize(
    ("what", "code", "status", "outcome"),
    [
        ("throttle", "Throttling", 400, "throttled"),
        ("error:AccessDenied", "AccessDenied", 403, "refused"),
        ("error:ServiceFailure", "ServiceFailure", 500, "refused"),
    ],
)
def test_refusals_on_order(
    served: SimulatedAccount, iam: Any, what: str, code: str, status: int, outcome: str
) -> None:
    """As AWS words them; nothing is applied."""
    served.fault("iam:TagUser", what)
    with refused(code, status=status):
        tag(iam, "first")
    assert tags(served) == []
    (entry,) = served.calls.writes
    assert (entry.outcome, entry.applied, entry.status) == (outcome, False, status)


def test_refusals_in_json_services(served: SimulatedAccount) -> None:
    """CloudTrail speaks JSON, and names throttling otherwise."""
    session: Any = served.session()
    trails = session.client("cloudtrail", config=ONCE)
    served.fault("cloudtrail:DescribeTrails", "throttle")
    with refused("ThrottlingException", status=400, saying="Rate exceeded"):
        trails.describe_trails()
    served.fault("cloudtrail:DescribeTrails", "error:AccessDenied")
    with refused("AccessDenied", status=403):
        trails.describe_trails()
    assert trails.describe_trails()["trailList"] == []


def test_delay_outlasts_the_clients_patience(served: SimulatedAccount) -> None:
    """The client times out, and the call is applied all the same."""
    impatient = ONCE.merge(Config(read_timeout=0.2))
    session: Any = served.session()
    iam = session.client("iam", config=impatient)
    served.fault("iam:TagUser", "delay:0.6")
    with pytest.raises(ReadTimeoutError):
        tag(iam, "slow")
    deadline = time.monotonic() + 10
    while tags(served) != ["slow"]:
        assert time.monotonic() < deadline, "the delayed call was never applied"
        time.sleep(0.05)


def test_latency_is_added_to_every_call(served: SimulatedAccount, iam: Any) -> None:
    """Set over HTTP while it serves."""
    iam.list_users()
    page(served, "POST", "latency", {"seconds": 0.1})
    began = time.perf_counter()
    iam.list_users()
    assert time.perf_counter() - began >= 0.1


def test_control_pages(served: SimulatedAccount, iam: Any) -> None:
    """What another process can do: order, clear, move the clock, forget the report."""
    page(served, "POST", "faults", {"operation": "*", "fault": "throttle", "times": None})
    with refused("Throttling", status=400):
        iam.list_users()
    page(served, "DELETE", "faults")
    iam.generate_credential_report()
    assert page(served, "POST", "clock", {"advance_seconds": 60}) == {
        "now": "2026-11-24T12:01:00+00:00"
    }
    page(served, "DELETE", "report")
    with refused("ReportNotPresent", status=410):
        iam.get_credential_report()
    page(served, "DELETE", "calls")
    assert page(served, "GET", "calls") == {"counts": {}, "writes": []}


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        ("GET", "nothing", None, 404),
        ("POST", "calls", {}, 404),
        ("POST", "faults", {"operation": "*", "fault": "explode"}, 400),
        ("POST", "faults", {}, 400),
        ("POST", "latency", {"seconds": "soon"}, 400),
    ],
)
def test_wrong_pages_say_so(
    served: SimulatedAccount, method: str, name: str, body: Any, status: int
) -> None:
    """A test that orders nonsense must not go on as if it had been understood."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        page(served, method, name, body)
    with caught.value:
        assert caught.value.code == status
        assert json.loads(caught.value.read())["error"]


def test_accounts_of_one_process_are_apart() -> None:
    """Two servers with two account numbers; unknown keys belong to the server's account."""
    with start(users=0, now=NOW) as one, start(users=2, now=NOW, account_id="345678901234") as two:
        assert one.client().list_users()["Users"] == []
        assert len(two.client().list_users()["Users"]) == 2
        stranger: Any = boto3.Session("key", "secret", region_name="us-east-1")
        for served in (one, two):
            sts = stranger.client("sts", endpoint_url=served.endpoint_url)
            assert sts.get_caller_identity()["Account"] == served.account_id
        with pytest.raises(RuntimeError, match="being served already"):
            start(account_id=one.account_id)


def test_stopping_forgets_and_frees() -> None:
    """The port closes, stopping again is harmless, a new start finds nothing of the old."""
    served = start(users=3, now=NOW)
    iam = served.client()
    assert len(iam.list_users()["Users"]) == 3
    served.stop()
    served.stop()
    session: Any = served.session()
    with pytest.raises(EndpointConnectionError):
        session.client("iam", config=ONCE).list_users()
    with start(users=0, now=NOW) as again:
        assert again.client().list_users()["Users"] == []


@pytest.fixture(scope="module")
def process() -> Iterator[dict[str, Any]]:
    """`python -m bot.aws.simulated` in a process of its own."""
    command = [sys.executable, "-m", "bot.aws.simulated", "--users", "25", "--seed", "42"]
    command += ["--now", "2026-11-24T12:00:00Z", "--latency-ms", "40"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            yield json.loads(running.stdout.readline())
        finally:
            running.terminate()
            _, errors = running.communicate(timeout=10)
        assert running.returncode == 0
        assert errors == b"", "requests are not logged"


def aws(process: dict[str, Any], *arguments: str) -> Any:
    """What the real AWS CLI prints, parsed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    cli = str(Path(sys.executable).with_name("aws"))
    printed = subprocess.run(
        [cli, *arguments, "--output", "json"],
        env={**kept, **process["environment"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(printed.stdout) if printed.stdout else None


def test_ready_line(process: dict[str, Any]) -> None:
    """One line that says where, which account, which process, and how to reach it."""
    assert process["endpoint_url"].startswith("http://127.0.0.1:")
    assert process["account_id"] == "123456789012"
    assert process["environment"]["AWS_ENDPOINT_URL"] == process["endpoint_url"]
    os.kill(process["pid"], 0)


def test_another_process_is_slow_on_order(process: dict[str, Any]) -> None:
    """`--latency-ms` is slept before each call."""
    keys = process["environment"]
    session: Any = boto3.Session(
        keys["AWS_ACCESS_KEY_ID"],
        keys["AWS_SECRET_ACCESS_KEY"],
        keys["AWS_SESSION_TOKEN"],
        region_name=keys["AWS_REGION"],
    )
    iam = session.client("iam", endpoint_url=process["endpoint_url"])
    began = time.perf_counter()
    assert len(iam.list_users()["Users"]) == 25
    assert time.perf_counter() - began >= 0.04


def test_aws_cli_reads_the_account(process: dict[str, Any]) -> None:
    """ListUsers, the census and the report as AWS's own tool shows them."""
    users = aws(process, "iam", "list-users", "--page-size", "7")["Users"]
    assert len(users) == 25
    assert users[0]["UserName"] == "amara.okafor"
    assert users[0]["PasswordLastUsed"] == "2026-11-23T12:00:00Z"
    census = aws(process, "iam", "get-account-authorization-details", "--filter", "User", "Role")
    assert (len(census["UserDetailList"]), len(census["RoleDetailList"])) == (25, 24)
    assert census["Policies"] == []
    assert aws(process, "iam", "generate-credential-report")["State"] == "STARTED"
    report = aws(process, "iam", "get-credential-report")
    assert report["GeneratedTime"] == "2026-11-24T12:00:00Z"
    lines = base64.b64decode(report["Content"]).decode().splitlines()
    assert len(lines) == 27
    assert lines[1].startswith("<root_account>,arn:aws:iam::123456789012:root,2021-")


def test_aws_cli_changes_the_account(process: dict[str, Any]) -> None:
    """A key switched off through the CLI is off for the next reader."""
    (key,) = aws(process, "iam", "list-access-keys", "--user-name", "svc-legacy-ftp")[
        "AccessKeyMetadata"
    ]
    which = ["--user-name", "svc-legacy-ftp", "--access-key-id", key["AccessKeyId"]]
    aws(process, "iam", "update-access-key", *which, "--status", "Inactive")
    (key,) = aws(process, "iam", "list-access-keys", "--user-name", "svc-legacy-ftp")[
        "AccessKeyMetadata"
    ]
    assert key["Status"] == "Inactive"


def test_the_clean_company_is_served_too() -> None:
    """Nothing of it is made through boto3, which would ask AWS itself before there is a server."""
    with start(clean=True, account_id="210987654321") as served:
        assert served.client("sns").list_topics()["Topics"]
