"""What Locksmith placed stays: no plan takes a fence away too soon, or writes over one."""

from collections.abc import Iterator

from bot.engine.looking import Look
from bot.model import CONSOLE_FENCE, MFA_FENCE, Call, Plan, is_placed_by_locksmith

_DELETES_INLINE = frozenset({"DeleteUserPolicy", "DeleteGroupPolicy", "DeleteRolePolicy"})
_PUTS_INLINE = {
    "PutUserPolicy": ("GetUserPolicy", "UserName"),
    "PutGroupPolicy": ("GetGroupPolicy", "GroupName"),
    "PutRolePolicy": ("GetRolePolicy", "RoleName"),
}


def removed_fence(call: Call, plan: Plan, *, undoing: bool) -> Iterator[str]:
    """What a plan says against taking a fence away, unless it is undone or goes with its holder."""
    name = call.params.get("PolicyName")
    removes = call.operation in _DELETES_INLINE and not undoing
    if not removes or not isinstance(name, str) or not is_placed_by_locksmith(name):
        return
    goes = _goes_with_its_role(call, plan) or _goes_with_its_user(call, plan)
    if not _waits(call) and not goes:
        yield f"{name} was placed by Locksmith; `locksmith undo` takes it away"


def _goes_with_its_role(call: Call, plan: Plan) -> bool:
    """Whether a role's fence goes so that the role can: AWS deletes none that has a policy.

    Nothing but the role's deletion may come after, so that no right of it comes back to life.
    """
    if call.operation != "DeleteRolePolicy":
        return False
    last, role = plan.steps[-1].do, call.params.get("RoleName")
    return (
        [step.do for step in plan.steps][-2:] == [call, last]
        and last.operation == "DeleteRole"
        and last.params.get("RoleName") == role
    )


def _waits(call: Call) -> bool:
    """Whether it is about the fence until MFA, of which a look at the user tells if it may go."""
    named = call.operation, call.params.get("PolicyName")
    return named == ("DeleteUserPolicy", MFA_FENCE)


def _goes_with_its_user(call: Call, plan: Plan) -> bool:
    """Whether what the fence stands before goes too: the user, or just before it, the password."""
    done = [(step.do.operation, step.do.params.get("UserName")) for step in plan.steps]
    user = call.params.get("UserName")
    if ("DeleteUser", user) in done:
        return True
    before = done[: [step.do for step in plan.steps].index(call)]
    return call.params["PolicyName"] == CONSOLE_FENCE and ("DeleteLoginProfile", user) in before


def standing_fence(call: Call, look: Look) -> Iterator[str]:
    """What AWS shows against a call: a fence that it would overwrite, or that is still needed."""
    yield from _overwritten(call, look)
    if _waits(call):
        yield from _without_device(call, look)


def _overwritten(call: Call, look: Look) -> Iterator[str]:
    name = call.params.get("PolicyName")
    if call.operation not in _PUTS_INLINE or not isinstance(name, str):
        return
    read, holder = _PUTS_INLINE[call.operation]
    params = {holder: call.params.get(holder), "PolicyName": name}
    if is_placed_by_locksmith(name) and look.answer(Call("iam", read, params)) is not None:
        yield f"{name} was placed by Locksmith and is not overwritten"


def _without_device(call: Call, look: Look) -> Iterator[str]:
    named = {"UserName": call.params.get("UserName")}
    if not look.items("ListMFADevices", named, "MFADevices"):
        yield f"{MFA_FENCE} was placed by Locksmith and stays until the user has an MFA device"
