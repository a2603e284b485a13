"""A weak password policy is strengthened field by field, and nothing stricter is weakened."""

import sys
from dataclasses import replace
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import PasswordPolicy, Plan, Risk
from remediations.password_policy import weak_password_policy as control
from tests.remediations import contract
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import STRONG, ago, found, person, planned, seen

ALICE = person(password=True, changed=ago(1))


def seed(account: AccountBuilder) -> None:
    """Short passwords without symbols; the other fields are strict, or unlike any default."""
    account.password_policy(
        length=9, symbols=False, reuse=3, max_age=60, hard_expiry=True, may_change=False
    )


def just_within(account: AccountBuilder) -> None:
    """14 characters and 24 remembered passwords."""
    account.password_policy(length=14, reuse=24, max_age=90)


def just_beyond(account: AccountBuilder) -> None:
    """13 characters and 23 remembered passwords: one finding."""
    account.password_policy(length=13, reuse=23, max_age=90)


def test_limits_of_the_default_profile() -> None:
    """Nothing at them, one finding beyond them."""
    contract.check_limits(control.CONTROL, sys.modules[__name__])


def seed_without_policy(account: AccountBuilder) -> None:
    """Somebody with a password, in an account without a policy."""
    account.user("alice")
    account.password("alice")


@pytest.mark.parametrize(
    ("change", "weak"),
    [
        pytest.param({}, [], id="as strict as asked"),
        pytest.param({"minimum_length": 13}, ["minimum_length"], id="too short"),
        pytest.param({"minimum_length": 20, "symbols": False}, ["symbols"], id="no symbols"),
        pytest.param({"reuse": 0}, ["reuse"], id="reuse not set"),
        pytest.param({"reuse": 23}, ["reuse"], id="too few remembered"),
        pytest.param(
            {"numbers": False, "uppercase": False, "lowercase": False},
            ["numbers", "uppercase", "lowercase"],
            id="three kinds missing",
        ),
        pytest.param({"max_age": 0}, [], id="never expires: another control's"),
        pytest.param({"hard_expiry": True, "users_may_change": False}, [], id="not ours"),
    ],
)
def test_which_fields_are_weak(change: dict[str, Any], weak: list[str]) -> None:
    """One finding names them all."""
    policy = replace(STRONG, **change)
    findings = found(control, seen(ALICE, policy=policy))
    assert [list(finding.evidence["weak"]) for finding in findings] == ([weak] if weak else [])


NO_KINDS = dict.fromkeys(("symbols", "numbers", "uppercase", "lowercase"), False)
EIGHT = replace(STRONG, minimum_length=8, reuse=0, **NO_KINDS)


@pytest.mark.parametrize(
    ("profile", "limits"),
    [
        pytest.param("strict", {"minimum_length": 14, "reuse": 24}, id="strict"),
        pytest.param("cis", {"minimum_length": 14, "reuse": 24, **NO_KINDS}, id="CIS"),
        pytest.param("fsbp", {"minimum_length": 8, "reuse": 0}, id="FSBP"),
        pytest.param("nist-800-63b", {"minimum_length": 15, "reuse": 0, **NO_KINDS}, id="NIST"),
        pytest.param(
            "pci",
            {"minimum_length": 12, "reuse": 4, "symbols": False, "uppercase": False},
            id="PCI",
        ),
        pytest.param("aws-default", {"minimum_length": 8, "reuse": 0, "symbols": False}, id="AWS"),
    ],
)
def test_each_profile_has_its_limits(profile: str, limits: dict[str, Any]) -> None:
    """Just what it asks for passes; one less of anything is weak."""
    enough = replace(STRONG, **limits)
    assert not found(control, seen(ALICE, policy=enough), profile=profile)
    for name, value in vars_of(enough).items():
        less = value - 1 if not isinstance(value, bool) else False
        if less < 0 or less == value:
            continue
        findings = found(
            control, seen(ALICE, policy=replace(enough, **{name: less})), profile=profile
        )
        assert findings, f"{profile} takes {name} {less}"
        assert findings[0].evidence["profile"] == profile


def vars_of(policy: PasswordPolicy) -> dict[str, Any]:
    """The fields that profiles are about."""
    names = ("minimum_length", "symbols", "numbers", "uppercase", "lowercase", "reuse")
    return {name: getattr(policy, name) for name in names}


@pytest.mark.parametrize(
    ("profile", "weak"),
    [
        pytest.param("strict", ["minimum_length", *NO_KINDS, "reuse"], id="strict"),
        pytest.param("cis", ["minimum_length", "reuse"], id="CIS"),
        pytest.param("fsbp", [*NO_KINDS], id="FSBP"),
        pytest.param("nist-800-63b", ["minimum_length"], id="NIST"),
        pytest.param("pci", ["minimum_length", "numbers", "lowercase", "reuse"], id="PCI"),
        pytest.param("aws-default", None, id="AWS, whose default it is"),
    ],
)
def test_without_a_policy_aws_default_is_judged(profile: str, weak: list[str] | None) -> None:
    """Eight characters of three kinds, which only AWS's own profile is content with."""
    findings = found(control, seen(ALICE, policy=PasswordPolicy(exists=False)), profile=profile)
    assert [list(finding.evidence["weak"]) for finding in findings] == ([weak] if weak else [])


def test_a_policy_below_aws_default_is_weak_for_its_profile() -> None:
    """A policy of one's own can ask for less than none at all; the plan asks for every kind."""
    (finding,) = found(control, seen(ALICE, policy=EIGHT), profile="aws-default")
    assert list(finding.evidence["weak"]) == [*NO_KINDS]
    written = _written(EIGHT, profile="aws-default")
    assert all(written[name] for name in written if name.startswith("Require"))


@pytest.mark.parametrize("profile", ["strict", "aws-default", "cis", "fsbp", "nist-800-63b", "pci"])
def test_the_union_of_both_is_written(profile: str) -> None:
    """Whatever the profile leaves out stays as strict as it is; rescanned, nothing is left."""
    before = replace(STRONG, minimum_length=7, symbols=False, lowercase=False, reuse=3, max_age=60)
    written = _written(before, profile=profile)
    assert written["RequireNumbers"] is True
    assert written["RequireUppercaseCharacters"] is True
    assert written["MaxPasswordAge"] == 60
    after = replace(
        before,
        minimum_length=written["MinimumPasswordLength"],
        symbols=written["RequireSymbols"],
        lowercase=written["RequireLowercaseCharacters"],
        reuse=written["PasswordReusePrevention"],
    )
    assert after.minimum_length >= 8
    assert after.reuse >= 3
    assert not found(control, seen(ALICE, policy=after), profile=profile)


def test_settings_win_over_the_profile() -> None:
    """In both directions, field by field."""
    policy = replace(STRONG, minimum_length=14, symbols=False)
    assert not found(control, seen(ALICE, policy=policy), profile="strict", symbols=False)
    (finding,) = found(control, seen(ALICE, policy=policy), profile="cis", symbols=True)
    assert list(finding.evidence["weak"]) == ["symbols"]
    assert found(control, seen(ALICE, policy=policy), profile="cis", minimum_length=16)


def test_evidence_says_in_words_what_is_and_should_be() -> None:
    """So that a list of findings can show it as it is."""
    policy = replace(STRONG, minimum_length=8, symbols=False, reuse=0)
    (finding,) = found(control, seen(ALICE, policy=policy))
    assert finding.evidence["weak"] == {
        "minimum_length": "8, should be 14",
        "symbols": "not required, should be required",
        "reuse": "0, should be 24",
    }


def test_quiet_while_nobody_has_a_password() -> None:
    """Unless asked otherwise; root's password is none of the policy's business."""
    nobody = person()
    policy = PasswordPolicy(exists=False)
    root = person("root", password=True).row
    assert not found(control, seen(nobody, policy=policy, root=root))
    assert found(control, seen(nobody, policy=policy), only_with_passwords=False)


def _written(policy: PasswordPolicy, **settings: Any) -> dict[str, Any]:
    fix = planned(control, seen(ALICE, policy=policy), **settings)
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.REVERSIBLE
    return dict(fix.steps[0].do.params)


def test_every_field_is_written() -> None:
    """AWS puts a default in place of what is left out: what is strict already must be sent too."""
    policy = PasswordPolicy(
        exists=True, minimum_length=20, users_may_change=True, max_age=30, reuse=5, hard_expiry=True
    )
    assert _written(policy) == {
        "MinimumPasswordLength": 20,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
        "MaxPasswordAge": 30,
        "PasswordReusePrevention": 24,
        "HardExpiry": True,
    }


def test_what_is_not_set_is_not_sent() -> None:
    """AWS takes no 0; and hard expiry is never switched on by the way."""
    policy = replace(STRONG, minimum_length=8, max_age=0, reuse=0)
    written = _written(policy, reuse=0)
    assert {"MaxPasswordAge", "PasswordReusePrevention"}.isdisjoint(written)
    assert written["HardExpiry"] is False


def test_settings_that_ask_for_less_weaken_nothing() -> None:
    """Neither the present policy nor, where there is none, AWS's default of several kinds."""
    lax = {"symbols": False, "numbers": False, "uppercase": False, "lowercase": False}
    written = _written(replace(STRONG, minimum_length=8), minimum_length=10, reuse=1, **lax)
    assert written["MinimumPasswordLength"] == 10
    assert written["PasswordReusePrevention"] == 24
    assert written["RequireSymbols"] is True
    written = _written(PasswordPolicy(exists=False), minimum_length=10, reuse=0, **lax)
    assert all(written[name] for name in written if name.startswith("Require"))


def test_without_a_policy_undo_deletes_it() -> None:
    """Applied and undone on an account that had none."""
    with mock_account(NOW) as account:
        seed_without_policy(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        assert not found(control, look(account))
        acting.undo()
        (finding,) = found(control, look(account))
        assert finding.summary.startswith("AWS's default password policy is weak")


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda account: account.password_policy(length=9, reuse=4), id="changed"),
        pytest.param(
            lambda account: account.client().delete_account_password_policy(), id="deleted"
        ),
    ],
)
def test_what_happened_meanwhile_stops_it(meanwhile: Any) -> None:
    """The plan holds for the very policy that was seen; else undo would bring back another."""
    with mock_account(NOW) as account:
        seed_without_policy(account)
        account.password_policy(length=9, reuse=3)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        meanwhile(account)
        why = "the password policy was changed in the meantime"
        assert Acting(account, fix).broken(fix.steps[0].before) == [why]


def test_the_accounts_arn_stands_for_the_policy() -> None:
    """AWS has none for password policies."""
    (finding,) = found(control, seen(ALICE, policy=PasswordPolicy(exists=False)))
    assert finding.resource.arn == "arn:aws:iam::123456789012:root"
