"""What moves of policies promise: at no moment may anybody do more, or less, than before."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.aws.simulated import AccountBuilder
from bot.model import Plan
from tests.policy.oracle import Request, allows, as_list
from tests.remediations.acting import Acting, picture, rights

#: Requests: an action, what it is about, and whether with MFA.
Asked = frozenset[tuple[str, str, bool]]
_KINDS = (("User", "UserDetailList"), ("Group", "GroupDetailList"), ("Role", "RoleDetailList"))
#: What is asked about beyond what the documents name.
_OTHERS = (
    "s3:GetObject",
    "s3:PutBucketPolicy",
    "ec2:RunInstances",
    "iam:PassRole",
    "sqs:SendMessage",
)
_THINGS = ("arn:aws:s3:::x/1", "arn:aws:s3:::other", "arn:aws:sqs:eu-west-1:123456789012:q")


def held(account: AccountBuilder) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """The documents that each user, group and role has, inline and attached."""
    seen = picture(account)
    texts = {
        policy["Arn"]: version["Document"]
        for policy in seen["Policies"]
        for version in policy["PolicyVersionList"]
        if version["IsDefaultVersion"]
    }
    return {
        (kind, item[f"{kind}Name"]): [
            *(one["PolicyDocument"] for one in item.get(f"{kind}PolicyList", [])),
            *(texts[one["PolicyArn"]] for one in item["AttachedManagedPolicies"]),
        ]
        for kind, name in _KINDS
        for item in seen[name]
    }


def allowed(account: AccountBuilder, asked: Asked) -> dict[tuple[str, str], Asked]:
    """What the independent evaluator lets each of them do, of all that is asked about."""
    return {
        who: frozenset(
            (action, resource, mfa)
            for action, resource, mfa in asked
            if allows(theirs, Request(action, resource, _MFA if mfa else frozenset()))
        )
        for who, theirs in held(account).items()
    }


_MFA = frozenset({("Bool", "aws:MultiFactorAuthPresent")})


def _requests(documents: Iterable[Mapping[str, Any]]) -> Asked:
    actions, resources = set(_OTHERS), set(_THINGS)
    for document in documents:
        for statement in as_list(document["Statement"]):
            for each in as_list(statement.get("Action", statement.get("NotAction"))):
                actions.add(each.replace("*", "Anything"))
            for each in as_list(statement.get("Resource", statement.get("NotResource"))):
                resources.add(each.replace("*", "something"))
    return frozenset(
        (action, thing, mfa) for action in actions for thing in resources for mfa in (False, True)
    )


def _documents_in(data: Any) -> Iterator[Mapping[str, Any]]:
    """Every policy document that a plan names."""
    if isinstance(data, Mapping):
        if "Statement" in data:
            yield data
        for each in data.values():
            yield from _documents_in(each)
    elif isinstance(data, list):
        for each in data:
            yield from _documents_in(each)


def prove_nothing_moves(account: AccountBuilder, plan: Plan) -> None:
    """After each step and each undo, all may do just what they could; in the end all is back."""
    theirs = (one for each in held(account).values() for one in each)
    asked = _requests([*theirs, *_documents_in(plan.data())])
    before, untouched = allowed(account, asked), rights(account)
    assert any(before.values()), "nobody may do anything: that would prove nothing"
    acting = Acting(account, plan)
    for step in plan.steps:
        acting.steps = (step,)
        acting.apply()
        assert allowed(account, asked) == before, step.name
    for step in reversed(plan.steps):
        acting.steps = (step,)
        acting.undo()
        assert allowed(account, asked) == before, f"undo of {step.name}"
    assert rights(account) == untouched
