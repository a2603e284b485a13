"""Instances are terminated with MFA only, by people; programs and roles are another matter."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.seed_clean import MFA_OR_NOTHING
from bot.model import Finding, Manual, Plan, Protection, Snapshot
from remediations.policy_conditions import sensitive_action_without_mfa_condition as control
from tests.remediations.acting import apply_and_undo
from tests.remediations.looking import look
from tests.remediations.policy_conditions.documents import (
    HOSTILE,
    allow,
    by_hand,
    fixed,
    in_force,
    policy,
)

TERMINATE = allow(["ec2:TerminateInstances", "ec2:DescribeInstances"], Sid="Operate")
DENY = {
    "Sid": "OnlyWithMfa",
    "Effect": "Deny",
    "Action": ["ec2:TerminateInstances"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def person(account: AccountBuilder, name: str = "ann", **more: Any) -> None:
    """Someone who signs in with MFA."""
    account.user(name, created=account.ago(days=300), **more)
    account.password(name, changed=account.ago(days=20), last_used=account.ago(days=1))
    account.mfa(name, kind="fido")


def seed(account: AccountBuilder) -> None:
    """Operators who may terminate instances, with MFA or without."""
    account.group("operators", attached=[account.policy("operate", policy(TERMINATE))])
    person(account, groups=["operators"])


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def found(account: AccountBuilder, **settings: Any) -> list[Finding]:
    return list(control.detect(look(account), control.CONTROL.settings(**settings)))


def planned(
    account: AccountBuilder, snapshot: Snapshot | None = None, **settings: Any
) -> Plan | Manual:
    seen, chosen = snapshot or look(account), control.CONTROL.settings(**settings)
    (finding,) = control.detect(seen, chosen)
    return control.plan(finding, seen, chosen)


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    """One statement more, and the rest word for word."""
    seed(account)
    assert found(account)[0].evidence["without_mfa"] == ["ann"]

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert in_force(account) == [TERMINATE, DENY]
        assert not found(account)


@pytest.mark.parametrize(
    ("statements", "fires"),
    [
        pytest.param([TERMINATE], True, id="by name"),
        pytest.param([allow("ec2:*")], True, id="by a pattern"),
        pytest.param([allow("EC2:terminateinstances")], True, id="in another case"),
        pytest.param([allow("ec2:*", "arn:aws:ec2:*:*:instance/*")], True, id="on instances"),
        pytest.param([allow("ec2:*", Condition=WITH_MFA)], False, id="with MFA"),
        pytest.param(
            [allow("ec2:*", Condition={"BoolIfExists": WITH_MFA["Bool"]})], True, id="keys may"
        ),
        pytest.param(
            [allow("ec2:*", Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})],
            False,
            id="with a fresh code",
        ),
        pytest.param(
            [allow("ec2:*", Condition={"StringEquals": {"ec2:ResourceTag/team": "x"}})],
            True,
            id="another condition",
        ),
        pytest.param([TERMINATE, DENY], False, id="fixed already"),
        pytest.param(
            [TERMINATE, {**DENY, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}],
            True,
            id="a Deny that keys get past",
        ),
        pytest.param([allow("ec2:Describe*")], False, id="reading"),
        pytest.param([{**TERMINATE, "Effect": "Deny"}], False, id="a Deny"),
    ],
)
def test_what_asks_for_no_mfa(
    account: AccountBuilder, statements: list[dict[str, Any]], fires: bool
) -> None:
    account.group("g")
    account.inline("p", policy(*statements), group="g")
    person(account, groups=["g"])

    assert bool(found(account)) is fires


def test_one_program_among_them_and_nothing_is_said(account: AccountBuilder) -> None:
    """It could not give a code."""
    seed(account)
    account.user("deployer", groups=["operators"])
    account.key("deployer")

    assert not found(account)


def test_for_roles_it_belongs_in_the_trust_policy(account: AccountBuilder) -> None:
    seed(account)
    account.role("r", attached=["arn:aws:iam::123456789012:policy/operate"])
    account.role("s")
    account.inline("p", policy(TERMINATE), role="s")

    assert not found(account)


def test_nobody_holds_it(account: AccountBuilder) -> None:
    account.group("empty", attached=[account.policy("operate", policy(TERMINATE))])

    assert not found(account)


def test_another_policy_of_theirs_may_ask_for_it(account: AccountBuilder) -> None:
    seed(account)
    account.inline("mfa-or-nothing", MFA_OR_NOTHING, group="operators")

    assert not found(account)


def test_a_boundary_may_refuse_it(account: AccountBuilder) -> None:
    seed(account)
    account.boundary("AmazonS3FullAccess", user="ann")

    assert not found(account)


def test_actions_of_ones_own(account: AccountBuilder) -> None:
    person(account)
    account.inline("p", policy(allow("rds:Delete*")), user="ann")

    assert not found(account)
    fix = fixed(planned(account, actions=["rds:DeleteDBInstance", "ec2:TerminateInstances"]))
    assert '"Action":["rds:DeleteDBInstance"]' in str(fix.steps[0].do.params["PolicyDocument"])


def test_a_sid_that_is_taken(account: AccountBuilder) -> None:
    person(account)
    account.inline(HOSTILE, policy({**TERMINATE, "Sid": "OnlyWithMfa"}), user="ann")

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert not found(account)


def test_those_for_emergencies_are_not_hit(account: AccountBuilder) -> None:
    seed(account)

    snapshot = look(account, Protection(break_glass=("*:user/ann",)))

    assert "user ann, which is a break-glass" in by_hand(planned(account, snapshot)).reason


def test_a_slip_in_the_settings_is_an_error() -> None:
    for actions in (["ec2:*"], ["terminate"], []):
        with pytest.raises(ValidationError):
            control.SensitiveActionWithoutMfaConditionSettings.model_validate({"actions": actions})
