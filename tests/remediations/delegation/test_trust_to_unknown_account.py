"""Accounts that nobody here knows are taken out of trust policies, and nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot import registry
from bot.aws.simulated import AccountBuilder, mock_account
from bot.errors import ConfigError
from bot.model import (
    Manual,
    MemberAccount,
    OrganizationAccounts,
    Part,
    Protection,
    Risk,
    Severity,
    Unavailable,
)
from remediations.delegation import trust_to_unknown_account as control
from tests.remediations.acting import apply_and_undo, snapshot_of, stopped_by
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
    knowing,
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
    ("statement", "known", "accounts"),
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
            {"own": [PARTNER]},
            [VENDOR],
            id="one of two is ours",
        ),
        pytest.param(trusting({"AWS": VENDOR_ROOT}), {"own": [VENDOR]}, [], id="it is ours"),
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
    known: dict[str, Any],
    accounts: list[str],
) -> None:
    account.role("r", trust=trust(statement))

    seen = found(account, **known)

    assert [one.evidence["accounts"] for one in seen] == ([accounts] if accounts else [])


def test_a_deny_takes_it_back(account: AccountBuilder) -> None:
    statements = (trusting({"AWS": VENDOR_ROOT}), trusting({"AWS": VENDOR_ROOT}, Effect="Deny"))
    account.role("r", trust=trust(*statements))

    assert not found(account)


@pytest.mark.parametrize(
    ("statements", "known", "left"),
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
            {"own": [PARTNER]},
            [NOBODY],
            id="a condition names both, the statement one",
        ),
    ],
)
def test_what_is_left(
    account: AccountBuilder,
    statements: list[dict[str, Any]],
    known: dict[str, Any],
    left: list[dict[str, Any]],
) -> None:
    account.role("r", trust=trust(*statements))

    for _ in apply_and_undo(account, fixed(planned(account, **known))):
        assert trust_of(account) == left
        assert not found(account, **known)


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

    advice = by_hand(planned(account, own=[PARTNER]))

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


@pytest.mark.parametrize("name", ["trusted_accounts", "organization_id", "vendors"])
def test_who_is_known_is_said_once(name: str) -> None:
    """Not for each control: whoever still does so is told where it stands."""
    with pytest.raises(ConfigError, match=rf"{name} is no setting of one control.*known_accounts"):
        registry.controls({control.CONTROL.id: {name: []}})


MEMBER = MemberAccount(PARTNER, "sister", "ACTIVE")
CLOSED = MemberAccount(VENDOR, "given up", "SUSPENDED")


def told(*members: MemberAccount) -> OrganizationAccounts:
    """What AWS tells of the organization."""
    return OrganizationAccounts(ORG, "123456789012", members)


def test_active_members_of_the_organization_are_known(account: AccountBuilder) -> None:
    """One that was closed isn't, and what AWS says of it is shown; nor one that left."""
    account.role("r", trust=trust(trusting({"AWS": [PARTNER_ROOT, VENDOR_ROOT]})))

    (closed,) = found(account, told(MEMBER, CLOSED))
    (left,) = found(account, told(MEMBER))
    known = replace(CLOSED, state="ACTIVE")

    assert closed.evidence["accounts"] == left.evidence["accounts"] == [VENDOR]
    assert closed.evidence["organization"] == f"{ORG}: {VENDOR} is SUSPENDED"
    assert f"account {VENDOR} (SUSPENDED in your organization), which nobody" in closed.summary
    assert left.evidence["organization"] == f"{ORG}: none of them is in it"
    assert not found(account, told(MEMBER, known))
    assert not found(account, told(MEMBER, CLOSED), own=[VENDOR])
    assert trust_of_fixed(account, told(MEMBER, CLOSED)) == [trusting({"AWS": [PARTNER_ROOT]})]


def trust_of_fixed(account: AccountBuilder, said: OrganizationAccounts) -> list[dict[str, Any]]:
    """The statements once it is fixed."""
    seen = [trust_of(account) for _ in apply_and_undo(account, fixed(planned(account, said)))]
    return seen[0]


def test_the_account_that_locksmith_comes_from_is_known(account: AccountBuilder) -> None:
    """Its own role trusts that one: it must."""
    account.role("locksmith", trust=trust(trusting({"AWS": PARTNER_ROOT}, Condition=ID)))
    snapshot = knowing(account)
    own = Protection(own=(f"arn:aws:iam::{PARTNER}:role/locksmith",))
    settings = control.TrustToUnknownAccountSettings()

    assert list(control.detect(snapshot, settings))
    assert not list(control.detect(replace(snapshot, protection=own), settings))


def test_a_trust_limited_to_another_organization_is_found(account: AccountBuilder) -> None:
    """The id that AWS tells counts where the configuration has none."""
    theirs = when("aws:PrincipalOrgID", "o-theirs1234")
    account.role("r", trust=trust(trusting({"AWS": VENDOR_ROOT}, Condition=theirs)))

    assert found(account, told(MEMBER))
    assert not found(account, told(MEMBER), organization_id="o-theirs1234")
    assert not found(account)


UNREAD = OrganizationAccounts(ORG, PARTNER, None, f"AWS lists them to {PARTNER} only")


def test_a_list_that_could_not_be_read_is_said(account: AccountBuilder) -> None:
    """What is found is no surer than what was read, in every place where it is told."""
    seed(account)

    (seen,) = found(account, UNREAD)
    fix = fixed(planned(account, UNREAD))

    assert seen.severity is Severity.MEDIUM
    assert "nobody here knows" not in seen.summary
    assert "AWS didn't tell whether your organization has it" in seen.summary
    assert seen.evidence["organization"] == f"its accounts could not be read: {UNREAD.unread}"
    (may_be,) = [line for line in fix.breaks if "may be one of your organization" in line]
    assert f"describe-account --account-id {VENDOR}" in may_be
    assert not [line for line in fixed(planned(account)).breaks if "describe-account" in line]


def test_advice_too_says_what_to_look_up(account: AccountBuilder) -> None:
    account.role("r", trust=trust(trusting({"AWS": [VENDOR_ROOT, "AROAEXAMPLEEXAMPLE123"]})))

    def looked_up(advice: Manual) -> bool:
        return any("describe-account" in step for step in advice.steps)

    assert looked_up(by_hand(planned(account, UNREAD)))
    assert not looked_up(by_hand(planned(account)))


def test_what_was_not_given_is_no_answer(account: AccountBuilder) -> None:
    """Files of an export don't hold it; a refusal names the permission that is missing."""
    seed(account)
    snapshot = snapshot_of(account)
    gap = Unavailable(
        Part.ORGANIZATION_ACCOUNTS,
        "organizations:ListAccounts",
        "AccessDenied: no",
        "organizations:X",
    )
    for unavailable, why in (
        ({}, "nobody asked AWS"),
        ({gap.part: gap}, "no (grant organizations:X)"),
    ):
        (seen,) = control.detect(
            replace(snapshot, unavailable=unavailable), control.TrustToUnknownAccountSettings()
        )
        assert str(seen.evidence["organization"]).endswith(why)
