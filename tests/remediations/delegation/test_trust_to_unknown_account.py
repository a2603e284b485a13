"""Accounts that nobody here knows are taken out of trust policies, and nobody else."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Risk
from remediations.delegation import trust_to_unknown_account as control
from tests.remediations.acting import apply_and_undo, stopped_by
from tests.remediations.delegation.trusts import (
    HOSTILE_ROLE,
    ORG,
    OWN,
    PARTNER,
    PARTNER_ROOT,
    VENDOR,
    VENDOR_ROOT,
    by_hand,
    fixed,
    found_by,
    planned_by,
    trust,
    trust_of,
    trusting,
    when,
)

ID = when("sts:ExternalId", "agreed-long-ago")
BOTH = {"StringEquals": {"aws:PrincipalAccount": [VENDOR, PARTNER]}}
NOBODY = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
SERVICE = trusting({"Service": "ec2.amazonaws.com"})

found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def seed(account: AccountBuilder) -> None:
    """A role that an account may assume, with an external id, that nothing here names."""
    account.role("watcher", trust=trust(trusting({"AWS": VENDOR_ROOT}, Condition=ID)))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    """A Deny for everyone stays where nothing else would, and the text comes back."""
    seed(account)
    fix = fixed(planned(account))
    assert fix.risk is Risk.DISRUPTIVE
    assert f"Account {VENDOR} can't assume the role any more" in fix.breaks

    for _ in apply_and_undo(account, fix):
        assert trust_of(account) == [NOBODY]
        assert not found(account)


@pytest.mark.parametrize(
    ("statement", "settings", "accounts"),
    [
        pytest.param(trusting({"AWS": VENDOR}), {}, [VENDOR], id="an account"),
        pytest.param(trusting({"AWS": VENDOR_ROOT}, Condition=ID), {}, [VENDOR], id="with an id"),
        pytest.param(
            trusting({"AWS": f"arn:aws:iam::{VENDOR}:user/x"}), {}, [VENDOR], id="a user of it"
        ),
        pytest.param(
            trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT, OWN]}), {}, [PARTNER, VENDOR], id="two"
        ),
        pytest.param(
            trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT]}),
            {"trusted_accounts": [PARTNER]},
            [VENDOR],
            id="one of two is ours",
        ),
        pytest.param(
            trusting({"AWS": VENDOR_ROOT}), {"trusted_accounts": [VENDOR]}, [], id="it is ours"
        ),
        pytest.param(
            trusting({"AWS": VENDOR_ROOT}), {"vendors": {VENDOR: "Acme"}}, [], id="a vendor"
        ),
        pytest.param(
            trusting("*", Condition=when("aws:PrincipalAccount", VENDOR)), {}, [VENDOR], id="star"
        ),
        pytest.param(
            trusting("*", Condition=when("aws:PrincipalArn", f"{VENDOR_ROOT}/x", "ArnLike")),
            {},
            [VENDOR],
            id="star of an ARN",
        ),
        pytest.param(
            trusting("*", Condition=when("aws:PrincipalAccount", VENDOR, "StringNotEquals")),
            {},
            [],
            id="star but it",
        ),
        pytest.param(
            trusting({"AWS": VENDOR}, Condition=when("aws:PrincipalOrgID", ORG)), {}, [], id="org"
        ),
        pytest.param(
            trusting({"AWS": VENDOR}, Condition=when("aws:PrincipalOrgID", ORG)),
            {"organization_id": ORG},
            [],
            id="our organization",
        ),
        pytest.param(
            trusting({"AWS": VENDOR}, Condition=when("aws:PrincipalOrgID", "o-theirs1234")),
            {"organization_id": ORG},
            [VENDOR],
            id="another organization",
        ),
        pytest.param(trusting("*"), {}, [], id="anyone is another control's"),
        pytest.param(trusting({"AWS": OWN}), {}, [], id="our own"),
        pytest.param(SERVICE, {}, [], id="a service"),
        pytest.param(trusting({"AWS": VENDOR_ROOT}, Effect="Deny"), {}, [], id="a Deny"),
        pytest.param(
            trusting({"AWS": VENDOR_ROOT}, Action="sts:TagSession"), {}, [], id="no way to assume"
        ),
    ],
)
def test_who_is_unknown(
    account: AccountBuilder,
    statement: dict[str, Any],
    settings: dict[str, Any],
    accounts: list[str],
) -> None:
    account.role("r", trust=trust(statement))

    seen = found(account, **settings)

    assert [one.evidence["accounts"] for one in seen] == ([accounts] if accounts else [])


def test_a_deny_takes_it_back(account: AccountBuilder) -> None:
    statements = (trusting({"AWS": VENDOR_ROOT}), trusting({"AWS": VENDOR_ROOT}, Effect="Deny"))
    account.role("r", trust=trust(*statements))

    assert not found(account)


@pytest.mark.parametrize(
    ("statements", "settings", "left"),
    [
        pytest.param(
            [SERVICE, trusting({"AWS": VENDOR_ROOT}, Condition=ID)], {}, [SERVICE], id="one goes"
        ),
        pytest.param(
            [trusting({"AWS": [OWN, VENDOR_ROOT]}, Sid="Both")],
            {},
            [trusting({"AWS": [OWN]}, Sid="Both")],
            id="others stay",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT, "Service": "ec2.amazonaws.com"})],
            {},
            [SERVICE],
            id="a service stays",
        ),
        pytest.param(
            [trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT]}), trusting({"AWS": VENDOR})],
            {"vendors": {PARTNER: "Acme"}},
            [trusting({"AWS": [PARTNER_ROOT]})],
            id="a vendor stays",
        ),
        pytest.param(
            [trusting("*", Sid="S", Condition=when("aws:PrincipalAccount", VENDOR))],
            {},
            [{"Sid": "S", **NOBODY}],
            id="star",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}, Condition=BOTH)],
            {"trusted_accounts": [PARTNER]},
            [NOBODY],
            id="a condition names both, the statement one",
        ),
    ],
)
def test_what_is_left(
    account: AccountBuilder,
    statements: list[dict[str, Any]],
    settings: dict[str, Any],
    left: list[dict[str, Any]],
) -> None:
    account.role("r", trust=trust(*statements))

    for _ in apply_and_undo(account, fixed(planned(account, **settings))):
        assert trust_of(account) == left
        assert not found(account, **settings)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        pytest.param(
            trusting({"AWS": [VENDOR_ROOT, "AROAEXAMPLEEXAMPLE123"]}), "undone", id="deleted"
        ),
        pytest.param(
            trusting("*", Condition=BOTH),
            "known accounts and an unknown one",
            id="a condition names both",
        ),
    ],
)
def test_what_is_left_to_people(
    account: AccountBuilder, statement: dict[str, Any], reason: str
) -> None:
    account.role("r", trust=trust(statement))

    advice = by_hand(planned(account, trusted_accounts=[PARTNER]))

    assert reason in advice.reason
    assert any(f"If you know account {VENDOR}" in step for step in advice.steps)


def test_whoever_changed_it_since_is_not_overwritten(account: AccountBuilder) -> None:
    seed(account)

    def edited() -> None:
        account.iam.get_role(
            "watcher"
        ).assume_role_policy_document = '{"Version":"2012-10-17","Statement":[]}'

    assert stopped_by(account, fixed(planned(account)), "close-trust", edited) == [
        "the trust policy of watcher is another one"
    ]


def test_names_with_every_character(account: AccountBuilder) -> None:
    account.role(HOSTILE_ROLE, trust=trust(trusting({"AWS": VENDOR_ROOT}, Condition=ID)))

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert not found(account)


@pytest.mark.parametrize(
    "settings",
    [
        {"vendors": {"acme": "Acme"}},
        {"trusted_accounts": ["12345"]},
        {"organization_id": "o-*"},
    ],
)
def test_a_slip_in_the_settings_is_an_error(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        control.TrustToUnknownAccountSettings(**settings)
