"""Credentials in user data are told by their kinds; what they are goes nowhere."""

import base64
import gzip
import json
from typing import Any

import pytest

from bot.aws.computing import kinds_in, unpacked
from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual
from remediations.ec2_roles import credentials_in_user_data as control
from tests.remediations.contract import NOW
from tests.remediations.ec2_roles.running import one_region
from tests.remediations.looking import look
from tests.remediations.people import found
from tests.remediations.renaming import ANYTHING

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = control.CONTROL.needs
# Put together here, so that nobody's scanner takes this file for a leak.
KEY_ID = "AKIA" + "Q3EGRIFZ2K7W5MNB"
SECRET = "h7Xf0+kPq2/" + "Zt9vLw4Rb8sYc6Nd1Gj3Ma5Ue"
SECRET = SECRET.ljust(40, "k")
SCRIPT = f"#!/bin/sh\nexport AWS_ACCESS_KEY_ID={KEY_ID}\nexport AWS_SECRET_ACCESS_KEY='{SECRET}'\n"


def seed(account: AccountBuilder) -> None:
    """One instance fetches a secret, another one has it in its user data."""
    one_region(account)
    account.instance("good", user_data="#!/bin/sh\naws secretsmanager get-secret-value\n")
    account.instance(ANYTHING, user_data=SCRIPT)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param(SCRIPT, ("access key id", "secret access key"), id="a script"),
        pytest.param(f'{{"SecretAccessKey": "{SECRET}"}}', ("secret access key",), id="JSON"),
        pytest.param(f"secret_access_key : {SECRET}", ("secret access key",), id="YAML"),
        pytest.param("-----BEGIN RSA PRIVATE KEY-----\nMII", ("private key",), id="a private key"),
        pytest.param("-----BEGIN PUBLIC KEY-----", (), id="a public key"),
        pytest.param("AWS_SESSION_TOKEN=" + "F" * 120, ("session token",), id="a token"),
        pytest.param("AKIAIOSFODNN7EXAMPLE", (), id="AWS's example id"),
        pytest.param(
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            (),
            id="AWS's example secret",
        ),
        pytest.param(KEY_ID + "X", (), id="longer than an id"),
        pytest.param(f"X{KEY_ID}", (), id="inside a word"),
        pytest.param("a" * 40, (), id="forty letters of no key"),
        pytest.param("secret_access_key = {{resolve:secretsmanager:x}}", (), id="a reference"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_what_is_spotted(text: str, kinds: tuple[str, ...]) -> None:
    assert kinds_in(text) == kinds


def test_packed_and_broken_user_data() -> None:
    packed = base64.b64encode(gzip.compress(SCRIPT.encode())).decode()
    assert unpacked(packed) == SCRIPT
    assert unpacked("not base64!") == ""
    assert unpacked(base64.b64encode(b"\x1f\x8bbroken").decode()) == ""


def test_neither_the_snapshot_nor_the_finding_holds_them() -> None:
    with mock_account(NOW) as account:
        seed(account)
        account.instance("packed", user_data=gzip.compress(SCRIPT.encode()))
        snapshot = look(account, more=PARTS)
        findings = found(control, snapshot)
    assert {each.resource.name for each in findings} == {ANYTHING, "packed"}
    fixes = [control.plan(each, snapshot, control.CONTROL.settings()) for each in findings]
    assert all(isinstance(each, Manual) for each in fixes)
    said = repr(snapshot) + repr(findings) + json.dumps([each.data() for each in fixes])
    assert KEY_ID not in said
    assert SECRET not in said
