"""The fence until MFA goes once there is a device, and not a moment before."""

import json
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import (
    CONSOLE_FENCE,
    MFA_FENCE,
    Manual,
    Part,
    Plan,
    Protection,
    Risk,
    Severity,
    SignIn,
    SignIns,
    User,
    VirtualMfaDevice,
)
from bot.policy import CONTAINMENT_FENCE, containment_document
from remediations._fence_documents import CONSOLE_DOCUMENT, KEYS_FENCE, keys_document, mfa_document
from remediations.mfa import mfa_fence_no_longer_needed as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ACCOUNT, Person, ago, found, person, planned, seen

NAME = "enrolled+at,last@example.org"


def _fenced(account: AccountBuilder) -> None:
    arn = account.user(NAME, path="/people/", created=account.ago(days=300), groups=["readers"])
    account.password(NAME, changed=account.ago(days=20), last_used=account.ago(days=1))
    user = User(NAME, "", arn, "/people/", NOW)
    document = mfa_document(user, ACCOUNT, include_keys=False)
    account.inline(MFA_FENCE, dict(document), user=NAME)


def seed(account: AccountBuilder) -> None:
    """Somebody behind the fence who has enrolled a security key."""
    _fenced(account)
    account.mfa(NAME, kind="fido")


def fenced(*, include_keys: bool = False, **facts: Any) -> Person:
    """Somebody behind the fence."""
    bare = person()
    text = json.dumps(mfa_document(bare.user, ACCOUNT, include_keys=include_keys), indent=1)
    return person(**{"password": True, "changed": ago(20), "inline": {MFA_FENCE: text}, **facts})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"mfa": True}, True, id="has a device"),
        pytest.param({"mfa": True, "include_keys": True}, True, id="behind the stricter fence"),
        pytest.param({"mfa": True, "password": False}, True, id="the password went meanwhile"),
        pytest.param({}, False, id="has none yet"),
        pytest.param({"mfa": True, "inline": {}}, False, id="no fence"),
        pytest.param(
            {"mfa": True, "inline": {CONSOLE_FENCE: json.dumps(CONSOLE_DOCUMENT)}},
            False,
            id="another fence, which waits for a person",
        ),
        pytest.param(
            {"mfa": True, "inline": {MFA_FENCE: '{"Version":"2012-10-17","Statement":[]}'}},
            False,
            id="somebody's own policy of that name",
        ),
        pytest.param(
            {"mfa": True, "created": ago(1), "row_created": ago(300)},
            False,
            id="a former user's device",
        ),
    ],
)
def test_which_fences_are_found(facts: dict[str, Any], expected: bool) -> None:
    """Ours, on somebody who has a device."""
    assert bool(found(control, seen(fenced(**facts)))) is expected


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [
        pytest.param(CONSOLE_FENCE, CONSOLE_DOCUMENT, 0, id="before all of the console"),
        pytest.param(CONTAINMENT_FENCE, containment_document(NOW), 0, id="contained"),
        pytest.param(KEYS_FENCE, keys_document(person().user), 1, id="keys need MFA, and have it"),
        pytest.param(CONSOLE_FENCE, {"Version": "2012-10-17", "Statement": []}, 1, id="hollow"),
    ],
)
def test_whom_another_fence_shuts_out_is_left_alone(
    name: str, document: Any, expected: int
) -> None:
    """An incident isn't over because there is a device."""
    one = fenced(mfa=True)
    both = {MFA_FENCE: one.user.inline[0].text, name: json.dumps(document)}
    assert len(found(control, seen(fenced(mfa=True, inline=both)))) == expected


def test_whom_aws_own_deny_shuts_out_is_left_alone() -> None:
    """Containment takes it where its own fence has no room."""
    denied = ("arn:aws:iam::aws:policy/AWSDenyAll",)
    assert not found(control, seen(fenced(mfa=True, attached=denied)))


def test_a_virtual_device_is_seen_before_the_report_knows() -> None:
    """The report is up to four hours old; another's device is no reason."""
    one = fenced()
    serial = ACCOUNT.iam_arn("mfa/phone")

    def listed(arn: str | None) -> dict[Part, Any]:
        return {Part.VIRTUAL_MFA: (VirtualMfaDevice(serial, arn),)}

    (finding,) = found(control, seen(one, parts=listed(one.user.arn)))
    assert finding.evidence["virtual_devices"] == [serial]
    for other in (None, ACCOUNT.iam_arn("user/bob"), ACCOUNT.iam_arn("root")):
        assert not found(control, seen(one, parts=listed(other)))


def test_protected_and_break_glass_users_are_reported() -> None:
    """A fence on them is a mistake to be told of; the guards refuse to touch them."""
    one = fenced(mfa=True)
    for protection in (
        Protection(break_glass=(one.user.arn,)),
        Protection(protected=(one.user.arn,)),
    ):
        assert found(control, seen(one, protection=protection))


@pytest.mark.parametrize(
    ("address", "settings", "sure"),
    [
        pytest.param("192.0.77.1", {}, True, id="the same network"),
        pytest.param("203.0.113.5", {}, False, id="a network that is new"),
        pytest.param("203.0.113.5", {"known_networks": ("203.0.113.0/24",)}, True, id="our own"),
        pytest.param("203.0.113.5", {"new_place_days": None}, True, id="places don't count"),
    ],
)
def test_a_device_from_somewhere_new_is_not_believed(
    address: str, settings: dict[str, Any], sure: bool
) -> None:
    """A thief who has the password could enrol one: then people look, and no rule acts."""
    one = fenced(mfa=True)
    places = (SignIn(ago(30), "192.0.2.7"), SignIn(ago(1), address))
    parts = {Part.SIGN_INS: SignIns(ago(90), {one.user.id: places})}
    snapshot = seen(one, parts=parts)
    (finding,) = found(control, snapshot, **settings)
    fix = planned(control, snapshot, **settings)
    assert isinstance(fix, Plan) is sure
    assert finding.severity is (Severity.LOW if sure else Severity.HIGH)
    if isinstance(fix, Manual):
        assert any("contain" in step for step in fix.steps)


@pytest.mark.parametrize("include_keys", [False, True])
def test_undo_puts_the_very_same_fence_back(include_keys: bool) -> None:
    """Whichever of the two it was."""
    one = fenced(mfa=True, include_keys=include_keys)
    fix = planned(control, seen(one))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.REVERSIBLE
    (step,) = fix.steps
    assert step.undo is not None
    put = json.loads(str(step.undo.params["PolicyDocument"]))
    assert put == mfa_document(one.user, ACCOUNT, include_keys=include_keys)


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(
            lambda account, serial: account.client().deactivate_mfa_device(
                UserName=NAME, SerialNumber=serial
            ),
            "has no MFA device",
            id="the device was deactivated",
        ),
        pytest.param(
            lambda account, _serial: account.inline(
                MFA_FENCE, {"Version": "2012-10-17"}, user=NAME
            ),
            "is not as Locksmith put it",
            id="somebody changed the policy",
        ),
    ],
)
def test_what_happened_meanwhile_stops_it(meanwhile: Any, why: str) -> None:
    """The report may have known a device that is gone by now."""
    with mock_account(NOW) as account:
        account.group("readers")
        _fenced(account)
        serial = account.mfa(NAME)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert acting.broken(fix.steps[0].before) == []
        meanwhile(account, serial)
        assert any(why in said for said in acting.broken(fix.steps[0].before))
