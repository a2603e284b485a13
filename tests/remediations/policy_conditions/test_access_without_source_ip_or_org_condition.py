"""People work from the company's networks, where those are named."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Finding, Manual, Plan
from remediations.policy_conditions import access_without_source_ip_or_org_condition as control
from tests.remediations.acting import apply_and_undo
from tests.remediations.looking import look
from tests.remediations.policy_conditions.documents import (
    HOSTILE,
    allow,
    fixed,
    in_force,
    policy,
)

OFFICE = "192.0.2.0/24"
SETTINGS: dict[str, Any] = {"enabled": True, "networks": (OFFICE,), "policies": ("operate*",)}
READ = allow(["s3:GetObject", "s3:ListBucket"], Sid="Read")
DENY = {
    "Sid": "OnlyFromOwnNetworks",
    "Effect": "Deny",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": "*",
    "Condition": {
        "NotIpAddress": {"aws:SourceIp": [OFFICE]},
        "Bool": {"aws:ViaAWSService": "false"},
    },
}


def person(account: AccountBuilder, name: str = "ann", **more: Any) -> None:
    """Someone who signs in with MFA."""
    account.user(name, created=account.ago(days=300), **more)
    account.password(name, changed=account.ago(days=20), last_used=account.ago(days=1))
    account.mfa(name, kind="fido")


def seed(account: AccountBuilder) -> None:
    """Operators who may work from anywhere."""
    account.group("operators", attached=[account.policy("operate", policy(READ))])
    person(account, groups=["operators"])


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def found(account: AccountBuilder, **settings: Any) -> list[Finding]:
    chosen = control.CONTROL.settings(networks=(OFFICE,), **settings)
    return list(control.detect(look(account), chosen))


def planned(account: AccountBuilder) -> Plan | Manual:
    seen, chosen = look(account), control.CONTROL.settings(networks=(OFFICE,))
    (finding,) = control.detect(seen, chosen)
    return control.plan(finding, seen, chosen)


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    seed(account)

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert in_force(account) == [READ, DENY]
        assert not found(account)


def test_it_is_off_and_finds_nothing_without_networks(account: AccountBuilder) -> None:
    seed(account)

    assert not control.CONTROL.settings().enabled
    assert not list(control.detect(look(account), control.CONTROL.settings(enabled=True)))


@pytest.mark.parametrize(
    ("statements", "fires"),
    [
        pytest.param([READ], True, id="from everywhere"),
        pytest.param(
            [{**READ, "Condition": {"IpAddress": {"aws:SourceIp": OFFICE}}}], False, id="from here"
        ),
        pytest.param(
            [{**READ, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}],
            False,
            id="from an endpoint",
        ),
        pytest.param(
            [{**READ, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}}],
            False,
            id="of the organization",
        ),
        pytest.param(
            [{**READ, "Condition": {"Null": {"aws:SourceIp": "false"}}}], True, id="any address"
        ),
        pytest.param(
            [allow("sqs:*", Condition={"IpAddress": {"aws:SourceIp": OFFICE}}), READ],
            True,
            id="one of two from here",
        ),
        pytest.param([READ, DENY], False, id="fixed already"),
        pytest.param([{**READ, "Effect": "Deny"}], False, id="a Deny"),
    ],
)
def test_what_says_from_where(
    account: AccountBuilder, statements: list[dict[str, Any]], fires: bool
) -> None:
    person(account)
    account.inline(HOSTILE, policy(*statements), user="ann")

    assert bool(found(account)) is fires


def test_roles_and_programs_have_no_address_of_their_own(account: AccountBuilder) -> None:
    seed(account)
    account.user("svc", groups=["operators"])
    account.role("r")
    account.inline("p", policy(READ), role="r")

    assert not found(account)


def test_policies_by_name(account: AccountBuilder) -> None:
    seed(account)

    assert not found(account, policies=("admin-*",))


def test_all_but_some_actions(account: AccountBuilder) -> None:
    """Then everything is denied from elsewhere: what is allowed has no list."""
    person(account)
    rest = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    account.inline("p", policy(rest), user="ann")

    assert '"Action":"*"' in str(fixed(planned(account)).steps[0].do.params["PolicyDocument"])


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "office", "192.0.2.1/24"])
def test_a_slip_in_the_settings_is_an_error(network: str) -> None:
    with pytest.raises(ValidationError):
        control.AccessWithoutSourceIpOrOrgConditionSettings.model_validate({"networks": [network]})
