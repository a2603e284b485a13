"""A trail gets the key that the settings name; without one people decide who may read its files."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Plan
from remediations.monitoring import trail_not_encrypted as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.monitoring.test_no_multi_region_trail import trail, trails
from tests.remediations.people import found, planned

KEY_ID = "0a1b2c3d-0000-4000-8000-000000000001"
KEY = f"arn:aws:kms:us-east-1:123456789012:key/{KEY_ID}"
SETTINGS: dict[str, Any] = {"enabled": True, "key": KEY}


def seed(account: AccountBuilder) -> None:
    """A second trail without the key that the first one has."""
    account.client("cloudtrail").update_trail(Name="everything", KmsKeyId=KEY)
    account.trail("second", multi_region=True, validation=True)
    account.kms_key(KEY_ID)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="no key"),
        pytest.param({"logging": False}, True, id="no key, and stopped"),
        pytest.param({"key": KEY}, False, id="a key"),
        pytest.param({"organization": True}, False, id="the organization's"),
        pytest.param({"owner": "999988887777"}, False, id="another account's"),
    ],
)
def test_which_trails_are_found(facts: dict[str, Any], expected: bool) -> None:
    assert bool(found(control, trails(trail(**facts)))) is expected


def test_the_key_of_the_settings_is_used_and_its_cost_said() -> None:
    fix = planned(control, trails(trail(bucket="files")), key=KEY)
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.do.params["KmsKeyId"] == KEY
    assert step.undo is not None
    assert step.undo.params["KmsKeyId"] == ""
    assert "1 US dollar a month" in fix.breaks[0]
    assert "files" in fix.summary


def test_without_a_key_people_choose_with_names_proposed() -> None:
    fix = planned(control, trails(trail(bucket="files")))
    assert isinstance(fix, Manual)
    assert "cloudtrail-main-trail" in fix.steps[0]
    assert "1 US dollar a month" in fix.steps[-1]


@pytest.mark.parametrize("key", ["alias/mine", "arn:aws:s3:::x", "arn:aws:kms:x:1:key/*", "*"])
def test_what_is_no_key_is_no_setting(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        control.TrailNotEncryptedSettings(key=key)


def test_a_key_by_then_stops_it() -> None:
    with mock_account(NOW) as account:
        account.trail("main")
        account.kms_key(KEY_ID)
        fix = planned(control, look(account), key=KEY)
        assert isinstance(fix, Plan)
        account.client("cloudtrail").update_trail(Name="main", KmsKeyId=KEY)
        assert Acting(account).broken(fix.steps[0].before) == ["main has a key by now"]


def test_a_key_that_is_switched_off_stops_it() -> None:
    with mock_account(NOW) as account:
        account.trail("main")
        account.kms_key(KEY_ID)
        fix = planned(control, look(account), key=KEY)
        assert isinstance(fix, Plan)
        assert Acting(account).broken(fix.steps[0].before) == []
        account.client("kms").disable_key(KeyId=KEY_ID)
        (why,) = Acting(account).broken(fix.steps[0].before)
        assert "switched off" in why
