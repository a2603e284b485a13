"""People who sign in without MFA are held to enrolling it; nobody is locked out of doing so."""

import json
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Part, Plan, Protection, Risk, VirtualMfaDevice
from bot.policy import Verdict, decide, document_size, parse_document
from remediations._fence_documents import MFA_FENCE
from remediations.mfa import console_user_without_mfa as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ACCOUNT, Person, ago, found, person, planned, seen

NAME = "no+mfa,yet@example.org"


def seed(account: AccountBuilder) -> None:
    """Somebody who signs in with a password alone, and has a key in use and a policy."""
    account.user(NAME, path="/people/", created=account.ago(days=300), groups=["readers"])
    account.password(NAME, changed=account.ago(days=20), last_used=account.ago(days=1))
    account.key(NAME, created=account.ago(days=20), last_used=account.ago(days=1))


def without_mfa(**facts: Any) -> Person:
    """Somebody with a password and no MFA."""
    return person(**{"password": True, "changed": ago(20), "used": ago(1), **facts})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="password without MFA"),
        pytest.param({"mfa": True}, False, id="has MFA"),
        pytest.param({"password": False}, False, id="no password"),
        pytest.param({"password": None}, False, id="not supported"),
        pytest.param({"used": None}, True, id="never signed in"),
        pytest.param({"created": ago(1), "row_created": ago(300)}, False, id="a former user's row"),
    ],
)
def test_who_is_found(facts: dict[str, Any], expected: bool) -> None:
    """Whoever can sign in with a password alone."""
    assert bool(found(control, seen(without_mfa(**facts)))) is expected


def test_a_device_enrolled_since_the_report_counts() -> None:
    """The report is hours old; virtual devices are listed live. Another's device is no help."""
    one, other = without_mfa(), person("bob")

    def devices_of(arn: str) -> dict[Part, Any]:
        return {Part.VIRTUAL_MFA: (VirtualMfaDevice(ACCOUNT.iam_arn("mfa/x"), arn),)}

    assert not found(control, seen(one, parts=devices_of(one.user.arn)))
    assert found(control, seen(one, parts=devices_of(other.user.arn)))


def test_root_and_protected_users() -> None:
    """Root's row is no user; protected and break-glass users are reported."""
    one = without_mfa()
    assert not found(control, seen(root=one.row))
    for protection in (
        Protection(break_glass=(one.user.arn,)),
        Protection(protected=(one.user.arn,)),
    ):
        assert found(control, seen(one, protection=protection))


def _fence(**settings: Any) -> dict[str, Any]:
    fix = planned(control, seen(without_mfa()), **settings)
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.DISRUPTIVE
    assert any("roles" in line and "12 hours" in line for line in fix.breaks)
    document: dict[str, Any] = json.loads(str(fix.steps[0].do.params["PolicyDocument"]))
    return document


@pytest.mark.parametrize(
    "action",
    [
        "iam:CreateVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:GetUser",
        "iam:ListMFADevices",
        "iam:ListVirtualMFADevices",
        "iam:ResyncMFADevice",
    ],
)
def test_enrolling_is_allowed_and_not_denied(action: str) -> None:
    """Also to somebody who has no other right at all: a deny alone would lock them out."""
    alice = without_mfa().user
    device = ACCOUNT.iam_arn("mfa/phone")
    resource = {"iam:CreateVirtualMFADevice": device, "iam:ListVirtualMFADevices": "*"}
    document = parse_document(json.dumps(_fence()), where="the fence")
    said = decide(action, resource.get(action, alice.arn), [document])
    assert said.verdict is Verdict.ALLOWED


@pytest.mark.parametrize("action", ["iam:ChangePassword", "sts:GetSessionToken"])
def test_what_stays_open_is_not_granted_either(action: str) -> None:
    """An initial password can be changed, and MFA used from a terminal, by whoever may."""
    document = parse_document(json.dumps(_fence()), where="the fence")
    assert decide(action, "*", [document]).verdict is Verdict.NOT_GRANTED


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::bucket/x"),
        ("iam:CreateAccessKey", ACCOUNT.iam_arn("user/alice")),
        ("iam:DeactivateMFADevice", ACCOUNT.iam_arn("user/alice")),
        ("iam:DeleteUserPolicy", ACCOUNT.iam_arn("user/alice")),
        ("sts:AssumeRole", ACCOUNT.iam_arn("role/admin")),
    ],
)
def test_everything_else_depends_on_mfa(action: str, resource: str) -> None:
    """Whatever the user may otherwise do."""
    everything = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    )
    documents = [
        parse_document(json.dumps(_fence()), where="the fence"),
        parse_document(everything, where="another policy"),
    ]
    said = decide(action, resource, documents)
    assert said.verdict is Verdict.CONDITIONAL
    assert [statement.effect for statement in said.depends_on] == ["Deny"]


@pytest.mark.parametrize(
    ("settings", "operator"),
    [({}, "Bool"), ({"include_keys": True}, "BoolIfExists")],
    ids=["keys are spared", "keys are included"],
)
def test_keys_are_spared_unless_asked(settings: dict[str, bool], operator: str) -> None:
    """Requests with a long-term key lack the condition key: `Bool` is then false."""
    deny = _fence(**settings)["Statement"][-1]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {operator: {"aws:MultiFactorAuthPresent": "false"}}


def test_nobody_else_can_be_enrolled() -> None:
    """Enabling a device is allowed for this user alone."""
    document = parse_document(json.dumps(_fence()), where="the fence")
    said = decide("iam:EnableMFADevice", ACCOUNT.iam_arn("user/bob"), [document])
    assert said.verdict is Verdict.NOT_GRANTED


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda text: text, 0, id="the fence stands"),
        pytest.param(lambda text: text.replace("Bool", "BoolIfExists"), 1, id="another fence"),
        pytest.param(lambda text: text.replace("Deny", "Allow"), 1, id="turned around"),
        pytest.param(lambda _: "{", 1, id="not JSON"),
    ],
)
def test_only_the_very_fence_counts(change: Any, expected: int) -> None:
    """A policy of its name that does something else is a finding, for people to settle."""
    text = change(json.dumps(_fence(), indent=1))
    snapshot = seen(without_mfa(inline={MFA_FENCE: text}))
    assert len(found(control, snapshot)) == expected
    if expected:
        assert isinstance(planned(control, snapshot), Manual)


def test_the_quota_is_the_accounts() -> None:
    """The account summary's, where it was read."""
    needed = document_size(_fence())
    for room, kind in ((needed, Plan), (needed - 1, Manual)):
        parts = {Part.ACCOUNT_SUMMARY: {"UserPolicySizeQuota": room}}
        assert isinstance(planned(control, seen(without_mfa(), parts=parts)), kind)


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(lambda account: account.mfa(NAME), "has an MFA device", id="enrolled an app"),
        pytest.param(
            lambda account: account.mfa(NAME, kind="fido"), "has an MFA device", id="a passkey"
        ),
        pytest.param(
            lambda account: account.client().delete_login_profile(UserName=NAME),
            "no console password any more",
            id="password deleted",
        ),
    ],
)
def test_what_happened_meanwhile_stops_it(meanwhile: Any, why: str) -> None:
    """Whoever enrolled since is not fenced, whatever kind of device it is."""
    with mock_account(NOW) as account:
        account.group("readers")
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert acting.broken(fix.steps[0].before) == []
        meanwhile(account)
        assert any(why in said for said in acting.broken(fix.steps[0].before))
