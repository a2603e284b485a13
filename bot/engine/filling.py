"""What is filled into a call when it is made: answers of earlier steps, and what is made of them.

`{"$output": "step.name"}` is that answer. `{"$text": [...]}` joins texts, `{"$json": {...}}` is
the JSON text of what is inside, and `{"$sealed": {"text": ..., "public_key": PEM}}` that text
encrypted so that only the holder of the private key reads it. They nest, and are part of a plan's
data like all else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.engine.sealing import seal
from bot.errors import PlanError
from bot.model import Call, Expect, Json, Step

_OUTPUT, _TEXT, _JSON, _SEALED = "$output", "$text", "$json", "$sealed"


def resolve(call: Call, outputs: Mapping[str, Json]) -> Call:
    """The call with everything filled in. Raises PlanError where an output is not known."""
    return replace(
        call, params={name: filled(value, outputs) for name, value in call.params.items()}
    )


def resolve_expects(expects: Sequence[Expect], outputs: Mapping[str, Json]) -> tuple[Expect, ...]:
    """The expectations with outputs filled into what they read and into what they expect."""
    return tuple(
        replace(expect, read=resolve(expect.read, outputs), value=filled(expect.value, outputs))
        for expect in expects
    )


def resolve_step(step: Step, outputs: Mapping[str, Json]) -> Step:
    """The step ready to be sent, earlier outputs filled into what it needs and does.

    Its `after` and `undo` may name what this very step gives, so they wait for its answer.
    """
    return replace(step, before=resolve_expects(step.before, outputs), do=resolve(step.do, outputs))


def filled(value: Json, outputs: Mapping[str, Json]) -> Json:
    """The value with everything filled in. Raises PlanError where an output is not known."""
    name = output_name(value)
    if name is not None:
        if name not in outputs:
            raise PlanError(f"the output {name} is not known: its step has not given it")
        return outputs[name]
    if isinstance(value, Mapping):
        match _form(value), next(iter(value.values()), None):
            case "$text", Sequence() as parts:
                return "".join(_as_text(filled(part, outputs)) for part in parts)
            case "$json", inner:
                return json.dumps(filled(inner, outputs), separators=(",", ":"))
            case "$sealed", Mapping() as inner:
                text = _as_text(filled(inner.get("text"), outputs))
                return seal(text, _as_text(inner.get("public_key")))
        return {key: filled(inner, outputs) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [filled(inner, outputs) for inner in value]
    return value


def is_filled_in(value: Json) -> bool:
    """Whether a parameter stands for a text that is only known when the call is made."""
    if output_name(value) is not None:
        return True
    return isinstance(value, Mapping) and bool(_form(value)) and bool(outputs_named(value))


def output_name(value: Json) -> str | None:
    """The `step.name` that a parameter stands for, or None for a plain value."""
    if isinstance(value, Mapping) and set(value) == {_OUTPUT}:
        name = value[_OUTPUT]
        if isinstance(name, str):
            return name
    return None


def outputs_named(value: Json) -> frozenset[str]:
    """Every output that a value refers to, at any depth."""
    name = output_name(value)
    if name is not None:
        return frozenset({name})
    inner: Sequence[Json] = ()
    if isinstance(value, Mapping):
        inner = tuple(value.values())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = value
    return frozenset[str]().union(*(outputs_named(each) for each in inner))


def _form(value: Mapping[str, Json]) -> str:
    """Which of the forms this is, empty for an object of its own."""
    name = next(iter(value)) if len(value) == 1 else ""
    return name if name in (_TEXT, _JSON, _SEALED) else ""


def _as_text(value: Json) -> str:
    if not isinstance(value, str):
        raise PlanError("only text can be joined or sealed")
    return value
