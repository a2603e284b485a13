"""A contact for security is added as the settings name it, and only where there is none."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.calls import unfit_plan
from bot.model import Manual, Part, Plan, Risk
from remediations.root_account import security_contact_missing as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found, planned, seen

SETTINGS = {
    "name": "Dana O'Neil \\ `on call`",
    "title": 'Head of "Security"',
    "email": "security+aws@harbourlight.example",
    "phone": "+49 (40) 555-0100",
}


def seed(account: AccountBuilder) -> None:
    """Contacts for billing and operations stand for other people."""
    account.contact("SECURITY", present=False)
    account.contact("BILLING")
    account.contact("OPERATIONS")


@pytest.mark.parametrize(("present", "expected"), [(True, 0), (False, 1)])
def test_which_accounts_are_found(present: bool, expected: int) -> None:
    """Those that have none."""
    assert len(found(control, seen(parts={Part.SECURITY_CONTACT: present}))) == expected


def _missing(**settings: str) -> Any:
    return planned(control, seen(parts={Part.SECURITY_CONTACT: False}), **settings)


def test_without_a_contact_in_the_settings_a_person_must_choose() -> None:
    """The steps say where to put it."""
    fix = _missing()
    assert isinstance(fix, Manual)
    assert any("`controls.security-contact-missing`" in step for step in fix.steps)


def test_the_plan_writes_exactly_the_settings() -> None:
    """Reversible, fit to be sent, without anyone's name in what people read first."""
    fix = _missing(**SETTINGS)
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.REVERSIBLE
    assert unfit_plan(fix) is None
    assert fix.steps[0].do.params == {
        "AlternateContactType": "SECURITY",
        "Name": SETTINGS["name"],
        "Title": SETTINGS["title"],
        "EmailAddress": SETTINGS["email"],
        "PhoneNumber": SETTINGS["phone"],
    }


@pytest.mark.parametrize(
    "slip",
    [
        pytest.param({"name": ""}, id="no name"),
        pytest.param({"title": "  "}, id="a blank title"),
        pytest.param({"email": ""}, id="no mailbox"),
        pytest.param({"email": "nobody"}, id="no address"),
        pytest.param({"email": "a@b.c\n"}, id="a line more"),
        pytest.param({"phone": ""}, id="no number"),
        pytest.param({"phone": "call me"}, id="no digits"),
        pytest.param({"name": "x" * 65}, id="too long a name"),
    ],
)
def test_half_a_contact_is_a_mistake(slip: dict[str, str]) -> None:
    """AWS wants all four, in its own form."""
    with pytest.raises(ValidationError):
        control.SecurityContactMissingSettings(**{**SETTINGS, **slip})


def test_somebody_elses_contact_is_never_overwritten_or_deleted() -> None:
    """Nor is it shown: what is read is yes or no."""
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account), **SETTINGS)
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        account.contact("SECURITY")
        assert acting.broken(fix.steps[0].before) == ["there is a contact by now"]
        account.contact("SECURITY", present=False)
        acting.apply()
        assert not found(control, look(account))
        account.contact("SECURITY")
        assert acting.broken(fix.steps[0].after) == [
            "the security contact is not the one that Locksmith added"
        ]
