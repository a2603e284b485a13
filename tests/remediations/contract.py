"""What every control promises, as checks that a control and its test module pass.

`test_contract.py` applies them to every control there is; `test_contract_catches.py` proves with
broken controls that each check can fail.
"""

import ast
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

import botocore.session
import jmespath
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.planner import Seen, remedy
from bot.engine.protecting import Guard
from bot.model import (
    AnyControl,
    Call,
    Expect,
    Finding,
    Json,
    Manual,
    Operator,
    Plan,
    Protection,
    Settings,
    Snapshot,
    canonical,
    plan_of,
)
from bot.registry import Enabled
from tests.remediations.acting import Acting
from tests.remediations.healthy import healthy
from tests.remediations.looking import Looker
from tests.remediations.oracle import Facts, all_facts, changed, computing, facts
from tests.remediations.renaming import ids
from tests.remediations.showing import shown_badly

#: When the accounts of these tests live.
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

Catalogue = Mapping[str, AnyControl]

#: How users and policies are kept is not the business of other controls' seeds: who seeds a key
#: needs no group, and who seeds a group may give it what another one has.
ON_KEEPING = frozenset(
    {
        "broad-aws-managed-policy-attached",
        "inline-policy-on-group",
        "inline-policy-on-role",
        "policy-close-to-aws-managed",
        "policy-duplicates-aws-managed",
        "user-in-no-group",
        "user-without-owner",
    }
)
#: Nor is how far rights go: who seeds an administrator needs no narrow policy for them.
ON_RIGHTS = frozenset(
    {
        "credentials-exposure",
        "data-exfiltration",
        "permissions-management-granted-broadly",
        "policy-review-overdue",
        "privilege-escalation-path",
        "service-wildcard-policy",
        "write-granted-broadly",
        "write-without-resource-limits",
    }
)

#: The practices about people and their credentials.
PEOPLE = frozenset(
    {
        "root_account", "individual_users", "groups", "password_policy", "mfa", "rotation",
        "unused_credentials",
    }
)  # fmt: skip

_PURE = ("bot.model", "bot.policy", "bot.credentials", "bot.errors", "remediations", "pydantic")
_IMPURE = {"os", "io", "time", "socket", "subprocess", "urllib", "http", "pathlib", "random"}
_CLOCKS = {"now", "utcnow", "today"}
_UNIQUE = {"user": "User.UserId", "access-key": "User.UserId"}


@dataclass(frozen=True, slots=True)
class Seeded:
    """A healthy account with one violation, and what the control says of it."""

    account: AccountBuilder
    looker: Looker
    control: AnyControl
    catalogue: Catalogue
    snapshot: Snapshot
    finding: Finding
    fix: Plan | Manual
    settings: Settings

    @property
    def plan(self) -> Plan:
        """The fix, which is a plan."""
        assert isinstance(self.fix, Plan)
        return self.fix

    def facts(self) -> Facts:
        """What the account looks like now; what is off at first looks further than IAM."""
        if self.control.topic == "ec2_roles":
            return {**facts(self.account), **computing(self.account)}
        off_at_first = "enabled" in type(self.settings).__annotations__
        return all_facts(self.account) if off_at_first else facts(self.account)

    def found(self) -> list[Finding]:
        """What all controls find now."""
        return findings(self.catalogue, self.looker.look())


@contextmanager
def seeded(
    control: AnyControl,
    tests: ModuleType,
    catalogue: Catalogue,
    then: Callable[[AccountBuilder, frozenset[str]], None] | None = None,
) -> Iterator[Seeded]:
    """The control's violation in a healthy account; it must be the only thing that is found.

    `then` may change the account once it is seeded, and is told the unique ids of what was healthy.

    What controls say of another's seed is not looked at if they are ON_KEEPING, ON_RIGHTS, or off
    at first. A test module may have SETTINGS, in which its seed is a violation, for a control that
    finds nothing unless asked to.
    """
    asked: Mapping[str, Any] = getattr(tests, "SETTINGS", {})
    if asked:
        control = replace(control, settings=partial(control.settings, **asked))
    needs = control.needs | control.plan_needs | settings_of(control, tests).needs()
    with mock_account(NOW) as account, Looker(account, needs) as looker:
        healthy(account)
        neighbours = ids(account)
        tests.seed(account)
        if then is not None:
            then(account, neighbours)
        minded = {
            name: each
            for name, each in catalogue.items()
            if name not in ON_KEEPING | ON_RIGHTS and each.settings().enabled
        }
        catalogue = {**minded, control.id: control}
        snapshot = looker.look()
        found = findings(catalogue, snapshot)
        assert [finding.control for finding in found] == [control.id], (
            f"exactly one finding of {control.id} was to be expected in its seed, not "
            f"{[(finding.control, finding.summary) for finding in found]}"
        )
        settings = settings_of(control, tests)
        fix = control.plan(found[0], snapshot, settings)
        yield Seeded(account, looker, control, catalogue, snapshot, found[0], fix, settings)


def settings_of(control: AnyControl, tests: ModuleType) -> Settings:
    """The settings of its seed: SETTINGS of the test module where people must choose something."""
    settings: Settings = control.settings(**getattr(tests, "SETTINGS", {}))
    return settings


def findings(catalogue: Catalogue, snapshot: Snapshot) -> list[Finding]:
    """What the controls find, those that yield to another on the same subject left out."""
    found = [
        (control, finding)
        for control in catalogue.values()
        for finding in control.detect(snapshot, control.settings())
    ]
    superseded = {
        (subject, other)
        for control, finding in found
        for subject in (finding.subject, *finding.covers)
        for other in control.supersedes
    }
    of_users = {
        (finding.resource.unique_id, other)
        for control, finding in found
        if control.whole_user
        for other in control.supersedes
    }
    return [
        finding
        for control, finding in found
        if (finding.subject, control.id) not in superseded
        and (finding.resource.principal_id, control.id) not in of_users
    ]


# The file


def check_file(control: AnyControl) -> None:
    """Its file is pure: it imports nothing that reads the world, and asks no clock."""
    module = inspect.getmodule(control.detect)
    assert module is not None
    tree = ast.parse(inspect.getsource(module))
    for name in _imported(tree):
        top = name.partition(".")[0]
        allowed = name.startswith(_PURE) or (top in sys.stdlib_module_names and top not in _IMPURE)
        assert allowed, f"{control.id} imports {name}, which a control may not"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _CLOCKS:
            raise AssertionError(f"{control.id} asks a clock: the snapshot's taken_at is the time")


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def check_evidence(case: Seeded) -> None:
    """A finding can be stored: it has a summary without a full stop, and evidence that is JSON."""
    finding = case.finding
    resource = finding.resource
    assert _is_sentence(finding.summary), finding.summary
    assert all((finding.subject, resource.name, resource.unique_id)), "a finding needs names"
    assert resource.arn.startswith("arn:"), resource.arn
    canonical(dict(finding.evidence))


def _is_sentence(text: str) -> bool:
    return bool(text) and not text.endswith(".")


def check_shown(case: Seeded) -> None:
    """Names and paths mention nobody in Slack, and steer no terminal."""
    bad = shown_badly(case.finding, case.fix)
    assert not bad, bad


# The plan


def check_plan(case: Seeded) -> None:
    """Calls and paths are real, it survives storage, and it is the same a day later."""
    fix = case.fix
    stored = plan_of(json.loads(canonical(fix.data())))
    assert stored.digest() == fix.digest(), "stored and read back, the plan has another digest"
    assert fix.subject == case.finding.subject, f"the fix is about {fix.subject}"
    if isinstance(fix, Manual):
        assert all((fix.reason, fix.steps, *fix.steps)), "advice needs a reason and steps"
        return
    for step in fix.steps:
        for call in (step.do, *([step.undo] if step.undo else [])):
            _check_call(call)
        for expect in (*step.before, *step.after):
            _check_call(expect.read)
            _check_path(expect)
        assert _is_sentence(step.summary), f"the step {step.name} needs a sentence"
        assert step.undo is None or step.changes(), f"nothing would prove the undo of {step.name}"
    assert case.control.risk is not None, "a control that has plans has a risk"
    assert fix.risk.rank <= case.control.risk.rank, "the plan's risk is above the control's"


def check_steady(case: Seeded) -> None:
    """A day later the same violation has the same plan: nothing volatile is in it."""
    later = replace(case.snapshot, taken_at=case.snapshot.taken_at + timedelta(days=1))
    again = [
        finding
        for finding in case.control.detect(later, case.control.settings())
        if finding.subject == case.finding.subject
    ]
    assert len(again) == 1, "a day later the violation is another one"
    fix = case.control.plan(again[0], later, case.settings)
    assert fix.digest() == case.fix.digest(), "a day later the plan has another digest"


def check_identity(case: Seeded) -> None:
    """The first step looks that the name still belongs to the same user."""
    path = _UNIQUE.get(case.finding.resource.type)
    if path is None or isinstance(case.fix, Manual):
        return
    key = case.finding.resource.key
    unique_id = key.user_id if key else case.finding.resource.unique_id
    first = case.plan.steps[0].before
    assert any(
        (expect.path, expect.operator, expect.value) == (path, Operator.EQUALS, unique_id)
        for expect in first
    ), "the first step doesn't look at the user's unique id"


def _check_call(call: Call) -> None:
    model = _service(call.service)
    assert call.operation in model.operation_names, f"there is no {call.service}:{call.operation}"
    shape = model.operation_model(call.operation).input_shape
    params = json.loads(json.dumps(call.params))
    report = ParamValidator().validate(_filled(params), shape) if shape else None
    known = set(shape.members) if shape else set()
    assert set(params) <= known, f"{call.operation} has no {sorted(set(params) - known)}"
    assert report is None or not report.has_errors(), report.generate_report()


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$output"}:
            return "an output of an earlier step"
        return {key: _filled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner) for inner in value]
    return value


def _check_path(expect: Expect) -> None:
    """The path compiles, and what it starts from is in the operation's answer."""
    compiled = jmespath.compile(expect.path)
    answered_by = _FETCHED_BY.get(expect.read.operation, expect.read.operation)
    shape = _service(expect.read.service).operation_model(answered_by).output_shape
    assert shape is not None
    first = next(_fields(compiled.parsed))
    assert first in shape.members, f"{expect.read.operation} answers no {first}"


def _fields(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    for child in node.get("children", []):
        if isinstance(child, dict):
            yield from _fields(child)


# Of reports that are ordered by one operation, the one that gives them.
_FETCHED_BY = {"GenerateServiceLastAccessedDetails": "GetServiceLastAccessedDetails"}
_MODELS: dict[str, ServiceModel] = {}


def _service(name: str) -> ServiceModel:
    if name not in _MODELS:
        _MODELS[name] = botocore.session.get_session().get_service_model(name)
    return _MODELS[name]


def check_protected(case: Seeded) -> None:
    """Whom the plan changes is on the protected list: advice comes instead, with the reason.

    Or a plan that leaves them out, where it is about several.
    """
    assert isinstance(case.fix, Plan)
    for arn in sorted(_reached_by(case.plan, case.snapshot)):
        snapshot = replace(case.snapshot, protection=Protection(protected=(arn,)))
        seen = Seen(case.finding, Enabled(case.control, case.settings))
        fix = remedy(seen, snapshot, check=Guard.on(snapshot)).plan
        if isinstance(fix, Manual):
            assert "protected" in fix.reason, fix.reason
        else:
            spared = f"{arn} is protected, and there is a plan all the same"
            assert arn not in _reached_by(fix, snapshot), spared


def _reached_by(plan: Plan, snapshot: Snapshot) -> set[str]:
    """Whom a plan changes: by ARNs without their paths whom it names, and holders of policies."""
    names = {"UserName": "user", "GroupName": "group", "RoleName": "role"}
    rewritten = {
        step.do.params["PolicyArn"]
        for step in plan.steps
        if step.do.operation in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy")
    }
    holding = {
        one.arn
        for one in (*snapshot.users, *snapshot.groups, *snapshot.roles)
        if any(arn in rewritten for arn in one.attached)
    }
    return holding | {
        snapshot.account.iam_arn(f"{names[parameter]}/{value}")
        for step in plan.steps
        for parameter, value in step.do.params.items()
        if parameter in names and step.do.root_of is None and step.do.operation != "CreateGroup"
    }


# The effect


def check_effect(case: Seeded) -> None:
    """Applied, the violation and nothing else changes; undone, the account is as it was."""
    if isinstance(case.fix, Manual):
        return
    acting, before = Acting(case.account, case.plan), case.facts()
    acting.apply()
    _note_fences(case)
    after = case.facts()
    assert changed(before, after), "the plan changes nothing"
    collateral = [p for p in changed(before, after) if not _is_meant(p, case, before, after)]
    assert not collateral, f"the plan changes what is none of its business: {collateral}"
    left = [(finding.control, finding.summary) for finding in case.found()]
    assert not left, f"after the fix there is still, or anew: {left}"
    assert acting.broken(case.plan.steps[0].before), "applied, the plan could be applied again"
    _check_undo(case, acting, before)


def _note_fences(case: Seeded) -> None:
    """What Locksmith's database would know of this fix: when it put which policy on whom."""
    holders = {"PutUserPolicy": "UserName", "PutRolePolicy": "RoleName"}
    put = {
        (
            str(call.params[holders[call.operation]]),
            str(call.params["PolicyName"]),
        ): case.account.now
        for call in (step.do for step in case.plan.steps)
        if call.operation in holders
    }
    vars(case.account)["fences"] = {**vars(case.account).get("fences", {}), **put}


def _check_undo(case: Seeded, acting: Acting, before: Facts) -> None:
    if any(step.undo is None for step in case.plan.steps):
        return
    acting.undo()
    undone = changed(before, case.facts())
    assert not undone, f"undone, these are not as they were: {sorted(undone)}"
    back = [(finding.control, finding.subject) for finding in case.found()]
    assert back == [(case.control.id, case.finding.subject)], f"undone, there is {back}"


def _is_meant(place: tuple[str, ...], case: Seeded, before: Facts, after: Facts) -> bool:
    """Whether a fix of this finding may change the fact at this place."""
    resource = case.finding.resource
    meant: dict[str, tuple[tuple[str, ...], ...]] = {
        "access-key": (("users", resource.key.user, "keys", resource.key.key_id or ""),)
        if resource.key
        else (),
        "user": tuple(
            ("users", resource.name, what)
            for what in ("inline", "attached", "groups", "tags", "credentials")
        ),
        "group": (("groups", resource.name),),
        "role": (("roles", resource.name),),
        "policy": (("policies", resource.arn),),
        "password-policy": (("password-policy",),),
        "mfa-device": (("virtual-mfa", resource.unique_id),),
        "account": (
            ("trails",),
            ("contacts",),
            ("organization",),
            ("members",),
            ("analyzers",),
            ("recorders",),
            ("alarms",),
            ("topics",),
        ),
        "server-certificate": (("server-certificates", resource.name),),
        "trail": (("trails", resource.arn), ("log-groups",), *_made_roles(case)),
        "alarm": (("alarms",),),
        "distribution": (("deliveries",),),
        "instance": (("instances", resource.unique_id), *_made_roles(case)),
        "launch-template": (("templates", resource.unique_id), *_made_roles(case)),
        "bucket": (("buckets", resource.name),),
        "queue": (("queues", resource.name),),
        "topic": (("topics", resource.name),),
    }
    if any(place[: len(prefix)] == prefix for prefix in meant[resource.type]):
        return True
    if resource.type == "user" and _goes_for_good(place, case, before):
        return True
    if resource.type == "group" and place[0] == "users" and place[2] == "groups":
        return resource.name in before[place]  # its members may be moved, and nobody else
    if case.control.adds_rights and place[0] == "users" and place[2] == "groups":
        return set(before[place]) < set(after[place])  # people may join, and nobody leaves
    if resource.type == "account" and place[:2] in _named(case) and place[2] in _POLICIES:
        return True  # what many have is taken from those whom the plan names, and nobody else
    held = place[0] in ("users", "groups", "roles") and place[2] in ("inline", "attached", "groups")
    if held and any(_begins(subject, place, before) for subject in case.finding.covers):
        return True
    # What wasn't there before hits nobody whom this plan doesn't put into it, or give it to; a new
    # role nobody who may not take it on.
    made = {"groups": "id", "policies": "default"}
    made |= {"roles": "id"} if case.control.adds_rights else {}
    return place[0] in made and (*place[:2], made[place[0]]) not in before


_POLICIES = ("inline", "attached")


def _named(case: Seeded) -> set[tuple[str, ...]]:
    """The users, groups and roles whose policies the plan's calls are about."""
    return {
        (f"{kind.lower()}s", str(step.do.params[f"{kind}Name"]))
        for step in case.plan.steps
        for kind in ("User", "Group", "Role")
        if f"{kind}Name" in step.do.params
    }


def _goes_for_good(place: tuple[str, ...], case: Seeded, before: Facts) -> bool:
    """Whether a plan that can't be undone takes this from its user: a password, or everything."""
    resource = case.finding.resource
    gone = {step.do.operation for step in case.plan.steps if step.undo is None}
    if "DeleteUser" in gone:
        device = place[0] == "virtual-mfa" and before.get(place) == resource.arn
        return device or place[:2] == ("users", resource.name)
    return "DeleteLoginProfile" in gone and place == ("users", resource.name, "password")


def _made_roles(case: Seeded) -> tuple[tuple[str, ...], ...]:
    """The roles that the plan itself makes."""
    made = [step.do for step in case.plan.steps if step.do.operation == "CreateRole"]
    return tuple(("roles", str(each.params["RoleName"])) for each in made)


def _begins(subject: str, place: tuple[str, ...], before: Facts) -> bool:
    """Whether a subject is about the holder at this place, by its unique id."""
    known = before.get((*place[:2], "id"))
    return known is not None and subject.startswith(f"{known[0]}/")


# The limits


def day_limits(control: AnyControl) -> list[str]:
    """The settings that are numbers; each is a limit with two sides."""
    return [
        name for name, field in control.settings.model_fields.items() if field.annotation is int
    ]


def check_limits(control: AnyControl, tests: ModuleType) -> None:
    """Nothing is found just within the default limits, and just beyond them it is."""
    for name, expected in (("just_within", 0), ("just_beyond", 1)):
        build = getattr(tests, name, None)
        assert build is not None, f"{control.id} has limits: its test module needs {name}(account)"
        needs = control.needs | control.plan_needs
        with mock_account(NOW) as account, Looker(account, needs) as looker:
            healthy(account)
            build(account)
            found = list(control.detect(looker.look(), control.settings()))
            assert len(found) == expected, f"{name}: {[finding.summary for finding in found]}"


def plan_limits(control: AnyControl) -> list[str]:
    """The numbers of days that can be switched off: which plan is made turns on them.

    But for `new_place_days`, which is about two sign-ins: `mfa/test_places.py` has its sides.
    """
    return [
        name
        for name, field in control.settings.model_fields.items()
        if field.annotation == int | None and name.endswith("_days") and name != "new_place_days"
    ]


def check_plan_limits(control: AnyControl, tests: ModuleType) -> None:
    """Just within the limit the same violation has another fix than just beyond it.

    The test module may have LIMITED, settings in which the limit is switched on.
    """
    chosen = getattr(tests, "LIMITED", getattr(tests, "SETTINGS", {}))
    settings = control.settings(**chosen)
    fixes: list[Plan | Manual] = []
    for name in ("plan_just_within", "plan_just_beyond"):
        build = getattr(tests, name, None)
        assert build is not None, f"{control.id} has limits: its test module needs {name}(account)"
        needs = control.needs | control.plan_needs | settings.needs()
        with mock_account(NOW) as account, Looker(account, needs) as looker:
            healthy(account)
            build(account)
            snapshot = looker.look()
            (finding,) = control.detect(snapshot, settings)
            fixes.append(control.plan(finding, snapshot, settings))
    within, beyond = (_operations(fix) for fix in fixes)
    assert within != beyond, f"{control.id} plans {within} on both sides of its limit"


def _operations(fix: Plan | Manual) -> list[Json]:
    """What is done, and how far: none of the ids, which differ from account to account."""
    if isinstance(fix, Manual):
        return []
    return [[step.do.operation, step.do.params.get("PolicyName")] for step in fix.steps]


def check_settings(settings: type[Settings]) -> None:
    """Every setting says what it means; the defaults hold."""
    defaults = settings()
    assert defaults.enabled or "enabled" in settings.__annotations__, "off without a word"
    for name, field in settings.model_fields.items():
        assert name == "enabled" or field.description, f"the setting {name} says nothing"
