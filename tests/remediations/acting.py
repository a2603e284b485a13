"""Reads a simulated account and carries plans out on it with bare boto3, for controls' tests.

Shares no code with the inventory and the executor, so that a test of a control proves the control.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3
import jmespath
from botocore.exceptions import ClientError

from bot.aws.service_models import core_session
from bot.aws.simulated import AccountBuilder
from bot.model import (
    Account,
    Call,
    Expect,
    Group,
    InlinePolicy,
    ManagedPolicy,
    Operator,
    Part,
    Plan,
    PolicyVersion,
    Protection,
    Role,
    Snapshot,
    Step,
    User,
)


def picture(account: AccountBuilder) -> dict[str, Any]:
    """All of IAM as GetAccountAuthorizationDetails tells it, in one order."""
    pages = (
        account.client()
        .get_paginator("get_account_authorization_details")
        .paginate(Filter=["User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"])
    )
    seen: dict[str, list[Any]] = {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
    }
    for page in pages:
        for kind, items in seen.items():
            items.extend(page[kind])
    plain: dict[str, Any] = json.loads(json.dumps(seen, default=str))
    return {kind: sorted(map(_ordered, items), key=json.dumps) for kind, items in plain.items()}


def rights(account: AccountBuilder) -> dict[str, Any]:
    """The picture without what leaves a trace on purpose: dates and attachment counts."""
    seen = picture(account)
    seen["Policies"] = [
        {k: v for k, v in policy.items() if k not in ("UpdateDate", "AttachmentCount")}
        for policy in seen["Policies"]
        if policy["Arn"].split(":")[4] != "aws"
    ]
    return seen


def snapshot_of(account: AccountBuilder, protection: Protection | None = None) -> Snapshot:
    """What a scan would see of the account."""
    seen = picture(account)
    policies = [_policy(item) for item in seen["Policies"]]
    parts: dict[Part, Any] = {
        Part.USERS: tuple(_user(item) for item in seen["UserDetailList"]),
        Part.GROUPS: tuple(_group(item) for item in seen["GroupDetailList"]),
        Part.ROLES: tuple(_role(item) for item in seen["RoleDetailList"]),
        Part.CUSTOMER_POLICIES: tuple(policy for policy in policies if not policy.by_aws),
        Part.AWS_POLICIES: tuple(policy for policy in policies if policy.by_aws),
        Part.ACCOUNT_SUMMARY: account.client().get_account_summary()["SummaryMap"],
    }
    return Snapshot(
        account=Account(account.account_id),
        taken_at=account.now,
        parts=parts,
        protection=protection or Protection(),
    )


_NOT_THERE = (
    "NoSuchEntity",
    "ResourceNotFoundException",
    "NotFound",
    "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
    "ObjectLockConfigurationNotFoundError",
    "ServiceAccessNotEnabledException",
)


class Acting:
    """Carries out one plan step by step; `outputs` are what its steps gave."""

    def __init__(self, account: AccountBuilder, plan: Plan | None = None) -> None:
        self.account = account
        self.steps = plan.steps if plan else ()
        self.outputs: dict[str, Any] = {}
        self._client = cache(self._new_client)

    def apply(self, until: str = "") -> Step | None:
        """Every step in order, each with what it expects before and after; gives step `until`.

        What a step expects afterwards must not hold already: that would prove nothing.
        """
        for step in self.steps:
            if step.name == until:
                return step
            _no(self.broken(step.before))
            self._prove_open(step)
            answer = self._send(step.do)
            for name, output in step.outputs.items():
                self.outputs[f"{step.name}.{name}"] = jmespath.search(output.path, answer)
            _no(self.broken(step.after))
        return None

    def _prove_open(self, step: Step) -> None:
        known = [expect for expect in step.after if "$output" not in str(expect.data())]
        if known and not self.broken(tuple(known)):
            raise AssertionError(f"what {step.name} is to prove holds before it is done")

    def undo(self) -> None:
        """Every step in reverse: what it left must still hold, what it changed must be back."""
        for step in reversed(self.steps):
            _no(self.broken(step.after))
            assert step.undo is not None
            self._send(step.undo)
            _no(self.broken(step.changes()))

    def broken(self, expects: tuple[Expect, ...]) -> list[str]:
        """Why some of these don't hold."""
        return [expect.why for expect in expects if not self._holds(expect)]

    def _send(self, call: Call) -> dict[str, Any]:
        params = self._filled(dict(call.params))
        region = call.region or self.account.region
        if call.root_of is None:
            client = self._client(call.service, region)
        else:
            task = "Delete" if call.operation.startswith("De") else "Audit"
            client = self._as_root(call.root_of, task).client(call.service, region_name=region)
        return _plain(client._make_api_call(call.operation, params))

    def _as_root(self, member: str, task: str) -> Any:
        return root_session(self.account, member, f"IAM{task}RootUserCredentials")

    def _new_client(self, service: str, region: str) -> Any:
        return self.account.client(service, region)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"$output"}:
                return self.outputs[value["$output"]]
            return {key: self._filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        return value

    def _answer(self, call: Call) -> dict[str, Any]:
        """A report that is ordered is fetched."""
        answer = self._send(call)
        if call.operation == "GenerateServiceLastAccessedDetails":
            return self._send(
                Call("iam", "GetServiceLastAccessedDetails", {"JobId": answer["JobId"]})
            )
        return answer

    def _holds(self, expect: Expect) -> bool:
        try:
            answer = self._answer(expect.read)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_THERE:
                raise
            return expect.operator is Operator.ABSENT
        found = jmespath.search(expect.path, answer)
        match expect.operator:
            case Operator.EQUALS:
                return bool(found == self._filled(expect.value))
            case Operator.ABSENT:
                return found is None
            case Operator.PRESENT:
                return found is not None
            case Operator.CONTAINS:
                return self._filled(expect.value) in (found or ())
            case Operator.OLDER_THAN:
                return found == "never" or bool(found and self._is_older(found, expect.value))
            case Operator.NEWER_THAN:
                return bool(found) and not self._is_older(found, expect.value)

    def _is_older(self, moment: str, days: Any) -> bool:
        return self.account.now - datetime.fromisoformat(moment) > timedelta(days=days)


def root_session(account: AccountBuilder, member: str, task: str) -> Any:
    """A session as root of a member, limited to a task."""
    arn = f"arn:aws:iam::aws:policy/root-task/{task}"
    sts = account.session().client("sts", region_name="eu-west-1")
    opened = sts.assume_root(TargetPrincipal=member, TaskPolicyArn={"arn": arn})["Credentials"]
    return boto3.Session(
        botocore_session=core_session(),
        aws_access_key_id=opened["AccessKeyId"],
        aws_secret_access_key=opened["SecretAccessKey"],
        aws_session_token=opened["SessionToken"],
        region_name=account.region,
    )


def stopped_by(
    account: AccountBuilder, plan: Plan, until: str, meddle: Callable[[], object]
) -> list[str]:
    """Applies the plan up to a step, changes the world, and says what stops that step then."""
    acting = Acting(account, plan)
    step = acting.apply(until)
    assert step is not None, f"no step {until}"
    _no(acting.broken(step.before))
    meddle()
    return acting.broken(step.before)


def apply_and_undo(account: AccountBuilder, plan: Plan) -> Iterator[None]:
    """Applies the plan, lets the test look, undoes it, and proves that all is as it was."""
    untouched = rights(account)
    acting = Acting(account, plan)
    acting.apply()
    yield
    acting.undo()
    assert rights(account) == untouched


def _no(broken: list[str]) -> None:
    if broken:
        raise AssertionError("; ".join(broken))


def _plain(answer: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(answer, default=str))
    return plain


def _ordered(item: dict[str, Any]) -> dict[str, Any]:
    return {
        key: sorted(value, key=json.dumps) if isinstance(value, list) else value
        for key, value in item.items()
    }


def _inline(items: list[dict[str, Any]]) -> tuple[InlinePolicy, ...]:
    return tuple(
        InlinePolicy(one["PolicyName"], json.dumps(one["PolicyDocument"], ensure_ascii=False))
        for one in items
    )


def _common(item: dict[str, Any], kind: str) -> dict[str, Any]:
    boundary = item.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {
        "name": item[f"{kind}Name"],
        "id": item[f"{kind}Id"],
        "arn": item["Arn"],
        "path": item["Path"],
        "created": datetime.fromisoformat(item["CreateDate"]),
        "attached": tuple(one["PolicyArn"] for one in item["AttachedManagedPolicies"]),
        "inline": _inline(item.get(f"{kind}PolicyList", [])),
        **({} if kind == "Group" else {"boundary": boundary, "tags": _tags(item)}),
    }


def _tags(item: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def _user(item: dict[str, Any]) -> User:
    return User(**_common(item, "User"), groups=tuple(item["GroupList"]))


def _group(item: dict[str, Any]) -> Group:
    return Group(**_common(item, "Group"))


def _role(item: dict[str, Any]) -> Role:
    trust = json.dumps(item["AssumeRolePolicyDocument"], ensure_ascii=False)
    profiles = tuple(each["InstanceProfileName"] for each in item["InstanceProfileList"])
    return Role(**_common(item, "Role"), trust=trust, instance_profiles=profiles)


def _policy(item: dict[str, Any]) -> ManagedPolicy:
    return ManagedPolicy(
        arn=item["Arn"],
        name=item["PolicyName"],
        path=item["Path"],
        id=item["PolicyId"],
        by_aws=":iam::aws:policy/" in item["Arn"],
        versions=tuple(
            PolicyVersion(
                version["VersionId"],
                json.dumps(version["Document"], ensure_ascii=False),
                version["IsDefaultVersion"],
                datetime.fromisoformat(version["CreateDate"]),
            )
            for version in item["PolicyVersionList"]
        ),
        attachments=item["AttachmentCount"],
        boundaries=item.get("PermissionsBoundaryUsageCount", 0),
        attachable=item["IsAttachable"],
    )
