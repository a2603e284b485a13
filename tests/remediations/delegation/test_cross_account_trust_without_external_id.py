"""Third parties that come in without an external id, and the letter that asks for one."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import MemberAccount, OrganizationAccounts
from remediations.delegation import cross_account_trust_without_external_id as control
from tests.remediations.delegation.trusts import (
    HOSTILE_ROLE,
    ORG,
    OWN,
    PARTNER_ROOT,
    VENDOR,
    VENDOR_ROOT,
    by_hand,
    found_by,
    planned_by,
    trust,
    trusting,
    when,
)

THEIRS = when("aws:PrincipalArn", f"arn:aws:iam::{VENDOR}:role/collector")
NO_ID = when("sts:ExternalId", "agreed", "StringNotEquals")

found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def seed(account: AccountBuilder) -> None:
    """A role that only one role of a vendor may assume, for whomever it does."""
    account.role("watcher", trust=trust(trusting({"AWS": VENDOR_ROOT}, Condition=THEIRS)))


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


@pytest.mark.parametrize(
    ("statements", "known", "fires"),
    [
        pytest.param([trusting({"AWS": VENDOR_ROOT}, Condition=THEIRS)], {}, True, id="an ARN"),
        pytest.param([trusting({"AWS": VENDOR_ROOT})], {}, True, id="nothing at all"),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}, Condition=when("sts:ExternalId", "x"))],
            {},
            False,
            id="an id",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}, Condition=when("STS:externalid", "x-*", "StringLike"))],
            {},
            False,
            id="in another case",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}, Condition=when("sts:ExternalId", "*", "StringLike"))],
            {},
            True,
            id="any id",
        ),
        pytest.param(
            [
                trusting(
                    {"AWS": VENDOR_ROOT},
                    Condition=when("sts:ExternalId", "x", "StringEqualsIfExists"),
                )
            ],
            {},
            True,
            id="an id if any",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}), trusting("*", Effect="Deny", Condition=NO_ID)],
            {},
            False,
            id="a Deny without the id",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}, Condition=THEIRS)],
            {"own": [VENDOR]},
            False,
            id="ours",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}, Condition=THEIRS)],
            {"vendors": {VENDOR: "Acme"}},
            True,
            id="a known vendor",
        ),
        pytest.param(
            [trusting({"AWS": VENDOR_ROOT}, Condition=when("aws:PrincipalOrgID", ORG))],
            {},
            False,
            id="our organization",
        ),
        pytest.param([trusting({"AWS": OWN})], {}, False, id="our own account"),
        pytest.param([trusting("*")], {}, False, id="anyone is another control's"),
    ],
)
def test_who_is_asked_for_no_id(
    account: AccountBuilder,
    statements: list[dict[str, Any]],
    known: dict[str, Any],
    fires: bool,
) -> None:
    account.role("r", trust=trust(*statements))

    assert bool(found(account, **known)) is fires


def test_the_advice_names_each_party_and_its_place(account: AccountBuilder) -> None:
    """Each gets a letter with an id of its own, and a vendor's own words where they are known."""
    statements = (
        trusting({"AWS": VENDOR_ROOT}, Sid="Watch"),
        trusting({"AWS": PARTNER_ROOT}, Condition=when("sts:ExternalId", "has-one")),
        trusting({"AWS": PARTNER_ROOT}, Sid="Again", Condition=when("aws:PrincipalArn", "x")),
    )
    account.role("r", trust=trust(*statements))
    vendors = {VENDOR: "Acme, https://acme.example/aws"}

    advice = by_hand(planned(account, vendors=vendors))

    letters = [step for step in advice.steps if "ExternalId whenever" in step]
    assert len(set(letters)) == 2
    assert any(
        f"account {VENDOR} (Acme, https://acme.example/aws): “We want" in one for one in letters
    )
    places = [step for step in advice.steps if '"sts:ExternalId"' in step]
    assert "statement 'Again'" in places[0]
    assert "statement 'Watch'" not in places[0]
    assert "statement 'Watch'" in places[1]
    assert "statement 'Again'" not in places[1]
    assert advice.digest() == by_hand(planned(account, vendors=vendors)).digest()


def test_names_with_every_character(account: AccountBuilder) -> None:
    account.role(HOSTILE_ROLE, trust=trust(trusting({"AWS": VENDOR_ROOT}, Condition=THEIRS)))

    assert HOSTILE_ROLE in by_hand(planned(account)).steps[-1]


def test_what_of_the_organization_was_read_is_said(account: AccountBuilder) -> None:
    """An active member is no third party; where AWS doesn't tell, people look it up first."""
    seed(account)
    sister = MemberAccount(VENDOR, "sister", "ACTIVE")
    unread = OrganizationAccounts(ORG, "111122223333", None, "only its management account may")

    (stranger,) = found(account)
    (unsure,) = found(account, unread)

    assert not found(account, OrganizationAccounts(ORG, "111122223333", (sister,)))
    assert stranger.evidence["organization"] == "this account is in none"
    assert unsure.evidence["organization"] == f"its accounts could not be read: {unread.unread}"
    assert "describe-account" in by_hand(planned(account, unread)).steps[1]
    assert "describe-account" not in by_hand(planned(account)).steps[1]
