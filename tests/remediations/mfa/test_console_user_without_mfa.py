"""People who sign in without MFA are held to enrolling it; nobody is locked out of doing so."""

import json
from datetime import timedelta
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
    VirtualMfaDevice,
)
from bot.policy import CONTAINMENT_FENCE, containment_document, document_size
from remediations._fence_documents import CONSOLE_DOCUMENT
from remediations.mfa import console_user_without_mfa as control
from remediations.unused_credentials import unused_console_password
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ACCOUNT, Person, ago, found, person, planned, seen

NAME = "no+mfa,yet@example.org"


def seed(account: AccountBuilder, used: timedelta = timedelta(days=1)) -> None:
    """Somebody who signs in with a password alone, and has a key in use and a policy."""
    account.user(NAME, path="/people/", created=account.ago(days=300), groups=["readers"])
    account.password(NAME, changed=account.ago(days=60), last_used=account.now - used)
    account.key(NAME, created=account.ago(days=20), last_used=account.ago(days=1))


def plan_just_within(account: AccountBuilder) -> None:
    """The last sign-in was 45 days ago."""
    seed(account, timedelta(days=45))


def plan_just_beyond(account: AccountBuilder) -> None:
    """A second longer ago."""
    seed(account, timedelta(days=45, seconds=1))


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


def test_root_break_glass_and_protected_users() -> None:
    """Root's row is no user; break-glass users are spared, protected ones reported."""
    one = without_mfa()
    assert not found(control, seen(root=one.row))
    assert not found(control, seen(one, protection=Protection(break_glass=(one.user.arn,))))
    assert found(control, seen(one, protection=Protection(protected=(one.user.arn,))))


@pytest.mark.parametrize(
    ("facts", "settings", "name"),
    [
        pytest.param({"used": ago(45)}, {}, MFA_FENCE, id="signed in at the limit"),
        pytest.param({"used": ago(46)}, {}, CONSOLE_FENCE, id="signed in too long ago"),
        pytest.param({"used": None, "changed": ago(45)}, {}, MFA_FENCE, id="never, new password"),
        pytest.param({"used": None, "changed": ago(46)}, {}, CONSOLE_FENCE, id="never, old one"),
        pytest.param({"used": ago(46)}, {"dormant_days": 60}, MFA_FENCE, id="another limit"),
        pytest.param({"used": ago(400)}, {"dormant_days": None}, MFA_FENCE, id="no limit"),
    ],
)
def test_who_may_enrol_by_themselves(
    facts: dict[str, Any], settings: dict[str, Any], name: str
) -> None:
    """Not whoever comes with a password that nobody has used for long."""
    fix = planned(control, seen(without_mfa(**{"changed": ago(300), **facts})), **settings)
    assert isinstance(fix, Plan)
    assert fix.steps[0].do.params["PolicyName"] == name
    assert fix.risk is Risk.DISRUPTIVE


def test_one_question_about_a_password() -> None:
    """A dormant password without MFA is no question of its own beside that it is unused."""
    snapshot = seen(without_mfa(used=ago(60), changed=ago(80)))
    (mine,), (idle,) = found(control, snapshot), found(unused_console_password, snapshot)
    assert mine.subject == idle.subject
    assert mine.severity.rank < idle.severity.rank


def _fence(**settings: Any) -> dict[str, Any]:
    fix = planned(control, seen(without_mfa()), **settings)
    assert isinstance(fix, Plan)
    document: dict[str, Any] = json.loads(str(fix.steps[0].do.params["PolicyDocument"]))
    return document


def test_it_says_what_it_costs() -> None:
    """Sessions of roles go on: no policy of the user ends them."""
    fix = planned(control, seen(without_mfa()))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.DISRUPTIVE
    assert any("roles" in line and "12 hours" in line for line in fix.breaks)


@pytest.mark.parametrize(
    ("name", "document", "found_with_keys"),
    [
        pytest.param(CONSOLE_FENCE, CONSOLE_DOCUMENT, 0, id="the whole console"),
        pytest.param(CONTAINMENT_FENCE, containment_document(NOW), 0, id="contained"),
        pytest.param(MFA_FENCE, None, 1, id="keys were spared"),
    ],
)
def test_other_fences_count_as_far_as_they_hold(
    name: str, document: Any, found_with_keys: int
) -> None:
    """Who can't sign in at all needs no MFA; keys that are spared are not held back."""
    one = without_mfa(inline={name: json.dumps(document or _fence())})
    assert not found(control, seen(one))
    assert len(found(control, seen(one), include_keys=True)) == found_with_keys


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda text: text, 0, id="the fence stands"),
        pytest.param(lambda text: text.replace("Bool", "BoolIfExists"), 0, id="the stricter one"),
        pytest.param(lambda text: text.replace("alice", "bob"), 1, id="somebody else's"),
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


@pytest.mark.parametrize("path", ["/<!channel>/", '/"quoted"\'`\\/', "/a*b?/${aws:username}/"])
def test_a_hostile_path_changes_nothing(path: str) -> None:
    """A user's path may hold nearly any character; the fence is put, known again and taken back."""
    with mock_account(NOW) as account:
        account.user(NAME, path=path, created=account.ago(days=300))
        account.password(NAME, changed=account.ago(days=20), last_used=account.ago(days=1))
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        assert not found(control, look(account))
        acting.undo()
        assert found(control, look(account))
