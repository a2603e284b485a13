"""A user behind the fence whom nobody misses is deleted whole, in AWS's order, or not at all."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Belongings, Manual, Part, Plan, Protection, Risk, Snapshot
from bot.policy import CONTAINMENT_FENCE, containment_document
from remediations._fence_documents import INACTIVE_DOCUMENT, INACTIVE_FENCE
from remediations.unused_credentials import fenced_inactive_user as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)
NAME = "left+us,long.ago@example.org"
PUT = ago(100)
FENCED = {INACTIVE_FENCE: json.dumps(INACTIVE_DOCUMENT)}


def fenced(account: AccountBuilder, name: str, since: timedelta, idle: timedelta) -> None:
    """A user with one of everything that can hang on a user, behind the fence for so long."""
    account.user(name, path="/people/", created=account.ago(days=900))
    account.password(name, changed=account.ago(days=800), last_used=account.now - idle)
    account.mfa(name)
    account.key(name, created=account.ago(days=700), last_used=account.ago(days=650))
    off = account.ago(days=600)
    account.key(name, created=account.ago(days=800), status="Inactive", changed=off)
    account.ssh_key(name, created=account.ago(days=700), status="Inactive")
    account.signing_certificate(name, created=account.ago(days=700), status="Inactive")
    account.service_credential(name, created=account.ago(days=700), status="Inactive")
    account.inline(INACTIVE_FENCE, dict(INACTIVE_DOCUMENT), user=name)
    vars(account)["fences"] = {(name, INACTIVE_FENCE): account.now - since}


def seed(account: AccountBuilder) -> None:
    """Somebody who left; the fence stands for four months, and nobody misses them."""
    fenced(account, NAME, timedelta(days=120), timedelta(days=400))


def just_within(account: AccountBuilder) -> None:
    """The fence stands for exactly 90 days."""
    fenced(account, NAME, timedelta(days=90), timedelta(days=400))


def just_beyond(account: AccountBuilder) -> None:
    """The fence stands for 90 days and a second."""
    fenced(account, NAME, timedelta(days=90) + SECOND, timedelta(days=400))


def behind(since: datetime | None = PUT, **facts: Any) -> Snapshot:
    """One person behind the fence, with what hangs on them."""
    protection = facts.pop("protection", None)
    inline = facts.pop("inline", FENCED)
    parts: dict[Part, Any] = {
        Part.SERVICE_CREDENTIALS: (),
        Part.FENCES: {} if since is None else {("AIDAALICE", INACTIVE_FENCE): since},
        Part.BELONGINGS: facts.pop("belongings", {"AIDAALICE": Belongings()}),
    }
    return seen(person(inline=inline, **facts), parts=parts, protection=protection)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, True, id="nothing but the fence"),
        pytest.param({"since": ago(90)}, False, id="fence at the limit"),
        pytest.param({"since": ago(90, seconds=1)}, True, id="fence just beyond"),
        pytest.param({"since": None}, True, id="no record of the fence"),
        pytest.param({"inline": {}}, False, id="no fence"),
        pytest.param(
            {"inline": {INACTIVE_FENCE: '{"Version":"2012-10-17","Statement":[]}'}},
            False,
            id="hollow fence",
        ),
        pytest.param(
            {"password": True, "changed": ago(300), "used": ago(101)}, True, id="before the fence"
        ),
        pytest.param(
            {"since": ago(200), "password": True, "changed": ago(300), "used": ago(150)},
            False,
            id="signed in since the fence, longer ago than the grace",
        ),
        pytest.param(
            {"since": ago(200), "keys": (key(created=ago(300), last_used=ago(150)),)},
            False,
            id="a key was tried since the fence",
        ),
        pytest.param(
            {"keys": (key(created=ago(300), last_used=ago(1)),)}, False, id="a key is in use"
        ),
        pytest.param(
            {"attached": ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",)},
            False,
            id="under quarantine",
        ),
        pytest.param(
            {"inline": {**FENCED, CONTAINMENT_FENCE: json.dumps(containment_document(NOW))}},
            False,
            id="contained",
        ),
        pytest.param(
            {"protection": Protection(break_glass=("arn:aws:iam::123456789012:user/alice",))},
            False,
            id="break-glass",
        ),
    ],
)
def test_who_is_found(facts: dict[str, Any], expected: bool) -> None:
    assert bool(found(control, behind(**facts))) is expected


def test_without_a_record_or_a_whole_look_people_do_it() -> None:
    """Nothing is deleted on what was not seen."""
    unrecorded = planned(control, behind(None))
    assert isinstance(unrecorded, Manual)
    assert "no record of putting Locksmith-InactiveUser" in unrecorded.reason
    unread = planned(control, behind(belongings={}))
    assert isinstance(unread, Manual)
    assert "could not be read whole" in unread.reason
    fraction = planned(control, behind(inline={**FENCED, "odd": '{"Statement":[{"Sid":0.5}]}'}))
    assert isinstance(fraction, Manual)
    assert "odd of alice" in fraction.reason


def seed_everything(account: AccountBuilder) -> None:
    """With policies, a group and a second device too."""
    seed(account)
    policy = account.policy("reports", {"Version": "2012-10-17", "Statement": []})
    account.attach(policy, user=NAME)
    account.group("team", members=[NAME])
    account.inline("extra", {"Version": "2012-10-17", "Statement": []}, user=NAME)
    account.mfa(NAME, kind="fido")


def test_everything_goes_in_the_order_of_aws() -> None:
    """What lets someone in goes while the fence stands; only the user goes after the fence."""
    with mock_account(NOW) as account:
        seed_everything(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        assert fix.risk is Risk.IRREVERSIBLE
        assert [step.do.operation for step in fix.steps] == [
            "DeleteLoginProfile",
            "DeleteAccessKey",
            "DeleteAccessKey",
            "DeleteSigningCertificate",
            "DeleteSSHPublicKey",
            "DeleteServiceSpecificCredential",
            "DeactivateMFADevice",
            "DeleteVirtualMFADevice",
            "DeactivateMFADevice",
            "DeleteUserPolicy",
            "DetachUserPolicy",
            "RemoveUserFromGroup",
            "DeleteUserPolicy",
            "DeleteUser",
        ]
        for step in fix.steps[:-2]:
            if step.do.operation != "DeleteVirtualMFADevice":
                assert any(e.read.params.get("PolicyName") == INACTIVE_FENCE for e in step.before)

        Acting(account, fix).apply()

        assert NAME not in account.iam.users
        assert not account.iam.virtual_mfa_devices


def test_who_has_nothing_else_loses_the_fence_and_is_gone() -> None:
    """No password is deleted where there is none."""
    fix = planned(control, behind())
    assert isinstance(fix, Plan)
    assert [step.do.operation for step in fix.steps] == ["DeleteUserPolicy", "DeleteUser"]


@pytest.mark.parametrize(
    ("belongings", "listed"),
    [
        pytest.param({"AIDAALICE": Belongings(ssh_keys=("APKA1",))}, ["APKA1"], id="read"),
        pytest.param({}, None, id="not read"),
    ],
)
def test_evidence_has_what_hangs_on_the_user(belongings: Any, listed: Any) -> None:
    (finding,) = found(control, behind(belongings=belongings))
    assert finding.evidence.get("ssh_keys") == listed


def test_what_goes_is_looked_at_first() -> None:
    """The journal keeps what these looks see: nothing that can be read goes unrecorded."""
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        looked = {
            step.name: {(e.read.operation, e.path) for e in step.before} for step in fix.steps
        }
        assert ("GetUser", "User") in looked["delete-login"]
        assert ("GetSSHPublicKey", "SSHPublicKey.SSHPublicKeyBody") in looked["ssh-key-1"]
        assert any("CertificateBody" in path for _, path in looked["certificate-1"])
        assert ("GetUserPolicy", "PolicyDocument") in looked["unfence"]
        for step in fix.steps:
            assert all(step.before.count(each) == 1 for each in step.before)


MORE = {"Version": "2012-10-17", "Statement": []}


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(lambda a, _k: a.use_password(NAME), "signed in meanwhile", id="signed in"),
        pytest.param(lambda a, k: a.use_key(k), "was used in the last 90 days", id="key used"),
        pytest.param(lambda a, _k: a.key(NAME), "(ListAccessKeys)", id="new key"),
        pytest.param(
            lambda a, _k: a.ssh_key(NAME, status="Inactive"), "(ListSSHPublicKeys)", id="SSH key"
        ),
        pytest.param(
            lambda a, _k: a.mfa(NAME, kind="fido"), "(ListMFADevices)", id="another device"
        ),
        pytest.param(
            lambda a, _k: a.inline("x", MORE, user=NAME), "(ListUserPolicies)", id="policy"
        ),
        pytest.param(lambda a, _k: a.group("new", members=[NAME]), "(ListGroups", id="group"),
        pytest.param(
            lambda a, _k: a.inline(INACTIVE_FENCE, MORE, user=NAME),
            "is not as Locksmith put it",
            id="fence changed",
        ),
    ],
)
def test_anything_new_stops_it_before_the_first_step(meanwhile: Any, why: str) -> None:
    """Half a user is never deleted."""
    with mock_account(NOW) as account:
        seed(account)
        (used,) = (
            each["AccessKeyId"]
            for each in account.client().list_access_keys(UserName=NAME)["AccessKeyMetadata"]
            if each["Status"] == "Active"
        )
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        assert not acting.broken(fix.steps[0].before)
        meanwhile(account, used)
        assert any(why in said for said in acting.broken(fix.steps[0].before))


def test_nothing_of_another_user_with_the_name_is_deleted() -> None:
    """Each step looks whose it is; a device belongs to nobody any more when it goes."""
    with mock_account(NOW) as account:
        seed_everything(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        account.iam.simulated_user(NAME).id = "AIDAANOTHER"
        acting = Acting(account)
        unaware = [
            step.name
            for step in fix.steps
            if f"{NAME} is another user now" not in acting.broken(step.before)
        ]
        assert unaware == ["mfa-1-gone"]


def test_what_is_gone_already_stops_a_step() -> None:
    """Each looks that its thing is still there."""
    with mock_account(NOW) as account:
        seed_everything(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account)
        for step in fix.steps:
            acting.steps = (step,)
            acting.apply()
            assert acting.broken(step.before), step.name


def test_a_fence_that_is_lifted_half_way_stops_the_rest() -> None:
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        step = acting.apply(until="ssh-key-1")
        assert step is not None
        account.client().delete_user_policy(UserName=NAME, PolicyName=INACTIVE_FENCE)
        assert acting.broken(step.before)


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        pytest.param(lambda a: a.password(NAME), "has a console password", id="password"),
        pytest.param(lambda a: a.key(NAME), "has other active access keys", id="key"),
    ],
)
@pytest.mark.parametrize("step", ["unfence", "delete"])
def test_who_gets_in_again_keeps_the_fence(step: str, meanwhile: Any, why: str) -> None:
    """The fence goes only before a door that is shut."""
    with mock_account(NOW) as account:
        seed(account)
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        reached = acting.apply(until=step)
        assert reached is not None
        assert not acting.broken(reached.before)
        meanwhile(account)
        assert any(why in said for said in acting.broken(reached.before))
