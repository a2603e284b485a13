"""Privileged people with authenticator apps, where the settings ask for more than that."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Finding, Manual, MfaKind, Part, Protection, VirtualMfaDevice
from remediations.mfa import privileged_user_with_weak_mfa as control
from tests.remediations.mfa.powers import (
    ADMIN,
    EVERYTHING,
    PRESENT,
    able,
    given,
    rights,
    says,
)
from tests.remediations.people import ACCOUNT, Person, ago, found, planned, seen

NAME = "app+user,one@example.org"
#: Without this it finds nothing.
SETTINGS = {"phishing_resistant": True}


def seed(account: AccountBuilder) -> None:
    """Somebody who may attach policies to anyone, and has an authenticator app."""
    account.group("leads")
    account.inline(
        "hand-out",
        {"Version": "2012-10-17", "Statement": [says("Allow", "iam:AttachUserPolicy")]},
        group="leads",
    )
    account.user(NAME, path="/people/", created=account.ago(days=300), groups=["leads"])
    account.password(NAME, changed=account.ago(days=20), last_used=account.ago(days=1))
    account.mfa(NAME)


def app_of(one: Person, name: str = "phone") -> VirtualMfaDevice:
    """A virtual device of this person's."""
    return VirtualMfaDevice(ACCOUNT.iam_arn(f"mfa/{name}"), one.user.arn)


def one_found(
    one: Person, *devices: VirtualMfaDevice, settings: Any = None, **more: Any
) -> list[Finding]:
    """What the control sees of this person."""
    parts = {**rights(**more), Part.VIRTUAL_MFA: devices or (app_of(one),)}
    return found(control, seen(one, parts=parts), **(SETTINGS if settings is None else settings))


def test_it_finds_nothing_unless_asked() -> None:
    """An authenticator app is MFA; that it isn't enough is the settings' to say."""
    one = able(EVERYTHING, mfa=True)
    assert one_found(one)
    assert not one_found(one, settings={})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="password and app"),
        pytest.param({"password": False}, False, id="no password"),
        pytest.param({"password": None}, False, id="not supported"),
        pytest.param({"mfa": False}, True, id="enrolled since the report"),
        pytest.param({"created": ago(1), "row_created": ago(300)}, False, id="a former user's row"),
    ],
)
def test_who_is_found(facts: dict[str, Any], expected: bool) -> None:
    """Whoever signs in with a password and a code."""
    assert bool(one_found(able(EVERYTHING, **{"mfa": True, **facts}))) is expected


def test_whose_device_it_is_counts_and_not_what_it_is_called() -> None:
    """Names are free: a passkey's owner has none of these devices, whatever they are called."""
    one = able(EVERYTHING, mfa=True)
    name = ACCOUNT.iam_arn("mfa/alice")
    for owner in (None, ACCOUNT.iam_arn("user/bob"), ACCOUNT.iam_arn("root")):
        assert not one_found(one, VirtualMfaDevice(name, owner))
    (finding,) = one_found(one, app_of(one, "a"), app_of(one, "b"))
    serials = [ACCOUNT.iam_arn("mfa/a"), ACCOUNT.iam_arn("mfa/b")]
    assert finding.evidence["virtual_devices"] == serials


@pytest.mark.parametrize(
    ("kinds", "settings", "expected", "told"),
    [
        pytest.param(None, {}, 1, "not looked at", id="nobody looked"),
        pytest.param((MfaKind.VIRTUAL,), {}, 1, [MfaKind.VIRTUAL], id="apps only"),
        pytest.param(
            (MfaKind.HARDWARE, MfaKind.VIRTUAL, MfaKind.VIRTUAL),
            {},
            1,
            [MfaKind.VIRTUAL, MfaKind.HARDWARE],
            id="an app and a token with codes",
        ),
        pytest.param((MfaKind.VIRTUAL, MfaKind.PASSKEY), {}, 0, None, id="a passkey beside"),
        pytest.param(
            (MfaKind.VIRTUAL, MfaKind.PASSKEY),
            {"beside_passkey": True},
            1,
            [MfaKind.VIRTUAL, MfaKind.PASSKEY],
            id="a passkey beside, and the app is to go",
        ),
    ],
)
def test_several_devices(
    kinds: tuple[MfaKind, ...] | None, settings: dict[str, bool], expected: int, told: Any
) -> None:
    """A passkey beside the app is enough, unless the settings say otherwise."""
    one = able(EVERYTHING, mfa=True)
    looked = {} if kinds is None else {Part.MFA_DEVICES: {one.user.id: kinds}}
    parts = {**rights(), Part.VIRTUAL_MFA: (app_of(one),), **looked}
    seen_of = found(control, seen(one, parts=parts), **SETTINGS, **settings)
    assert [finding.evidence["kinds_of_mfa"] for finding in seen_of] == [told] * expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([says("Allow", "*", **given("Bool", PRESENT, "true"))], True, id="with MFA"),
        pytest.param(
            [says("Allow", "*", **given("NumericLessThan", "aws:MultiFactorAuthAge", "3600"))],
            True,
            id="with MFA of the last hour",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "*", **given("BoolIfExists", PRESENT, "false"))],
            True,
            id="denied without MFA",
        ),
        pytest.param([says("Allow", "s3:*")], False, id="one service"),
    ],
)
def test_rights_that_take_mfa_are_had_with_it(
    statements: list[dict[str, Any]], expected: bool
) -> None:
    """Then the app is all that guards them."""
    assert bool(one_found(able(*statements, mfa=True))) is expected


def test_break_glass_is_spared_and_protected_is_reported() -> None:
    """A break-glass user's device lies in a safe."""
    one = able(attached=(ADMIN,), mfa=True)
    parts = {**rights(), Part.VIRTUAL_MFA: (app_of(one),)}
    for protection, expected in (
        (Protection(break_glass=(one.user.arn,)), 0),
        (Protection(protected=(one.user.arn,)), 1),
    ):
        snapshot = seen(one, parts=parts, protection=protection)
        assert len(found(control, snapshot, **SETTINGS)) == expected


def test_the_steps_never_leave_the_person_without_mfa() -> None:
    """Enrol and prove first, remove after that; every device is named."""
    one = able(EVERYTHING, mfa=True)
    parts = {**rights(), Part.VIRTUAL_MFA: (app_of(one, "a"), app_of(one, "b"))}
    fix = planned(control, seen(one, parts=parts), **SETTINGS)
    assert isinstance(fix, Manual)
    said = " ".join(fix.steps)
    assert said.index("enrol a passkey") < said.index("prove it") < said.index("remove")
    assert all(ACCOUNT.iam_arn(f"mfa/{name}") in said for name in "ab")
