"""Login profiles keep their own dates and flags, and the password policy is applied."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.conftest import NOW
from tests.aws.simulated.refusals import refused

GOOD = "Correct-horse-7-battery"


def test_profile_is_dated_by_itself(account: AccountBuilder) -> None:
    """Not by its user."""
    account.user("alice", created=account.ago(days=100))
    iam = account.client()
    made = iam.create_login_profile(UserName="alice", Password=GOOD, PasswordResetRequired=True)
    expected = {"UserName": "alice", "CreateDate": NOW, "PasswordResetRequired": True}
    assert made["LoginProfile"] == expected
    assert iam.get_login_profile(UserName="alice")["LoginProfile"] == expected
    with refused("EntityAlreadyExists", status=409):
        iam.create_login_profile(UserName="alice", Password=GOOD)


def test_update_without_a_password_keeps_it(account: AccountBuilder) -> None:
    """Only the flag changes; the password stays usable and its date too."""
    account.user("alice")
    account.password("alice", changed=account.ago(days=5))
    iam = account.client()
    iam.update_login_profile(UserName="alice", PasswordResetRequired=True)
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"] is True
    assert account.iam.simulated_user("alice").password_changed == account.ago(days=5).replace(
        tzinfo=None
    )
    iam.update_login_profile(UserName="alice", Password=GOOD)
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"] is True
    assert account.iam.simulated_user("alice").password_changed == NOW.replace(tzinfo=None)


def test_deleted_profile_is_gone(account: AccountBuilder) -> None:
    """And deleting it again finds nothing."""
    account.user("alice")
    account.password("alice")
    iam = account.client()
    iam.delete_login_profile(UserName="alice")
    for call in (iam.get_login_profile, iam.delete_login_profile, iam.update_login_profile):
        with refused("NoSuchEntity", status=404, saying="Login Profile for User alice"):
            call(UserName="alice")


@pytest.mark.parametrize(
    ("policy", "password"),
    [
        (None, "short7!"),
        ({"length": 24}, GOOD),
        ({"symbols": True}, "Correct7horse7battery"),
        ({"numbers": True}, "Correct-horse-battery"),
        ({"uppercase": True}, "correct-horse-7-battery"),
        ({"lowercase": True}, "CORRECT-HORSE-7-BATTERY"),
    ],
    ids=["default length", "length", "symbols", "numbers", "uppercase", "lowercase"],
)
def test_weak_passwords_are_refused(
    account: AccountBuilder, policy: dict[str, Any] | None, password: str
) -> None:
    """Each demand of the policy alone."""
    account.user("alice")
    if policy is not None:
        lax = dict.fromkeys(("symbols", "numbers", "uppercase", "lowercase"), False)
        account.password_policy(**{"length": 6, **lax, **policy})
    with refused("PasswordPolicyViolation", status=400):
        account.client().create_login_profile(UserName="alice", Password=password)


def test_policy_shows_no_zeroes(account: AccountBuilder) -> None:
    """What isn't set is absent, so the answer can be sent back; moto says MaxPasswordAge 0."""
    account.password_policy(max_age=0, reuse=0)
    iam = account.client()
    shown = iam.get_account_password_policy()["PasswordPolicy"]
    assert set(shown) == {
        "MinimumPasswordLength", "RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters",
        "RequireLowercaseCharacters", "AllowUsersToChangePassword", "ExpirePasswords",
    }  # fmt: skip
    shown.pop("ExpirePasswords")
    iam.update_account_password_policy(**shown, MaxPasswordAge=90, PasswordReusePrevention=5)
    shown = iam.get_account_password_policy()["PasswordPolicy"]
    assert (shown["MaxPasswordAge"], shown["PasswordReusePrevention"]) == (90, 5)
    assert (shown["ExpirePasswords"], shown["HardExpiry"]) == (True, False)


def test_no_policy_is_no_such_entity(account: AccountBuilder) -> None:
    """The state of a new account, and again after deleting."""
    iam = account.client()
    with refused("NoSuchEntity", status=404):
        iam.get_account_password_policy()
    with refused("NoSuchEntity", status=404):
        iam.delete_account_password_policy()


def test_password_must_be_given(account: AccountBuilder) -> None:
    """Only root's recovery works without one."""
    account.user("alice")
    with refused("ValidationError", status=400):
        account.client().create_login_profile(UserName="alice")
