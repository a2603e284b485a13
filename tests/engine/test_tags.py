"""The tags of what a finding is about: in a snapshot, and read again now."""

from collections.abc import Callable, Iterator

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.reading import ReadFailedError, read
from bot.aws.sessions import connect
from bot.aws.simulated.server import SimulatedAccount
from bot.engine.tags import still_says, tag_of_now, tags_now, tags_of
from bot.model import (
    Account,
    Call,
    Finding,
    Instance,
    Json,
    KeyReference,
    LaunchTemplate,
    OwnerClaim,
    OwnerSource,
    Part,
    Protection,
    Resource,
    Severity,
    Snapshot,
)
from tests.conftest import NOON, StandingClock
from tests.engine.house import quiet

CLAIM = OwnerClaim(OwnerSource.TAGS, "U0ANN", "tag owner = U0ANN", "owner")
OTHERS = tuple(
    OwnerClaim(source, "U0ANN", "so it is")
    for source in OwnerSource
    if source not in (CLAIM.source, OwnerSource.ACCOUNT_TAGS)
)
PARTS = frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES})
THINGS = ("user", "access-key", "role", "policy")
UNTAGGED = ("group", "account")
ACCOUNT_ID = "123456789012"
TAGS = {"owner": "U0ANN", "team": "web"}


@pytest.fixture
def connection(cloud: SimulatedAccount) -> Iterator[AwsConnection]:
    account = cloud.account
    account.user("web", tags=TAGS, path="/apps/")
    account.key("web")
    account.role("app", tags=TAGS)
    account.policy("rights", {"Version": "2012-10-17", "Statement": []}, tags=TAGS)
    account.group("team", members=["web"])
    with connect(read_attempts=1) as opened:
        yield opened


@pytest.fixture
def snapshot(connection: AwsConnection) -> Snapshot:
    return take_snapshot(
        connection, PARTS, clock=StandingClock(), protection=Protection(), progress=quiet
    )


@pytest.fixture
def now(connection: AwsConnection) -> Callable[[Call], Json]:
    return lambda call: read(connection, call)


def about(kind: str, snapshot: Snapshot) -> Finding:
    web = snapshot.users_by_name["web"]
    [app] = [role for role in snapshot.roles if role.name == "app"]
    [rights] = snapshot.customer_policies
    [team] = snapshot.groups
    account = snapshot.account
    resource = {
        "user": Resource("user", web.name, web.arn, web.id),
        "access-key": Resource(
            "access-key", "a key", web.arn, "AKIAX", KeyReference("web", web.id, 1, NOON, "AKIAX")
        ),
        "role": Resource("role", app.name, app.arn, app.id),
        "policy": Resource("policy", rights.name, rights.arn, rights.id),
        "group": Resource("group", team.name, team.arn, team.id),
        "account": Resource("account", account.id, account.iam_arn("root"), account.id),
    }[kind]
    return Finding("a-control", resource.unique_id, resource, Severity.LOW, "something is wrong")


def retag(cloud: SimulatedAccount, kind: str, value: str | None) -> None:
    iam = cloud.client("iam")
    named = {
        "user": ("user", {"UserName": "web"}),
        "access-key": ("user", {"UserName": "web"}),
        "role": ("role", {"RoleName": "app"}),
        "policy": ("policy", {"PolicyArn": f"arn:aws:iam::{cloud.account_id}:policy/rights"}),
    }
    what, whom = named[kind]
    if value is None:
        getattr(iam, f"untag_{what}")(**whom, TagKeys=["owner"])
    else:
        getattr(iam, f"tag_{what}")(**whom, Tags=[{"Key": "owner", "Value": value}])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [*((kind, TAGS) for kind in THINGS[:-1]), *((kind, {}) for kind in ("policy", *UNTAGGED))],
)
def test_tags_come_from_the_thing_or_the_keys_user(
    snapshot: Snapshot, kind: str, expected: dict[str, str]
) -> None:
    assert tags_of(about(kind, snapshot), snapshot) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [*((kind, TAGS) for kind in THINGS), *((kind, {}) for kind in UNTAGGED)]
)
def test_tags_are_read_from_aws(
    snapshot: Snapshot, now: Callable[[Call], Json], kind: str, expected: dict[str, str]
) -> None:
    assert tags_now(about(kind, snapshot), now) == expected


@pytest.mark.parametrize("kind", THINGS)
@pytest.mark.parametrize("value", ["U0MALLORY", None])
def test_a_changed_tag_is_seen_and_says_no_more_what_it_said(
    cloud: SimulatedAccount,
    snapshot: Snapshot,
    now: Callable[[Call], Json],
    kind: str,
    value: str | None,
) -> None:
    finding = about(kind, snapshot)
    assert tag_of_now(finding, CLAIM, ACCOUNT_ID, now) == "U0ANN"
    assert still_says(finding, CLAIM, ACCOUNT_ID, now)

    retag(cloud, kind, value)

    assert tag_of_now(finding, CLAIM, ACCOUNT_ID, now) == value
    assert not still_says(finding, CLAIM, ACCOUNT_ID, now)


def test_space_around_a_value_is_no_change(
    cloud: SimulatedAccount, snapshot: Snapshot, now: Callable[[Call], Json]
) -> None:
    retag(cloud, "user", " U0ANN ")

    assert still_says(about("user", snapshot), CLAIM, ACCOUNT_ID, now)


def test_another_one_of_the_same_name_gives_no_right(
    cloud: SimulatedAccount, snapshot: Snapshot, now: Callable[[Call], Json]
) -> None:
    finding = about("role", snapshot)
    cloud.client("iam").delete_role(RoleName="app")
    assert tag_of_now(finding, CLAIM, ACCOUNT_ID, now) is None

    cloud.account.role("app", tags=TAGS)

    assert tag_of_now(finding, CLAIM, ACCOUNT_ID, now) is None
    assert not still_says(finding, CLAIM, ACCOUNT_ID, now)


def test_a_key_keeps_the_rights_of_its_own_user_only(
    cloud: SimulatedAccount, snapshot: Snapshot, now: Callable[[Call], Json]
) -> None:
    finding = about("access-key", snapshot)
    cloud.client("iam").update_user(UserName="web", NewUserName="web-old")
    cloud.account.user("web", tags=TAGS)

    assert not still_says(finding, CLAIM, ACCOUNT_ID, now)


@pytest.mark.parametrize("claim", OTHERS, ids=lambda claim: claim.source.value)
def test_claims_of_other_sources_have_no_tag_to_change(
    connection: AwsConnection, snapshot: Snapshot, now: Callable[[Call], Json], claim: OwnerClaim
) -> None:
    before = connection.calls.total()

    assert tag_of_now(about("user", snapshot), claim, ACCOUNT_ID, now) is None
    assert still_says(about("user", snapshot), claim, ACCOUNT_ID, now)
    assert connection.calls.total() == before


@pytest.mark.parametrize("kind", UNTAGGED)
def test_what_has_no_tags_keeps_no_claim_of_one(
    snapshot: Snapshot, now: Callable[[Call], Json], kind: str
) -> None:
    assert not still_says(about(kind, snapshot), CLAIM, ACCOUNT_ID, now)


def test_what_cannot_be_read_is_not_taken_for_unchanged(
    cloud: SimulatedAccount, snapshot: Snapshot, now: Callable[[Call], Json]
) -> None:
    cloud.fault("iam:GetUser", "error:AccessDenied", times=None)

    with pytest.raises(ReadFailedError):
        still_says(about("user", snapshot), CLAIM, ACCOUNT_ID, now)


def _of_ec2(kind: str, id_: str) -> Finding:
    arn = f"arn:aws:ec2:us-east-1:{ACCOUNT_ID}:{kind}/{id_}"
    return Finding("some-control", f"{id_}/x", Resource(kind, "n", arn, id_), Severity.LOW, "said")


@pytest.mark.parametrize(
    ("kind", "part"),
    [("instance", Part.INSTANCES), ("launch-template", Part.LAUNCH_TEMPLATES)],
)
def test_tags_of_what_ec2_has(kind: str, part: Part) -> None:
    tags = {"owner": "U0ANN"}
    thing = Instance("i-1", "us-east-1", "running", tags=tags)
    if part is Part.LAUNCH_TEMPLATES:
        thing = LaunchTemplate("i-1", "n", "us-east-1", 1, 1, tags=tags)
    parts = {part: {"us-east-1": (thing,)}}
    snapshot = Snapshot(Account(ACCOUNT_ID), NOON, parts=parts)
    assert tags_of(_of_ec2(kind, "i-1"), snapshot) == tags
    assert tags_of(_of_ec2(kind, "i-2"), snapshot) == {}


def test_tags_of_an_instance_are_read_where_it_is() -> None:
    asked: list[Call] = []

    def read_it(call: Call) -> Json:
        asked.append(call)
        return {"Tags": [{"Key": "owner", "Value": "U0ANN", "ResourceId": "i-1"}]}

    finding = _of_ec2("instance", "i-1")
    assert tags_now(finding, read_it) == {"owner": "U0ANN"}
    assert still_says(finding, CLAIM, ACCOUNT_ID, read_it)
    assert (asked[0].operation, asked[0].region) == ("DescribeTags", "us-east-1")
    assert asked[0].params["Filters"] == [{"Name": "resource-id", "Values": ["i-1"]}]
