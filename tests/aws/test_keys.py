"""Naming keys: live ids, status and last use, within a budget, and nobody half known."""

from collections.abc import Callable
from datetime import datetime

import boto3
import pytest

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.keys import KeyNames, merge_listed, name_keys
from bot.aws.simulated import AccountBuilder
from bot.errors import CredentialsError
from bot.model import AccessKey, Part, Protection, Snapshot

NEEDS = frozenset({Part.USERS, Part.CREDENTIAL_REPORT})


@pytest.fixture
def look(connection: AwsConnection, now: datetime) -> Callable[[], Snapshot]:
    """Take the snapshot that naming starts from."""

    def take() -> Snapshot:
        return take_snapshot(
            connection,
            NEEDS,
            clock=lambda: now,
            protection=Protection(),
            progress=lambda _: None,
        )

    return take


@pytest.fixture
def name(connection: AwsConnection, now: datetime) -> Callable[..., KeyNames]:
    """Name the keys of all users of a snapshot."""

    def names(snapshot: Snapshot, budget: int = 400) -> KeyNames:
        users = [(user.name, user.id) for user in snapshot.users]
        return name_keys(connection, users, budget=budget, snapshot=snapshot, clock=lambda: now)

    return names


def test_keys_come_with_id_status_and_last_use(
    account: AccountBuilder,
    look: Callable[[], Snapshot],
    name: Callable[..., KeyNames],
    connection: AwsConnection,
    now: datetime,
) -> None:
    account.user("alice,+@x")
    used = account.key("alice,+@x", created=account.ago(days=90), last_used=account.ago(days=1))
    unused = account.key("alice,+@x", created=account.ago(days=9), status="Inactive")
    snapshot = look()
    connection.calls.clear()
    names = name(snapshot)
    (alice,) = snapshot.users
    by_id = {key.key_id: key for key in names.listed[alice.id]}
    slots = {key.created: key.slot for key in snapshot.access_keys}
    assert by_id == {
        used: AccessKey(
            user="alice,+@x",
            user_id=alice.id,
            created=account.ago(days=90),
            active=True,
            last_used=account.ago(days=1),
            last_used_service="s3",
            last_used_region="us-east-1",
            slot=slots[account.ago(days=90)],
            key_id=used,
            seen_live=now,
        ),
        unused: AccessKey(
            user="alice,+@x",
            user_id=alice.id,
            created=account.ago(days=9),
            active=False,
            slot=slots[account.ago(days=9)],
            key_id=unused,
            seen_live=now,
        ),
    }
    assert names.calls_used == sum(connection.calls.values()) == 3
    assert names.left == ()
    assert names.unavailable is None


def test_what_is_listed_wins_over_the_report(
    account: AccountBuilder, look: Callable[[], Snapshot], name: Callable[..., KeyNames]
) -> None:
    account.user("alice")
    key = account.key("alice")
    snapshot = look()
    boto3.client("iam").update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
    merged = merge_listed(snapshot, name(snapshot).listed)
    assert [(each.key_id, each.active) for each in merged.access_keys] == [(key, False)]
    assert [(each.key_id, each.active) for each in snapshot.access_keys] == [(None, True)]


def test_merging_keeps_what_was_named_before(
    account: AccountBuilder, look: Callable[[], Snapshot]
) -> None:
    snapshot = merge_listed(merge_listed(look(), {"AIDA1": ()}), {"AIDA2": ()})
    assert set(snapshot.live_keys) == {"AIDA1", "AIDA2"}


def test_a_user_who_vanished_has_no_keys(
    account: AccountBuilder, look: Callable[[], Snapshot], name: Callable[..., KeyNames]
) -> None:
    account.user("alice")
    key = account.key("alice")
    snapshot = look()
    iam = boto3.client("iam")
    iam.delete_access_key(UserName="alice", AccessKeyId=key)
    iam.delete_user(UserName="alice")
    names = name(snapshot)
    assert names.listed == {snapshot.users[0].id: ()}
    assert merge_listed(snapshot, names.listed).access_keys == ()


def test_a_key_that_vanished_on_the_way_is_left_out(
    account: AccountBuilder,
    look: Callable[[], Snapshot],
    name: Callable[..., KeyNames],
    refuse: Callable[..., list[int]],
) -> None:
    account.user("alice")
    account.key("alice")
    snapshot = look()
    refuse("iam", "GetAccessKeyLastUsed", "NoSuchEntity", "gone", status=404)
    assert name(snapshot).listed == {snapshot.users[0].id: ()}


@pytest.mark.parametrize(
    ("budget", "named"), [(0, 0), (-1, 0), (1, 0), (2, 1), (3, 1), (4, 2), (9, 4), (10, 5), (99, 5)]
)
def test_the_budget_is_never_exceeded_and_nobody_half_known(
    account: AccountBuilder,
    look: Callable[[], Snapshot],
    name: Callable[..., KeyNames],
    connection: AwsConnection,
    budget: int,
    named: int,
) -> None:
    for number in range(5):
        account.user(f"user-{number}")
        account.key(f"user-{number}")
    snapshot = look()
    connection.calls.clear()
    names = name(snapshot, budget)
    assert len(names.listed) == named
    assert all(len(keys) == 1 for keys in names.listed.values())
    assert names.calls_used == sum(connection.calls.values()) == 2 * named
    users = {(user.name, user.id) for user in snapshot.users}
    assert set(names.left) == {user for user in users if user[1] not in names.listed}


def test_more_keys_than_the_quota_allows_count_too(
    account: AccountBuilder,
    look: Callable[[], Snapshot],
    name: Callable[..., KeyNames],
    connection: AwsConnection,
) -> None:
    """Concurrent creation gets around IAM's quota of two keys."""
    account.user("alice")
    for day in range(4):
        account.key("alice", created=account.ago(days=day))
    snapshot = look()
    connection.calls.clear()
    short = name(snapshot, 4)
    assert short.listed == {}
    assert short.calls_used == sum(connection.calls.values()) == 1
    full = name(snapshot, 5)
    assert [len(keys) for keys in full.listed.values()] == [4]
    assert full.calls_used == 5


def test_one_refusal_leaves_one_user(
    account: AccountBuilder,
    look: Callable[[], Snapshot],
    name: Callable[..., KeyNames],
    refuse: Callable[..., list[int]],
) -> None:
    for number in range(4):
        account.user(f"user-{number}")
        account.key(f"user-{number}")
    snapshot = look()
    refuse("iam", "ListAccessKeys", message="not you", times=1)
    names = name(snapshot)
    assert len(names.listed) == 3
    assert len(names.left) == 1
    assert names.unavailable is not None
    assert names.unavailable.part is Part.KEY_NAMES
    assert names.unavailable.operation == "iam:ListAccessKeys"
    assert names.unavailable.error == "AccessDenied: not you"
    assert names.unavailable.grant == "iam:ListAccessKeys"


@pytest.mark.parametrize("operation", ["ListAccessKeys", "GetAccessKeyLastUsed"])
def test_a_caller_who_may_not_look_stops_soon(
    account: AccountBuilder,
    look: Callable[[], Snapshot],
    name: Callable[..., KeyNames],
    refuse: Callable[..., list[int]],
    operation: str,
) -> None:
    for number in range(30):
        account.user(f"user-{number}")
        account.key(f"user-{number}")
    snapshot = look()
    sent = refuse("iam", operation)
    names = name(snapshot)
    assert names.listed == {}
    assert len(names.left) == 30
    assert names.unavailable is not None
    assert names.unavailable.grant == f"iam:{operation}"
    assert len(sent) <= 6


def test_a_session_that_ends_is_an_error(
    account: AccountBuilder,
    look: Callable[[], Snapshot],
    name: Callable[..., KeyNames],
    refuse: Callable[..., list[int]],
) -> None:
    account.user("alice")
    account.key("alice")
    snapshot = look()
    refuse("iam", "ListAccessKeys", "ExpiredToken")
    with pytest.raises(CredentialsError):
        name(snapshot)


def test_without_a_report_keys_are_named_all_the_same(
    account: AccountBuilder, connection: AwsConnection, now: datetime
) -> None:
    account.user("alice")
    key = account.key("alice")
    snapshot = Snapshot(connection.account, now)
    names = name_keys(
        connection, [("alice", "AIDA1")], budget=3, snapshot=snapshot, clock=lambda: now
    )
    assert [(each.key_id, each.slot) for each in names.listed["AIDA1"]] == [(key, None)]
