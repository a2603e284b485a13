"""The texts of AWS-managed policies, taken one by one from moto's bundled copy.

moto can load all 1,582 of them into every account, which costs about two seconds and 30 MB each
time. Here a policy enters the account when it is first attached, read or named.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    parsed: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return parsed


def policy_name_and_path(arn: str) -> tuple[str, str] | None:
    """The name and path in the ARN of an AWS-managed policy, or None for any other ARN."""
    head, found, tail = arn.partition(":iam::aws:policy/")
    if not found or not head.startswith("arn:"):
        return None
    path, _, name = tail.rpartition("/")
    return name, f"/{path}/" if path else "/"


def document_of(name: str) -> dict[str, Any]:
    """The text of the AWS-managed policy of that name. Raises KeyError for a name AWS lacks."""
    document: dict[str, Any] = _catalogue()[name]["Document"]
    return document


def retired(name: str, text: str, account_id: str, region: str) -> AWSManagedPolicy:
    """A policy that AWS had once, and lets nobody attach any more."""
    long_ago = "2016-02-04T18:40:00+00:00"
    data = {
        "Path": "/",
        "DefaultVersionId": "v1",
        "Document": json.loads(text),
        "CreateDate": long_ago,
        "UpdateDate": long_ago,
    }
    policy = AWSManagedPolicy.from_data(name, account_id, region, data)
    vars(policy)["is_attachable"] = False
    return policy


def build(name: str, account_id: str, region: str) -> AWSManagedPolicy | None:
    """The AWS-managed policy of that name as moto keeps one, or None when AWS has no such name."""
    data = _catalogue().get(name)
    if data is None:
        return None
    return AWSManagedPolicy.from_data(name, account_id, region, data)
