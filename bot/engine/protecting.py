"""What no plan may do, whoever approved it: asked when a plan is made and again before it acts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bot.engine.administrators import Administrators
from bot.engine.calls import unfit_plan, unfit_write
from bot.engine.effects import can_reduce
from bot.engine.entities import Entities, of_snapshot, read_entities
from bot.engine.fence_keeping import removed_fence, standing_fence
from bot.engine.filling import output_name
from bot.engine.lockout import lockout
from bot.engine.looking import Look, Read
from bot.engine.quarantine import AFTER_A_LEAK, leak, lifts_quarantine
from bot.errors import ProtectedError
from bot.model import (
    Account,
    Call,
    Part,
    Plan,
    Protection,
    Snapshot,
)

_PRINCIPALS = {"UserName": "user", "GroupName": "group", "RoleName": "role"}
#: What changes the rights of everyone in the group, or of everyone who has the policy.
_REACHES_MEMBERS = frozenset(
    {"AttachGroupPolicy", "DetachGroupPolicy", "PutGroupPolicy", "DeleteGroupPolicy", "DeleteGroup"}
)
_REACHES_HOLDERS = frozenset(
    {"CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"}
)
_REACHES_ROLES = frozenset({"RemoveRoleFromInstanceProfile", "DeleteInstanceProfile"})
_REACHES = _REACHES_MEMBERS | _REACHES_HOLDERS | _REACHES_ROLES
_BY_HAND = "Change it by hand if you must; Locksmith never does."


class Directory(Protocol):
    """Finds the ARN behind a name, which has the path that protection looks at."""

    def arn(self, kind: str, name: str) -> str | None:
        """The ARN of a user, group or role; None where there is none of this name."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules that hold for every plan. `protection` says who is out of reach."""

    protection: Protection

    def check(self, plan: Plan, read: Read, *, undoing: bool = False) -> None:
        """Judge a plan on what AWS shows now. Raises ProtectedError, and what `read` raises.

        All identities are read only for a plan that can take rights from someone. `undoing`
        allows to remove what Locksmith placed, and to bring back what was there before.
        """
        look = Look(read)
        reason = unfit_plan(plan)
        leaked = None if reason else leak(plan, look)
        reason = reason or leaked
        reason = reason or _first(_live_objections(plan, self.protection, look, undoing))
        if reason:
            hint = AFTER_A_LEAK if leaked else _BY_HAND
            raise ProtectedError(f"nothing was written: {reason}", hint=hint)

    def check_call(self, plan: Plan, call: Call, read: Read) -> None:
        """Judge one call as it will be sent, outputs filled in. Raises ProtectedError."""
        reason = unfit_write(call) or _first(
            _protected(call, plan, self.protection, _Live(Look(read)))
        )
        if reason:
            raise ProtectedError(f"{call.service}:{call.operation} was not sent: {reason}")

    @staticmethod
    def on(snapshot: Snapshot) -> Callable[[Plan], str | None]:
        """Judges plans on what a scan saw: why one is refused, or None.

        What all plans of one snapshot have in common is worked out once. The live check has the
        last word.
        """
        entities = of_snapshot(snapshot)
        administrators = Administrators(snapshot.account, entities, _door_in(snapshot))

        def judge(plan: Plan) -> str | None:
            return unfit_plan(plan) or _first(
                _objections(plan, snapshot.protection, entities, administrators, undoing=False)
            )

        return judge


def _first(objections: Iterator[str]) -> str | None:
    return next(objections, None)


def _live_objections(
    plan: Plan, protection: Protection, look: Look, undoing: bool
) -> Iterator[str]:
    live = _Live(look)
    if any(can_reduce(step.do) or step.do.operation in _REACHES for step in plan.steps):
        entities = read_entities(look.answer)
        administrators = Administrators(plan.account, entities, live.has_door)
        yield from _objections(plan, protection, entities, administrators, undoing=undoing)
    else:
        yield from _step_objections(plan, protection, live, undoing)
    for step in plan.steps:
        yield from _about_what_is_there(step.do, plan, look, undoing)


def _objections(
    plan: Plan,
    protection: Protection,
    entities: Entities,
    administrators: Administrators,
    *,
    undoing: bool,
) -> Iterator[str]:
    yield from _step_objections(plan, protection, _Known(entities), undoing)
    for step in plan.steps:
        yield from _reached(step.do, protection, entities)
    reason = lockout(plan, administrators, protection)
    if reason:
        yield reason


def _step_objections(
    plan: Plan, protection: Protection, directory: Directory, undoing: bool
) -> Iterator[str]:
    for step in plan.steps:
        yield from _protected(step.do, plan, protection, directory)
        lifted = lifts_quarantine(step.do)
        if lifted:
            yield lifted
        yield from removed_fence(step.do, plan, undoing=undoing)


def _protected(
    call: Call, plan: Plan, protection: Protection, directory: Directory
) -> Iterator[str]:
    """Whoever the call names, by the ARN that AWS knows them by."""
    if call.service != "iam":
        return
    if call.root_of is not None:
        root = Account(call.root_of, plan.account.partition).iam_arn("root")
        reason = protection.chosen_reason(root)
        if reason:
            yield f"{root} is {reason}"
        return
    for parameter, kind in _PRINCIPALS.items():
        name = call.params.get(parameter)
        if not isinstance(name, str):
            continue
        arn = directory.arn(kind, name) or plan.account.iam_arn(f"{kind}/{name}")
        reason = protection.reason_for(arn)
        if reason:
            yield f"{arn} is {reason}"
    for parameter in ("PolicyArn", "SerialNumber"):
        named = call.params.get(parameter)
        reason = protection.reason_for(named) if isinstance(named, str) else None
        if reason and not call.operation.startswith(("Attach", "Detach")):
            yield f"{named} is {reason}"


def _reached(call: Call, protection: Protection, entities: Entities) -> Iterator[str]:
    """Protected identities that the call changes without naming them."""
    arns: list[str] = []
    if call.operation in _REACHES_MEMBERS:
        group = str(call.params.get("GroupName"))
        arns += [user.arn for user in entities.members(group)]
    if call.operation in _REACHES_HOLDERS and output_name(call.params.get("PolicyArn")) is None:
        for holder in entities.holding(str(call.params.get("PolicyArn"))):
            arns.append(holder.arn)
            if holder.kind == "group":
                arns += [user.arn for user in entities.members(holder.name)]
    if call.operation in _REACHES_ROLES:
        profile = str(call.params.get("InstanceProfileName")).casefold()
        arns += [role.arn for role in entities.roles.values() if profile in role.profiles]
    for arn in arns:
        reason = protection.reason_for(arn)
        if reason:
            yield f"it would change {arn}, which is {reason}"


def _about_what_is_there(call: Call, plan: Plan, look: Look, undoing: bool) -> Iterator[str]:
    """What only a look at the thing itself tells."""
    if call.service != "iam":
        return
    if not undoing:
        yield from standing_fence(call, look)
    yield from _hard_expiry(call, look, undoing)
    if call.operation == "DeleteVirtualMFADevice":
        yield from _device_in_use(call, plan, look)


def _hard_expiry(call: Call, look: Look, undoing: bool) -> Iterator[str]:
    """With hard expiry only an administrator lets people back in; expired ones can't let in others.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
    """
    wanted = call.params.get("HardExpiry") is True
    if call.operation != "UpdateAccountPasswordPolicy" or not wanted or undoing:
        return
    answer: Any = look.answer(Call("iam", "GetAccountPasswordPolicy")) or {}
    if answer.get("PasswordPolicy", {}).get("HardExpiry") is not True:
        yield "it would turn on hard expiry, which locks out everyone whose password has expired"


def _device_in_use(call: Call, plan: Plan, look: Look) -> Iterator[str]:
    """By anyone but the user from whom this very plan takes it."""
    serial = call.params.get("SerialNumber")
    users = {
        step.do.params.get("UserName")
        for step in plan.steps
        if (step.do.operation, step.do.root_of) == ("DeactivateMFADevice", None)
        and step.do.params.get("SerialNumber") == serial
    }
    for device in look.items("ListVirtualMFADevices", {}, "VirtualMFADevices"):
        user = device.get("User")
        if device.get("SerialNumber") == serial and user and user.get("UserName") not in users:
            yield f"{serial} is in use by {user.get('Arn')}"


@dataclass(frozen=True, slots=True)
class _Known:
    """The directory of an account that was read whole."""

    entities: Entities

    def arn(self, kind: str, name: str) -> str | None:
        holder = self.entities.of_kind(kind).get(name.casefold())
        return holder.arn if holder else None


@dataclass(frozen=True, slots=True)
class _Live:
    """The directory that asks AWS name by name."""

    look: Look

    def arn(self, kind: str, name: str) -> str | None:
        word = kind.capitalize()
        answer: Any = self.look.answer(Call("iam", f"Get{word}", {f"{word}Name": name}))
        arn = (answer or {}).get(word, {}).get("Arn")
        return str(arn) if arn else None

    def has_door(self, user: str) -> bool:
        """Whether the user has a password or an active access key now."""
        named = {"UserName": user}
        if self.look.answer(Call("iam", "GetLoginProfile", named)) is not None:
            return True
        keys = self.look.items("ListAccessKeys", named, "AccessKeyMetadata")
        return any(key.get("Status") == "Active" for key in keys)


def _door_in(snapshot: Snapshot) -> Callable[[str], bool]:
    """By the credential report; a user that it doesn't know is taken to get in."""
    if Part.CREDENTIAL_REPORT not in snapshot.parts:
        return lambda _user: True
    doors = {
        row.user.casefold(): row.password_enabled is True or any(key.active for key in row.keys)
        for row in snapshot.credential_report.users
    }
    return lambda user: doors.get(user.casefold(), True)
