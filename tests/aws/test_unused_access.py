"""What analyzers for unused access tell, finding by finding, and what they don't."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.simulated import AccountBuilder
from bot.aws.simulated.access_analyzer import analyzer_backends
from bot.aws.unused_access import read_unused_access
from bot.model import UnusedAccess
from tests.aws.conftest import error_answer

ROLE = "arn:aws:iam::123456789012:role/r"
ANN = "arn:aws:iam::123456789012:user/ann"
GET = "accessanalyzer:GetFindingV2"


@pytest.fixture
def analyzed(account: AccountBuilder) -> AccountBuilder:
    """An analyzer with a finding of each kind."""
    account.analyzer("unused", kind="ACCOUNT_UNUSED_ACCESS")
    rights = {"s3": ("PutObject", "s3:GetObject"), "sqs": ()}
    account.unused_access("unused", "UnusedPermission", ROLE, rights=rights)
    account.unused_access("unused", "UnusedIAMUserAccessKey", ANN, key_id="AKIAX4MPLE")
    account.unused_access("unused", "UnusedIAMUserPassword", ANN)
    account.unused_access("unused", "UnusedIAMRole", ROLE)
    return account


def seen(connection: AwsConnection, most: int = 200) -> dict[str, UnusedAccess]:
    """The findings of the Region by their kind."""
    found, unread = read_unused_access(connection, lambda: ("us-east-1",), most)
    assert unread is None
    return {each.kind: each for each in found["us-east-1"]}


def test_what_each_is_about(analyzed: AccountBuilder, connection: AwsConnection) -> None:
    """One more call for each of the kinds of which the list doesn't tell it."""
    found = seen(connection)
    assert found["UnusedPermission"].unused == {"s3": ("PutObject", "s3:GetObject"), "sqs": None}
    assert found["UnusedIAMUserAccessKey"].key_id == "AKIAX4MPLE"
    assert len(found) == 4
    assert {(each.days, each.unread) for each in found.values()} == {(90, "")}
    assert connection.calls[GET] == 2


def test_no_more_calls_than_the_limit(analyzed: AccountBuilder, connection: AwsConnection) -> None:
    """The oldest first; the others are there all the same, and say why so little is known."""
    found = seen(connection, 1)
    assert connection.calls[GET] == 1
    assert found["UnusedPermission"].unused
    assert found["UnusedIAMUserAccessKey"].key_id == ""
    assert "1 findings are asked about" in found["UnusedIAMUserAccessKey"].unread
    assert seen(connection, 0)["UnusedPermission"].unread


def fail(connection: AwsConnection, code: str, status: int) -> None:
    """Have AWS answer with an error wherever one finding is asked for."""
    connection.reader("accessanalyzer", "us-east-1").meta.events.register_first(
        "before-send.accessanalyzer.GetFindingV2",
        lambda **_: error_answer(code, "because", status, service="accessanalyzer"),
    )


def test_who_may_not_ask_is_told_once(analyzed: AccountBuilder, connection: AwsConnection) -> None:
    """And which permission is missing: the action isn't called as the operation is."""
    fail(connection, "AccessDeniedException", 403)
    found = seen(connection)
    assert connection.calls[GET] == 1
    for kind in ("UnusedPermission", "UnusedIAMUserAccessKey"):
        assert found[kind].unread.endswith("(grant access-analyzer:GetFinding)")
        assert not found[kind].unused
    assert found["UnusedIAMRole"].unread == ""


def test_one_that_fails_hides_no_other(analyzed: AccountBuilder, connection: AwsConnection) -> None:
    fail(connection, "ThrottlingException", 429)
    found = seen(connection)
    assert connection.calls[GET] == 2
    assert "ThrottlingException" in found["UnusedPermission"].unread


def _gone(analyzer: Any) -> None:
    analyzer.findings[0]["id"] += "-gone"


def _ended(analyzer: Any) -> None:
    analyzer.findings[0]["status"] = "RESOLVED"


@pytest.mark.parametrize("change", [_gone, _ended])
def test_one_that_ended_since_it_was_listed_is_none(
    analyzed: AccountBuilder, connection: AwsConnection, change: Callable[[Any], None]
) -> None:
    here = analyzer_backends[analyzed.account_id]["us-east-1"]
    events = connection.reader("accessanalyzer", "us-east-1").meta.events
    events.register_first("before-send.accessanalyzer.GetFindingV2", lambda **_: change(here))
    assert "UnusedPermission" not in seen(connection)
