"""SSH keys, certificates and credentials for one service that are too old: what they share."""

from types import ModuleType
from typing import Any

import pytest

from bot.aws.simulated import mock_account
from bot.model import Plan, Protection
from remediations.rotation import (
    old_service_specific_credential,
    old_signing_certificate,
    old_ssh_key,
)
from tests.remediations import aged
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found

every_kind = pytest.mark.parametrize(
    ("control", "make"),
    [
        pytest.param(old_ssh_key, aged.with_ssh_key, id="SSH key"),
        pytest.param(
            old_signing_certificate, aged.with_signing_certificate, id="signing certificate"
        ),
        pytest.param(
            old_service_specific_credential, aged.with_service_credential, id="for one service"
        ),
    ],
)


@every_kind
@pytest.mark.parametrize(
    ("days", "facts", "expected"),
    [
        pytest.param(400, {}, 1, id="old"),
        pytest.param(400, {"status": "Inactive"}, 0, id="old and off"),
        pytest.param(3, {}, 0, id="young"),
    ],
)
def test_which_are_found(
    control: ModuleType, make: aged.Make, days: int, facts: dict[str, Any], expected: int
) -> None:
    with mock_account(NOW) as account:
        make(account, "program", created=account.ago(days=days), **facts)
        assert len(found(control, look(account))) == expected


@every_kind
def test_it_is_switched_off_and_nothing_is_deleted(control: ModuleType, make: aged.Make) -> None:
    with mock_account(NOW) as account:
        made = make(account, "program", created=account.ago(days=400))
        snapshot = look(account)
        (finding,) = found(control, snapshot)
        assert finding.subject == made
        fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.do.params["Status"] == "Inactive"
    assert step.undo is not None
    assert step.undo.params == {**step.do.params, "Status": "Active"}


@every_kind
def test_one_of_a_protected_user_is_reported(control: ModuleType, make: aged.Make) -> None:
    """The guard says that Locksmith keeps its hands off."""
    with mock_account(NOW) as account:
        make(account, "program", created=account.ago(days=400))
        arn = f"arn:aws:iam::{account.account_id}:user/program"
        assert found(control, look(account, Protection(protected=(arn,))))
