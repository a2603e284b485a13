"""The one pass: only what is needed, in few calls, and what failed said, never guessed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from bot.aws.connection import AwsConnection, own_arns
from bot.aws.inventory import take_snapshot
from bot.aws.opt_in_parts import OPT_IN
from bot.aws.simulated import AccountBuilder
from bot.aws.user_lists import USER_LISTS
from bot.errors import CredentialsError, PartNotReadError
from bot.model import Part, Protection, Snapshot
from tests.conftest import plain_id

#: What only controls need that are off at first has its tests in test_regional.py.
EVERYTHING = frozenset(Part) - OPT_IN.keys()
#: Read later, for findings.
LATER = {
    Part.KEY_NAMES,
    Part.ROOT_CUSTODY,
    Part.SIGN_INS,
    Part.MFA_DEVICES,
    Part.LAST_ACCESS,
    Part.KEY_USES,
    Part.FENCES,
    Part.BELONGINGS,
    Part.SERVICE_USE,
    Part.POLICY_DENIALS,
    Part.POLICY_USE,
    *USER_LISTS,
}
READ_HERE = EVERYTHING - LATER
ANYTHING = {"Version": "2012-10-17", "Statement": []}


@pytest.fixture
def scan(connection: AwsConnection, now: datetime) -> Callable[..., Snapshot]:
    """Take a snapshot of the simulated account."""

    def take(
        needs: frozenset[Part] = EVERYTHING,
        protection: Protection | None = None,
        progress: Callable[[str], None] = lambda _: None,
        **options: Any,
    ) -> Snapshot:
        return take_snapshot(
            connection,
            needs,
            clock=lambda: now,
            protection=protection or Protection(),
            progress=progress,
            pause=lambda _: None,
            **options,
        )

    return take


@pytest.fixture
def company(account: AccountBuilder) -> AccountBuilder:
    """A small account with one of everything."""
    policy = account.policy("reports", ANYTHING)
    account.group("dev")
    account.attach(account.aws_policy("ReadOnlyAccess"), group="dev")
    account.user("alice", tags={"owner": "alice@example.org"}, groups=["dev"])
    account.password("alice", last_used=account.ago(days=3))
    account.mfa("alice")
    account.key("alice", created=account.ago(days=200), last_used=account.ago(days=2))
    account.user("bob,+@=.x", path="/ci/")
    account.attach(policy, user="bob,+@=.x")
    account.inline("more", ANYTHING, user="bob,+@=.x")
    account.key("bob,+@=.x", created=account.ago(days=400), status="Inactive")
    account.service_credential("alice")
    account.trail("main", multi_region=True)
    account.root(mfa_kind="virtual")
    account.role("app", trust={"Version": "2012-10-17", "Statement": []})
    return account


def test_every_part_is_read(
    company: AccountBuilder, scan: Callable[..., Snapshot], now: datetime
) -> None:
    snapshot = scan()
    assert set(snapshot.parts) == READ_HERE
    assert not snapshot.unavailable
    assert snapshot.taken_at == now
    assert not snapshot.offline
    alice, bob = snapshot.users
    assert (alice.name, alice.groups, alice.tags) == (
        "alice",
        ("dev",),
        {"owner": "alice@example.org"},
    )
    assert (bob.arn, bob.path, [policy.name for policy in bob.inline]) == (
        "arn:aws:iam::123456789012:user/ci/bob,+@=.x",
        "/ci/",
        ["more"],
    )
    assert [group.name for group in snapshot.groups] == ["dev"]
    assert [role.name for role in snapshot.roles] == ["app"]
    assert [policy.name for policy in snapshot.customer_policies] == ["reports"]
    assert [policy.name for policy in snapshot.aws_policies] == ["ReadOnlyAccess"]
    assert snapshot.account_summary["AccountMFAEnabled"] == 1
    assert not snapshot.password_policy.exists
    assert snapshot.password_use == {alice.id: now - timedelta(days=3)}
    assert {device.user_arn for device in snapshot.virtual_mfa} == {
        alice.arn,
        "arn:aws:iam::123456789012:root",
    }
    assert [(each.user, each.active) for each in snapshot.service_credentials] == [("alice", True)]
    assert [trail.name for trail in snapshot.trails] == ["main"]
    report = snapshot.credential_report
    assert report.root is not None
    assert report.generated == now
    assert {row.user: [key.user_id for key in row.keys] for row in report.users} == {
        "alice": [alice.id],
        bob.name: [bob.id],
    }
    assert [key.active for key in snapshot.access_keys] == [True, False]


def test_all_parts_cost_a_fixed_number_of_calls(
    company: AccountBuilder, scan: Callable[..., Snapshot], connection: AwsConnection
) -> None:
    """No call per user: 300 more users cost nothing more."""
    scan()
    few = dict(connection.calls)
    assert sum(few.values()) <= 16
    for number in range(300):
        company.user(f"user-{number}")
        company.key(f"user-{number}")
    connection.calls.clear()
    company.forget_report()
    snapshot = scan()
    assert len(snapshot.users) == 302
    assert dict(connection.calls) == {
        name: count for name, count in few.items() if name != "sts:GetCallerIdentity"
    }


def test_calls_grow_by_the_page_only(
    company: AccountBuilder, scan: Callable[..., Snapshot], connection: AwsConnection
) -> None:
    for number in range(18):
        company.user(f"user-{number:02}")
    snapshot = scan(page_size=7)
    names = [user.name for user in snapshot.users]
    assert len(names) == len(set(names)) == 20
    assert len(snapshot.roles) == 1
    assert connection.calls["iam:GetAccountAuthorizationDetails"] == 4
    assert connection.calls["iam:ListUsers"] == 3


CALLS_OF = {
    Part.USERS: {"iam:GetAccountAuthorizationDetails"},
    Part.GROUPS: {"iam:GetAccountAuthorizationDetails"},
    Part.ROLES: {"iam:GetAccountAuthorizationDetails"},
    Part.CUSTOMER_POLICIES: {"iam:GetAccountAuthorizationDetails"},
    Part.AWS_POLICIES: {"iam:GetAccountAuthorizationDetails"},
    Part.CREDENTIAL_REPORT: {
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
        "iam:ListUsers",
    },
    Part.ACCOUNT_SUMMARY: {"iam:GetAccountSummary"},
    Part.PASSWORD_POLICY: {"iam:GetAccountPasswordPolicy"},
    Part.PASSWORD_USE: {"iam:ListUsers"},
    Part.VIRTUAL_MFA: {"iam:ListVirtualMFADevices"},
    Part.SERVICE_CREDENTIALS: {"iam:ListServiceSpecificCredentials"},
    Part.TRAILS: {
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
    },
    Part.SECURITY_CONTACT: {"account:GetAlternateContact"},
    Part.SECRETS: {"secretsmanager:ListSecrets"},
    Part.ORGANIZATION: {"organizations:DescribeOrganization"},
    Part.ORGANIZATION_ACCOUNTS: {"organizations:DescribeOrganization"},
    Part.MEMBER_ROOTS: {"organizations:DescribeOrganization"},
    Part.SERVER_CERTIFICATES: {"iam:ListServerCertificates"},
    Part.KEY_NAMES: set(),
    Part.ROOT_CUSTODY: set(),
    Part.SIGN_INS: set(),
    Part.MFA_DEVICES: set(),
    Part.LAST_ACCESS: set(),
    Part.KEY_USES: set(),
    Part.FENCES: set(),
    Part.BELONGINGS: set(),
    Part.SERVICE_USE: set(),
    Part.POLICY_DENIALS: set(),
    Part.POLICY_USE: set(),
    **{part: set[str]() for part in USER_LISTS},
}


@pytest.mark.parametrize("part", sorted(EVERYTHING))
def test_only_what_is_needed_is_read(
    company: AccountBuilder, scan: Callable[..., Snapshot], connection: AwsConnection, part: Part
) -> None:
    snapshot = scan(frozenset({part}))
    assert set(snapshot.parts) == {part} - LATER
    assert set(connection.calls) - {"sts:GetCallerIdentity"} == CALLS_OF[part]


def test_the_filter_asks_for_what_is_needed(connection: AwsConnection, now: datetime) -> None:
    with Stubber(connection.reader("iam")) as stub:
        stub.add_response(
            "get_account_authorization_details",
            {"UserDetailList": [], "IsTruncated": False},
            {"Filter": ["User", "LocalManagedPolicy"], "MaxItems": 1000},
        )
        take_snapshot(
            connection,
            frozenset({Part.USERS, Part.CUSTOMER_POLICIES}),
            clock=lambda: now,
            protection=Protection(),
            progress=lambda _: None,
        )
        stub.assert_no_pending_responses()


DETAILS = frozenset(
    {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}
)
REFUSALS = [
    ("iam", "GetAccountAuthorizationDetails", DETAILS),
    ("iam", "GetCredentialReport", {Part.CREDENTIAL_REPORT}),
    ("iam", "GetAccountSummary", {Part.ACCOUNT_SUMMARY}),
    ("iam", "GetAccountPasswordPolicy", {Part.PASSWORD_POLICY}),
    ("iam", "ListUsers", {Part.PASSWORD_USE}),
    ("iam", "ListVirtualMFADevices", {Part.VIRTUAL_MFA}),
    ("iam", "ListServiceSpecificCredentials", {Part.SERVICE_CREDENTIALS}),
    (
        "organizations",
        "DescribeOrganization",
        {Part.ORGANIZATION, Part.ORGANIZATION_ACCOUNTS, Part.MEMBER_ROOTS},
    ),
    ("account", "GetAlternateContact", {Part.SECURITY_CONTACT}),
    ("cloudtrail", "DescribeTrails", {Part.TRAILS}),
    ("cloudtrail", "GetTrailStatus", {Part.TRAILS}),
    ("secretsmanager", "ListSecrets", {Part.SECRETS}),
    ("iam", "ListServerCertificates", {Part.SERVER_CERTIFICATES}),
]


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("Throttling", 400)])
@pytest.mark.parametrize(("service", "operation", "lost"), REFUSALS, ids=plain_id)
def test_a_part_that_cannot_be_read_is_said(
    company: AccountBuilder,
    scan: Callable[..., Snapshot],
    refuse: Callable[..., list[int]],
    service: str,
    operation: str,
    lost: set[Part],
    code: str,
    status: int,
) -> None:
    """And all the others are read all the same."""
    refuse(service, operation, code, "because", status=status)
    said: list[str] = []
    snapshot = scan(progress=said.append)
    assert set(snapshot.unavailable) == lost
    assert set(snapshot.parts) == READ_HERE - lost
    for part in lost:
        missing = snapshot.unavailable[part]
        assert (missing.part, missing.operation) == (part, f"{service}:{operation}")
        assert missing.error == f"{code}: because"
        assert missing.grant == f"{service}:{operation}"
        assert missing.given
    assert any("Could not read" in words and code in words for words in said)


@pytest.mark.parametrize("first", ["GenerateCredentialReport", "ListUsers"])
def test_a_service_that_cannot_be_reached_is_tried_once(
    company: AccountBuilder, scan: Callable[..., Snapshot], connection: AwsConnection, first: str
) -> None:
    """Ten attempts for each part would take minutes; CloudTrail is read all the same."""
    sent: list[str] = []

    def gone(request: Any, **_: Any) -> None:
        sent.append(request.url)
        raise EndpointConnectionError(endpoint_url=request.url)

    events = connection.reader("iam").meta.events
    events.register_first(f"before-send.iam.{first}", gone)
    read_before = DETAILS if first == "ListUsers" else frozenset()
    snapshot = scan()
    assert len(sent) == 1
    assert set(snapshot.parts) == read_before | {
        Part.TRAILS,
        Part.SECURITY_CONTACT,
        Part.SECRETS,
        Part.ORGANIZATION,  # of an account in none, for which IAM needn't be asked
        Part.ORGANIZATION_ACCOUNTS,
        Part.MEMBER_ROOTS,
    }
    missing = snapshot.unavailable[Part.ACCOUNT_SUMMARY]
    assert missing.operation == missing.grant == "iam:GetAccountSummary"
    assert missing.error.startswith("not tried: Unreachable")


def test_a_part_that_was_not_read_is_never_empty(
    company: AccountBuilder, scan: Callable[..., Snapshot], refuse: Callable[..., list[int]]
) -> None:
    refuse("iam", "GetAccountAuthorizationDetails")
    with pytest.raises(PartNotReadError):
        _ = scan().users


@pytest.mark.parametrize(
    ("operation", "lost"),
    [("GetAccountAuthorizationDetails", Part.USERS), ("ListUsers", Part.PASSWORD_USE)],
)
def test_a_page_that_fails_midway_makes_the_whole_part_unavailable(
    company: AccountBuilder,
    scan: Callable[..., Snapshot],
    refuse: Callable[..., list[int]],
    operation: str,
    lost: Part,
) -> None:
    for number in range(20):
        company.user(f"user-{number}")
    sent = refuse("iam", operation, "Throttling", "Rate exceeded", status=400, skip=1)
    snapshot = scan(page_size=10)
    assert len(sent) == 2
    assert lost in snapshot.unavailable
    assert lost not in snapshot.parts


def test_without_any_list_of_users_the_report_goes_by_arn(
    company: AccountBuilder, scan: Callable[..., Snapshot], refuse: Callable[..., list[int]]
) -> None:
    refuse("iam", "ListUsers")
    said: list[str] = []
    snapshot = scan(frozenset({Part.CREDENTIAL_REPORT}), progress=said.append)
    rows = snapshot.credential_report.users
    assert [key.user_id for row in rows for key in row.keys] == [row.arn for row in rows]
    assert any("unique ids" in words for words in said)


def test_a_report_that_was_cut_off_is_unavailable(
    company: AccountBuilder, scan: Callable[..., Snapshot]
) -> None:
    scan(frozenset({Part.CREDENTIAL_REPORT}))
    stored = company.iam.report
    assert stored is not None
    stored.content = stored.content[:-3]
    missing = scan().unavailable[Part.CREDENTIAL_REPORT]
    assert "cut off" in missing.error
    assert missing.operation == "iam:GetCredentialReport"


def test_a_user_who_vanished_since_the_report_is_left_out(
    company: AccountBuilder, scan: Callable[..., Snapshot]
) -> None:
    scan(frozenset({Part.CREDENTIAL_REPORT}))
    company.user("carol")
    boto3.client("iam").delete_user(UserName="carol")
    company.user("short-lived")
    company.forget_report()
    scan(frozenset({Part.CREDENTIAL_REPORT}))
    boto3.client("iam").delete_user(UserName="short-lived")
    snapshot = scan()
    assert [row.user for row in snapshot.credential_report.users] == ["alice", "bob,+@=.x"]
    assert not snapshot.unavailable


def test_a_session_that_ends_stops_the_pass(
    company: AccountBuilder, scan: Callable[..., Snapshot], refuse: Callable[..., list[int]]
) -> None:
    refuse("iam", "ListUsers", "ExpiredToken", "The security token is expired")
    with pytest.raises(CredentialsError, match="expired"):
        scan()


def test_a_password_policy_is_read_whole(
    account: AccountBuilder, scan: Callable[..., Snapshot]
) -> None:
    account.password_policy(length=9, symbols=False, max_age=90, reuse=5, may_change=False)
    policy = scan(frozenset({Part.PASSWORD_POLICY})).password_policy
    assert (policy.exists, policy.minimum_length, policy.symbols, policy.numbers) == (
        True,
        9,
        False,
        True,
    )
    assert (policy.max_age, policy.reuse, policy.users_may_change) == (90, 5, False)


class TestOwnIdentity:
    """The caller is always among the protected."""

    def test_it_joins_what_the_configuration_names(
        self, account: AccountBuilder, scan: Callable[..., Snapshot], connection: AwsConnection
    ) -> None:
        protection = Protection(break_glass=("*:user/glass",), own=("arn:x",))
        snapshot = scan(frozenset(), protection)
        assert snapshot.protection.own == ("arn:x", connection.caller_arn)
        assert snapshot.protection.break_glass == ("*:user/glass",)
        assert snapshot.caller_arn == connection.caller_arn

    @pytest.mark.parametrize(
        ("caller_id", "session_role"), [("ROLE-ID:scan", "renamed"), ("AROAOTHER:scan", "bot")]
    )
    def test_a_role_is_found_by_id_or_name_with_its_path(
        self,
        account: AccountBuilder,
        scan: Callable[..., Snapshot],
        connection: AwsConnection,
        caller_id: str,
        session_role: str,
    ) -> None:
        arn = account.role("bot", path="/security/")
        roles = scan(frozenset({Part.ROLES})).roles
        assumed = AwsConnection(
            boto3.Session(),
            account=connection.account,
            caller_arn=f"arn:aws:sts::123456789012:assumed-role/{session_role}/scan",
            caller_id=caller_id.replace("ROLE-ID", roles[0].id),
            region="us-east-1",
        )
        assert own_arns(assumed, roles) == (arn,)
