"""What IAM lists user by user is read for few users, wholly or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.simulated import AccountBuilder
from bot.aws.user_lists import USER_LISTS, with_user_lists
from bot.model import Part, Protection, Snapshot

GIT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "CodeCommit:*", "Resource": "*"}],
}


@pytest.fixture
def scan(connection: AwsConnection, now: datetime) -> Callable[[], Snapshot]:
    """What is read for a whole account at once."""

    def take() -> Snapshot:
        return take_snapshot(
            connection,
            frozenset(Part) - USER_LISTS,
            clock=lambda: now,
            protection=Protection(),
            progress=lambda _: None,
            pause=lambda _: None,
        )

    return take


@pytest.fixture
def listed(
    account: AccountBuilder, scan: Callable[[], Snapshot], connection: AwsConnection
) -> Callable[[int], Snapshot]:
    """Looks with this budget at an account with three users of each kind."""
    for number in range(3):
        account.user(f"git-{number}")
        account.inline("git", GIT, user=f"git-{number}")
        account.ssh_key(f"git-{number}")
        account.user(f"soap-{number}")
        account.signing_certificate(f"soap-{number}")
    snapshot = scan()
    connection.calls.clear()
    return lambda budget: with_user_lists(connection, snapshot, USER_LISTS, budget)


def test_only_users_who_can_have_any_are_asked_about(
    listed: Callable[[int], Snapshot], connection: AwsConnection
) -> None:
    snapshot = listed(3)
    assert len(snapshot.ssh_keys) == len(snapshot.signing_certificates) == 3
    assert connection.calls == {"iam:ListSSHPublicKeys": 3, "iam:ListSigningCertificates": 3}


@pytest.mark.parametrize("part", sorted(USER_LISTS))
def test_beyond_the_budget_nothing_is_read_and_that_is_said(
    listed: Callable[[int], Snapshot], connection: AwsConnection, part: Part
) -> None:
    """Half a list would make what is on the other half look settled."""
    snapshot = listed(2)
    assert part not in snapshot.parts
    assert "3 users" in snapshot.unavailable[part].error
    assert "inventory.listing_budget allows 2" in snapshot.unavailable[part].error
    assert not connection.calls


def test_a_refusal_names_what_would_allow_it(
    listed: Callable[[int], Snapshot], refuse: Callable[..., list[int]]
) -> None:
    refuse("iam", "ListSSHPublicKeys", "AccessDenied", "because")
    snapshot = listed(3)
    assert snapshot.unavailable[Part.SSH_KEYS].grant == "iam:ListSSHPublicKeys"
    assert Part.SIGNING_CERTIFICATES in snapshot.parts


def test_a_user_who_was_deleted_meanwhile_has_none(
    listed: Callable[[int], Snapshot], account: AccountBuilder
) -> None:
    client = account.client()
    account.iam.get_user("git-0").ssh_public_keys.clear()
    client.delete_user_policy(UserName="git-0", PolicyName="git")
    client.delete_user(UserName="git-0")
    assert len(listed(3).ssh_keys) == 2


def test_what_is_not_needed_costs_nothing(
    scan: Callable[[], Snapshot], connection: AwsConnection
) -> None:
    snapshot = scan()
    assert with_user_lists(connection, snapshot, frozenset({Part.USERS}), 9) == replace(snapshot)
