"""Entering another account by a role, with the external id that its trust asks for."""

import json
from typing import Any

import pytest
from moto.sts.models import AssumedRole, sts_backends

from bot.aws.assuming import RoleToAssume
from bot.aws.connection import own_arns
from bot.aws.reading import read
from bot.aws.sessions import connect
from bot.aws.simulated import DEFAULT_ACCOUNT, AccountBuilder
from bot.aws.simulated.clock import SimulatedClock
from bot.errors import AwsError
from bot.model import Account, Call
from tests.aws.conftest import NOW

OTHER = "210987654321"
EXTERNAL_ID = "locksmith-7f3a"
ROLE = f"arn:aws:iam::{OTHER}:role/locksmith"


def trust(external_id: str | None = EXTERNAL_ID) -> str:
    """A trust policy for the first account."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    if external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def other(account: AccountBuilder) -> AccountBuilder:
    """A second account with the role."""
    built = AccountBuilder(OTHER, SimulatedClock(NOW))
    built.role("locksmith", trust=json.loads(trust()))
    return built


def test_the_session_is_in_the_other_account(other: AccountBuilder) -> None:
    other.user("bob")
    with connect(role=RoleToAssume(ROLE, EXTERNAL_ID), read_attempts=1) as connection:
        assert connection.account == Account(OTHER, "aws")
        assert connection.caller_arn == f"arn:aws:sts::{OTHER}:assumed-role/locksmith/locksmith"
        users: Any = read(connection, Call("iam", "ListUsers"))
        assert [each["UserName"] for each in users["Users"]] == ["bob"]


def test_those_behind_it_are_ours_too(other: AccountBuilder) -> None:
    """Whoever takes away what the role is assumed with shuts us out of the account."""
    with connect(read_attempts=1) as own, connect(role=RoleToAssume(ROLE, EXTERNAL_ID)) as in_it:
        assert in_it.chain[0] == own.caller_arn
        assert own_arns(in_it)[0] == ROLE
        assert set(own_arns(own)) <= set(own_arns(in_it))


@pytest.mark.parametrize("external_id", [None, "another-id"])
def test_without_its_external_id_it_lets_nobody_in(
    other: AccountBuilder, external_id: str | None
) -> None:
    with pytest.raises(AwsError, match="can't be assumed") as caught:
        connect(role=RoleToAssume(ROLE, external_id))
    assert EXTERNAL_ID not in str(caught.value)
    assert "external_id" in caught.value.hint


def test_credentials_are_renewed_before_they_run_out(
    other: AccountBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long scan goes on with new ones: AWS is told to give them for a minute."""
    made = AssumedRole.__init__

    def short(self: AssumedRole, *args: Any, **given: Any) -> None:
        made(self, *args, **{**given, "duration": 60})

    monkeypatch.setattr(AssumedRole, "__init__", short)
    with connect(role=RoleToAssume(ROLE, EXTERNAL_ID), read_attempts=1) as connection:
        before = len(sts_backends[OTHER]["aws"].assumed_roles)
        assert read(connection, Call("iam", "ListUsers")) is not None
        assert len(sts_backends[OTHER]["aws"].assumed_roles) > before
