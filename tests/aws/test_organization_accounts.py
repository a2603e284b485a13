"""Which accounts are of the organization: who is told, who is not, and what of that is said."""

from collections.abc import Callable, Iterator

import pytest
from moto.organizations.models import organizations_backends

from bot.aws.assuming import RoleToAssume
from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder
from bot.engine.organization_members import told_by_management
from bot.errors import NotEnteredError
from bot.model import OrganizationAccounts, Part, Protection, Snapshot
from tests.aws.conftest import NOW, error_answer

MEMBER, CLOSED = "210987654321", "345678901234"
NEEDED = frozenset({Part.ORGANIZATION_ACCOUNTS})


@pytest.fixture
def organization(account: AccountBuilder) -> AccountBuilder:
    """One that the account manages, with a member in use and one that was closed."""
    account.organization()
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account.account_id}:root"},
        "Action": "sts:AssumeRole",
    }
    member = account.member_account(MEMBER, "payments")
    member.role("locksmith", trust={"Version": "2012-10-17", "Statement": [trust]})
    account.member_account(CLOSED, "given up")
    account.close_account(CLOSED)
    return account


@pytest.fixture
def in_member(organization: AccountBuilder, connection: AwsConnection) -> Iterator[AwsConnection]:
    """A connection to the member that is in use."""
    role = RoleToAssume(f"arn:aws:iam::{MEMBER}:role/locksmith", None)
    with connect(role=role, read_attempts=1) as opened:
        assert opened.account.id == MEMBER
        yield opened


def look(connection: AwsConnection, needs: frozenset[Part] = NEEDED) -> Snapshot:
    """What one pass reads."""
    return take_snapshot(
        connection,
        needs,
        clock=lambda: NOW,
        protection=Protection(),
        progress=lambda _: None,
    )


def members(told: OrganizationAccounts) -> dict[str, str]:
    """State by id."""
    assert told.members is not None
    return {each.id: each.state for each in told.members}


def test_the_managing_account_is_told(
    organization: AccountBuilder, connection: AwsConnection
) -> None:
    """Closed ones stay in AWS's list for a while."""
    told = look(connection).organization_accounts
    own = organization.account_id
    assert members(told) == {own: "ACTIVE", MEMBER: "ACTIVE", CLOSED: "SUSPENDED"}
    assert (told.organization, told.management) == (organization.organization_id(), own)
    assert told.unread == ""
    assert told.members is not None
    assert [each.id for each in told.members if not each.is_active] == [CLOSED]


def test_it_is_asked_once_for_all_that_want_it(
    organization: AccountBuilder, connection: AwsConnection
) -> None:
    """Root of members is looked at by the same list."""
    look(connection, NEEDED | {Part.ORGANIZATION, Part.MEMBER_ROOTS})
    assert connection.calls["organizations:DescribeOrganization"] == 1
    assert connection.calls["organizations:ListAccounts"] == 1


def test_an_account_in_no_organization_has_none(connection: AwsConnection) -> None:
    assert look(connection).organization_accounts == OrganizationAccounts()
    assert "organizations:ListAccounts" not in connection.calls


def test_a_member_is_told_nothing_which_is_no_gap(
    in_member: AwsConnection, organization: AccountBuilder
) -> None:
    """AWS never tells it, whatever its permissions: that is said, and nothing is unavailable."""
    snapshot = look(in_member)
    told = snapshot.organization_accounts
    assert not snapshot.unavailable
    assert told.members is None
    assert (told.organization, told.management) == (
        organization.organization_id(),
        organization.account_id,
    )
    assert f"management account {organization.account_id}" in told.unread
    assert "AccessDeniedException" in told.unread


def test_a_delegated_administrator_is_told(
    in_member: AwsConnection, organization: AccountBuilder
) -> None:
    backend = organizations_backends[organization.account_id]["aws"]
    backend.register_delegated_administrator(
        AccountId=MEMBER, ServicePrincipal="access-analyzer.amazonaws.com"
    )
    assert set(members(look(in_member).organization_accounts)) >= {MEMBER, CLOSED}


@pytest.mark.parametrize("operation", ["ListAccounts", "DescribeOrganization"])
def test_what_the_managing_account_may_not_ask_is_unavailable(
    organization: AccountBuilder,
    connection: AwsConnection,
    refuse: Callable[..., list[int]],
    operation: str,
) -> None:
    """With the permission that is missing."""
    refuse("organizations", operation, "AccessDeniedException")
    snapshot = look(connection)
    assert Part.ORGANIZATION_ACCOUNTS not in snapshot.parts
    assert snapshot.unavailable[Part.ORGANIZATION_ACCOUNTS].grant == f"organizations:{operation}"


def test_a_failure_that_is_no_refusal_is_no_answer(
    in_member: AwsConnection, connection: AwsConnection
) -> None:
    """That AWS is busy says nothing of what a member may be told."""
    in_member.reader("organizations").meta.events.register_first(
        "before-send.organizations.ListAccounts",
        lambda **_: error_answer(
            "TooManyRequestsException", "slow down", 400, service="organizations"
        ),
    )
    snapshot = look(in_member)
    assert "TooManyRequests" in snapshot.unavailable[Part.ORGANIZATION_ACCOUNTS].error


def test_a_member_has_the_managing_account_asked(
    in_member: AwsConnection, connection: AwsConnection
) -> None:
    """Where that is one that Locksmith enters."""
    told = look(in_member).organization_accounts
    asked: list[str] = []

    def connect_to(account_id: str) -> AwsConnection:
        asked.append(account_id)
        return connection

    full = told_by_management(told, connect_to)

    assert asked == [connection.account.id]
    assert members(full)[CLOSED] == "SUSPENDED"
    assert full.unread == ""
    assert told_by_management(full, connect_to) is full
    assert told_by_management(OrganizationAccounts(), connect_to) == OrganizationAccounts()
    assert asked == [connection.account.id]


def test_what_could_not_be_asked_there_is_said(in_member: AwsConnection) -> None:
    told = look(in_member).organization_accounts

    def shut(account_id: str) -> AwsConnection:
        raise NotEnteredError(f"account {account_id} can't be entered")

    failed = told_by_management(told, shut)

    assert told_by_management(told, lambda _: None) is told
    assert failed.members is None
    assert failed.unread.startswith(told.unread)
    assert "asked there" in failed.unread
    assert "can't be entered" in failed.unread
