"""Ids of deleted identities go, for good, and nobody gets in or out by that."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Risk
from remediations.delegation import trust_to_deleted_principal as control
from tests.remediations.acting import Acting, stopped_by
from tests.remediations.delegation.trusts import (
    HOSTILE_ROLE,
    OWN,
    by_hand,
    fixed,
    found_by,
    planned_by,
    trust,
    trust_of,
    trusting,
    when,
)

GONE, GONE_USER = "AROAEXAMPLEEXAMPLE123", "AIDAEXAMPLEEXAMPLE456"
SERVICE = trusting({"Service": "ec2.amazonaws.com"})
NOBODY = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}

found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def seed(account: AccountBuilder) -> None:
    """A role that its account and a deleted role may assume."""
    account.role("deploy", trust=trust(trusting({"AWS": [OWN, GONE]})))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_seed_is_fixed_for_good(account: AccountBuilder) -> None:
    """It can't be undone and says so; the text as it was is in the evidence."""
    seed(account)
    (finding,) = found(account)
    assert finding.evidence["deleted"] == [GONE]
    assert GONE in str(finding.evidence["trust_policy"])
    fix = fixed(planned(account))
    assert fix.risk is Risk.IRREVERSIBLE
    assert "AWS takes no document" in fix.steps[0].irreversible_because

    Acting(account, fix).apply()

    assert trust_of(account) == [trusting({"AWS": [OWN]})]
    assert not found(account)


@pytest.mark.parametrize(
    ("statements", "left"),
    [
        pytest.param([trusting({"AWS": GONE})], [NOBODY], id="nobody else"),
        pytest.param(
            [trusting({"AWS": GONE}, Sid="Old"), SERVICE], [SERVICE], id="a statement of its own"
        ),
        pytest.param(
            [trusting({"AWS": [GONE, GONE_USER, OWN]})], [trusting({"AWS": [OWN]})], id="several"
        ),
        pytest.param(
            [trusting({"AWS": OWN}), trusting({"AWS": GONE}, Effect="Deny")],
            [trusting({"AWS": OWN})],
            id="a Deny that hits nobody",
        ),
        pytest.param(
            [trusting({"AWS": [GONE]}, Condition=when("sts:ExternalId", "x")), SERVICE],
            [SERVICE],
            id="whatever its condition",
        ),
    ],
)
def test_what_is_left(
    account: AccountBuilder, statements: list[dict[str, Any]], left: list[dict[str, Any]]
) -> None:
    account.role("r", trust=trust(*statements))

    Acting(account, fixed(planned(account))).apply()

    assert trust_of(account) == left
    assert not found(account)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(trusting({"AWS": OWN}), id="an ARN"),
        pytest.param(trusting({"AWS": "arn:aws:iam::123456789012:role/AROA"}), id="such a name"),
        pytest.param(
            trusting({"AWS": "*"}, Condition=when("aws:userid", f"{GONE}:*")), id="userid"
        ),
        pytest.param(SERVICE, id="a service"),
    ],
)
def test_look_alikes(account: AccountBuilder, statement: dict[str, Any]) -> None:
    account.role("r", trust=trust(statement))

    assert not found(account)


def test_everyone_but_the_deleted_one_is_left_to_people(account: AccountBuilder) -> None:
    """Without the id, it would be another document: AWS may read it as everyone."""
    account.role("r", trust=trust(trusting(None, NotPrincipal={"AWS": [GONE, OWN]})))

    assert "everyone but" in by_hand(planned(account)).reason


def test_whoever_changed_it_since_is_not_overwritten(account: AccountBuilder) -> None:
    seed(account)

    def anew() -> None:
        account.iam.get_role("deploy").id = "AROAANOTHER"

    assert stopped_by(account, fixed(planned(account)), "take-out-deleted", anew) == [
        "deploy is another role now"
    ]


def test_names_with_every_character(account: AccountBuilder) -> None:
    account.role(HOSTILE_ROLE, trust=trust(trusting({"AWS": GONE})))

    Acting(account, fixed(planned(account))).apply()

    assert not found(account)
