"""Reads plans back from the JSON that the database keeps."""

from collections.abc import Mapping
from typing import Any

from bot.errors import PlanError
from bot.model.account import Account
from bot.model.plan import Call, Expect, Manual, Operator, Output, Plan, Risk, Step, Trace
from bot.model.too_early import TooEarly


def plan_of(data: Mapping[str, Any]) -> Plan | Manual:
    """The plan or the advice that `data()` wrote; its digest is the same.

    Raises PlanError for anything else: a row that was changed or comes from a newer release.
    """
    try:
        account = Account(data["account"]["id"], data["account"]["partition"])
        if data["kind"] == "manual":
            return Manual(
                account,
                data["subject"],
                data["reason"],
                tuple(data["steps"]),
                tuple(data["links"]),
            )
        return Plan(
            account,
            data["subject"],
            tuple(_step(step) for step in data["steps"]),
            data["summary"],
            tuple(data["breaks"]),
            whole=data.get("whole", False),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PlanError(f"a stored plan can't be read: {error!r}") from error


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        name=data["name"],
        summary=data["summary"],
        risk=Risk(data["risk"]),
        before=tuple(_expect(expect) for expect in data["before"]),
        do=_call(data["do"]),
        after=tuple(_expect(expect) for expect in data["after"]),
        undo=_call(data["undo"]) if data["undo"] else None,
        irreversible_because=data["irreversible_because"],
        outputs={name: _output(output) for name, output in data["outputs"].items()},
        undone=tuple(_expect(expect) for expect in data.get("undone", ())),
    )


def _output(data: Mapping[str, Any]) -> Output:
    trace = data.get("trace")
    found = Trace(_call(trace["read"]), trace["path"]) if trace else None
    return Output(data["path"], data["secret"], found)


def _call(data: Mapping[str, Any]) -> Call:
    return Call(
        data["service"],
        data["operation"],
        dict(data["params"]),
        data["region"],
        data.get("root_of"),
        tuple(TooEarly(each["code"], each["words"]) for each in data.get("too_early", ())),
    )


def _expect(data: Mapping[str, Any]) -> Expect:
    return Expect(
        _call(data["read"]), data["path"], Operator(data["operator"]), data["value"], data["why"]
    )
