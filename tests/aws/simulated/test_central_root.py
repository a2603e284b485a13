"""Central root access: who may open a session of root, and exactly what its task lets it do."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.iam.aws_managed_policies import aws_managed_policies_data

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.refusals import refused

MEMBER = "210987654321"
TASK = "arn:aws:iam::aws:policy/root-task/"
AUDIT, DELETE = f"{TASK}IAMAuditRootUserCredentials", f"{TASK}IAMDeleteRootUserCredentials"
PASSWORD = f"{TASK}IAMCreateRootUserPassword"


@pytest.fixture
def member(account: AccountBuilder) -> AccountBuilder:
    """A member whose root has one of everything, in an organization with central root access."""
    account.organization()
    made = account.member_account(MEMBER, "payments")
    made.root(mfa_kind="virtual", keys=1, certificates=1, key_last_used=account.ago(days=3))
    made.user("sam")
    made.key("sam")
    return made


def assume(account: AccountBuilder, task: str = AUDIT, target: str = MEMBER, **more: Any) -> Any:
    """A session as root of the member."""
    sts = account.session().client("sts", region_name="eu-west-1")
    given = {"TargetPrincipal": target, "TaskPolicyArn": {"arn": task}, **more}
    credentials = sts.assume_root(**given)["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name="us-east-1",
    )


def _calls(root: Any) -> dict[str, Callable[[Any], Any]]:
    """Every call of IAM that a task is about, on root itself, in an order in which they work."""
    key, certificate = root.keys[0].access_key_id, root.certificates[0].id
    (serial,) = root.devices
    return {
        "GetUser": lambda iam: iam.get_user(),
        "ListAccessKeys": lambda iam: iam.list_access_keys(),
        "GetAccessKeyLastUsed": lambda iam: iam.get_access_key_last_used(AccessKeyId=key),
        "ListSigningCertificates": lambda iam: iam.list_signing_certificates(),
        "ListMFADevices": lambda iam: iam.list_mfa_devices(),
        "GetLoginProfile": lambda iam: iam.get_login_profile(),
        "GetAccountSummary": lambda iam: iam.get_account_summary(),
        "DeleteAccessKey": lambda iam: iam.delete_access_key(AccessKeyId=key),
        "DeleteSigningCertificate": lambda iam: iam.delete_signing_certificate(
            CertificateId=certificate
        ),
        "DeleteLoginProfile": lambda iam: iam.delete_login_profile(),
        "DeactivateMFADevice": lambda iam: iam.deactivate_mfa_device(SerialNumber=serial),
    }


def _others() -> Iterator[Any]:
    """Calls that no task on credentials allows, in IAM and elsewhere."""
    key = "AKIAIOSFODNN7EXAMPLE"
    for service, method, params in (
        ("iam", "list_users", {}),
        ("iam", "create_access_key", {}),
        ("iam", "create_user", {"UserName": "eve"}),
        ("iam", "update_access_key", {"AccessKeyId": key, "Status": "Inactive"}),
        ("iam", "get_credential_report", {}),
        (
            "sts",
            "assume_role",
            {"RoleArn": "arn:aws:iam::210987654321:role/x", "RoleSessionName": "xx"},
        ),
        ("s3", "list_buckets", {}),
        ("cloudtrail", "describe_trails", {}),
        ("account", "get_alternate_contact", {"AlternateContactType": "SECURITY"}),
        ("organizations", "leave_organization", {}),
    ):
        yield pytest.param(service, method, params, id=f"{service}:{method}")


@pytest.mark.parametrize("task", [AUDIT, DELETE, PASSWORD])
def test_exactly_what_the_task_lists_is_allowed(
    account: AccountBuilder, member: AccountBuilder, task: str
) -> None:
    """Judged by AWS's own text of the policy, read here by itself."""
    text = json.loads(aws_managed_policies_data)[task.rpartition("/")[2]]["Document"]
    allowed = {name.removeprefix("iam:") for name in text["Statement"][0]["NotAction"]}
    iam = assume(account, task).client("iam")
    for name, call in _calls(member.iam.root).items():
        if name in allowed:
            call(iam)
        else:
            with refused("AccessDenied", status=403, saying=name):
                call(iam)


@pytest.mark.parametrize(("service", "method", "params"), list(_others()))
@pytest.mark.parametrize("task", [AUDIT, DELETE, PASSWORD])
def test_all_else_is_denied(
    account: AccountBuilder,
    member: AccountBuilder,
    task: str,
    service: str,
    method: str,
    params: dict[str, Any],
) -> None:
    """Whatever the service, and whatever root may do otherwise."""
    client = assume(account, task).client(service)
    with pytest.raises(ClientError) as caught:
        getattr(client, method)(**params)
    code = caught.value.response["Error"]["Code"]
    assert code in ("AccessDenied", "AccessDeniedException", "403")  # moto's S3 names it by number


@pytest.mark.parametrize("task", [AUDIT, DELETE])
def test_users_are_out_of_reach(account: AccountBuilder, member: AccountBuilder, task: str) -> None:
    """The same calls, with a user's name."""
    iam = assume(account, task).client("iam")
    for method in ("list_access_keys", "get_login_profile", "delete_login_profile"):
        with refused("AccessDenied", status=403):
            getattr(iam, method)(UserName="sam")


def test_what_root_has_is_told_and_goes(account: AccountBuilder, member: AccountBuilder) -> None:
    """Found with the one task, deleted with the other, and nothing of the member's users."""
    root, delete = member.iam.root, assume(account, DELETE).client("iam")
    audit = assume(account).client("iam")
    (key,) = audit.list_access_keys()["AccessKeyMetadata"]
    last = audit.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (last["LastUsedDate"], last["ServiceName"]) == (account.ago(days=3), "sts")
    assert "UserName" not in audit.get_user()["User"]
    assert "UserName" not in audit.get_login_profile()["LoginProfile"]
    for name, call in _calls(root).items():
        if name.startswith("De"):
            call(delete)
    assert not audit.list_access_keys()["AccessKeyMetadata"]
    assert not audit.list_signing_certificates()["Certificates"]
    assert not audit.list_mfa_devices()["MFADevices"]
    with refused("NoSuchEntity", status=404):
        audit.get_login_profile()
    with refused("NoSuchEntity", status=404):
        delete.delete_access_key(AccessKeyId=key["AccessKeyId"])
    summary = audit.get_account_summary()["SummaryMap"]
    assert (summary["AccountAccessKeysPresent"], summary["AccountPasswordPresent"]) == (0, 0)
    assert member.iam.users["sam"].access_keys


def test_the_session_is_root_of_the_member(account: AccountBuilder, member: AccountBuilder) -> None:
    """No policy can deny asking who one is."""
    identity = assume(account).client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{MEMBER}:root"


def test_who_may_open_one(account: AccountBuilder, member: AccountBuilder) -> None:
    """The management account, for members, with the feature on, at a regional endpoint."""
    assume(account)
    for refusal, given in (
        ("no member", {"target": account.account_id}),
        ("no member", {"target": "999999999999"}),
    ):
        with refused("AccessDenied", status=403, saying=refusal):
            assume(account, **given)
    account.organization(central_root=("RootSessions",))
    with refused("AccessDenied", status=403, saying="is off"):
        assume(account)


@pytest.mark.parametrize(
    ("task", "more"),
    [
        pytest.param("arn:aws:iam::aws:policy/AdministratorAccess", {}, id="no task"),
        pytest.param(f"{TASK}S3UnlockBucketPolicy", {}, id="not simulated"),
        pytest.param(AUDIT, {"DurationSeconds": 901}, id="too long"),
    ],
)
def test_what_is_no_such_session(
    account: AccountBuilder, member: AccountBuilder, task: str, more: dict[str, Any]
) -> None:
    """Refused as malformed."""
    with refused("ValidationError", status=400):
        assume(account, task, **more)


def test_the_features_are_the_management_accounts(account: AccountBuilder) -> None:
    """Switched on, listed and switched off; neither stands for the other."""
    iam = account.client()
    with refused("OrganizationNotFoundException", status=400):
        iam.list_organizations_features()
    account.organization(central_root=(), trusted=False)
    with refused("ServiceAccessNotEnabledException", status=400):
        iam.list_organizations_features()
    organizations = account.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    iam.enable_organizations_root_credentials_management()
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootCredentialsManagement"]
    iam.enable_organizations_root_sessions()
    iam.disable_organizations_root_credentials_management()
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootSessions"]
    account.organization(features="CONSOLIDATED_BILLING")
    with refused("OrganizationNotInAllFeaturesModeException", status=400):
        iam.list_organizations_features()
