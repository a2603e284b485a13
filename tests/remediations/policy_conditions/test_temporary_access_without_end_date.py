"""What calls itself temporary gets an end."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Protection
from remediations.policy_conditions import temporary_access_without_end_date as control
from tests.remediations.acting import apply_and_undo, snapshot_of, stopped_by
from tests.remediations.policy_conditions.documents import (
    allow,
    by_hand,
    fixed,
    found_by,
    in_force,
    inline_of_role,
    planned_by,
    policy,
)

READ = allow("s3:GetObject", "arn:aws:s3:::harbour/*")
ENDS = {"DateLessThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}

found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def _of_age(account: AccountBuilder, days: float) -> None:
    account.role("migrator", last_used=account.ago(days=1))
    created = account.ago(days=days)
    account.attach(
        account.policy("temporary-migration", policy(READ), created=created), role="migrator"
    )


def seed(account: AccountBuilder) -> None:
    """A policy for a migration of half a year ago."""
    _of_age(account, 180)


def just_within(account: AccountBuilder) -> None:
    _of_age(account, 14)


def just_beyond(account: AccountBuilder) -> None:
    _of_age(account, 14.01)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def _end(statement: dict[str, Any]) -> datetime:
    (text,) = statement["Condition"]["DateLessThan"]["aws:CurrentTime"]
    return datetime.fromisoformat(text)


def test_seed_gets_an_end_and_is_undone_exactly(account: AccountBuilder) -> None:
    """It lies between one and two times the days ahead, at midnight."""
    seed(account)

    for _ in apply_and_undo(account, fixed(planned(account))):
        (statement,) = in_force(account)
        assert 14 <= (_end(statement) - account.now).total_seconds() / 86_400 <= 28
        assert (_end(statement).hour, _end(statement).minute) == (0, 0)
        assert {**statement, "Condition": None} == {**READ, "Condition": None}
        assert not found(account)


@pytest.mark.parametrize(
    ("name", "fires"),
    [
        ("temporary-migration", True),
        ("TemporaryMigration", True),
        ("migration_TEMP", True),
        ("interim", True),
        ("template-reader", False),
        ("temperature", False),
        ("temporary-credentials-reader", False),
        ("temp-bucket-writer", False),
        ("TempFiles", False),
        ("migration", False),
    ],
)
def test_names(account: AccountBuilder, name: str, fires: bool) -> None:
    account.policy(name, policy(READ), created=account.ago(days=100))

    assert bool(found(account)) is fires


@pytest.mark.parametrize(
    ("tags", "fires"),
    [({"expires": "2026-01-01"}, True), ({"Temporary": "yes"}, True), ({"team": "temp"}, False)],
)
def test_tags(account: AccountBuilder, tags: dict[str, str], fires: bool) -> None:
    account.role("r", tags=tags, created=account.ago(days=100))
    account.inline("p", policy(READ), role="r")

    assert bool(found(account)) is fires


def test_the_tags_own_date_is_the_end(account: AccountBuilder) -> None:
    end = account.ago(days=-40).date().isoformat()
    account.role("r", tags={"expires": end}, created=account.ago(days=100))
    account.inline("p", policy(READ), role="r")

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert _end(inline_of_role(account)[0]).date().isoformat() == end


@pytest.mark.parametrize(
    ("tag", "days"),
    [
        pytest.param("expires", 3, id="over already"),
        pytest.param("review", -40, id="a date of something else"),
    ],
)
def test_another_date_is_not_the_end(account: AccountBuilder, tag: str, days: int) -> None:
    said = account.ago(days=days).date()
    tags = {"temporary": "yes", tag: said.isoformat()}
    account.role("r", tags=tags, created=account.ago(days=100))
    account.inline("p", policy(READ), role="r")

    for _ in apply_and_undo(account, fixed(planned(account))):
        end = _end(inline_of_role(account)[0])
        assert end > account.now
        assert end.date() != said


def test_a_sid_speaks_for_its_own_statement(account: AccountBuilder) -> None:
    account.role("r", created=account.ago(days=100))
    more = allow("s3:PutObject", Sid="TemporaryWrite")
    account.inline("p", policy(READ, more, allow("s3:ListBucket", Condition=ENDS)), role="r")

    for _ in apply_and_undo(account, fixed(planned(account))):
        statements = inline_of_role(account)
        assert [("Condition" in one) for one in statements] == [False, True, True]
        assert statements[2]["Condition"] == ENDS


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(allow("s3:GetObject", Condition=ENDS), id="it has an end"),
        pytest.param({**READ, "Effect": "Deny"}, id="a Deny"),
    ],
)
def test_look_alikes(account: AccountBuilder, statement: dict[str, Any]) -> None:
    account.policy("temporary", policy(statement), created=account.ago(days=100))

    assert not found(account)


def test_other_conditions_stay(account: AccountBuilder) -> None:
    ip = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    account.policy("temporary", policy({**READ, "Condition": ip}), created=account.ago(days=100))

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert in_force(account)[0]["Condition"]["IpAddress"] == ip["IpAddress"]


def test_whoever_is_protected_is_not_hit(account: AccountBuilder) -> None:
    seed(account)
    snapshot = snapshot_of(account, Protection(protected=("*:role/migrator",)))
    (finding,) = control.detect(snapshot, control.CONTROL.settings())

    advice = by_hand(control.plan(finding, snapshot, control.CONTROL.settings()))

    assert "role migrator" in advice.reason


def test_another_version_stops_it(account: AccountBuilder) -> None:
    seed(account)

    def edited() -> None:
        arn = "arn:aws:iam::123456789012:policy/temporary-migration"
        text = json.dumps(policy(allow("s3:*")))
        account.client().create_policy_version(
            PolicyArn=arn, PolicyDocument=text, SetAsDefault=True
        )

    stopped = stopped_by(account, fixed(planned(account)), "create-version", edited)
    assert "temporary-migration has other versions by now" in stopped


def test_documents_that_cant_be_compared_are_left_to_people(account: AccountBuilder) -> None:
    half = {"NumericLessThan": {"aws:MultiFactorAuthAge": 0.5}}
    account.policy("temporary", policy({**READ, "Condition": half}), created=account.ago(days=100))

    assert "can't be compared exactly" in by_hand(planned(account)).reason
