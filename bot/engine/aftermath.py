"""What is looked at after a change, and what shows that it did harm. Pure.

Quiet is said only of what could be looked at, and with it what nobody can see: a key that is off
leaves no entry anywhere when something tries it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.aws.after_change import Denial, KeyState, Reason
from bot.engine.looking import Seen
from bot.model import (
    MFA_FENCE,
    Call,
    ExecutionRecord,
    Json,
    Operator,
    Origin,
    Outcome,
    Plan,
    ProposalRecord,
    Risk,
    Step,
    is_placed_by_locksmith,
)

_NEVER = "never"
_NARROWING = {
    f"{verb}{kind}Policy"
    for verb in ("Put", "Detach", "Delete")
    for kind in ("User", "Group", "Role")
} | {"SetDefaultPolicyVersion"}
_MOST_ACTIONS = 5
_KEYS_ARE_SILENT = (
    "A key that is off leaves no entry anywhere when something tries it: that {key} is quiet only "
    "means that nobody asked for it back"
)
_REFUSALS_ARE_LATE = (
    "CloudTrail shows refusals up to 15 minutes late, of management events only, and those of "
    "other Regions were not looked at"
)


class Kind(StrEnum):
    """What a step did that is worth watching."""

    KEY = "a key was switched off"
    FENCE = "a user was fenced"
    NARROWED = "rights were taken"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one step changed: a key of a user, or the rights of a user, group, role or policy.

    `user_id` is empty where the plan doesn't tell it. `used_before` is a key's last use as it was
    seen just before the change: None where that isn't known, and `never` for a key without any.
    """

    kind: Kind
    user: str = ""
    user_id: str = ""
    group: str = ""
    role: str = ""
    policy: str = ""
    key_id: str = ""
    used_before: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look saw of what one step changed.

    `key` is None where its state could not be read, `regions` are those whose event history was
    read, `roles` how many roles the change reaches. `unread` says in sentences what could not be.
    """

    key: KeyState | None = None
    denials: Sequence[Denial] = ()
    regions: Sequence[str] = ()
    users: int = 0
    roles: int = 0
    unread: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a look amounts to, in sentences.

    `by_hand` where someone has taken the change back elsewhere: then nothing is left to undo.
    `whole` where everything that can be read was.
    """

    harm: tuple[str, ...] = ()
    looked: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    by_hand: bool = False
    whole: bool = True


def taken(proposal: ProposalRecord, execution: ExecutionRecord) -> tuple[Taken, ...]:
    """What of an execution is worth watching: the steps that took something from someone and hold.

    Only fixes of findings are: who is contained in an incident is meant to be refused, and an undo
    gives back.
    """
    plan = proposal.plan
    if proposal.origin is not Origin.FINDING or not isinstance(plan, Plan):
        return ()
    seen = {
        each.name: each.seen_before or {}
        for each in execution.steps
        if each.outcome is Outcome.HOLDS
    }
    found = (_taken(step, seen[step.name]) for step in plan.steps if step.name in seen)
    return tuple(each for each in found if each is not None)


def judge(what: Taken, sight: Sight) -> Judgement:
    """What a look at what one step changed amounts to."""
    seen = _judge_key(what, sight) if what.kind is Kind.KEY else _judge_rights(what, sight)
    unknown = (*sight.unread, *seen.unknown)
    return replace(seen, unknown=unknown, whole=not sight.unread)


def together(judgements: Sequence[Judgement]) -> Judgement:
    """What all of them say, each sentence once."""

    def once(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line for each in judgements for line in getattr(each, name)))

    return Judgement(
        once("harm"),
        once("looked"),
        once("unknown"),
        once("blind"),
        bool(judgements) and all(each.by_hand for each in judgements),
        all(each.whole for each in judgements),
    )


def _taken(step: Step, seen: Mapping[str, Json]) -> Taken | None:
    call = step.do
    if call.service != "iam":
        return None
    user = _text(call, "UserName")
    user_id = _user_id(step)
    if call.operation == "UpdateAccessKey" and call.params.get("Status") == "Inactive":
        before = _used_before(step, seen)
        return Taken(Kind.KEY, user, user_id, key_id=_text(call, "AccessKeyId"), used_before=before)
    if _is_fence(step):
        return None if _only_waits_for_mfa(step) else Taken(Kind.FENCE, user, user_id)
    if call.operation not in _NARROWING or step.risk is not Risk.DISRUPTIVE:
        return None
    group, role = _text(call, "GroupName"), _text(call, "RoleName")
    of_itself = call.operation == "SetDefaultPolicyVersion"
    policy = _text(call, "PolicyArn") if of_itself else ""
    return Taken(Kind.NARROWED, user, user_id, group, role, policy)


def _is_fence(step: Step) -> bool:
    """A deny policy of ours, put where none of its name was."""
    return (
        step.do.operation == "PutUserPolicy"
        and is_placed_by_locksmith(_text(step.do, "PolicyName"))
        and step.undo is not None
        and step.undo.operation == "DeleteUserPolicy"
    )


def _only_waits_for_mfa(step: Step) -> bool:
    """A fence until MFA that spares keys: that sessions without MFA are refused is no harm."""
    spares_keys = "BoolIfExists" not in _text(step.do, "PolicyDocument")
    return _text(step.do, "PolicyName") == MFA_FENCE and spares_keys


def _judge_key(what: Taken, sight: Sight) -> Judgement:
    key, state = what.key_id, sight.key
    blind = (_KEYS_ARE_SILENT.format(key=key),)
    if state is None:
        return Judgement(blind=blind)
    looked = (f"the status and the last use of {key}",)
    if state.status is None:
        return Judgement(looked=looked, blind=blind, by_hand=True)
    if state.status == "Active":
        harm = f"somebody has switched {key} of {what.user} on again"
        return Judgement((harm,), looked, blind=blind, by_hand=True)
    if what.used_before is None:
        unknown = f"when {key} had been used before it was switched off"
        return Judgement(looked=looked, unknown=(unknown,), blind=blind)
    return Judgement(tuple(_used_late(what, state)), looked, blind=blind)


def _used_late(what: Taken, state: KeyState) -> Iterator[str]:
    if state.last_used is None or not _is_later(state.last_used, what.used_before or _NEVER):
        return
    by = f" with {state.service}" if state.service not in ("", "N/A") else ""
    yield (
        f"{what.key_id} of {what.user} was used{by} at {state.last_used:%Y-%m-%d %H:%M} UTC, which "
        "AWS did not show yet when it was switched off"
    )


def _judge_rights(what: Taken, sight: Sight) -> Judgement:
    caused = Reason.EXPLICIT if what.kind is Kind.FENCE else Reason.IMPLICIT
    ours = [each for each in sight.denials if each.reason is caused]
    untold = [each for each in sight.denials if each.reason is Reason.UNTOLD]
    unknown = [f"why AWS refused {_calls(untold)}"] if untold else []
    if what.role or sight.roles:
        unknown.append("what sessions of roles were refused: they can't be looked up by their role")
    looked: tuple[str, ...] = ()
    if sight.regions and sight.users:
        whom = what.user or f"{sight.users} users"
        where = ", ".join(sight.regions)
        looked = (f"calls that were refused to {whom}, by CloudTrail in {where}",)
    return Judgement(tuple(_refused(what, ours)), looked, tuple(unknown), (_REFUSALS_ARE_LATE,))


def _refused(what: Taken, ours: Sequence[Denial]) -> Iterator[str]:
    if not ours:
        return
    why = "the fence" if what.kind is Kind.FENCE else "what was taken away"
    last = max(each.at for each in ours)
    yield (
        f"AWS refused {_calls(ours)} since, for which {why} can be the reason; last at "
        f"{last:%Y-%m-%d %H:%M} UTC"
    )


def _calls(denials: Sequence[Denial]) -> str:
    counts = Counter(each.action for each in denials).most_common()
    named = ", ".join(f"{action} ({n})" for action, n in counts[:_MOST_ACTIONS])
    more = len(counts) - _MOST_ACTIONS
    return f"{named} and {more} other calls" if more > 0 else named


def _is_later(now: datetime, before: str) -> bool:
    return before == _NEVER or now > datetime.fromisoformat(before)


def _used_before(step: Step, seen: Mapping[str, Json]) -> str | None:
    """The key's last use, by what was seen before the call."""
    for expect in step.before:
        if expect.read.operation == "GetAccessKeyLastUsed":
            value = seen.get(Seen(expect, None, holds=True).label)
            return value if isinstance(value, str) else None
    return None


def _user_id(step: Step) -> str:
    for expect in step.before:
        is_id = (expect.read.operation, expect.path) == ("GetUser", "User.UserId")
        if is_id and expect.operator is Operator.EQUALS and isinstance(expect.value, str):
            return expect.value
    return ""


def _text(call: Call, name: str) -> str:
    value = call.params.get(name)
    return value if isinstance(value, str) else ""
