"""Virtual MFA devices that nobody has are deleted, and that is final."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Part, Plan, Risk, VirtualMfaDevice
from remediations.unused_credentials import orphaned_virtual_mfa_device as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found, planned, seen

ARN = "arn:aws:iam::123456789012:mfa/"


def seed(account: AccountBuilder) -> None:
    """One that was left behind by an enrolment."""
    account.unassigned_mfa("left+behind,one@example.org")


def devices(*pairs: tuple[str, str | None]) -> dict[Part, Any]:
    return {Part.VIRTUAL_MFA: tuple(VirtualMfaDevice(f"{ARN}{name}", who) for name, who in pairs)}


def test_only_what_nobody_has_is_found() -> None:
    """A person's and root's are in use, whatever they are called."""
    snapshot = seen(
        parts=devices(
            ("alice", "arn:aws:iam::123456789012:user/alice"),
            ("root-account-mfa-device", "arn:aws:iam::123456789012:root"),
            ("team/o'brien <!channel>", None),
        )
    )
    (finding,) = found(control, snapshot)
    assert finding.resource.name == "team/o'brien <!channel>"
    assert finding.subject == f"{ARN}team/o'brien <!channel>"


def test_it_is_final_and_says_so() -> None:
    """No step promises an undo."""
    fix = planned(control, seen(parts=devices(("x", None))))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.IRREVERSIBLE
    assert "seed" in fix.steps[0].irreversible_because


@pytest.mark.parametrize("gone", [True, False])
def test_a_device_that_somebody_has_by_now_is_left_alone(gone: bool) -> None:
    """Enrolled or deleted in between, nothing is sent."""
    with mock_account(NOW) as account:
        account.user("late")
        account.unassigned_mfa("late")
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert not acting.broken(fix.steps[0].before)
        if gone:
            account.client().delete_virtual_mfa_device(SerialNumber=f"{ARN}late")
        else:
            account.mfa("late")
        assert acting.broken(fix.steps[0].before)
