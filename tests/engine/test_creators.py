"""Who made a thing, by CloudTrail: found where it is readable, and never an error."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from moto.cloudtrail.models import cloudtrail_backends

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.sessions import connect
from bot.aws.simulated.server import SimulatedAccount
from bot.engine.creators import Creators
from bot.model import (
    Account,
    Finding,
    KeyReference,
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

PARTS = frozenset({Part.USERS, Part.ROLES, Part.CUSTOMER_POLICIES})
DOMAINS = frozenset({"example.com"})


@pytest.fixture
def connection(cloud: SimulatedAccount) -> Iterator[AwsConnection]:
    with connect(read_attempts=1) as opened:
        yield opened


def arn_of(cloud: SimulatedAccount, resource: str, service: str = "iam") -> str:
    return f"arn:aws:{service}::{cloud.account_id}:{resource}"


def session_of(cloud: SimulatedAccount, name: str, role: str = "Admins") -> str:
    return arn_of(cloud, f"assumed-role/{role}/{name}", "sts")


def seen(connection: AwsConnection, *, taken_at: Any = NOON) -> Snapshot:
    snapshot = take_snapshot(
        connection, PARTS, clock=StandingClock(), protection=Protection(), progress=quiet
    )
    return replace(snapshot, taken_at=taken_at)


def about(resource: Resource) -> Finding:
    return Finding("a-control", resource.unique_id, resource, Severity.HIGH, "something is wrong")


def about_user(snapshot: Snapshot, name: str) -> Finding:
    user = snapshot.users_by_name[name]
    return about(Resource("user", user.name, user.arn, user.id))


def makers(
    creators: Creators, connection: AwsConnection, snapshot: Snapshot, *findings: Finding
) -> dict[str, list[str]]:
    found = creators.of(connection, snapshot, findings)
    return {unique_id: [claim.address for claim in claims] for unique_id, claims in found.items()}


# Each kind of thing


def the_user(cloud: SimulatedAccount) -> dict[str, str]:
    cloud.account.user("web", created=cloud.account.ago(days=3))
    return {"user": "web"}


def the_role(cloud: SimulatedAccount) -> dict[str, str]:
    cloud.account.role("app", created=cloud.account.ago(days=3))
    return {"role": "app"}


def the_policy(cloud: SimulatedAccount) -> dict[str, str]:
    document = {"Version": "2012-10-17", "Statement": []}
    made = cloud.account.ago(days=3)
    return {"policy": cloud.account.policy("read", document, created=made)}


def the_key(cloud: SimulatedAccount) -> dict[str, str]:
    return {"key": cloud.account.key("carol", created=cloud.account.ago(days=3))}


def resource_of(snapshot: Snapshot, thing: dict[str, str], created: Any) -> Resource:
    [(kind, name)] = thing.items()
    if kind == "key":
        carol = snapshot.users_by_name["carol"]
        reference = KeyReference("carol", carol.id, 2, created, name)
        return Resource("access-key", "carol's key", carol.arn, name, reference)
    if kind == "policy":
        policy = snapshot.policies_by_arn[name]
        return Resource(kind, policy.name, policy.arn, policy.id)
    if kind == "role":
        [role] = [each for each in snapshot.roles if each.name == name]
        return Resource(kind, name, role.arn, role.id)
    user = snapshot.users_by_name[name]
    return Resource(kind, name, user.arn, user.id)


@pytest.mark.parametrize(
    ("make", "event"),
    [
        (the_user, "CreateUser"),
        (the_role, "CreateRole"),
        (the_policy, "CreatePolicy"),
        (the_key, "CreateAccessKey"),
    ],
)
def test_who_made_it_is_found(
    cloud: SimulatedAccount,
    connection: AwsConnection,
    make: Callable[[SimulatedAccount], dict[str, str]],
    event: str,
) -> None:
    thing = make(cloud)
    session = session_of(cloud, "ann@example.com")
    cloud.account.made_by(session, **thing)
    snapshot = seen(connection)
    resource = resource_of(snapshot, thing, cloud.account.ago(days=3))

    found = Creators((), DOMAINS).of(connection, snapshot, [about(resource)])

    because = f"{event} by {session} on 2026-11-21, by CloudTrail"
    claim = OwnerClaim(OwnerSource.CREATOR, "ann@example.com", because)
    assert found == {resource.unique_id: (claim,)}
    assert connection.calls["cloudtrail:LookupEvents"] == 1


# From an ARN to a person


@pytest.mark.parametrize(
    ("maker", "people", "expected"),
    [
        ("user/people/ann", [(["user/people/ann"], ["U0ANN"])], ["U0ANN"]),
        ("user/people/ann", [(["user/people/ann"], ["U0ANN", "W0ANN"])], ["U0ANN", "W0ANN"]),
        ("user/people/ann", [(["user/people/ann"], [])], []),
        ("user/people/ann", [(["user/ann"], ["U0ANN"])], []),
        ("user/people/ann", [], []),
        ("user/ann@example.com", [], []),
        # Two people with one ARN: nobody knows whose it was.
        (
            "user/people/ann",
            [(["user/people/ann"], ["U0ANN"]), (["user/people/ann"], ["U0BEN"])],
            [],
        ),
        ("assumed-role/Admins/ann@example.com", [], ["ann@example.com"]),
        ("assumed-role/Admins/Ann@Example.COM", [], ["ann@example.com"]),
        ("assumed-role/Admins/ann@elsewhere.example", [], []),
        ("assumed-role/Admins/ann@sub.example.com", [], []),
        ("assumed-role/Admins/U0ANN", [], []),
        ("assumed-role/Admins/ann", [(["role/Admins"], ["U0ANN"])], ["U0ANN"]),
        ("assumed-role/Admins/ann", [(["role/Others"], ["U0ANN"])], []),
        (
            "assumed-role/Admins/ann@example.com",
            [(["role/Admins"], ["U0BEN"])],
            ["ann@example.com"],
        ),
        (
            "assumed-role/Admins/ann@example.com",
            [(["assumed-role/Admins/ann@example.com"], ["U0ANN"])],
            ["U0ANN"],
        ),
    ],
)
def test_who_that_is_in_slack(
    cloud: SimulatedAccount,
    connection: AwsConnection,
    maker: str,
    people: list[tuple[list[str], list[str]]],
    expected: list[str],
) -> None:
    def whole(arn: str) -> str:
        return arn_of(cloud, arn, "sts" if arn.startswith("assumed-role") else "iam")

    cloud.account.made_by(whole(maker), **the_user(cloud))
    snapshot = seen(connection)
    known = [([whole(arn) for arn in arns], ids) for arns, ids in people]

    found = makers(
        Creators(known, frozenset({"Example.com"})),
        connection,
        snapshot,
        about_user(snapshot, "web"),
    )

    assert list(found.values()) == ([expected] if expected else [])


# Where it isn't told


def test_a_refusal_is_no_error_and_ends_the_asking(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    for name in ("a", "b"):
        cloud.account.user(name, created=cloud.account.ago(days=3))
        cloud.account.made_by(session_of(cloud, "ann@example.com"), user=name)
    snapshot = seen(connection)
    cloud.fault("cloudtrail:LookupEvents", "error:AccessDeniedException", times=None)

    found = makers(
        Creators((), DOMAINS),
        connection,
        snapshot,
        about_user(snapshot, "a"),
        about_user(snapshot, "b"),
    )

    assert found == {}
    assert connection.calls["cloudtrail:LookupEvents"] == 1


@pytest.mark.parametrize("fault", ["throttle", "drop_before", "error:ExpiredTokenException"])
def test_no_answer_is_no_error_either(
    cloud: SimulatedAccount, connection: AwsConnection, fault: Any
) -> None:
    cloud.account.made_by(session_of(cloud, "ann@example.com"), **the_user(cloud))
    snapshot = seen(connection)
    cloud.fault("cloudtrail:LookupEvents", fault, times=None)

    assert makers(Creators((), DOMAINS), connection, snapshot, about_user(snapshot, "web")) == {}


def test_what_nobody_recorded_has_no_maker(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    the_user(cloud)
    snapshot = seen(connection)

    assert makers(Creators((), DOMAINS), connection, snapshot, about_user(snapshot, "web")) == {}
    assert connection.calls["cloudtrail:LookupEvents"] == 1


def test_the_maker_of_an_earlier_one_of_that_name_is_not_meant(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    cloud.account.made_by(session_of(cloud, "ann@example.com"), **the_user(cloud))
    connection_iam = cloud.client("iam")
    connection_iam.delete_user(UserName="web")
    the_user(cloud)
    snapshot = seen(connection)

    assert makers(Creators((), DOMAINS), connection, snapshot, about_user(snapshot, "web")) == {}


def test_two_makers_of_one_thing_are_none(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    thing = the_user(cloud)
    for name in ("ann@example.com", "ben@example.com"):
        cloud.account.made_by(session_of(cloud, name), **thing)
    snapshot = seen(connection)

    assert makers(Creators((), DOMAINS), connection, snapshot, about_user(snapshot, "web")) == {}


@pytest.mark.parametrize(("days", "calls"), [(89.9, 1), (90, 0), (400, 0)])
def test_what_is_older_than_the_history_is_not_asked_about(
    cloud: SimulatedAccount, connection: AwsConnection, days: float, calls: int
) -> None:
    cloud.account.user("web", created=cloud.account.ago(days=days))
    cloud.account.made_by(session_of(cloud, "ann@example.com"), user="web")
    snapshot = seen(connection)

    found = makers(Creators((), DOMAINS), connection, snapshot, about_user(snapshot, "web"))

    assert len(found) == calls
    assert connection.calls["cloudtrail:LookupEvents"] == calls


def test_the_budget_goes_to_the_newest(cloud: SimulatedAccount, connection: AwsConnection) -> None:
    for days in (5, 1, 3):
        cloud.account.user(f"user-{days}", created=cloud.account.ago(days=days))
        cloud.account.made_by(session_of(cloud, "ann@example.com"), user=f"user-{days}")
    snapshot = seen(connection)
    findings = [about_user(snapshot, f"user-{days}") for days in (5, 1, 3, 1)]

    found = makers(Creators((), DOMAINS, budget=2), connection, snapshot, *findings)

    assert set(found) == {snapshot.users_by_name[f"user-{days}"].id for days in (1, 3)}
    assert connection.calls["cloudtrail:LookupEvents"] == 2


@pytest.mark.parametrize(
    "resource",
    [
        Resource("account", "123456789012", "arn:aws:iam::123456789012:root", "123456789012"),
        Resource("group", "team", "arn:aws:iam::123456789012:group/team", "AGPATEAM"),
        Resource("user", "gone", "arn:aws:iam::123456789012:user/gone", "AIDAGONE"),
        Resource("role", "gone", "arn:aws:iam::123456789012:role/gone", "AROAGONE"),
        Resource("policy", "gone", "arn:aws:iam::123456789012:policy/gone", "ANPAGONE"),
        Resource(
            "access-key",
            "carol's key",
            "arn:aws:iam::123456789012:user/carol",
            "AIDACAROL/key-1",
            KeyReference("carol", "AIDACAROL", 1, NOON - timedelta(days=1)),
        ),
    ],
    ids=lambda resource: resource.type,
)
def test_things_without_a_making_are_not_asked_about(
    connection: AwsConnection, resource: Resource
) -> None:
    assert makers(Creators((), DOMAINS), connection, seen(connection), about(resource)) == {}
    assert connection.calls["cloudtrail:LookupEvents"] == 0


def test_a_partition_whose_home_is_unknown_is_not_asked(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    the_user(cloud)
    snapshot = seen(connection)
    elsewhere = replace(snapshot, account=Account(cloud.account_id, "aws-iso"))

    assert makers(Creators((), DOMAINS), connection, elsewhere, about_user(snapshot, "web")) == {}
    assert connection.calls["cloudtrail:LookupEvents"] == 0


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "not json",
        "[]",
        "{}",
        '{"responseElements": null}',
        '{"responseElements": {"user": {"userId": "ID"}}}',
        '{"responseElements": {"user": {"userId": "ID"}}, "userIdentity": {"type": "AWSService"}}',
        '{"responseElements": {"user": {"userId": "ID"}}, "userIdentity": null}',
    ],
)
def test_a_record_that_says_too_little_says_nothing(
    cloud: SimulatedAccount, connection: AwsConnection, text: str | None
) -> None:
    cloud.account.made_by(session_of(cloud, "ann@example.com"), **the_user(cloud))
    snapshot = seen(connection)
    web = snapshot.users_by_name["web"]
    history: Any = cloudtrail_backends[cloud.account_id]["us-east-1"]
    [event] = history.events
    event["CloudTrailEvent"] = text and text.replace("ID", web.id)

    assert makers(Creators((), DOMAINS), connection, snapshot, about_user(snapshot, "web")) == {}
