"""What a call does to rights: the plan's effect played through before anything is sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.engine.entities import Entities, Holder, Judged, Policy, judged
from bot.engine.filling import output_name
from bot.model import Call, Json, Step
from bot.policy import CannotTell

#: Calls that can take rights, or a way in, from someone.
REDUCING: frozenset[str]

_Effect = Callable[[Entities, Call], Entities]
_KINDS = {"User": "user", "Group": "group", "Role": "role"}


def after_step(entities: Entities, step: Step) -> Entities:
    """The account as this step would leave it. What has no effect on rights changes nothing."""
    effect = _EFFECTS.get(step.do.operation) if _is_here(step.do) else None
    if effect is None:
        return entities
    changed = effect(entities, step.do)
    if step.do.operation == "CreatePolicy":
        changed = _as_output(changed, step)
    return changed


def credential_taken(call: Call) -> str | None:
    """The user who would lose a way in by this call, or None."""
    if not _is_here(call):
        return None
    if call.operation in _TAKES_CREDENTIAL:
        return _text(call.params.get("UserName"))
    if call.operation == "UpdateAccessKey" and call.params.get("Status") != "Active":
        return _text(call.params.get("UserName"))
    return None


def reached_by(call: Call, entities: Entities) -> frozenset[str]:
    """The ARNs of all users and roles whose rights or way in this call may change."""
    arns: set[str] = set()
    for kind in ("user", "role"):
        name = _text(call.params.get(f"{kind.capitalize()}Name"))
        named = entities.of_kind(kind).get(name.casefold())
        arns |= {named.arn} if named else set()
    groups = [_group(call)]
    if "PolicyArn" in call.params and not call.operation.startswith(("Attach", "Detach")):
        holders = entities.holding(_arn(call.params["PolicyArn"]))
        groups += [holder.name for holder in holders if holder.kind == "group"]
        arns |= {holder.arn for holder in holders}
    for group in filter(None, groups):
        arns |= {user.arn for user in entities.members(group)}
    return frozenset(arns)


def can_reduce(call: Call) -> bool:
    """Whether the call can take rights or a way in from anyone."""
    if not _is_here(call):
        return False
    if call.operation == "UpdateAccessKey":
        return call.params.get("Status") != "Active"
    return call.operation in REDUCING


def _is_here(call: Call) -> bool:
    """Whether a call is to this account's IAM; root of a member has no part in who may do what."""
    return call.service == "iam" and call.root_of is None


def _attach(kind: str) -> _Effect:
    def effect(entities: Entities, call: Call) -> Entities:
        holder = _named(entities, kind, call)
        attached = holder.attached | {_arn(call.params.get("PolicyArn"))}
        return entities.with_holder(replace(holder, attached=attached))

    return effect


def _detach(kind: str) -> _Effect:
    def effect(entities: Entities, call: Call) -> Entities:
        holder = _named(entities, kind, call)
        attached = holder.attached - {_arn(call.params.get("PolicyArn"))}
        return entities.with_holder(replace(holder, attached=attached))

    return effect


def _put(kind: str) -> _Effect:
    def effect(entities: Entities, call: Call) -> Entities:
        holder = _named(entities, kind, call)
        name = _text(call.params.get("PolicyName"))
        inline = {**holder.inline, name: _document(call, name)}
        return entities.with_holder(replace(holder, inline=inline))

    return effect


def _delete(kind: str) -> _Effect:
    def effect(entities: Entities, call: Call) -> Entities:
        holder = _named(entities, kind, call)
        gone = _text(call.params.get("PolicyName"))
        inline = {name: document for name, document in holder.inline.items() if name != gone}
        return entities.with_holder(replace(holder, inline=inline))

    return effect


def _bound(kind: str) -> _Effect:
    def effect(entities: Entities, call: Call) -> Entities:
        boundary = call.params.get("PermissionsBoundary")
        arn = None if boundary is None else _arn(boundary)
        return entities.with_holder(replace(_named(entities, kind, call), boundary=arn))

    return effect


def _join(entities: Entities, call: Call) -> Entities:
    user = _named(entities, "user", call)
    return entities.with_holder(replace(user, groups=user.groups | {_group(call)}))


def _leave(entities: Entities, call: Call) -> Entities:
    user = _named(entities, "user", call)
    return entities.with_holder(replace(user, groups=user.groups - {_group(call)}))


def _create_group(entities: Entities, call: Call) -> Entities:
    return entities.with_holder(_named(entities, "group", call))


def _create_role(entities: Entities, call: Call) -> Entities:
    role = _named(entities, "role", call)
    trust = judged(call.params.get("AssumeRolePolicyDocument"), role.name)
    return entities.with_holder(replace(role, trust=trust))


def _remove(kind: str) -> _Effect:
    def effect(entities: Entities, call: Call) -> Entities:
        return entities.without(kind, _named(entities, kind, call).name)

    return effect


def _trust(entities: Entities, call: Call) -> Entities:
    role = _named(entities, "role", call)
    return entities.with_holder(replace(role, trust=_document(call, role.name)))


def _new_version(entities: Entities, call: Call) -> Entities:
    if call.params.get("SetAsDefault") is not True:
        return entities
    arn = _arn(call.params.get("PolicyArn"))
    return entities.with_policy(arn, Policy({"new": _document(call, arn)}, "new"))


def _set_default(entities: Entities, call: Call) -> Entities:
    arn = _arn(call.params.get("PolicyArn"))
    version = _text(call.params.get("VersionId"))
    known = entities.policies.get(arn)
    if known is not None and version in known.versions:
        return entities.with_policy(arn, replace(known, default=version))
    unknown = CannotTell(arn, f"its version {version} was not read")
    return entities.with_policy(arn, Policy({version: unknown}, version))


def _delete_policy(entities: Entities, call: Call) -> Entities:
    arn = _arn(call.params.get("PolicyArn"))
    for holder in entities.holding(arn):
        attached = holder.attached - {arn}
        entities = entities.with_holder(replace(holder, attached=attached))
    return entities


def _no_rights(entities: Entities, _call: Call) -> Entities:
    return entities


_TAKES_CREDENTIAL = frozenset({"DeleteAccessKey", "DeleteLoginProfile", "DeactivateMFADevice"})

_EFFECTS: Mapping[str, _Effect] = {
    **{f"Attach{word}Policy": _attach(kind) for word, kind in _KINDS.items()},
    **{f"Detach{word}Policy": _detach(kind) for word, kind in _KINDS.items()},
    **{f"Put{word}Policy": _put(kind) for word, kind in _KINDS.items()},
    **{f"Delete{word}Policy": _delete(kind) for word, kind in _KINDS.items()},
    **{f"Delete{word}": _remove(kind) for word, kind in _KINDS.items()},
    **{f"Put{word}PermissionsBoundary": _bound(_KINDS[word]) for word in ("User", "Role")},
    **{f"Delete{word}PermissionsBoundary": _bound(_KINDS[word]) for word in ("User", "Role")},
    "AddUserToGroup": _join,
    "RemoveUserFromGroup": _leave,
    "CreateGroup": _create_group,
    "CreatePolicy": _no_rights,
    "CreateRole": _create_role,
    "UpdateAssumeRolePolicy": _trust,
    "CreatePolicyVersion": _new_version,
    "SetDefaultPolicyVersion": _set_default,
    "DeletePolicy": _delete_policy,
}

_ADDS_ONLY = frozenset(
    {
        "CreateGroup",
        "CreatePolicy",
        "CreateRole",
        "DeleteUserPermissionsBoundary",
        "DeleteRolePermissionsBoundary",
    }
)
REDUCING = (frozenset(_EFFECTS) - _ADDS_ONLY) | _TAKES_CREDENTIAL


def _as_output(entities: Entities, step: Step) -> Entities:
    """A policy made by this step, known to later steps as its output."""
    document = _document(step.do, step.name)
    for name, output in step.outputs.items():
        if output.path == "Policy.Arn":
            arn = f"{step.name}.{name}"
            entities = entities.with_policy(arn, Policy({"v1": document}, "v1"))
    return entities


def _named(entities: Entities, kind: str, call: Call) -> Holder:
    name = _text(call.params.get(f"{kind.capitalize()}Name"))
    known = entities.of_kind(kind).get(name.casefold())
    return known or Holder(kind=kind, name=name, arn="")


def _group(call: Call) -> str:
    return _text(call.params.get("GroupName")).casefold()


def _document(call: Call, where: str) -> Judged:
    return judged(call.params.get("PolicyDocument"), where)


def _arn(value: Json) -> str:
    return output_name(value) or _text(value)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
