"""Readers only read; writers make exactly the announced call, once, and never on the caller."""

import threading
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ConnectionClosedError

from bot.aws.connection import AwsConnection
from bot.aws.gate import WriteRefusedError, is_read
from bot.aws.simulated import AccountBuilder
from bot.errors import PlanError
from bot.model import Call

DEACTIVATE = {"UserName": "bob", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}


def _operations(service: str) -> list[str]:
    client: Any = boto3.client(service, region_name="us-east-1")
    return list(client.meta.service_model.operation_names)


def _arguments(client: Any, operation: str) -> dict[str, Any]:
    """Parameters of a plausible shape; the gate decides before botocore looks at them."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    return dict.fromkeys(shape.required_members if shape else [], "x" * 20)


@pytest.mark.parametrize(
    ("service", "operation", "reads"),
    [
        ("iam", "ListUsers", True),
        ("iam", "GenerateCredentialReport", True),
        ("iam", "GetAccountAuthorizationDetails", True),
        ("cloudtrail", "DescribeTrails", True),
        ("cloudtrail", "LookupEvents", True),
        ("sts", "GetCallerIdentity", True),
        ("sts", "GetSessionToken", False),
        ("sts", "GetFederationToken", False),
        ("sts", "AssumeRole", False),
        ("iam", "UpdateAccessKey", False),
        ("iam", "DeleteUser", False),
        ("iam", "TagUser", False),
    ],
)
def test_what_counts_as_a_read(service: str, operation: str, *, reads: bool) -> None:
    assert is_read(service, operation) is reads


@pytest.mark.parametrize("service", ["iam", "cloudtrail", "sts"])
def test_a_reader_refuses_every_operation_that_writes(
    connection: AwsConnection, service: str
) -> None:
    client = connection.reader(service)
    writes = [name for name in _operations(service) if not is_read(service, name)]
    assert len(writes) > 3
    for operation in writes:
        with pytest.raises(WriteRefusedError, match="not a read"):
            getattr(client, xform_name(operation))(**_arguments(client, operation))
    assert set(connection.calls) == {"sts:GetCallerIdentity"}


def test_a_writer_refuses_every_unannounced_operation(connection: AwsConnection) -> None:
    client = connection.writer("iam")
    for operation in _operations("iam"):
        with pytest.raises(WriteRefusedError, match="not announced"):
            getattr(client, xform_name(operation))(**_arguments(client, operation))
    assert set(connection.calls) == {"sts:GetCallerIdentity"}


def test_the_announced_call_goes_through_once(
    connection: AwsConnection, account: AccountBuilder
) -> None:
    account.user("bob")
    params = {"UserName": "bob", "Tags": [{"Key": "owner", "Value": ""}]}
    with connection.writing(Call("iam", "TagUser", params)):
        connection.writer("iam").tag_user(**params)
        with pytest.raises(WriteRefusedError, match="already made"):
            connection.writer("iam").tag_user(**params)
    assert connection.calls["iam:TagUser"] == 1
    with pytest.raises(WriteRefusedError, match="not announced"):
        connection.writer("iam").tag_user(**params)


@pytest.mark.parametrize(
    "announced",
    [
        Call("iam", "DeleteAccessKey", DEACTIVATE),
        Call("iam", "UpdateAccessKey", {**DEACTIVATE, "UserName": "alice"}),
        Call("iam", "UpdateAccessKey", {**DEACTIVATE, "Status": "Active"}),
        Call("iam", "UpdateAccessKey", DEACTIVATE, region="eu-west-1"),
    ],
    ids=["operation", "user", "value", "region"],
)
def test_a_call_that_differs_is_refused(connection: AwsConnection, announced: Call) -> None:
    with (
        connection.writing(announced),
        pytest.raises(WriteRefusedError, match="differs"),
    ):
        connection.writer("iam").update_access_key(**DEACTIVATE)


@pytest.mark.parametrize("name", [None, "", " ", "\t"], ids=repr)
def test_no_write_without_a_principal_reaches_aws(
    connection: AwsConnection, name: str | None
) -> None:
    """Every IAM write that has such a parameter, whether AWS demands it or not."""
    client = connection.writer("iam")
    tried = 0
    for operation in _operations("iam"):
        shape = client.meta.service_model.operation_model(operation).input_shape
        for parameter in ("UserName", "RoleName", "GroupName"):
            if is_read("iam", operation) or not shape or parameter not in shape.members:
                continue
            params = _arguments(client, operation)
            params.pop(parameter, None)
            if name is not None:
                params[parameter] = name
            with (
                connection.writing(Call("iam", operation, params)),
                pytest.raises(WriteRefusedError, match=parameter),
            ):
                getattr(client, xform_name(operation))(**params)
            tried += 1
    assert tried > 50
    assert set(connection.calls) == {"sts:GetCallerIdentity"}


@pytest.mark.parametrize("parameter", ["AccessKeyId", "PolicyArn", "PolicyName"])
def test_no_write_with_an_empty_name_reaches_aws(connection: AwsConnection, parameter: str) -> None:
    operation = {
        "AccessKeyId": "DeleteAccessKey",
        "PolicyArn": "DetachUserPolicy",
        "PolicyName": "DeleteUserPolicy",
    }[parameter]
    params = {"UserName": "bob", parameter: " "}
    with (
        connection.writing(Call("iam", operation, params)),
        pytest.raises(WriteRefusedError, match=parameter),
    ):
        getattr(connection.writer("iam"), xform_name(operation))(**params)


def test_a_password_of_the_caller_is_never_changed(connection: AwsConnection) -> None:
    params = {"OldPassword": "a", "NewPassword": "b"}
    with (
        connection.writing(Call("iam", "ChangePassword", params)),
        pytest.raises(WriteRefusedError),
    ):
        connection.writer("iam").change_password(**params)


def test_the_caller_itself_is_never_written_to(connection: AwsConnection) -> None:
    own = connection.caller_arn.rpartition("/")[2].upper()
    params = {**DEACTIVATE, "UserName": own}
    with (
        connection.writing(Call("iam", "UpdateAccessKey", params)),
        pytest.raises(WriteRefusedError, match="own identity"),
    ):
        connection.writer("iam").update_access_key(**params)


def test_an_announcement_is_for_one_connection(connection: AwsConnection) -> None:
    other = AwsConnection(
        boto3.Session(),
        account=connection.account,
        caller_arn=connection.caller_arn,
        caller_id=connection.caller_id,
        region=connection.region,
    )
    with (
        other.writing(Call("iam", "UpdateAccessKey", DEACTIVATE)),
        pytest.raises(WriteRefusedError, match="not announced"),
    ):
        connection.writer("iam").update_access_key(**DEACTIVATE)


def test_an_announcement_is_for_one_thread(connection: AwsConnection) -> None:
    caught: list[BaseException] = []

    def other() -> None:
        try:
            connection.writer("iam").update_access_key(**DEACTIVATE)
        except WriteRefusedError as error:
            caught.append(error)

    with connection.writing(Call("iam", "UpdateAccessKey", DEACTIVATE)):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_announcements_do_not_nest(connection: AwsConnection) -> None:
    call = Call("iam", "UpdateAccessKey", DEACTIVATE)
    with (
        connection.writing(call),
        pytest.raises(PlanError),
        connection.writing(call),
    ):
        raise AssertionError("must not get here")


def test_a_write_whose_answer_is_lost_is_sent_once(connection: AwsConnection) -> None:
    client = connection.writer("iam")
    sent: list[str] = []

    def lost(request: Any, **_: Any) -> None:
        sent.append(request.url)
        raise ConnectionClosedError(endpoint_url=request.url)

    client.meta.events.register_first("before-send.iam.CreateAccessKey", lost)
    params = {"UserName": "bob"}
    with (
        connection.writing(Call("iam", "CreateAccessKey", params)),
        pytest.raises(ConnectionClosedError),
    ):
        client.create_access_key(**params)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("announced", "sent_in", "goes_through"),
    [
        ("eu-west-1", "eu-west-1", True),
        (None, "eu-west-1", False),
        ("eu-west-1", "us-west-2", False),
        ("eu-west-1", None, False),
    ],
)
def test_a_write_goes_to_the_announced_region(
    connection: AwsConnection,
    account: AccountBuilder,
    announced: str | None,
    sent_in: str | None,
    goes_through: bool,
) -> None:
    account.trail("main", region="eu-west-1")
    params = {"Name": "main"}
    stop = connection.writer("cloudtrail", sent_in).stop_logging
    with connection.writing(Call("cloudtrail", "StopLogging", params, announced)):
        if goes_through:
            stop(**params)
        else:
            with pytest.raises(WriteRefusedError, match="differs"):
                stop(**params)
    assert connection.calls["cloudtrail:StopLogging"] == int(goes_through)


MEMBER = "210987654321"


@pytest.fixture
def in_organization(account: AccountBuilder) -> None:
    """The account manages root of a member."""
    account.organization()
    account.member_account(MEMBER).root(keys=1)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(Call("iam", "DeleteLoginProfile", {"UserName": "bob"}), id="a user's"),
        pytest.param(Call("iam", "DeleteAccessKey", {"AccessKeyId": " " * 20}), id="no key"),
        pytest.param(Call("iam", "DeleteUser", {"UserName": "bob"}), id="a user"),
        pytest.param(
            Call("iam", "DeleteVirtualMFADevice", {"SerialNumber": "x" * 20}), id="a spare device"
        ),
        pytest.param(Call("iam", "UploadSigningCertificate", {"CertificateBody": "x"}), id="new"),
    ],
)
def test_as_root_only_its_own_credentials_go(
    connection: AwsConnection, in_organization: None, call: Call
) -> None:
    """Announced or not."""
    as_root = Call(call.service, call.operation, call.params, root_of=MEMBER)
    writer = connection.writer("iam", root_of=MEMBER)
    with pytest.raises(WriteRefusedError), connection.writing(as_root):
        getattr(writer, xform_name(call.operation))(**call.params)


def test_whose_root_it_is_must_be_announced(
    connection: AwsConnection, in_organization: None
) -> None:
    """A write as root of one member is none of another's, nor one of our own account's."""
    announced = Call("iam", "DeleteLoginProfile", {}, root_of="345678901234")
    with pytest.raises(WriteRefusedError, match="differs"), connection.writing(announced):
        connection.writer("iam", root_of=MEMBER).delete_login_profile()
    plain = Call("iam", "DeleteLoginProfile", {})
    with pytest.raises(WriteRefusedError, match="differs"), connection.writing(plain):
        connection.writer("iam", root_of=MEMBER).delete_login_profile()
    with pytest.raises(WriteRefusedError), connection.writing(plain):
        connection.writer("iam").delete_login_profile()


@pytest.mark.parametrize(
    "task", ["IAMCreateRootUserPassword", "S3UnlockBucketPolicy", "SQSUnlockQueuePolicy"]
)
def test_no_other_session_of_root_is_opened(
    connection: AwsConnection, in_organization: None, task: str
) -> None:
    """To look and to delete is all that is ever needed."""
    connection.reader("iam", root_of=MEMBER)
    opener = connection._client("root-opener", "sts", connection.region)
    arn = f"arn:aws:iam::aws:policy/root-task/{task}"
    with pytest.raises(WriteRefusedError, match="no session of root"):
        opener.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn={"arn": arn})
    with pytest.raises(WriteRefusedError):
        opener.assume_role(RoleArn="arn:aws:iam::210987654321:role/x", RoleSessionName="xx")
