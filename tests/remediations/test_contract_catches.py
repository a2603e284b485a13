"""The contract can fail: every kind of broken control is caught by it."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.text import Text

from bot import registry
from bot.errors import PlanError
from bot.model import (
    AnyControl,
    Call,
    Expect,
    Finding,
    Operator,
    Plan,
    Risk,
    Settings,
    Snapshot,
    Step,
)
from remediations.password_policy import weak_password_policy
from remediations.unused_credentials import unused_access_key as keys
from remediations.unused_credentials._idle import idle_keys
from tests.remediations import contract
from tests.remediations.mfa import test_console_user_without_mfa as mfa_tests
from tests.remediations.password_policy import test_weak_password_policy as policy_tests
from tests.remediations.showing import in_terminal, on_slack
from tests.remediations.unused_credentials import test_unused_access_key as key_tests

CONTROLS = registry.discover()
_IMPORT = "from remediations.unused_credentials._idle import idle_keys\n"
_NEEDED = (
    "from bot.credentials import is_older, key_active_at, owned_keys, sends_mail\n"
    "from bot.model import AccessKey, User\n"
)
_CLASS = "class UnusedAccessKeySettings"
#: The control with the way it looks for keys in the same file, so that both can be changed.
SOURCE = (
    Path(keys.__file__)
    .read_text()
    .replace(_IMPORT, _NEEDED)
    .replace(_CLASS, f"{inspect.getsource(idle_keys)}\n\n{_CLASS}")
)

Mutation = Callable[[Plan], Plan]


def _kept(control: AnyControl, tests: Any) -> None:
    """What the contract tests apply to every control."""
    with contract.seeded(control, tests, CONTROLS) as case:
        contract.check_evidence(case)
        contract.check_plan(case)
        contract.check_steady(case)
        contract.check_identity(case)
        contract.check_effect(case)


def _planning(change: Mutation, control: AnyControl = keys.CONTROL) -> AnyControl:
    """The control with its plans changed."""

    def plan(finding: Finding, snapshot: Snapshot, settings: Settings) -> Any:
        fix = control.plan(finding, snapshot, settings)
        assert isinstance(fix, Plan)
        return change(fix)

    return replace(control, plan=plan)


def _step(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, steps=(replace(plan.steps[0], **changes),))


def _with(call: Call | None, **params: Any) -> Call:
    assert call is not None
    return replace(call, params={**call.params, **params})


def _without(plan: Plan, *, read: str, path: str = "") -> Plan:
    """The plan whose first step no longer looks there."""
    kept = tuple(
        expect
        for expect in plan.steps[0].before
        if expect.read.operation != read or path not in expect.path
    )
    assert len(kept) < len(plan.steps[0].before)
    return _step(plan, before=kept)


def _also(plan: Plan, read: Call, path: str, operation: str, **params: Any) -> Plan:
    """The plan with one more step, whose own looks find nothing wrong with it."""
    there, gone = Expect(read, path, Operator.PRESENT), Expect(read, path, Operator.ABSENT)
    before, after = (gone, there) if operation.startswith("Tag") else (there, gone)
    call = Call("iam", operation, params)
    more = Step("more", "Do more", Risk.REVERSIBLE, (before,), call, (after,), undo=call)
    return replace(plan, steps=(*plan.steps, more))


def _also_group(plan: Plan) -> Plan:
    params = {"GroupName": "readers", "PolicyName": "read-more"}
    read = Call("iam", "GetGroupPolicy", params)
    return _also(plan, read, "PolicyName", "DeleteGroupPolicy", **params)


def _also_neighbour(plan: Plan) -> Plan:
    params = {"UserName": "neighbour+one,two@example.org"}
    read = Call("iam", "GetLoginProfile", params)
    return _also(plan, read, "LoginProfile.UserName", "DeleteLoginProfile", **params)


def _also_user(plan: Plan) -> Plan:
    name = {"UserName": str(plan.steps[0].do.params["UserName"])}
    tags = [{"Key": "by", "Value": "Locksmith"}]
    read = Call("iam", "ListUserTags", name)
    return _also(plan, read, "Tags[?Key=='by'].Value | [0]", "TagUser", Tags=tags, **name)


def test_the_sound_control_keeps_it() -> None:
    """Else the mutants below would prove nothing."""
    _kept(keys.CONTROL, key_tests)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda plan: _step(plan, undo=_with(plan.steps[0].undo, Status="Inactive")),
            "",
            id="undo does nothing",
        ),
        pytest.param(
            lambda plan: _step(plan, do=_with(plan.steps[0].do, Status="Active")),
            "is not Inactive",
            id="the call has no effect",
        ),
        pytest.param(
            lambda plan: _step(
                plan, do=_with(plan.steps[0].do, Status="Active"), after=plan.steps[0].before[:1]
            ),
            "holds before it is done",
            id="no effect, and nothing looked at",
        ),
        pytest.param(
            lambda plan: _without(plan, read="ListAccessKeys", path="Status"),
            "nothing would prove the undo",
            id="status check forgotten",
        ),
        pytest.param(
            lambda plan: _step(
                plan,
                before=tuple(
                    replace(expect, operator=Operator.PRESENT)
                    if "Status" in expect.path
                    else expect
                    for expect in plan.steps[0].before
                ),
            ),
            "could be applied again",
            id="status check too weak",
        ),
        pytest.param(
            lambda plan: _without(plan, read="GetUser"), "unique id", id="identity check forgotten"
        ),
        pytest.param(_also_group, "none of its business", id="damage to a group"),
        pytest.param(_also_neighbour, "none of its business", id="damage to a neighbour"),
        pytest.param(_also_user, "none of its business", id="damage to the user"),
        pytest.param(
            lambda plan: _step(plan, do=_with(plan.steps[0].do, AccesKeyId="AKIA")),
            "has no ['AccesKeyId']",
            id="misspelt parameter",
        ),
        pytest.param(
            lambda plan: _step(plan, do=replace(plan.steps[0].do, operation="DisableAccessKey")),
            "there is no iam:DisableAccessKey",
            id="no such operation",
        ),
        pytest.param(
            lambda plan: _step(plan, do=_with(plan.steps[0].do, Status=["Inactive"])),
            "Invalid type",
            id="wrong type of a parameter",
        ),
        pytest.param(
            lambda plan: _step(
                plan, after=(replace(plan.steps[0].after[0], path="AccessKeyMetadate[0].Status"),)
            ),
            "answers no AccessKeyMetadate",
            id="misspelt path",
        ),
        pytest.param(
            lambda plan: _step(plan, risk=Risk.DISRUPTIVE), "above the control's", id="riskier"
        ),
        pytest.param(
            lambda plan: _step(plan, summary=""), "needs a sentence", id="a step without words"
        ),
        pytest.param(
            lambda plan: replace(plan, subject="AKIA"),
            "the fix is about AKIA",
            id="another subject",
        ),
    ],
)
def test_a_wrong_plan_is_caught(change: Mutation, said: str) -> None:
    """Whatever is wrong with a plan, one of the checks says so."""
    with pytest.raises(AssertionError) as caught:
        _kept(_planning(change), key_tests)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["<!channel>", "<@U0EVIL>", "\u202elive", "a\u2066b"])
def test_what_acts_where_it_is_shown_is_caught(text: str) -> None:
    """A mention in Slack, and marks of direction there and in a terminal."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    assert list(on_slack("message", {"text": "", "blocks": [section]}))
    assert list(in_terminal([Text(text)])) or "<" in text


def test_a_volatile_fact_is_caught() -> None:
    """Days idle in the plan would void every decision at midnight."""

    def plan(finding: Finding, snapshot: Snapshot, settings: Any) -> Any:
        fix = keys.plan(finding, snapshot, settings)
        assert isinstance(fix, Plan)
        idle = finding.evidence["idle_days"]
        first = fix.steps[0]
        aged = [replace(e, value=idle) if e.value == 45 else e for e in first.before]
        return _step(fix, before=tuple(aged))

    with pytest.raises(AssertionError, match="a day later the plan has another digest"):
        _kept(replace(keys.CONTROL, plan=plan), key_tests)


def _fewer(call: Call | None, *left_out: str) -> Call:
    assert call is not None
    params = {name: value for name, value in call.params.items() if name not in left_out}
    return replace(call, params=params)


def _looking_at_length_only(plan: Plan) -> Plan:
    """The plan whose looks see no other field, so that only the oracle can tell."""
    step, path = plan.steps[0], "PasswordPolicy.MinimumPasswordLength"

    def narrow(expects: tuple[Expect, ...]) -> tuple[Expect, ...]:
        return tuple(replace(e, path=path, value=e.value["minimum_length"]) for e in expects)

    return _step(plan, before=narrow(step.before), after=narrow(step.after))


def _forgetting_in_undo(plan: Plan) -> Plan:
    narrow = _looking_at_length_only(plan)
    return _step(narrow, undo=_fewer(narrow.steps[0].undo, "HardExpiry"))


def _fixing_half(plan: Plan) -> Plan:
    narrow = _looking_at_length_only(plan)
    return _step(narrow, do=_with(narrow.steps[0].do, PasswordReusePrevention=3))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda plan: _step(plan, do=_fewer(plan.steps[0].do, "MaxPasswordAge")),
            "not as Locksmith set it",
            id="weakens a field",
        ),
        pytest.param(
            lambda plan: _step(plan, undo=_fewer(plan.steps[0].undo, "HardExpiry")),
            "changed in the meantime",
            id="forgets a field in undo",
        ),
        pytest.param(_forgetting_in_undo, "not as they were", id="forgets it, and doesn't look"),
        pytest.param(_fixing_half, "there is still, or anew", id="fixes half of it"),
    ],
)
def test_a_wrong_password_policy_is_caught(change: Mutation, said: str) -> None:
    """By the plan's own looks, or where they are blind, by the oracle."""
    with pytest.raises(AssertionError, match=said):
        _kept(_planning(change, weak_password_policy.CONTROL), policy_tests)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("key.active and ", "", "exactly one finding", id="inactive keys too"),
        pytest.param(
            "idle = is_older", "idle = not is_older", "exactly one finding", id="turned around"
        ),
        pytest.param("if key.active", "if not key.active", "is not Active", id="only off"),
        pytest.param("default=45", "default=5", "exactly one finding", id="another limit"),
    ],
)
def test_wrong_detection_is_caught(
    mutant: Callable[..., AnyControl], old: str, new: str, said: str
) -> None:
    """The seed and its neighbours show whom the control must not find."""
    with pytest.raises(AssertionError, match=said):
        _kept(mutant((old, new)), key_tests)


@pytest.mark.parametrize(
    ("old", "new", "side"),
    [
        pytest.param("key), days,", "key), days - 1,", "just_within", id="a day early"),
        pytest.param("key), days,", "key), days + 1,", "just_beyond", id="a day late"),
    ],
)
def test_off_by_one_is_caught(
    mutant: Callable[..., AnyControl], old: str, new: str, side: str
) -> None:
    """Both sides of the limit are looked at, to the second."""
    with pytest.raises(AssertionError, match=side):
        contract.check_limits(mutant((old, new)), key_tests)


def test_a_limit_without_a_test_is_caught() -> None:
    """A control with numbers must show both sides of its limit."""
    assert contract.day_limits(keys.CONTROL) == ["days"]
    with pytest.raises(AssertionError, match="needs just_within"):
        contract.check_limits(keys.CONTROL, object())  # type: ignore[arg-type]


def test_a_limit_on_which_no_plan_turns_is_caught() -> None:
    """The same on both sides of it, or no sides at all."""
    control, same = CONTROLS["console-user-without-mfa"], mfa_tests.seed
    tests: Any = SimpleNamespace(plan_just_within=same, plan_just_beyond=same)
    assert contract.plan_limits(control) == ["dormant_days"]
    with pytest.raises(AssertionError, match="both sides"):
        contract.check_plan_limits(control, tests)
    with pytest.raises(AssertionError, match="needs plan_just_within"):
        contract.check_plan_limits(control, object())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(("import Iterator", "import Iterator\nimport boto3"), "boto3", id="boto3"),
        pytest.param(("import Iterator", "import Iterator\nimport os"), "imports os", id="os"),
        pytest.param(
            ("from pydantic", "import bot.store\nfrom pydantic"),
            "bot.store",
            id="store",
        ),
        pytest.param(
            (
                "snapshot.taken_at)\n        if",
                "__import__('datetime').datetime.now())\n        if",
            ),
            "asks a clock",
            id="clock",
        ),
    ],
)
def test_an_impure_file_is_caught(
    mutant: Callable[..., AnyControl], change: tuple[str, str], said: str
) -> None:
    """A control sees the snapshot and nothing else."""
    with pytest.raises(AssertionError, match=said):
        contract.check_file(mutant(change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(("Why it matters\n---", "Why\n---"), "needs the headings", id="a heading"),
        pytest.param(("\nUndo\n----\n", "\nUndo\n\n"), "needs the headings", id="no underline"),
        pytest.param(
            ("Switches the key on again: one call, and the same key works as before.", ""),
            "nothing is said below “Undo”",
            id="an empty section",
        ),
        pytest.param(('"""Access key', 'TEXT = """Access key'), "needs the headings", id="no page"),
        pytest.param(("CONTROL = Control(", "OTHER = Control("), "no CONTROL", id="no control"),
        pytest.param(('id="unused-access-key"', 'id="idle-key"'), "idle-key", id="another id"),
        pytest.param(
            ('topic="unused_credentials"', 'topic="rotation"'), "its folder", id="another topic"
        ),
        pytest.param(("        default=45,\n", ""), "has no default", id="no default"),
        pytest.param(
            ("description=", "title="), "has no description", id="a setting without a word"
        ),
        pytest.param(("default=45", "default=0"), "don't validate", id="an impossible default"),
        pytest.param(("old-access-key", "odl-access-key"), "no control", id="supersedes nothing"),
    ],
)
def test_a_file_that_breaks_the_contract_is_named(
    mutant: Callable[..., AnyControl], change: tuple[str, str], said: str
) -> None:
    """Discovery refuses it, and says which file."""
    with pytest.raises(PlanError, match=said):
        mutant(change, alone=False)


@pytest.fixture
def mutant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Callable[..., AnyControl]:
    """Discovers the control on unused keys from a package of its own, its text changed."""
    package = f"mutants_{abs(hash(request.node.nodeid))}"
    monkeypatch.syspath_prepend(str(tmp_path))

    def discovered(change: tuple[str, str], *, alone: bool = True) -> AnyControl:
        # Alone in its package it can't supersede another control.
        others = '"old-access-key", "unused-access-analyzer-findings"'
        superseding = (f"supersedes=frozenset({{{others}}}),", "")
        text = SOURCE
        for old, new in (change, superseding) if alone else (change,):
            assert old in text, f"the control no longer says {old!r}"
            text = text.replace(old, new)
        folder = tmp_path / package / "unused_credentials"
        folder.mkdir(parents=True)
        (tmp_path / package / "__init__.py").touch()
        (folder / "__init__.py").write_text('"""Remove unnecessary credentials."""\n')
        (folder / "unused_access_key.py").write_text(text)
        return registry.discover(package)["unused-access-key"]

    return discovered
