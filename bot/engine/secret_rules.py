"""Where a secret that AWS hands out may go: into the very next call, as a value that is kept there.

So a plan that makes a credential also says who gets it, and is whole: where the secret can't be
handed over, the credential is taken back, since nobody would ever know its secret.
"""

from collections.abc import Iterator
from itertools import pairwise

from bot.engine.filling import outputs_named
from bot.engine.sealing import unfit_key
from bot.model import Call, Json, Plan, Step

#: What hands out a credential, and where in its answer the secret is.
HANDS_OUT = {("iam", "CreateAccessKey"): "AccessKey.SecretAccessKey"}
#: The one call that takes a secret, and its parameter.
_KEEPER, _KEPT_IN = ("secretsmanager", "PutSecretValue"), "SecretString"


def unfit_secrets(plan: Plan) -> str | None:
    """Why a secret of this plan could go astray, or None."""
    return next(_objections(plan), None)


def _objections(plan: Plan) -> Iterator[str]:
    followed_by = {step.name: after for step, after in pairwise((*plan.steps, None)) if step}
    for step in plan.steps:
        yield from _handed_out(step)
        secrets = {f"{step.name}.{name}" for name, each in step.outputs.items() if each.secret}
        if secrets:
            yield from _lost(plan, step, secrets, followed_by[step.name])
            yield from _astray(plan, secrets)
        yield from _sealed_badly(step.do.params.get(_KEPT_IN))
        if plan.whole and (step.undo is None or not step.proofs_of_undo()):
            yield f"{step.name} can't be taken back, and the plan is a whole"


def _handed_out(step: Step) -> Iterator[str]:
    if step.undo is not None and _name(step.undo) in HANDS_OUT:
        yield f"the undo of {step.name} would hand out a credential"
    place = HANDS_OUT.get(_name(step.do))
    if place and not any(each.secret and each.path == place for each in step.outputs.values()):
        yield f"{step.name} hands out a credential that nobody would get"


def _lost(plan: Plan, step: Step, secrets: set[str], following: Step | None) -> Iterator[str]:
    if not plan.whole:
        yield f"{step.name} hands out a secret, and the plan isn't taken back as a whole"
    if following is None or not secrets <= _taken_by(following):
        yield f"the secret of {step.name} isn't kept by the next step"


def _taken_by(step: Step) -> frozenset[str]:
    if _name(step.do) != _KEEPER:
        return frozenset()
    return outputs_named(step.do.params.get(_KEPT_IN))


def _astray(plan: Plan, secrets: set[str]) -> Iterator[str]:
    """Anything else that names one of these secrets: it would be looked for, shown or kept."""
    for step in plan.steps:
        data = step.data()
        kept = dict(step.do.params)
        if _name(step.do) == _KEEPER:
            kept.pop(_KEPT_IN, None)
        others: Json = [
            kept, data["before"], data["after"], data["undo"], data.get("undone"),
        ]  # fmt: skip
        if outputs_named(others) & secrets:
            yield f"{step.name} uses a secret elsewhere than where it is kept"


def _sealed_badly(value: Json) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for inner in value.values():
        if isinstance(inner, dict) and "public_key" in inner:
            reason = unfit_key(str(inner["public_key"]))
            if reason:
                yield reason
        yield from _sealed_badly(inner)


def _name(call: Call) -> tuple[str, str]:
    return (call.service, call.operation)
