"""Credentials in a function's environment are told by their kinds; what they are goes nowhere."""

import json
from typing import Any

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual
from remediations.ec2_roles import credentials_in_function_environment as control
from tests.remediations.contract import NOW
from tests.remediations.ec2_roles.running import one_region
from tests.remediations.ec2_roles.test_credentials_in_user_data import KEY_ID, SECRET
from tests.remediations.looking import look
from tests.remediations.people import found

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = control.CONTROL.needs


def seed(account: AccountBuilder) -> None:
    """One function names a secret, another one has a key in its environment."""
    one_region(account)
    account.function("good", {"TABLE": "orders", "SECRET_NAME": "prod/orders"})
    account.function("bad", {"UPLOAD_KEY": KEY_ID, "UPLOAD_SECRET_ACCESS_KEY": SECRET})


def test_neither_the_snapshot_nor_the_finding_holds_them() -> None:
    with mock_account(NOW) as account:
        seed(account)
        account.function("none")
        snapshot = look(account, more=PARTS)
    (finding,) = found(control, snapshot)
    assert finding.resource.name == "bad"
    assert finding.evidence["kinds"] == ["access key id", "secret access key"]
    fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Manual)
    said = repr(snapshot) + repr(finding) + json.dumps(fix.data())
    for hidden in (KEY_ID, SECRET, "UPLOAD"):
        assert hidden not in said
