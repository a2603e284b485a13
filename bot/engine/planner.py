"""From a snapshot to findings, and from a finding to the plan that would fix it. Pure."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.engine import defects
from bot.engine.tags import tags_of
from bot.model import (
    AnyControl,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Snapshot,
    Unavailable,
    fingerprint,
    stack_of,
)
from bot.policy import PolicyDocumentError
from bot.registry import Enabled

#: What a fix that can't be undone needs while a change about the same thing is looked after.
WATCH_OVER = "watch_over"
#: Says why a plan is refused on the snapshot alone, or None; the executor's guard asks again live.
PlanCheck = Callable[[Plan], str | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding with the control and settings that saw it."""

    finding: Finding
    enabled: Enabled

    @property
    def control(self) -> AnyControl:
        """The control that saw it."""
        return self.enabled.control


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the controls say of one snapshot.

    `not_evaluated` maps a control's id to the reason why it could not look; those controls have
    neither passed nor failed, though what they saw in the part that was read is in `seen`.
    `evaluated` are the ids of all others.
    """

    seen: tuple[Seen, ...]
    evaluated: frozenset[str]
    not_evaluated: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Remediation:
    """How a finding would be fixed.

    `digest` is None where nobody can decide yet; `needs` then says what is missing: `key_id` for
    a key that is not named yet, `live_account` for a scan of files, `watch_over` where what can't
    be undone waits until an earlier change about the same thing is no longer watched.
    """

    kind: Literal["plan", "manual"]
    plan: Plan | Manual
    digest: str | None
    needs: str | None = None

    @property
    def risk(self) -> Risk | None:
        """The plan's risk; None where people make the change."""
        return self.plan.risk if isinstance(self.plan, Plan) else None

    @property
    def summary(self) -> str:
        """The fix in one sentence."""
        return self.plan.summary


def evaluate(snapshot: Snapshot, enabled: Iterable[Enabled]) -> Evaluation:
    """Let every control look at the snapshot; one whose parts are missing is not evaluated."""
    seen: list[Seen] = []
    evaluated: set[str] = set()
    not_evaluated: dict[str, str] = {}
    for each in enabled:
        missing = [
            snapshot.unavailable[part]
            for part in sorted(each.control.needs)
            if part in snapshot.unavailable and part is not Part.KEY_NAMES
        ]
        if any(gap.part not in snapshot.parts for gap in missing):
            not_evaluated[each.control.id] = _why_not(missing)
            continue
        try:
            found = tuple(each.control.detect(snapshot, each.settings))
        except PolicyDocumentError as error:
            # One document that nobody understands must not hide what all others say.
            not_evaluated[each.control.id] = str(error)
            continue
        except Exception as error:  # noqa: BLE001 - one control's bug must not end the scan
            not_evaluated[each.control.id] = defects.said(each.control, error)
            continue
        if missing:
            # Part of it was read: what that shows is true, and what it lacks resolves nothing.
            not_evaluated[each.control.id] = _why_not(missing)
        else:
            evaluated.add(each.control.id)
        seen.extend(Seen(finding, each) for finding in found)
    return Evaluation(tuple(seen), frozenset(evaluated), not_evaluated)


def _why_not(missing: Sequence[Unavailable]) -> str:
    def said(gap: Unavailable) -> str:
        if not gap.given:
            return f"{gap.part} was not given"
        return f"{gap.part} could not be read: {gap.operation}: {gap.error} (grant {gap.grant})"

    return "; ".join(said(gap) for gap in missing)


@dataclass(frozen=True, slots=True)
class Asked:
    """A finding, and the control that asks about its subject where that is another one."""

    seen: Seen
    asks_elsewhere: str | None


def ask_once(seen: Iterable[Seen]) -> tuple[Asked, ...]:
    """One question per subject: who asks, and the others as its evidence.

    Where several controls have a finding on one subject, those that another one supersedes yield
    to it; among the rest the worst severity, then the id, decides. What another finding covers is
    asked about there, and what is about a whole user asks for everything of that user that it
    supersedes. Order is kept.
    """
    items = tuple(seen)
    covering = {
        (subject, control): item.control.id
        for item in items
        for subject in item.finding.covers
        for control in item.control.supersedes
    }
    whole = {each.finding.resource.unique_id: each for each in items if each.control.whole_user}
    by_subject: dict[str, list[Seen]] = defaultdict(list)
    for item in items:
        if (item.finding.subject, item.control.id) not in covering:
            by_subject[item.finding.subject].append(item)
    asker = {subject: _asker(group) for subject, group in by_subject.items()}
    asked = (
        Asked(item, elsewhere)
        if (elsewhere := covering.get((item.finding.subject, item.control.id)))
        else _asked(item, asker[item.finding.subject], by_subject[item.finding.subject])
        for item in items
    )
    return tuple(_asked_for_user(each, whole) for each in asked)


def _asked_for_user(asked: Asked, whole: Mapping[str, Seen]) -> Asked:
    user = whole.get(asked.seen.finding.resource.principal_id)
    if user is None or asked.seen.control.id not in user.control.supersedes:
        return asked
    return Asked(asked.seen, user.control.id)


def _asked(item: Seen, asker: Seen, group: Sequence[Seen]) -> Asked:
    if len(group) == 1:
        return Asked(item, None)
    if item is not asker:
        return Asked(item, asker.control.id)
    others = sorted(other.control.id for other in group if other is not item)
    evidence = {**item.finding.evidence, "also": others}
    return Asked(replace(item, finding=replace(item.finding, evidence=evidence)), None)


def _asker(group: Sequence[Seen]) -> Seen:
    if len(group) == 1:
        return group[0]
    yielding: set[str] = set().union(*(item.control.supersedes for item in group))
    standing = [item for item in group if item.control.id not in yielding] or group
    return min(standing, key=lambda item: (item.finding.severity.rank, item.control.id))


def remedy(
    seen: Seen, snapshot: Snapshot, *, check: PlanCheck, change_stacks: bool = False
) -> Remediation:
    """The fix for a finding, turned into advice where Locksmith must keep its hands off.

    `check` refuses plans that touch protected identities. What a CloudFormation stack owns gets
    advice where to change it, unless `change_stacks`.
    """
    finding, control = seen.finding, seen.control
    needs = _missing(seen, snapshot)
    try:
        proposed = control.plan(finding, snapshot, seen.enabled.settings)
    except Exception as error:  # noqa: BLE001 - one control's bug must not end the scan
        proposed = defects.no_plan(control, finding, snapshot, error)
    if isinstance(proposed, Plan):
        # A template names no key yet, so its calls can't be judged; its owner's stack can.
        judge = _no_objection if needs == "key_id" else check
        proposed = _hands_off(proposed, seen, snapshot, judge, change_stacks=change_stacks)
    if isinstance(proposed, Manual):
        needs = "live_account" if snapshot.offline else None
        return Remediation("manual", proposed, None if needs else proposed.digest(), needs)
    return Remediation("plan", proposed, None if needs else proposed.digest(), needs)


def wait_for_watches(seen: Seen, fix: Remediation, looked_after: Container[str]) -> Remediation:
    """The fix, put off where it can't be undone and a change about the same thing is watched.

    `looked_after` are unique ids of principals, and subjects. Harm must be seen while everything
    can still be taken back; afterwards it is a question of its own.
    """
    about = (seen.finding.subject, seen.finding.resource.principal_id)
    if fix.risk is not Risk.IRREVERSIBLE or not any(each in looked_after for each in about):
        return fix
    return replace(fix, digest=None, needs=fix.needs or WATCH_OVER)


def _no_objection(_plan: Plan) -> None:
    return None


def owner_to_name(seen: Seen, snapshot: Snapshot) -> tuple[str, str] | None:
    """The user, by name and unique id, whose keys a plan must name and which nothing names yet."""
    resource = seen.finding.resource
    if resource.key is not None:
        named = resource.key.key_id is not None
        return None if named else (resource.key.user, resource.key.user_id)
    if resource.type != "user" or Part.KEY_NAMES not in seen.control.plan_needs:
        return None
    row = snapshot.report_rows.get(resource.arn)
    listed = resource.unique_id in snapshot.live_keys
    return (resource.name, resource.unique_id) if row and row.keys and not listed else None


def _missing(seen: Seen, snapshot: Snapshot) -> str | None:
    if owner_to_name(seen, snapshot) is not None:
        return "key_id"
    return "live_account" if snapshot.offline else None


def _hands_off(
    plan: Plan, seen: Seen, snapshot: Snapshot, check: PlanCheck, *, change_stacks: bool
) -> Plan | Manual:
    stack = None if change_stacks else stack_of(tags_of(seen.finding, snapshot))
    if stack:
        return Manual(
            plan.account,
            plan.subject,
            f"{seen.finding.resource.name} belongs to the CloudFormation stack {stack}; "
            "a change here would be drift that the next deployment takes back",
            (f"Change the template of the stack {stack} so that: {plan.summary}", "Deploy it"),
        )
    refused = check(plan)
    if refused is None:
        return plan
    by_hand = tuple(f"If you must, by hand: {step.summary}" for step in plan.steps)
    return Manual(plan.account, plan.subject, f"Locksmith won't do this: {refused}", by_hand)


def aliases(seen: Seen, snapshot: Snapshot) -> tuple[str, ...]:
    """Other fingerprints of the same violation: where the report had a key before it was named."""
    key = seen.finding.resource.key
    if key is None or key.key_id is None or Part.CREDENTIAL_REPORT not in snapshot.parts:
        return ()
    row = next(
        (snapshot.report_rows[arn] for arn in _arns_of(key.user, snapshot)),
        None,
    )
    if row is None:
        return ()
    return tuple(
        fingerprint(snapshot.account, seen.control.id, reported.subject)
        for reported in row.keys
        if reported.slot == key.slot
    )


def _arns_of(user_name: str, snapshot: Snapshot) -> tuple[str, ...]:
    if Part.USERS not in snapshot.parts:
        return ()
    user = snapshot.users_by_name.get(user_name)
    return (user.arn,) if user and user.arn in snapshot.report_rows else ()
