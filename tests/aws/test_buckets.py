"""The settings of the whole account count where some bucket would let the public in."""

from collections.abc import Callable

import pytest

from bot.aws.buckets import read_public_buckets, read_trail_buckets
from bot.aws.connection import AwsConnection
from bot.aws.reading import read
from bot.aws.regional import Regions
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder, start
from bot.model import Call, Part

ANYONE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::open/*",
        }
    ],
}
SHUT = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def _open(account: AccountBuilder) -> None:
    account.trail("main", bucket="open")
    account.bucket("open", policy=ANYONE)
    account.bucket("also-open", acl="public-read")


def test_they_are_not_asked_about_where_nobody_is_let_in(
    connection: AwsConnection, account: AccountBuilder
) -> None:
    account.bucket("plain")
    account.bucket("shut", policy=ANYONE, block=SHUT)
    (plain, shut), unread = read_public_buckets(connection, Regions(connection))
    assert unread is None
    assert plain.account_block == shut.account_block == {}
    assert connection.calls["s3control:GetPublicAccessBlock"] == 0


def test_they_are_asked_about_once_for_all_buckets_and_controls(
    connection: AwsConnection, account: AccountBuilder
) -> None:
    _open(account)
    account.account_block({**SHUT, "IgnorePublicAcls": False})
    regions = Regions(connection)
    buckets, unread = read_public_buckets(connection, regions)
    (of_trail,), _ = read_trail_buckets(connection, regions)
    assert unread is None
    assert [(each.name, each.ways_in) for each in buckets] == [
        ("also-open", ("ACL",)),
        ("open", ()),
    ]
    assert of_trail.account_block == {**SHUT, "IgnorePublicAcls": False}
    assert connection.calls["s3control:GetPublicAccessBlock"] == 1


def test_an_account_without_such_settings(
    connection: AwsConnection, account: AccountBuilder
) -> None:
    _open(account)
    buckets, unread = read_public_buckets(connection, Regions(connection))
    assert unread is None
    assert [each.account_block for each in buckets] == [{}, {}]
    assert all(each.ways_in and not each.account_unread for each in buckets)


def test_settings_that_cannot_be_read_leave_the_bucket_open_and_are_said(
    connection: AwsConnection, account: AccountBuilder, refuse: Callable[..., list[int]]
) -> None:
    _open(account)
    account.account_block(SHUT)
    refuse("s3control", "GetPublicAccessBlock", "AccessDenied", "no")
    buckets, unread = read_public_buckets(connection, Regions(connection))
    assert all(each.ways_in for each in buckets)
    said = "settings of the whole account: AccessDenied: no"
    assert {each.account_unread for each in buckets} == {
        f"{said} (grant s3:GetAccountPublicAccessBlock)"
    }
    assert unread is not None
    assert (unread.part, unread.error, unread.grant) == (
        Part.PUBLIC_BUCKETS,
        said,
        "s3:GetAccountPublicAccessBlock",
    )


def test_a_simulated_account_that_is_served_answers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore would ask at the account's number before the address, where nobody is."""
    with start() as cloud:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        cloud.account.account_block(SHUT)
        with connect() as connection:
            asked = {"AccountId": connection.account.id}
            answer = read(connection, Call("s3control", "GetPublicAccessBlock", asked))
        assert answer == {"PublicAccessBlockConfiguration": SHUT}
