"""What no approval can allow: each guard with the plans that only it stops."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import botocore.session
import pytest

from bot.aws.connection import AwsConnection, own_arns
from bot.aws.reading import read
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.calls import WRITES
from bot.engine.protecting import Guard
from bot.engine.secret_rules import HANDS_OUT
from bot.errors import ProtectedError
from bot.model import CONSOLE_FENCE, MFA_FENCE, Call, Json, Plan, Protection
from tests.conftest import NOON
from tests.engine.plans import allow, detach, iam, plan, write
from tests.engine.samples import POLICY, samples

GLASS = "arn:aws:iam::123456789012:user/emergency/glass"
QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"
SPARE = allow("s3:GetObject")


@dataclass
class Watch:
    """An account, and a guard that judges plans on it."""

    account: AccountBuilder
    connection: AwsConnection
    protection: Protection
    hint: str = ""

    def check(self, made: Plan, *, undoing: bool = False) -> None:
        """Raise ProtectedError or not."""
        self.connection.calls.clear()
        Guard(self.protection).check(made, partial(read, self.connection), undoing=undoing)

    def refuses(self, made: Plan, *, undoing: bool = False) -> str:
        """The reason of the refusal, which must come."""
        with pytest.raises(ProtectedError) as refusal:
            self.check(made, undoing=undoing)
        self.hint = refusal.value.hint
        return str(refusal.value)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Three administrators, a break-glass one with a path, and identities to touch."""
    with mock_account(NOON) as account:
        for name in ("ann", "ben", "cat"):
            account.user(name)
            account.password(name)
            account.attach("AdministratorAccess", user=name)
        account.user("glass", path="/emergency/")
        account.password("glass")
        account.attach("AdministratorAccess", user="glass")
        account.user("sam")
        account.user("bot")
        account.policy("some-policy", SPARE)
        account.group("team", members=["sam"])
        account.role("worker")
        key = account.iam.access_keys[account.key("bot")]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret_access_key)
        with connect(read_attempts=1) as connection:
            own = own_arns(connection)
            yield Watch(account, connection, Protection(break_glass=(GLASS,), own=own))


#: A call that hands out a credential is never alone in a plan: test_new_keys judges those.
SAMPLES = {
    name: call
    for name, call in samples().items()
    if (call.service, call.operation) not in HANDS_OUT
}


def _naming(parameter: str) -> list[str]:
    return [name for name, call in SAMPLES.items() if parameter in call.params]


# Protected identities, named by the call


@pytest.mark.parametrize("operation", _naming("UserName"))
@pytest.mark.parametrize(
    ("user", "said"), [("glass", "a break-glass identity"), ("bot", "Locksmith's own identity")]
)
def test_no_call_touches_a_protected_user(
    watch: Watch, operation: str, user: str, said: str
) -> None:
    """By the ARN that AWS gives, path and all, whatever the call."""
    reason = watch.refuses(plan(write(samples(user=user)[operation])))
    assert said in reason


@pytest.mark.parametrize("operation", _naming("RoleName"))
@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/", "service-linked"),
        ("AWSReservedSSO_Admin_1", "/aws-reserved/sso.amazonaws.com/", "Identity Center"),
        ("AWSControlTowerExecution", "/", "Control Tower"),
        ("stacksets-exec-1", "/", "StackSets"),
        ("OrganizationAccountAccessRole", "/", "organization"),
    ],
)
def test_no_call_touches_a_role_of_aws_or_the_organization(
    watch: Watch, operation: str, name: str, path: str, said: str
) -> None:
    watch.account.role(name, path=path)
    assert said in watch.refuses(plan(write(samples(role=name)[operation])))


@pytest.mark.parametrize("operation", _naming("GroupName"))
def test_no_call_touches_a_group_on_the_protected_list(watch: Watch, operation: str) -> None:
    watch.protection = Protection(protected=("*:group/team",))
    assert "protected list" in watch.refuses(plan(write(samples()[operation])))


def test_a_name_in_other_letters_is_the_same_identity(watch: Watch) -> None:
    """IAM's names are unique without regard to case."""
    step = write(iam("DetachUserPolicy", UserName="GLASS", PolicyArn=POLICY))
    assert "break-glass" in watch.refuses(plan(step))


def test_the_identity_behind_a_role_session_is_our_own(watch: Watch) -> None:
    watch.protection = Protection(own=("arn:aws:iam::123456789012:role/worker",))
    step = write(samples()["iam:UpdateAssumeRolePolicy"])
    assert "own identity" in watch.refuses(plan(step))


# Protected identities, reached by the call


@pytest.mark.parametrize(
    "operation",
    [
        "iam:AttachGroupPolicy",
        "iam:DetachGroupPolicy",
        "iam:PutGroupPolicy",
        "iam:DeleteGroupPolicy",
        "iam:DeleteGroup",
    ],
)
@pytest.mark.parametrize("member", ["glass", "bot"])
def test_the_rights_of_a_group_with_a_protected_member_stay(
    watch: Watch, operation: str, member: str
) -> None:
    watch.account.member(member, "team")
    reason = watch.refuses(plan(write(samples()[operation])))
    assert "it would change" in reason


@pytest.mark.parametrize(
    "operation",
    [
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:DeletePolicyVersion",
        "iam:DeletePolicy",
    ],
)
@pytest.mark.parametrize("through", ["user", "group", "boundary"])
def test_a_policy_that_a_protected_identity_has_stays_as_it_is(
    watch: Watch, operation: str, through: str
) -> None:
    match through:
        case "user":
            watch.account.attach(POLICY, user="glass")
        case "group":
            watch.account.attach(POLICY, group="team")
            watch.account.member("glass", "team")
        case _:
            watch.account.boundary(POLICY, user="glass")
    assert "it would change" in watch.refuses(plan(write(samples()[operation])))


def test_the_instance_profile_of_a_protected_role_stays(watch: Watch) -> None:
    client = watch.account.client()
    client.create_instance_profile(InstanceProfileName="profile")
    client.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="worker")
    watch.protection = Protection(protected=("*:role/worker",))
    reason = watch.refuses(plan(write(samples()["iam:DeleteInstanceProfile"])))
    assert "role/worker" in reason


# What is never removed


@pytest.mark.parametrize("undoing", [False, True])
def test_aws_quarantine_is_never_detached(watch: Watch, undoing: bool) -> None:
    made = plan(detach("user", "sam", QUARANTINE))
    assert "attached by AWS" in watch.refuses(made, undoing=undoing)
    assert "by hand" not in watch.hint
    assert "the support case" in watch.hint


def test_a_key_under_quarantine_is_never_turned_on_again(watch: Watch) -> None:
    """An undo doesn't bring a leaked key back."""
    key = watch.account.key("sam", status="Inactive")
    step = write(iam("UpdateAccessKey", UserName="sam", AccessKeyId=key, Status="Active"))
    watch.check(plan(step), undoing=True)
    watch.account.attach("AWSCompromisedKeyQuarantineV2", user="sam")
    assert "leaked" in watch.refuses(plan(step), undoing=True)
    assert "by hand" not in watch.hint
    assert "replace the key" in watch.hint


def test_what_locksmith_placed_goes_only_by_undo(watch: Watch) -> None:
    watch.account.inline("Locksmith-fence", SPARE, user="sam")
    gone = plan(write(iam("DeleteUserPolicy", UserName="sam", PolicyName="Locksmith-fence")))
    assert "placed by Locksmith" in watch.refuses(gone)
    watch.check(gone, undoing=True)


def test_the_fence_until_mfa_goes_once_mfa_is_there(watch: Watch) -> None:
    """Of this user, whatever kind it is; of a group or a role no such fence is known."""
    watch.account.inline(MFA_FENCE, SPARE, user="sam")
    watch.account.mfa("ann")
    gone = plan(write(iam("DeleteUserPolicy", UserName="sam", PolicyName=MFA_FENCE)))
    assert "stays until the user has an MFA device" in watch.refuses(gone)
    watch.check(gone, undoing=True)
    watch.account.mfa("sam", kind="fido")
    watch.check(gone)
    other = write(iam("DeleteGroupPolicy", GroupName="team", PolicyName=MFA_FENCE))
    assert "placed by Locksmith" in watch.refuses(plan(other))


@pytest.mark.parametrize("name", [CONSOLE_FENCE, "Locksmith-fence"])
def test_a_fence_goes_with_what_it_stands_before(watch: Watch, name: str) -> None:
    """Any with its user; the console's behind the password, not before it, and of no other user."""
    watch.account.inline(name, SPARE, user="sam")
    gone = write(iam("DeleteUserPolicy", UserName="sam", PolicyName=name))
    watch.check(plan(gone, write(iam("DeleteUser", UserName="sam"))))
    login = write(iam("DeleteLoginProfile", UserName="sam"))
    if name == CONSOLE_FENCE:
        watch.check(plan(login, gone))
    else:
        assert "placed by Locksmith" in watch.refuses(plan(login, gone))
    assert "placed by Locksmith" in watch.refuses(plan(gone, login))
    for other in (iam("DeleteLoginProfile", UserName="pat"), iam("DeleteUser", UserName="pat")):
        assert "placed by Locksmith" in watch.refuses(plan(write(other), gone))


def test_what_locksmith_placed_is_not_overwritten(watch: Watch) -> None:
    put = iam(
        "PutUserPolicy",
        UserName="sam",
        PolicyName="Locksmith-fence",
        PolicyDocument=_text(allow("*")),
    )
    watch.check(plan(write(put)))
    watch.account.inline("Locksmith-fence", SPARE, user="sam")
    assert "not overwritten" in watch.refuses(plan(write(put)))


def test_hard_expiry_is_not_turned_on(watch: Watch) -> None:
    call = iam("UpdateAccountPasswordPolicy", MaxPasswordAge=90, HardExpiry=True)
    assert "locks out everyone" in watch.refuses(plan(write(call)))
    watch.account.password_policy(hard_expiry=True, max_age=90)
    watch.check(plan(write(call)))


def test_a_device_in_use_is_not_deleted(watch: Watch) -> None:
    serial = watch.account.mfa("sam")
    step = write(iam("DeleteVirtualMFADevice", SerialNumber=serial))
    assert "in use by" in watch.refuses(plan(step))
    taken = write(iam("DeactivateMFADevice", UserName="sam", SerialNumber=serial))
    watch.check(plan(taken, step))
    others = write(iam("DeactivateMFADevice", UserName="pat", SerialNumber=serial))
    assert "in use by" in watch.refuses(plan(others, step))


def test_root_keeps_its_device(watch: Watch) -> None:
    """What is taken from root of a member is nothing of this account's root."""
    watch.account.root(mfa=True, mfa_kind="virtual")
    (serial,) = watch.account.iam.virtual_mfa_devices
    as_root = Call("iam", "DeactivateMFADevice", {"SerialNumber": serial}, root_of="210987654321")
    gone = write(iam("DeleteVirtualMFADevice", SerialNumber=serial))
    assert "in use by" in watch.refuses(plan(write(as_root), gone))


# What may be done, and what it costs


@pytest.mark.parametrize("operation", sorted(SAMPLES))
def test_what_touches_nobody_protected_may_be_done(watch: Watch, operation: str) -> None:
    """The guards are about identities, not about operations."""
    if operation == "iam:DeleteVirtualMFADevice":
        watch.account.unassigned_mfa("sam")
    watch.check(plan(write(samples()[operation])))


def test_all_identities_are_read_only_for_plans_that_can_take_rights(watch: Watch) -> None:
    watch.check(plan(write(samples()["iam:TagUser"])))
    assert "iam:GetAccountAuthorizationDetails" not in watch.connection.calls
    watch.check(plan(write(samples()["iam:DetachUserPolicy"])))
    assert watch.connection.calls["iam:GetAccountAuthorizationDetails"] >= 1


def test_a_call_whose_target_came_from_an_output_is_judged_before_it_is_sent(
    watch: Watch,
) -> None:
    guard = Guard(watch.protection)
    made = plan(write(samples()["iam:TagUser"]))
    live = partial(read, watch.connection)
    guard.check_call(made, samples()["iam:TagUser"], live)
    with pytest.raises(ProtectedError, match="break-glass"):
        guard.check_call(made, samples(user="glass")["iam:TagUser"], live)
    with pytest.raises(ProtectedError, match="without UserName"):
        guard.check_call(made, iam("TagUser", UserName="", Tags=[]), live)


def test_the_guard_knows_every_parameter_that_names_a_principal() -> None:
    """An operation added to the list can't name someone in a way that nobody looks at."""
    known = {"UserName", "GroupName", "RoleName", "PolicyArn", "SerialNumber"}
    harmless = {"InstanceProfileName", "PermissionsBoundary", "PolicyName", "ServerCertificateName"}
    model = botocore.session.Session().get_service_model("iam")
    for operation in WRITES["iam"]:
        shape = model.operation_model(operation).input_shape
        members = set(shape.members) if shape else set()
        named = {name for name in members if name.endswith(("Name", "Arn", "SerialNumber"))}
        assert named <= known | harmless, operation


def _text(document: Json) -> str:
    return json.dumps(document)
