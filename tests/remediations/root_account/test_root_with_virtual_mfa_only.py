"""A virtual device of root's is reported by whose it is, where root can sign in at all."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part, Snapshot, VirtualMfaDevice
from remediations.root_account import root_with_virtual_mfa_only as control
from tests.remediations.people import ACCOUNT, found, planned, seen

ROOT = ACCOUNT.iam_arn("root")
USUAL = VirtualMfaDevice(ACCOUNT.iam_arn("mfa/root-account-mfa-device"), ROOT)
ON = {"AccountMFAEnabled": 1, "AccountPasswordPresent": 1}


def seed(account: AccountBuilder) -> None:
    """Root's device is an app."""
    account.root(mfa_kind="virtual")


def _seen(*devices: VirtualMfaDevice, **summary: int) -> Snapshot:
    return seen(parts={Part.VIRTUAL_MFA: devices, Part.ACCOUNT_SUMMARY: {**ON, **summary}})


@pytest.mark.parametrize(
    ("devices", "summary", "expected"),
    [
        pytest.param([USUAL], {}, True, id="root's, by its usual name"),
        pytest.param(
            [VirtualMfaDevice(ACCOUNT.iam_arn("mfa/x\"'`<>"), ROOT)], {}, True, id="any other name"
        ),
        pytest.param([], {}, False, id="hardware: not in the list"),
        pytest.param(
            [VirtualMfaDevice(USUAL.serial, ACCOUNT.iam_arn("user/alice"))],
            {},
            False,
            id="a user's, named as root's usually is",
        ),
        pytest.param(
            [VirtualMfaDevice(USUAL.serial, ACCOUNT.iam_arn("user/x:root"))],
            {},
            False,
            id="a user whose name ends like root's ARN",
        ),
        pytest.param(
            [VirtualMfaDevice(USUAL.serial, None)], {}, False, id="made for root, never enrolled"
        ),
        pytest.param([USUAL], {"AccountPasswordPresent": 0}, False, id="root can't sign in"),
        pytest.param([USUAL], {"AccountMFAEnabled": 0}, False, id="no MFA: another control's"),
    ],
)
def test_which_accounts_are_found(
    devices: list[VirtualMfaDevice], summary: dict[str, int], expected: bool
) -> None:
    """Whose the device is decides, not what it is called."""
    assert bool(found(control, _seen(*devices, **summary))) is expected


def test_flags_that_are_not_told_hide_nothing() -> None:
    """A device of root's is proof enough."""
    snapshot = seen(parts={Part.VIRTUAL_MFA: (USUAL,), Part.ACCOUNT_SUMMARY: {}})
    assert found(control, snapshot)


def test_several_devices_are_one_finding() -> None:
    """It names them all, and says what can't be known."""
    spare = VirtualMfaDevice(ACCOUNT.iam_arn("mfa/spare"), ROOT)
    (finding,) = found(control, _seen(USUAL, spare))
    assert finding.evidence["virtual_devices"] == [USUAL.serial, spare.serial]
    assert finding.evidence["other_devices"] == "can't be seen from outside"


def test_root_is_never_left_without() -> None:
    """The new device is enrolled and proved before the old one goes."""
    fix: Any = planned(control, _seen(USUAL))
    assert isinstance(fix, Manual)
    order = [
        next(i for i, step in enumerate(fix.steps) if word in step)
        for word in ("Assign MFA device", "prove", "Remove")
    ]
    assert order == sorted(order)
