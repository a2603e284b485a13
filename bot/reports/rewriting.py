"""What a step makes of a policy document that is there already, line by line."""

import json
from collections.abc import Iterator, Mapping
from difflib import unified_diff

from bot.model import Json, Operator, Step

#: The order in which AWS writes the elements of a policy, so that only what differs stands out.
_ORDER = (
    "Version", "Id", "Statement",
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
    "Condition",
)  # fmt: skip
_CONTEXT = 3


def changed_documents(step: Step) -> dict[str, tuple[str, ...]]:
    """By the name of a parameter, what its document changes: lines that begin with ' ', '+' or '-'.

    A line `⋮` stands for what is left out because it stays. A document that replaces none, or one
    that isn't known, is not among them.
    """
    found = {}
    for name, value in step.do.params.items():
        new = document_in(value)
        old = _replaced(step, name) if new else None
        if old is not None and (lines := tuple(_lines(old, new))):
            found[name] = lines
    return found


def document_in(value: Json) -> Json:
    """The JSON document that a text parameter holds, where it holds one."""
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        document: Json = json.loads(value, object_pairs_hook=_unique)
    except ValueError:
        return None
    return document


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """A name given twice would vanish from the layout, and the plan must be shown whole."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name is given twice")
    return dict(pairs)


def _replaced(step: Step, name: str) -> Json:
    """What the undo would put back; or, of a new version, what must still be in force before it."""
    undo = step.undo
    if undo is not None and undo.operation == step.do.operation:
        return document_in(undo.params.get(name))
    for expect in step.before:
        is_document = isinstance(expect.value, Mapping) and "Statement" in expect.value
        if is_document and expect.operator is Operator.EQUALS:
            return expect.value
    return None


def _lines(old: Json, new: Json) -> Iterator[str]:
    both = (_laid_out(old), _laid_out(new))
    for line in list(unified_diff(*both, lineterm="", n=_CONTEXT))[2:]:
        yield "⋮" if line.startswith("@@") else line


def _laid_out(document: Json) -> list[str]:
    return json.dumps(_ordered(document), indent=2, ensure_ascii=False).splitlines()


def _ordered(value: Json) -> Json:
    if isinstance(value, Mapping):
        known = [name for name in _ORDER if name in value]
        names = [*known, *sorted(name for name in value if name not in known)]
        return {name: _ordered(value[name]) for name in names}
    if isinstance(value, str) or not isinstance(value, (list, tuple)):
        return value
    return [_ordered(each) for each in value]
