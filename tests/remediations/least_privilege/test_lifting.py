"""Who has all rights but for a Deny, and may take that away, has a path."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan
from remediations.least_privilege import privilege_escalation_path as control
from tests.remediations.acting import apply_and_undo, snapshot_of
from tests.remediations.least_privilege.test_privilege_escalation_path import (
    ADMIN,
    WHO,
    allow,
    document,
    escalating,
    saml_trust,
)
from tests.remediations.people import found

Build = Callable[[AccountBuilder, dict[str, Any]], None]


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        account.user(WHO)
        yield account


def denied(action: str) -> dict[str, Any]:
    return document({"Effect": "Deny", "Action": action, "Resource": "*"})


def all_but(action: str) -> dict[str, Any]:
    """Denies everything else, so that there is no other way."""
    return document({"Effect": "Deny", "NotAction": action, "Resource": "*"})


def _inline(account: AccountBuilder, deny: dict[str, Any]) -> None:
    account.attach(ADMIN, user=WHO)
    account.inline("held", deny, user=WHO)


def _attached(account: AccountBuilder, deny: dict[str, Any]) -> None:
    account.attach(ADMIN, user=WHO)
    account.attach(account.policy("held", deny), user=WHO)


def _in_group(account: AccountBuilder, deny: dict[str, Any]) -> None:
    account.attach(ADMIN, user=WHO)
    account.group("held", members=[WHO])
    account.inline("held", deny, group="held")


def _by_group(account: AccountBuilder, deny: dict[str, Any]) -> None:
    account.attach(ADMIN, user=WHO)
    account.group("held", members=[WHO])
    account.attach(account.policy("held", deny), group="held")


#: By the action: where the Deny stands.
METHODS: dict[str, Build] = {
    "iam:DeleteUserPolicy": _inline,
    "iam:PutUserPolicy": _inline,
    "iam:DetachUserPolicy": _attached,
    "iam:CreatePolicyVersion": _attached,
    "iam:DeleteGroupPolicy": _in_group,
    "iam:PutGroupPolicy": _in_group,
    "iam:DetachGroupPolicy": _by_group,
    "iam:RemoveUserFromGroup": _by_group,
}
each_method = pytest.mark.parametrize(("action", "build"), METHODS.items(), ids=METHODS)


@each_method
def test_a_deny_that_one_may_take_away_holds_nobody(
    account: AccountBuilder, action: str, build: Build
) -> None:
    """The fence closes it, and undone all is back."""
    build(account, all_but(action))
    seen = escalating(account)
    assert list(seen) == [WHO]
    assert seen[WHO].evidence["methods"] == [action]
    snapshot = snapshot_of(account)
    (finding,) = found(control, snapshot)
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Plan)
    for _ in apply_and_undo(account, fix):
        assert not escalating(account)


@each_method
def test_near_misses(account: AccountBuilder, action: str, build: Build) -> None:
    """Another Deny that stays, a boundary, or rights that are few without it."""
    build(account, all_but(action))
    account.inline(
        "stays", document({"Effect": "Deny", "Action": "iam:*", "Resource": "*"}), user=WHO
    )
    assert not escalating(account)
    account.user("few")
    account.inline("few", document(allow(action), allow("s3:*")), user="few")
    account.inline(
        "held", document({"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}), user="few"
    )
    account.boundary("PowerUserAccess", user="few")
    assert not escalating(account)


@pytest.mark.parametrize("attached", [True, False], ids=["managed", "inline"])
def test_a_role_s_own(account: AccountBuilder, attached: bool) -> None:
    account.role("deploy", attached=[ADMIN])
    action = "iam:DetachRolePolicy" if attached else "iam:DeleteRolePolicy"
    if attached:
        account.attach(account.policy("held", all_but(action)), role="deploy")
    else:
        account.inline("held", all_but(action), role="deploy")
    assert escalating(account)["deploy"].evidence["methods"] == [action]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, id="from one network"),
        pytest.param({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, id="of one organization"),
    ],
)
def test_a_provider_s_word_is_not_all(account: AccountBuilder, more: dict[str, Any]) -> None:
    """A role that asks for what no provider says isn't taken over by writing its metadata."""
    account.role("target", trust=saml_trust(**more), attached=[ADMIN])
    account.inline("p", document(allow("iam:UpdateSAMLProvider")), user=WHO)
    assert not escalating(account)


def test_another_provider_is_none(account: AccountBuilder) -> None:
    account.role("target", trust=saml_trust(), attached=[ADMIN])
    other = "arn:aws:iam::123456789012:saml-provider/other"
    account.inline("p", document(allow("iam:UpdateSAMLProvider", other)), user=WHO)
    assert not escalating(account)
