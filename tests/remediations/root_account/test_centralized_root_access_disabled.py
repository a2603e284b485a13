"""Central root access is switched on from the management account, half or whole, and taken back."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.calls import unfit_plan
from bot.model import ROOT_CREDENTIALS, ROOT_SESSIONS, Manual, Organization, Part, Plan, Snapshot
from remediations.root_account import centralized_root_access_disabled as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ACCOUNT, found, planned, seen

BOTH = frozenset({ROOT_CREDENTIALS, ROOT_SESSIONS})


def seed(account: AccountBuilder) -> None:
    """An organization that never heard of it."""
    account.organization(central_root=(), trusted=False)


def _seen(
    features: frozenset[str] | None = frozenset(), management: str = ACCOUNT.id, **more: Any
) -> Snapshot:
    organization = Organization("o-1", management, features, **more)
    return seen(parts={Part.ORGANIZATION: organization})


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        pytest.param(_seen(), True, id="off"),
        pytest.param(_seen(BOTH), False, id="on"),
        pytest.param(_seen(frozenset({ROOT_CREDENTIALS})), True, id="no sessions"),
        pytest.param(_seen(frozenset({ROOT_SESSIONS})), True, id="sessions alone"),
        pytest.param(_seen(None, "210987654321"), False, id="a member"),
        pytest.param(_seen(frozenset(), "210987654321"), False, id="a delegate can't"),
        pytest.param(seen(parts={Part.ORGANIZATION: Organization()}), False, id="no organization"),
    ],
)
def test_which_accounts_are_found(snapshot: Snapshot, expected: bool) -> None:
    """The one account that can switch it on."""
    assert bool(found(control, snapshot)) is expected


def test_it_says_what_is_on_already() -> None:
    (finding,) = found(control, _seen(frozenset({ROOT_SESSIONS})))
    assert finding.evidence["on"] == [ROOT_SESSIONS]


def test_sessions_are_a_setting() -> None:
    """CIS wants the management of credentials."""
    snapshot = _seen(frozenset({ROOT_CREDENTIALS}))
    assert not found(control, snapshot, root_sessions=False)
    assert found(control, _seen(), root_sessions=False)


@pytest.mark.parametrize(
    ("snapshot", "operations"),
    [
        pytest.param(
            _seen(trusted=False),
            [
                "EnableAWSServiceAccess",
                "EnableOrganizationsRootCredentialsManagement",
                "EnableOrganizationsRootSessions",
            ],
            id="never heard of it",
        ),
        pytest.param(
            _seen(frozenset({ROOT_CREDENTIALS})),
            ["EnableOrganizationsRootSessions"],
            id="the other half",
        ),
    ],
)
def test_only_what_is_off_is_switched_on(snapshot: Snapshot, operations: list[str]) -> None:
    """Each call with its opposite as undo, and none for another service than IAM."""
    fix: Any = planned(control, snapshot)
    assert unfit_plan(fix) is None
    assert [step.do.operation for step in fix.steps] == operations
    for step in fix.steps:
        assert step.undo.operation == step.do.operation.replace("Enable", "Disable")


def test_consolidated_billing_alone_takes_people() -> None:
    """Every member must consent."""
    assert isinstance(planned(control, _seen(all_features=False)), Manual)


def test_fixed_found_no_more_and_undone_again() -> None:
    """On a simulated organization, from nothing."""
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        assert account.iam.organization_features == BOTH
        assert not found(control, look(account))
        acting.undo()
        assert look(account).organization == Organization(
            look(account).organization.id, account.account_id, frozenset(), trusted=False
        )
