"""Makes a role that a few may take on, with one of AWS's policies."""

from bot.model import Expect, Json, Operator, Risk, Step
from remediations._policy_reads import attached_by_name, compact
from remediations._reads import absent, call
from remediations._too_early import NEW_ROLE, STILL_HELD, patient

_PATH = "/locksmith/"


def make_role(
    name: str, trusted: tuple[str, ...], policy: str, *, with_mfa: bool
) -> tuple[Step, ...]:
    """The role, and then the policy on it; undone, both are gone again."""
    return _create(name, trusted, with_mfa=with_mfa), _attach(name, policy)


def _create(name: str, trusted: tuple[str, ...], *, with_mfa: bool) -> Step:
    made = _is_made(name)
    return Step(
        name="create-role",
        summary=f"Make the role {name}",
        risk=Risk.REVERSIBLE,
        before=(absent(made, f"a role {name} exists by now"),),
        do=call(
            "CreateRole",
            RoleName=name,
            Path=_PATH,
            AssumeRolePolicyDocument=compact(_trust(trusted, with_mfa=with_mfa)),
        ),
        after=(made,),
        undo=patient(call("DeleteRole", RoleName=name), *STILL_HELD),
    )


def _attach(name: str, policy: str) -> Step:
    attached = attached_by_name("Role", name, policy)
    named = {"RoleName": name, "PolicyArn": policy}
    return Step(
        name="attach",
        summary=f"Attach {policy} to the role {name}",
        risk=Risk.REVERSIBLE,
        before=(_is_made(name), absent(attached, f"{policy} is attached to {name} by now")),
        do=patient(call("AttachRolePolicy", **named), *NEW_ROLE),
        after=(attached,),
        undo=call("DetachRolePolicy", **named),
    )


def _is_made(name: str) -> Expect:
    read = call("GetRole", RoleName=name)
    return Expect(read, "Role.Path", Operator.EQUALS, _PATH, f"the role {name} is not there")


def _trust(trusted: tuple[str, ...], *, with_mfa: bool) -> dict[str, Json]:
    named: Json = trusted[0] if len(trusted) == 1 else [*trusted]
    condition: dict[str, Json] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    statement: dict[str, Json] = {
        "Effect": "Allow",
        "Principal": {"AWS": named},
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if with_mfa else {}),
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
