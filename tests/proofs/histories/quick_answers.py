"""What the quick account answers to each call, in the words and codes of IAM."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.proofs.histories.quick_account import (
    ACCOUNT_ID,
    QuickAccount,
    QuickGroup,
    QuickKey,
    QuickPolicy,
    QuickUser,
    State,
)

_REPORT_LASTS = timedelta(hours=4)
_KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
_COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used",
    "password_last_changed", "password_next_rotation", "mfa_active",
    *(f"access_key_{slot}_{name}" for slot in (1, 2) for name in _KEY_COLUMNS),
    "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip
_NO_KEY = ["false", "N/A", "N/A", "N/A", "N/A"]
_QUOTAS = {
    "GroupsPerUserQuota": 10,
    "AttachedPoliciesPerGroupQuota": 10,
    "GroupPolicySizeQuota": 5120,
    "GroupsQuota": 300,
}


class RefusedByAws(Exception):  # noqa: N818 - AWS says no: what botocore makes a ClientError of
    """The account refuses a call with this code."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def answer(account: QuickAccount, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the account answers; a write changes it. Raises RefusedByAws."""
    write = WRITES.get(operation)
    if write is not None:
        account.before_our_change()
        write(account, params)
        return {}
    return _READS[operation](account, params)


def _missing(what: str) -> RefusedByAws:
    return RefusedByAws("NoSuchEntity", f"{what} cannot be found.", 404)


def _user(state: State, params: Mapping[str, Any]) -> QuickUser:
    found = state.users.get(params["UserName"])
    if found is None:
        raise _missing(f"The user with name {params['UserName']}")
    return found


def _group(state: State, params: Mapping[str, Any]) -> QuickGroup:
    found = state.groups.get(params["GroupName"])
    if found is None:
        raise _missing(f"The group with name {params['GroupName']}")
    return found


def _key(state: State, params: Mapping[str, Any]) -> QuickKey:
    key_id = params["AccessKeyId"]
    found = next((each for each in _user(state, params).keys if each.id == key_id), None)
    if found is None:
        raise _missing(f"The Access Key with id {key_id}")
    return found


def _shown_user(user: QuickUser) -> dict[str, Any]:
    return {
        "Path": "/",
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.created,
    }


def _shown_group(group: QuickGroup) -> dict[str, Any]:
    return {
        "Path": "/",
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group.arn,
        "CreateDate": group.created,
    }


def _tags(user: QuickUser) -> dict[str, Any]:
    tags = [{"Key": key, "Value": value} for key, value in user.tags.items()]
    return {"Tags": tags} if tags else {}


def _attached(arns: list[str]) -> list[dict[str, str]]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def _shown_policy(state: State, policy: QuickPolicy) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": state.holders(policy.arn),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.created,
    }


# Reads.


def _get_user(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    user = _user(account.shown, params)
    return {"User": {**_shown_user(user), **_tags(user)}}


def _list_users(account: QuickAccount, _params: Mapping[str, Any]) -> dict[str, Any]:
    users = [_shown_user(each) for each in account.shown.users.values()]
    return {"Users": users, "IsTruncated": False}


def _list_access_keys(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    user = _user(account.shown, params)
    shown = [
        {
            "UserName": user.name,
            "AccessKeyId": key.id,
            "Status": "Active" if key.active else "Inactive",
            "CreateDate": key.created,
        }
        for key in user.keys
    ]
    return {"AccessKeyMetadata": shown, "IsTruncated": False}


def _get_access_key_last_used(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    found = account.shown.key(params["AccessKeyId"])
    if found is None:
        raise _missing(f"The Access Key with id {params['AccessKeyId']}")
    user, key = found
    used: dict[str, Any] = {"ServiceName": "N/A", "Region": "N/A"}
    if key.last_used is not None:
        used = {"LastUsedDate": key.last_used, "ServiceName": "s3", "Region": "us-east-1"}
    return {"UserName": user.name, "AccessKeyLastUsed": used}


def _get_login_profile(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    user = _user(account.shown, params)
    if user.password is None:
        raise _missing(f"Login profile for {user.name}")
    made = {"UserName": user.name, "CreateDate": user.password, "PasswordResetRequired": False}
    return {"LoginProfile": made}


def _list_groups_for_user(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    user = _user(account.shown, params)
    groups = [_shown_group(each) for each in account.shown.groups_of(user.name)]
    return {"Groups": groups, "IsTruncated": False}


def _list_attached_user_policies(
    account: QuickAccount, params: Mapping[str, Any]
) -> dict[str, Any]:
    policies = _attached(_user(account.shown, params).attached)
    return {"AttachedPolicies": policies, "IsTruncated": False}


def _list_attached_group_policies(
    account: QuickAccount, params: Mapping[str, Any]
) -> dict[str, Any]:
    policies = _attached(_group(account.shown, params).attached)
    return {"AttachedPolicies": policies, "IsTruncated": False}


def _list_group_policies(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    _group(account.shown, params)
    return {"PolicyNames": [], "IsTruncated": False}


def _get_group(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    state = account.shown
    group = _group(state, params)
    members = [_shown_user(state.users[name]) for name in group.members]
    return {"Group": _shown_group(group), "Users": members, "IsTruncated": False}


def _get_policy(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    state = account.shown
    policy = state.policies.get(params["PolicyArn"])
    if policy is None:
        raise RefusedByAws("NoSuchEntity", f"Policy {params['PolicyArn']} was not found.", 404)
    return {"Policy": {**_shown_policy(state, policy), "Tags": []}}


def _get_details(account: QuickAccount, params: Mapping[str, Any]) -> dict[str, Any]:
    state, wanted = account.shown, set(params["Filter"])
    users = state.users.values() if "User" in wanted else ()
    groups = state.groups.values() if "Group" in wanted else ()
    return {
        "UserDetailList": [_user_in_detail(state, each) for each in users],
        "GroupDetailList": [
            {
                **_shown_group(each),
                "GroupPolicyList": [],
                "AttachedManagedPolicies": _attached(each.attached),
            }
            for each in groups
        ],
        "RoleDetailList": [],
        "Policies": [
            _policy_in_detail(state, each)
            for each in state.policies.values()
            if ("AWSManagedPolicy" if ":iam::aws:" in each.arn else "LocalManagedPolicy") in wanted
        ],
        "IsTruncated": False,
    }


def _user_in_detail(state: State, user: QuickUser) -> dict[str, Any]:
    return {
        **_shown_user(user),
        "GroupList": [each.name for each in state.groups_of(user.name)],
        "AttachedManagedPolicies": _attached(user.attached),
        **_tags(user),
    }


def _policy_in_detail(state: State, policy: QuickPolicy) -> dict[str, Any]:
    version = {
        "Document": quote(policy.document),
        "VersionId": "v1",
        "IsDefaultVersion": True,
        "CreateDate": policy.created,
    }
    return {**_shown_policy(state, policy), "PolicyVersionList": [version]}


def _get_summary(account: QuickAccount, _params: Mapping[str, Any]) -> dict[str, Any]:
    state = account.shown
    return {"SummaryMap": {**_QUOTAS, "Users": len(state.users), "Groups": len(state.groups)}}


def _generate_report(account: QuickAccount, _params: Mapping[str, Any]) -> dict[str, Any]:
    """AWS writes a new one where the last is older than four hours."""
    report = account.state.report
    if report is not None and account.now - report[1] <= _REPORT_LASTS:
        return {"State": "COMPLETE"}
    account.state.report = _written(account.shown), account.now
    return {"State": "STARTED"}


def _get_report(account: QuickAccount, _params: Mapping[str, Any]) -> dict[str, Any]:
    report = account.state.report
    if report is None:
        raise RefusedByAws("ReportNotPresent", "No report is present", 410)
    if account.now - report[1] > _REPORT_LASTS:
        raise RefusedByAws("ReportExpired", "Report has expired", 410)
    return {
        "Content": report[0].encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": report[1],
    }


def _written(state: State) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    root = ["<root_account>", f"arn:aws:iam::{ACCOUNT_ID}:root", "2021-11-25T12:00:00Z"]
    password = ["true", "no_information", "not_supported", "not_supported", "true"]
    rest = ["false", "N/A", "false", "N/A"]
    writer.writerow([*root, *password, *_NO_KEY, *_NO_KEY, *rest])
    for user in state.users.values():
        writer.writerow([*_user_columns(user), *_keys_columns(user.keys), *rest])
    return text.getvalue().removesuffix("\n")


def _user_columns(user: QuickUser) -> list[str]:
    password = ["false", "N/A", "N/A", "N/A"]
    if user.password is not None:
        password = ["true", "no_information", _time(user.password), "N/A"]
    return [user.name, user.arn, _time(user.created), *password, "false"]


def _keys_columns(keys: list[QuickKey]) -> list[str]:
    columns: list[str] = []
    for key in sorted(keys, key=lambda each: each.id)[:2]:
        used = ["N/A", "N/A", "N/A"]
        if key.last_used is not None:
            used = [_time(key.last_used), "us-east-1", "s3"]
        columns += ["true" if key.active else "false", _time(key.changed), *used]
    return columns + _NO_KEY * (2 - len(columns) // len(_NO_KEY))


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Writes.


def _update_key(account: QuickAccount, params: Mapping[str, Any]) -> None:
    key = _key(account.state, params)
    key.active, key.changed = params["Status"] == "Active", account.now


def _delete_key(account: QuickAccount, params: Mapping[str, Any]) -> None:
    key = _key(account.state, params)
    _user(account.state, params).keys.remove(key)


def _attach(account: QuickAccount, params: Mapping[str, Any]) -> None:
    user, arn = _user(account.state, params), params["PolicyArn"]
    if arn not in account.state.policies:
        said = f"Policy {arn} does not exist or is not attachable."
        raise RefusedByAws("NoSuchEntity", said, 404)
    if arn not in user.attached:
        user.attached.append(arn)


def _detach(account: QuickAccount, params: Mapping[str, Any]) -> None:
    user, arn = _user(account.state, params), params["PolicyArn"]
    if arn not in user.attached:
        raise RefusedByAws("NoSuchEntity", f"Policy {arn} was not found.", 404)
    user.attached.remove(arn)


def _add_member(account: QuickAccount, params: Mapping[str, Any]) -> None:
    group, user = _group(account.state, params), _user(account.state, params)
    if user.name not in group.members:
        group.members.append(user.name)


def _remove_member(account: QuickAccount, params: Mapping[str, Any]) -> None:
    group, user = _group(account.state, params), _user(account.state, params)
    if user.name not in group.members:
        said = f"User {user.name} is not in group {group.name}."
        raise RefusedByAws("NoSuchEntity", said, 404)
    group.members.remove(user.name)


def _who(_account: QuickAccount, _params: Mapping[str, Any]) -> dict[str, Any]:
    return {"Account": ACCOUNT_ID, "Arn": OWN_ARN, "UserId": OWN_ID}


OWN_ID = "AIDALOCKSMITH0000000"
OWN_ARN = f"arn:aws:iam::{ACCOUNT_ID}:user/locksmith"

_Read = Callable[[QuickAccount, Mapping[str, Any]], dict[str, Any]]
_READS: Mapping[str, _Read] = {
    "GetCallerIdentity": _who,
    "GetUser": _get_user,
    "ListUsers": _list_users,
    "ListAccessKeys": _list_access_keys,
    "GetAccessKeyLastUsed": _get_access_key_last_used,
    "GetLoginProfile": _get_login_profile,
    "ListGroupsForUser": _list_groups_for_user,
    "ListAttachedUserPolicies": _list_attached_user_policies,
    "ListAttachedGroupPolicies": _list_attached_group_policies,
    "ListGroupPolicies": _list_group_policies,
    "GetGroup": _get_group,
    "GetPolicy": _get_policy,
    "GetAccountAuthorizationDetails": _get_details,
    "GetAccountSummary": _get_summary,
    "GenerateCredentialReport": _generate_report,
    "GetCredentialReport": _get_report,
}
WRITES: Mapping[str, Callable[[QuickAccount, Mapping[str, Any]], None]] = {
    "UpdateAccessKey": _update_key,
    "DeleteAccessKey": _delete_key,
    "AttachUserPolicy": _attach,
    "DetachUserPolicy": _detach,
    "AddUserToGroup": _add_member,
    "RemoveUserFromGroup": _remove_member,
}
#: What can be asked of the account.
OPERATIONS = frozenset(_READS) | frozenset(WRITES)
