"""People with rights, written by hand: policies, groups, boundaries and roles to take on."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.model import Group, InlinePolicy, ManagedPolicy, Part, PolicyVersion, Role, User
from tests.remediations.people import ACCOUNT, Person, ago, person

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
LIMIT = ACCOUNT.iam_arn("policy/limit")
ADMIN_ROLE = ACCOUNT.iam_arn("role/admin")
PRESENT = "aws:MultiFactorAuthPresent"


def says(effect: str, action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """One statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def given(operator: str, key: str, value: str) -> dict[str, Any]:
    """A condition for `says`."""
    return {"Condition": {operator: {key: value}}}


def text(*statements: Mapping[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


EVERYTHING = says("Allow", "*")


def managed(arn: str, *statements: Mapping[str, Any]) -> ManagedPolicy:
    """A managed policy of that ARN."""
    version = PolicyVersion("v1", text(*statements), is_default=True, created=ago(900))
    by_aws = ":aws:policy" in arn
    return ManagedPolicy(arn, arn.rpartition("/")[2], "/", "ANPA1", by_aws, (version,), 1, 0)


def able(
    *statements: Mapping[str, Any],
    groups: tuple[str, ...] = (),
    boundary: str | None = None,
    **facts: Any,
) -> Person:
    """Somebody whose inline policy says that."""
    inline = {"own": text(*statements)} if statements else {}
    one = person(
        **{"password": True, "changed": ago(20), "used": ago(1), "inline": inline, **facts}
    )
    user: User = replace(one.user, groups=groups, boundary=boundary)
    return replace(one, user=user)


def role(trusts: Any, *statements: Mapping[str, Any], **condition: Any) -> Role:
    """The role `admin`, which lets that principal in."""
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": trusts,
                "Action": "sts:AssumeRole",
                **condition,
            },
        }
    )
    inline = text(*statements or (EVERYTHING,))
    return Role(
        "admin", "AROA1", ADMIN_ROLE, "/", ago(900), trust, inline=(InlinePolicy("all", inline),)
    )


def rights(
    *, roles: tuple[Role, ...] = (), groups: Mapping[str, str] | None = None, **limit: Any
) -> dict[Part, Any]:
    """The parts of a snapshot that rights are read from; `limit` is the boundary's statement."""
    bound = limit.get("limit", says("Allow", "s3:*"))
    return {
        Part.ROLES: roles,
        Part.GROUPS: tuple(
            Group(name, f"AGPA{name}", ACCOUNT.iam_arn(f"group/{name}"), "/", ago(900), (arn,))
            for name, arn in (groups or {}).items()
        ),
        Part.AWS_POLICIES: (managed(ADMIN, EVERYTHING),),
        Part.CUSTOMER_POLICIES: (managed(LIMIT, bound),),
    }
