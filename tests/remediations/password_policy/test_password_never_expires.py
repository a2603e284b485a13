"""A maximum password age is set where it locks nobody out, and says whom it hits."""

from dataclasses import replace
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, PasswordPolicy, Plan, Risk
from remediations.password_policy import password_never_expires as control
from remediations.password_policy import weak_password_policy
from tests.remediations.people import STRONG, ago, found, person, planned, seen

NEVER = replace(STRONG, max_age=0)
ALICE = person(password=True, changed=ago(1))


def seed(account: AccountBuilder) -> None:
    """A strong policy without a maximum age."""
    account.password_policy(max_age=0)


def just_within(account: AccountBuilder) -> None:
    """90 days."""
    account.password_policy(max_age=90)


def just_beyond(account: AccountBuilder) -> None:
    """91 days."""
    account.password_policy(max_age=91)


@pytest.mark.parametrize(
    ("age", "summary"),
    [
        pytest.param(0, "Passwords never expire", id="not set"),
        pytest.param(1, None, id="a day"),
        pytest.param(90, None, id="at the limit"),
        pytest.param(91, "Passwords expire only after 91 days", id="beyond it"),
    ],
)
def test_which_policies_are_found(age: int, summary: str | None) -> None:
    """None, or one above the limit."""
    findings = found(control, seen(ALICE, policy=replace(STRONG, max_age=age)))
    assert [finding.summary for finding in findings] == ([summary] if summary else [])


def test_quiet_while_nobody_has_a_password() -> None:
    """Unless asked otherwise."""
    assert not found(control, seen(person(), policy=NEVER))
    assert found(control, seen(person(), policy=NEVER), only_with_passwords=False)


def test_it_says_whom_it_hits_today() -> None:
    """Those whose password is older than the new limit; one just as old is not."""
    people = (
        person("old", password=True, changed=ago(91)),
        person("limit", password=True, changed=ago(90)),
        person("unknown", password=True),
        person("none"),
        ALICE,
    )
    snapshot = seen(*people, policy=NEVER)
    (finding,) = found(control, snapshot)
    assert finding.evidence["would_expire_today"] == ["old", "unknown"]
    assert finding.evidence["users_with_password"] == 4
    fix = planned(control, snapshot)
    assert isinstance(fix, Plan)
    assert fix.breaks == ("Must choose a new password at the next sign-in, as of today: 2 people",)
    assert fix.risk is Risk.DISRUPTIVE
    assert fix.digest() == planned(control, seen(ALICE, policy=NEVER)).digest()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"users_may_change": False}, "may not change their own", id="may not change"),
        pytest.param({"hard_expiry": True}, "only an administrator", id="hard expiry"),
    ],
)
def test_it_refuses_to_lock_people_out(change: dict[str, Any], reason: str) -> None:
    """Then people get the steps instead."""
    fix = planned(control, seen(ALICE, policy=replace(NEVER, **change)))
    assert isinstance(fix, Manual)
    assert reason in fix.reason


def test_the_rest_of_the_policy_stays() -> None:
    """Where there is none, the new one asks for no less than AWS's default."""
    fix = planned(control, seen(ALICE, policy=NEVER))
    assert isinstance(fix, Plan)
    assert fix.steps[0].undo is not None
    without_age = {k: v for k, v in fix.steps[0].do.params.items() if k != "MaxPasswordAge"}
    assert fix.steps[0].undo.params == without_age
    fix = planned(control, seen(ALICE, policy=PasswordPolicy(exists=False)))
    assert isinstance(fix, Plan)
    written = fix.steps[0].do.params
    assert all(written[name] for name in written if name.startswith("Require"))
    assert written["MinimumPasswordLength"] == 8


def test_a_weak_policy_asks_first() -> None:
    """Both change one thing: one question at a time."""
    assert control.CONTROL.id in weak_password_policy.CONTROL.supersedes
    snapshot = seen(ALICE, policy=PasswordPolicy(exists=False))
    weak, never = found(weak_password_policy, snapshot), found(control, snapshot)
    assert weak[0].subject == never[0].subject == "123456789012/password-policy"
