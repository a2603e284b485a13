"""The steps that make a role for a service of AWS, with no more than it needs."""

import json
from typing import Any

from bot.model import Account, Expect, Json, Operator, Risk, Step
from remediations._reads import call
from remediations._too_early import NEW_ROLE, STILL_HELD, patient


def trust_of(service: str) -> dict[str, Any]:
    """The trust policy of a role that only a service of AWS assumes."""
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return {"Version": "2012-10-17", "Statement": [allowed]}


def make_role(account: Account, name: str, service: str, description: str) -> Step:
    """Make the role, which can do nothing yet."""
    arn, trust = account.iam_arn(f"role/{name}"), trust_of(service)
    read = call("GetRole", RoleName=name)
    path = "Role.{arn: Arn, trust: AssumeRolePolicyDocument}"
    made: dict[str, Json] = {"arn": arn, "trust": trust}
    return Step(
        name="make-role",
        summary=f"Make the role {name} for {service}, which can do nothing yet",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"there is a role {name} by now"),),
        do=call(
            "CreateRole",
            RoleName=name,
            AssumeRolePolicyDocument=_text(trust),
            Description=description,
        ),
        after=(Expect(read, path, Operator.EQUALS, made, f"{name} is not there as it was made"),),
        undo=patient(call("DeleteRole", RoleName=name), *STILL_HELD),
    )


def grant(role: str, policy: str, document: dict[str, Any], what: str) -> Step:
    """Give a new role an inline policy; `what` says in words what it allows."""
    read = call("GetRolePolicy", RoleName=role, PolicyName=policy)
    put = call("PutRolePolicy", RoleName=role, PolicyName=policy, PolicyDocument=_text(document))
    why = f"the role {role} has an inline policy {policy} by now"
    return Step(
        name="grant",
        summary=f"Let the role {role} {what}, and nothing else",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, "PolicyDocument", Operator.ABSENT, None, why),),
        do=patient(put, *NEW_ROLE),
        after=(
            Expect(read, "PolicyDocument", Operator.EQUALS, document, f"{policy} is not so there"),
        ),
        undo=call("DeleteRolePolicy", RoleName=role, PolicyName=policy),
    )


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))
