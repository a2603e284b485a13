"""Which calls a plan may make at all, and whether one is complete enough to be sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from botocore.validate import ParamValidator

from bot.aws.gate import ROOT_WRITES, is_read
from bot.aws.service_models import core_session
from bot.engine.filling import is_filled_in
from bot.engine.looking import compiled
from bot.engine.monitoring_writes import MONITORING_WRITES
from bot.engine.secret_rules import unfit_secrets
from bot.errors import PlanError
from bot.model import Call, Json, Plan, Step

#: Every write there may be in a plan. The one credential that is handed out is a key, and
#: `secret_rules` says where its secret may go. Passwords are made by people. Beyond one account
#: reaches only central root access: switching it on or off, and what is done as root of a member
#: (`ROOT_WRITES`).
WRITES: Mapping[str, frozenset[str]] = {
    "iam": frozenset(
        {
            # credentials
            "UpdateAccessKey", "DeleteAccessKey", "DeleteLoginProfile", "DeactivateMFADevice",
            "DeleteVirtualMFADevice", "UpdateServiceSpecificCredential",
            "DeleteServiceSpecificCredential", "UpdateSSHPublicKey", "DeleteSSHPublicKey",
            "UpdateSigningCertificate", "DeleteSigningCertificate", "CreateAccessKey",
            "DeleteServerCertificate",
            # users, groups, roles
            "AddUserToGroup", "RemoveUserFromGroup", "CreateGroup", "DeleteGroup", "DeleteUser",
            "CreateRole", "DeleteRole", "UpdateAssumeRolePolicy", "AddRoleToInstanceProfile",
            "RemoveRoleFromInstanceProfile", "CreateInstanceProfile", "DeleteInstanceProfile",
            # policies
            "AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy", "DetachUserPolicy",
            "DetachGroupPolicy", "DetachRolePolicy", "PutUserPolicy", "PutGroupPolicy",
            "PutRolePolicy", "DeleteUserPolicy", "DeleteGroupPolicy", "DeleteRolePolicy",
            "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion",
            "DeletePolicyVersion", "PutUserPermissionsBoundary", "PutRolePermissionsBoundary",
            "DeleteUserPermissionsBoundary", "DeleteRolePermissionsBoundary",
            # the account, and words
            "UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy", "TagUser", "UntagUser",
            "TagRole", "UntagRole", "TagPolicy", "UntagPolicy",
            # the organization
            "EnableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions",
            "DisableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootSessions",
        }
    ),
    "organizations": frozenset({"EnableAWSServiceAccess", "DisableAWSServiceAccess"}),
    "account": frozenset({"PutAlternateContact", "DeleteAlternateContact"}),
    "cloudtrail": frozenset(
        {
            "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging",
            "PutEventSelectors",
        }
    ),
    "secretsmanager": frozenset(
        {
            "CreateSecret", "DeleteSecret", "PutResourcePolicy", "DeleteResourcePolicy",
            "PutSecretValue", "UpdateSecretVersionStage",
        }
    ),
    **MONITORING_WRITES,
}  # fmt: skip

#: Who or what a call is about. AWS takes the caller where some of these are left out, so each
#: that an operation knows must be said, even where AWS's model calls it optional.
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
IDENTITIES = (
    "UserName", "GroupName", "RoleName", "PolicyArn", "PolicyName", "InstanceProfileName",
    "AccessKeyId", "SerialNumber", "PermissionsBoundary", "ServiceSpecificCredentialId",
    "SSHPublicKeyId", "CertificateId", "VersionId", "SecretId",
    "ServerCertificateName",
)  # fmt: skip

#: The boundary and the path of a new thing are choices, and a secret has one nameless policy;
#: everything else in IDENTITIES is a must.
_OPTIONAL = {
    "CreatePolicy": frozenset({"PermissionsBoundary"}),
    "CreateRole": frozenset({"PermissionsBoundary"}),
    "PutResourcePolicy": frozenset({"PolicyName"}),
    "DeleteResourcePolicy": frozenset({"PolicyName"}),
}

# Long enough for an ARN and short enough for a name: stands for an output while checking.
_PLACEHOLDER = "locksmith-fills-this-in-later-on"


def unfit_plan(plan: Plan) -> str | None:
    """Why this plan can't be carried out as it is written, or None. Needs no AWS."""
    for step in plan.steps:
        reason = next(_unfit_step(step), None)
        if reason:
            return f"step {step.name}: {reason}"
    return unfit_secrets(plan)


def unfit_write(call: Call) -> str | None:
    """Why this call is never sent, or None: unknown, not on the list, without a principal, wrong.

    Parameters are checked against AWS's service model, so a slip shows before anything is done.
    """
    if not all(each.code.strip() and each.words.strip() for each in call.too_early):
        return f"{call.service}:{call.operation}: what says too early names a code and its words"
    if call.root_of is not None:
        return _unfit_as_root(call) or _incomplete(call) or _invalid(call)
    if call.operation not in WRITES.get(call.service, frozenset()):
        return f"{call.service}:{call.operation} is not among the calls that Locksmith makes"
    return (
        _incomplete(call)
        or _elsewhere(call)
        or _another_service(call)
        or _another_attribute(call)
        or _invalid(call)
    )


def _unfit_as_root(call: Call) -> str | None:
    """As root of a member only its own credentials are taken: nobody is named but root."""
    name = f"{call.service}:{call.operation} as root of {call.root_of}"
    if f"{call.service}:{call.operation}" not in ROOT_WRITES:
        return f"{name} is not among the calls that Locksmith makes"
    if not _is_account(call.root_of):
        return f"{name}: that is no account's number"
    return f"{name} with UserName: it would be about a user" if "UserName" in call.params else None


def _is_account(text: str | None) -> bool:
    return text is not None and len(text) == 12 and text.isascii() and text.isdigit()


def unfit_read(call: Call) -> str | None:
    """Why this is no call to look with, or None."""
    if not is_read(call.service, call.operation):
        return f"{call.service}:{call.operation} is not a read"
    if call.too_early:
        return f"{call.service}:{call.operation} is no write that could come too early"
    if call.root_of is not None and not _is_account(call.root_of):
        return f"{call.root_of!r} is no account's number"
    return _invalid(call)


def _unfit_step(step: Step) -> Iterator[str]:
    writes = (step.do,) if step.undo is None else (step.do, step.undo)
    yield from filter(None, map(unfit_write, writes))
    for expect in (*step.before, *step.after, *step.undone):
        reason = unfit_read(expect.read) or _no_path(expect.path)
        if reason:
            yield reason
    for trace in (output.trace for output in step.outputs.values() if output.trace):
        reason = unfit_read(trace.read) or _no_path(trace.path)
        if reason:
            yield reason


def _no_path(path: str) -> str | None:
    try:
        compiled(path)
    except PlanError as error:
        return str(error)
    return None


def _incomplete(call: Call) -> str | None:
    shape = _input_shape(call)
    members: Iterable[str] = shape.members if shape is not None else ()
    optional = _OPTIONAL.get(call.operation, frozenset())
    if call.root_of is not None:
        optional |= {"UserName"}
    for name in IDENTITIES:
        if name in members and name not in optional and not _is_said(call.params.get(name)):
            return (
                f"{call.service}:{call.operation} without {name}: AWS could take it for the "
                "caller's own, or for all"
            )
    return None


def _elsewhere(call: Call) -> str | None:
    """The account service can write to other accounts of the organization, which no plan does."""
    if call.service == "account" and "AccountId" in call.params:
        return f"account:{call.operation} with AccountId: it would reach beyond this account"
    return None


def _another_service(call: Call) -> str | None:
    """Whom an organization trusts is changed for IAM alone, which central root access needs."""
    principal = call.params.get("ServicePrincipal")
    if call.service == "organizations" and principal != "iam.amazonaws.com":
        return f"organizations:{call.operation} for {principal}: only IAM's access is changed"
    return None


def _another_attribute(call: Call) -> str | None:
    """Of queues and topics only the policy is changed."""
    name = f"{call.service}:{call.operation}"
    match call.operation:
        case "SetQueueAttributes":
            attributes = call.params.get("Attributes")
            changed = [*attributes] if isinstance(attributes, Mapping) else []
        case "SetTopicAttributes":
            changed = [str(call.params.get("AttributeName"))]
        case _:
            return None
    return None if changed == ["Policy"] else f"{name} of {', '.join(changed)}: only the policy is"


def _is_said(value: Json) -> bool:
    if is_filled_in(value):
        return True
    return isinstance(value, str) and bool(value.strip())


def _invalid(call: Call) -> str | None:
    name = f"{call.service}:{call.operation}"
    try:
        shape = _input_shape(call)
    except (UnknownServiceError, OperationNotFoundError):
        return f"{name} is not known to AWS"
    if shape is None:
        return f"{name} takes no parameters" if call.params else None
    filled = {key: _filled(value) for key, value in call.params.items()}
    unknown = sorted(filled.keys() - set(shape.members))
    if unknown:
        return f"{name} has no parameter {', '.join(unknown)}"
    report = ParamValidator().validate(filled, shape)
    if report.has_errors():
        return f"{name}: {report.generate_report()}"
    return next((f"{name}: {slip}" for slip in _not_among_choices(call, shape)), None)


def _not_among_choices(call: Call, shape: Any) -> Iterator[str]:
    """What botocore leaves to AWS: words where only some are allowed."""
    for key, value in call.params.items():
        choices = getattr(shape.members[key], "enum", None)
        if choices and isinstance(value, str) and value not in choices:
            yield f"{key} is one of {', '.join(choices)}, not {value!r}"


def _filled(value: Json) -> Any:
    if is_filled_in(value):
        return _PLACEHOLDER
    if isinstance(value, Mapping):
        return {key: _filled(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_filled(inner) for inner in value]
    return value


def _input_shape(call: Call) -> Any:
    return _service_model(call.service).operation_model(call.operation).input_shape


@lru_cache(maxsize=16)
def _service_model(service: str) -> Any:
    return core_session().get_service_model(service)
