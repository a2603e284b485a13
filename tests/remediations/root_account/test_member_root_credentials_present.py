"""Root credentials of members are found in sessions that only look, and deleted for good."""

from dataclasses import replace
from typing import Any

import jmespath
import pytest
from moto.iam.models import AccessKeyLastUsed

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.fidelity import iam_account
from bot.engine.calls import unfit_plan
from bot.engine.protecting import Guard
from bot.model import Manual, MemberRoot, Part, Plan, Protection, Risk, Snapshot
from remediations.root_account import member_root_credentials_present as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, planned, seen
from tests.remediations.renaming import PRINTABLE

MEMBER, CLEAN = "210987654321", "345678901234"
CERTIFICATE = "TA7SMP42TDN5Z26OBPJE7EXAMPLE"
KEY = replace(key(created=ago(800), key_id="AKIAROOTEXAMPLE12345"), user="root", user_id=MEMBER)


def seed(account: AccountBuilder) -> None:
    """A member with one of everything, used long ago, beside one of which root has nothing."""
    account.organization()
    member = account.member_account(MEMBER, PRINTABLE)
    member.root(
        mfa_kind="virtual",
        keys=1,
        key_last_used=account.ago(days=400),
        certificates=1,
        password_last_used=account.ago(days=300),
    )
    account.member_account(CLEAN, "analytics").root(mfa=False, password=False)


def just_within(account: AccountBuilder) -> None:
    """A member that has only a device left."""
    account.organization()
    account.member_account(MEMBER).root(password=False)


def just_beyond(account: AccountBuilder) -> None:
    """A member with a password."""
    account.organization()
    account.member_account(MEMBER).root()


def _seen(*roots: MemberRoot) -> Snapshot:
    return seen(parts={Part.MEMBER_ROOTS: roots})


def _root(**has: Any) -> MemberRoot:
    return MemberRoot(MEMBER, "payments", **has)


@pytest.mark.parametrize(
    ("root", "said"),
    [
        pytest.param(_root(), None, id="nothing"),
        pytest.param(_root(devices=("GAHT00000001",)), None, id="a device that opens nothing"),
        pytest.param(_root(password=True), "a password", id="a password"),
        pytest.param(_root(keys=(KEY,)), "1 access key", id="a key"),
        pytest.param(
            _root(keys=(replace(KEY, active=False),)), "1 access key", id="a key that is off"
        ),
        pytest.param(
            _root(certificates=(CERTIFICATE,)), "1 signing certificate", id="a certificate"
        ),
        pytest.param(
            _root(password=True, keys=(KEY, KEY), certificates=(CERTIFICATE,)),
            "a password, 2 access keys and 1 signing certificate",
            id="everything",
        ),
    ],
)
def test_which_members_are_found(root: MemberRoot, said: str | None) -> None:
    """Those of which root can get in."""
    findings = found(control, _seen(root))
    expected = [f"Root of member {MEMBER} has {said}"] if said else []
    assert [finding.summary for finding in findings] == expected


def test_one_finding_for_each_member() -> None:
    """Each is a question of its own, about that account."""
    first, second = found(
        control, _seen(_root(password=True), MemberRoot(CLEAN, "x", password=True))
    )
    assert first.resource.unique_id == MEMBER
    assert second.resource.arn == f"arn:aws:iam::{CLEAN}:root"
    assert first.subject != second.subject


def test_evidence_tells_of_each_key_whether_it_works() -> None:
    """Whoever decides sees which of them opens something."""
    off = replace(KEY, key_id="AKIAROOTEXAMPLE54321", active=False, last_used=ago(3))
    (finding,) = found(control, _seen(_root(keys=(KEY, off))))
    assert finding.evidence["access_keys"] == {
        "AKIAROOTEXAMPLE12345": "active, made 2024-09-15T12:00:00Z, never used",
        "AKIAROOTEXAMPLE54321": "inactive, made 2024-09-15T12:00:00Z, last used 3 days ago",
    }


@pytest.mark.parametrize(
    ("days", "kind"),
    [
        pytest.param(90, Manual, id="used at the margin"),
        pytest.param(90.01, Plan, id="just beyond it"),
        pytest.param(None, Plan, id="never used"),
    ],
)
def test_a_key_in_use_takes_people(days: float | None, kind: type) -> None:
    """Deleting it can't be undone."""
    used = replace(KEY, last_used=None if days is None else ago(days))
    assert isinstance(planned(control, _seen(_root(keys=(used,)))), kind)


def test_everything_goes_and_the_device_goes_last() -> None:
    """No step can be undone, none names a user, each is made as root of that member."""
    fix: Any = planned(
        control,
        _seen(
            _root(
                password=True, keys=(KEY,), certificates=(CERTIFICATE,), devices=("GAHT00000001",)
            )
        ),
    )
    assert unfit_plan(fix) is None
    assert fix.risk is Risk.IRREVERSIBLE
    assert [step.do.operation for step in fix.steps] == [
        "DeleteAccessKey",
        "DeleteSigningCertificate",
        "DeleteLoginProfile",
        "DeactivateMFADevice",
    ]
    for step in fix.steps:
        assert step.undo is None
        assert {step.do.root_of, *(each.read.root_of for each in step.before)} == {MEMBER}
        assert "UserName" not in step.do.params


@pytest.mark.parametrize(
    ("has", "operations"),
    [
        pytest.param({"keys": (KEY,)}, ["DeleteAccessKey"], id="a key"),
        pytest.param({"password": True}, ["DeleteLoginProfile"], id="a password"),
        pytest.param(
            {"certificates": (CERTIFICATE,)}, ["DeleteSigningCertificate"], id="a certificate"
        ),
    ],
)
def test_only_what_is_there_is_deleted(has: dict[str, Any], operations: list[str]) -> None:
    fix = planned(control, _seen(_root(**has)))
    assert isinstance(fix, Plan)
    assert [step.do.operation for step in fix.steps] == operations


def test_a_protected_member_is_refused() -> None:
    """By the ARN of its root."""
    fix = planned(control, _seen(_root(password=True)))
    assert isinstance(fix, Plan)
    snapshot = replace(
        look_at_nobody(), protection=Protection(protected=(f"arn:aws:iam::{MEMBER}:root",))
    )
    refused = Guard.on(snapshot)(fix)
    assert refused is not None
    assert f"{MEMBER}:root" in refused
    assert Guard.on(look_at_nobody())(fix) is None


def look_at_nobody() -> Snapshot:
    """A snapshot of an account without anyone, as far as guards need one."""
    nobody: dict[Part, Any] = dict.fromkeys(
        (Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES), ()
    )
    return seen(parts=nobody)


def test_odd_names_break_nothing() -> None:
    """Ids and serial numbers with quotes are quoted where they are looked for."""
    odd = "x'`\"\\]|[?@" * 4
    fix: Any = planned(control, _seen(_root(keys=(replace(KEY, key_id=odd),))))
    read = fix.steps[0].before[0]
    answer = {"AccessKeyMetadata": [{"AccessKeyId": "other"}, {"AccessKeyId": odd}]}
    assert jmespath.search(read.path, answer) == odd
    fix = planned(control, _seen(_root(password=True, devices=(odd,))))
    assert unfit_plan(fix) is None


@pytest.mark.parametrize(
    ("meddle", "step", "why"),
    [
        pytest.param(
            lambda root, now: setattr(root, "password_last_used", now),
            2,
            "root signed in within the last 90 days",
            id="signed in",
        ),
        pytest.param(lambda root, _now: root.keys.clear(), 0, "gone already", id="key is gone"),
        pytest.param(
            lambda root, _now: setattr(root, "password", False),
            2,
            "root has no password any more",
            id="password is gone",
        ),
        pytest.param(
            lambda root, _now: root.devices.clear(), 3, "gone already", id="device is gone"
        ),
        pytest.param(
            lambda root, now: setattr(
                root.keys[0], "last_used", AccessKeyLastUsed(now, "iam", "us-east-1")
            ),
            0,
            "was used in the last 90 days",
            id="key used",
        ),
    ],
)
def test_what_happened_meanwhile_stops_it(meddle: Any, step: int, why: str) -> None:
    """Each step looks again, in a session of its own."""
    with mock_account(NOW) as account:
        seed(account)
        fix: Any = planned(control, look(account))
        acting = Acting(account, fix)
        meddle(iam_account(MEMBER).root, account.now.replace(tzinfo=None))
        assert any(why in said for said in acting.broken(fix.steps[step].before))
