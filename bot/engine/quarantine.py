"""Keys that AWS knows as leaked: nothing lets them in again, whoever approved it."""

from typing import Any

from bot.engine.looking import Look
from bot.model import Call, Plan, is_quarantine

_DETACHES = frozenset({"DetachUserPolicy", "DetachGroupPolicy", "DetachRolePolicy"})

#: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV2.html
AFTER_A_LEAK = (
    "Follow the support case that AWS opened about it: replace the key by a new one, delete the "
    "leaked one, look in CloudTrail what it did, and only then detach the quarantine policy."
)


def lifts_quarantine(call: Call) -> str | None:
    """Why this call would end AWS's quarantine, or None."""
    policy = call.params.get("PolicyArn")
    if call.operation in _DETACHES and isinstance(policy, str) and is_quarantine(policy):
        return f"{policy} was attached by AWS because a key leaked; only AWS's case ends that"
    return None


def leak(plan: Plan, look: Look) -> str | None:
    """Why the plan would let a leaked key in again by what AWS shows now, or None."""
    for step in plan.steps:
        reason = lifts_quarantine(step.do) or _turned_on(step.do, look)
        if reason:
            return reason
    return None


def _turned_on(call: Call, look: Look) -> str | None:
    if call.operation != "UpdateAccessKey" or call.params.get("Status") != "Active":
        return None
    user = call.params.get("UserName")
    answer: Any = look.answer(Call("iam", "ListAttachedUserPolicies", {"UserName": user})) or {}
    if any(is_quarantine(str(one.get("PolicyArn"))) for one in answer.get("AttachedPolicies", ())):
        return f"a key of {user} is known as leaked: AWS has put the user under quarantine"
    return None
