"""A plan for people: the exact calls, what must hold, the undo, and what could break."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.model import Call, Expect, Json, Manual, Operator, Plan, Step
from bot.reports.rewriting import changed_documents, document_in
from bot.reports.terminal import safe, styled
from bot.reports.words import NEEDS, RISK_STYLE

_OPERATORS = {
    Operator.EQUALS: "is {value}",
    Operator.ABSENT: "is absent",
    Operator.PRESENT: "is there",
    Operator.CONTAINS: "contains {value}",
    Operator.LACKS: "doesn't have {value}",
    Operator.OLDER_THAN: "lies more than {value} days back, or is never",
    Operator.NEWER_THAN: "lies at most {value} days back",
}
_CHANGED = {"+": "green", "-": "red"}
_INDENT = 5
_LABEL = 8


def call_text(call: Call, *, below: Collection[str] = ()) -> str:
    """A call as Python would write it: `iam.UpdateAccessKey(UserName="ann", Status="Inactive")`.

    The values of parameters named in `below` are left out, for who lays them out below the call.
    """
    params = ", ".join(
        f"{name}={'…' if name in below else _literal(value)}" for name, value in call.params.items()
    )
    region = f" in {call.region}" if call.region else ""
    root = f" as root of {call.root_of}" if call.root_of else ""
    return safe(f"{call.service}.{call.operation}({params}){region}{root}")


def early_text(call: Call) -> str:
    """After which refusals a write is made again, or empty."""
    if not call.too_early:
        return ""
    answers = " or ".join(f"{each.code}, “{each.words}”" for each in call.too_early)
    return safe(f"again, for a while, where AWS answers {answers}")


def plan_lines(
    plan: Plan | Manual, *, digest: str | None, needs: str | None = None
) -> Sequence[RenderableType]:
    """The whole plan or advice. Without a digest nobody can decide yet; `needs` says why."""
    if isinstance(plan, Manual):
        return _manual(plan)
    lines: list[RenderableType] = [
        styled(f"{plan.summary}", "bold"),
        Text.assemble("risk: ", (plan.risk.value, RISK_STYLE[plan.risk])),
    ]
    for number, step in enumerate(plan.steps, start=1):
        lines += _step(number, step)
    if plan.breaks:
        lines += [Text("\nWhat could break", "bold")]
        lines += [_indented(styled(f"- {risk}"), 2) for risk in plan.breaks]
    if digest is None:
        lines.append(Text(f"\nNot to be decided yet: {NEEDS.get(needs or '', needs)}.", "yellow"))
    else:
        lines.append(Text(f"\ndigest {digest}", "dim"))
    return lines


def _manual(plan: Manual) -> Sequence[RenderableType]:
    lines: list[RenderableType] = [
        Text("To be done by hand", "bold"),
        styled(f"{plan.reason.rstrip('.')}."),
        Text(""),
    ]
    lines += [_numbered(number, step) for number, step in enumerate(plan.steps, start=1)]
    lines += [_indented(styled(link, "dim"), 2) for link in plan.links]
    lines.append(Text("\nWhen it is done, `locksmith scan` looks again and closes the finding."))
    return lines


def _step(number: int, step: Step) -> list[RenderableType]:
    lines: list[RenderableType] = [
        Text.assemble(
            f"\n  {number}. ", safe(step.summary), "  ", (step.risk.value, RISK_STYLE[step.risk])
        ),
        *_call("call", step.do),
        *_changes(step),
    ]
    lines += [_labelled("before", expect_text(expect)) for expect in step.before]
    lines += [_labelled("after", expect_text(expect)) for expect in step.after]
    if step.undo is not None:
        lines += _call("undo", step.undo)
    else:
        lines.append(_labelled("undo", f"none: {step.irreversible_because}", "bold red"))
    return lines


def _call(label: str, call: Call) -> list[RenderableType]:
    """The call on its own line; JSON documents among its parameters are laid out below it."""
    documents = {name: inner for name in call.params if (inner := document_in(call.params[name]))}
    lines: list[RenderableType] = [_labelled(label, call_text(call, below=documents))]
    for name, document in documents.items():
        lines.append(_labelled("", f"{name} ="))
        lines += [
            _indented(styled(line), _INDENT + _LABEL + 2)
            for line in json.dumps(document, indent=2, ensure_ascii=False).splitlines()
        ]
    if call.too_early:
        lines.append(_labelled("", early_text(call)))
    return lines


def _changes(step: Step) -> Iterator[RenderableType]:
    for name, changed in changed_documents(step).items():
        yield _labelled("", f"what changes in {name}:")
        for line in changed:
            yield _indented(styled(line, _CHANGED.get(line[0], "")), _INDENT + _LABEL + 2)


def _literal(value: Json) -> str:
    match value:
        case {"$output": str(name)}:
            return f"<output of {name}>"
        case Mapping():
            pairs = (f"{json.dumps(name)}: {_literal(inner)}" for name, inner in value.items())
            return "{" + ", ".join(pairs) + "}"
        case None | bool():
            return str(value)
        case str() | int():
            return json.dumps(value, ensure_ascii=False)
        case Sequence():
            return "[" + ", ".join(_literal(inner) for inner in value) + "]"


def expect_text(expect: Expect) -> str:
    """What must hold, and the call that shows it: `Status is "Active", by iam.…`."""
    says = _OPERATORS[expect.operator].format(value=_literal(expect.value))
    return f"{expect.path} {says}, by {call_text(expect.read)}"


def _numbered(number: int, text: str) -> RenderableType:
    """A step, with its later lines below its text and not below its number."""
    row = Table.grid()
    row.add_column(width=_INDENT + (number > 9))
    row.add_column(overflow="fold")
    row.add_row(Text(f"  {number}."), styled(text))
    return row


def _labelled(label: str, text: str, style: str = "") -> RenderableType:
    """A label, and its text with all lines at one indent."""
    row = Table.grid()
    row.add_column(width=_INDENT + _LABEL)
    row.add_column(overflow="fold")
    row.add_row(Padding(Text(label, "dim"), (0, 0, 0, _INDENT)), Text(safe(text), style))
    return row


def _indented(text: Text, by: int) -> RenderableType:
    return Padding(text, (0, 0, 0, by), expand=False)
