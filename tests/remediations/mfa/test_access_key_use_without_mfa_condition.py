"""Administrators' keys: what policies say to a request that can't prove MFA."""

import json
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import MFA_FENCE, Finding, Manual, Part, Plan, Protection, Risk, VirtualMfaDevice
from remediations._fence_documents import KEYS_FENCE, keys_document, mfa_document
from remediations.mfa import access_key_use_without_mfa_condition as control
from remediations.mfa import console_user_without_mfa
from tests.policy.oracle import permits
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.mfa.powers import (
    ACCOUNT,
    ADMIN,
    EVERYTHING,
    LIMIT,
    PRESENT,
    able,
    given,
    rights,
    role,
    says,
)
from tests.remediations.mfa.test_enrolment import ADMIN as ALLOW_ALL
from tests.remediations.mfa.test_enrolment import (
    BESIDES,
    ENROLLING,
    KEY,
    NO_MFA,
    OTHER,
    OWN,
    WITH_MFA,
    every_action,
    may,
)
from tests.remediations.people import Person, ago, found, key, person, planned, seen

NAME = "chief,of+keys@example.org"
USED = key(created=ago(20), last_used=ago(1))


def seed(account: AccountBuilder) -> None:
    """Somebody with a security key who administers identities, and does so from a terminal."""
    account.group("leads")
    account.inline(
        "identities",
        {"Version": "2012-10-17", "Statement": [says("Allow", "iam:*")]},
        group="leads",
    )
    account.user(NAME, path="/people/", created=account.ago(days=300), groups=["leads"])
    account.password(NAME, changed=account.ago(days=20), last_used=account.ago(days=1))
    account.mfa(NAME, kind="fido")
    account.key(NAME, created=account.ago(days=20), last_used=account.ago(days=1))


def chief(*statements: Any, **facts: Any) -> Person:
    """Somebody with a device and a key in use."""
    return able(*statements, **{"mfa": True, "keys": (USED,), **facts})


def one_found(one: Person, **more: Any) -> list[Finding]:
    """What the control sees of this person."""
    return found(control, seen(one, parts=rights(**more)))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([EVERYTHING], True, id="everything"),
        pytest.param([says("Allow", "iam:*")], True, id="all of IAM"),
        pytest.param([says("Allow", ["iam:Attach*", "iam:Put*"])], False, id="a part of it"),
        pytest.param(
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], False, id="power user"
        ),
        pytest.param(
            [says("Allow", "*", **given("Bool", PRESENT, "true"))], False, id="Allow, Bool"
        ),
        pytest.param(
            [says("Allow", "*", **given("BoolIfExists", PRESENT, "true"))],
            True,
            id="Allow, IfExists: holds where the key is absent",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "*", **given("Bool", PRESENT, "false"))],
            True,
            id="Deny, Bool: does not hold where the key is absent",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "*", **given("BoolIfExists", PRESENT, "false"))],
            False,
            id="Deny, IfExists",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "*", **given("Null", PRESENT, "true"))],
            False,
            id="Deny, Null",
        ),
        pytest.param(
            [says("Allow", "*", **given("NumericLessThan", "aws:MultiFactorAuthAge", "3600"))],
            False,
            id="Allow, age",
        ),
        pytest.param(
            [says("Allow", "*", **given("IpAddress", "aws:SourceIp", "192.0.2.0/24"))],
            False,
            id="Allow, from one network",
        ),
        pytest.param(
            [EVERYTHING, says("Deny", "*", **given("StringNotEquals", "aws:RequestedRegion", "x"))],
            True,
            id="denied in some Regions",
        ),
    ],
)
def test_what_policies_say_to_a_key(statements: list[dict[str, Any]], expected: bool) -> None:
    """`Bool` and `BoolIfExists` differ in just this."""
    assert bool(one_found(chief(*statements))) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="a device and a key"),
        pytest.param({"keys": ()}, False, id="no key"),
        pytest.param({"keys": (key(created=ago(20), active=False),)}, False, id="the key is off"),
        pytest.param({"keys": (key(created=ago(2)),)}, True, id="the key was never used"),
        pytest.param({"keys": (key(created=ago(2)), USED)}, True, id="one of two was never used"),
        pytest.param({"mfa": False}, False, id="no device: another control's first"),
        pytest.param(
            {"mfa": False, "password": False}, False, id="a program, which can't give a code"
        ),
        pytest.param({"password": False}, True, id="a person without a password"),
        pytest.param({"created": ago(1), "row_created": ago(300)}, False, id="a former user's row"),
    ],
)
def test_who_is_found(facts: dict[str, Any], expected: bool) -> None:
    """People, who have a device to prove themselves with."""
    assert bool(one_found(chief(EVERYTHING, **facts))) is expected


def test_groups_boundaries_and_roles_count() -> None:
    """All that the key may do in the end."""
    assert one_found(chief(groups=("g",)), groups={"g": ADMIN})
    assert not one_found(chief(attached=(ADMIN,), boundary=LIMIT))
    assume = says("Allow", "sts:AssumeRole")
    trusting = role({"AWS": ACCOUNT.iam_arn("root")})
    with_mfa = role({"AWS": ACCOUNT.iam_arn("root")}, **given("Bool", PRESENT, "true"))
    (finding,) = one_found(chief(assume), roles=(trusting,))
    assert finding.evidence["may_take_on"] == ["admin"]
    assert not one_found(chief(assume), roles=(with_mfa,))


def test_live_keys_and_devices_win_over_the_report() -> None:
    """A key that was switched off since, a device that was enrolled since."""
    off = key(created=ago(20), active=False, key_id="AKIA1")
    assert not one_found(chief(EVERYTHING, listed=(off,)))
    one = chief(EVERYTHING, mfa=False)
    device = VirtualMfaDevice(ACCOUNT.iam_arn("mfa/x"), one.user.arn)
    assert found(control, seen(one, parts={**rights(), Part.VIRTUAL_MFA: (device,)}))


def test_break_glass_is_spared_and_protected_is_reported() -> None:
    """A break-glass key may have to work alone."""
    one = chief(EVERYTHING)
    for protection, expected in (
        (Protection(break_glass=(one.user.arn,)), 0),
        (Protection(protected=(one.user.arn,)), 1),
    ):
        assert len(found(control, seen(one, parts=rights(), protection=protection))) == expected


def _written() -> dict[str, Any]:
    fix = planned(control, seen(chief(EVERYTHING), parts=rights()))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.DISRUPTIVE
    assert fix.steps[0].do.params["PolicyName"] == KEYS_FENCE
    document: dict[str, Any] = json.loads(str(fix.steps[0].do.params["PolicyDocument"]))
    return document


def test_a_key_is_left_with_asking_for_a_session_with_mfa() -> None:
    """Judged by the tests' own evaluator; a session with MFA has all rights."""
    fence = _written()
    assert may(fence, KEY, ALLOW_ALL) == ENROLLING | BESIDES
    assert "sts:GetSessionToken" in BESIDES
    assert may(fence, NO_MFA, ALLOW_ALL) == ENROLLING | BESIDES
    assert may(fence, WITH_MFA, ALLOW_ALL) == set(every_action())
    assert may(fence, WITH_MFA) == set()
    assert permits([fence, ALLOW_ALL], "iam:EnableMFADevice", OWN, KEY)
    assert not permits([fence, ALLOW_ALL], "iam:EnableMFADevice", OTHER, KEY)


def test_it_is_no_fence_that_goes_with_a_device() -> None:
    """It stays, and holds sessions without MFA back as well should the device go."""
    one = person(
        password=True,
        changed=ago(20),
        used=ago(1),
        inline={KEYS_FENCE: json.dumps(keys_document(person().user))},
    )
    assert not found(console_user_without_mfa, seen(one), include_keys=True)
    assert KEYS_FENCE != MFA_FENCE
    allows = [each["Effect"] for each in _written()["Statement"]]
    assert allows == ["Deny", "Deny"]


def test_a_changed_fence_is_for_people_to_settle() -> None:
    """A policy of its name that says something else."""
    one = chief(EVERYTHING)
    other = json.dumps(mfa_document(one.user, ACCOUNT, include_keys=False))
    changed = chief(inline={KEYS_FENCE: other}, attached=(ADMIN,))
    assert isinstance(planned(control, seen(changed, parts=rights())), Manual)


def test_without_a_device_it_is_not_put() -> None:
    """The person could not get a session with MFA any more."""
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert acting.broken(fix.steps[0].before) == []
        account.iam.users[NAME].mfa_devices.clear()
        assert any("no MFA device" in why for why in acting.broken(fix.steps[0].before))


def test_a_mail_users_keys_are_for_people() -> None:
    """A name alone hides no administrator; mail would stop behind the fence."""
    one = chief(EVERYTHING, name="ses-smtp-user.2025")
    fix = planned(control, seen(one, parts=rights()))
    assert isinstance(fix, Manual)
    assert "sends mail" in fix.reason
