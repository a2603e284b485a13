"""The steps that leave the writing to a service with its writers, or why people must do it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.errors import PlanError
from bot.model import Expect, Json, Risk, Snapshot, Step
from bot.policy import document_size
from remediations._policy_reads import Holder, kind_of
from remediations._quotas import quota
from remediations.access_levels._splitting import READERS, Split
from remediations.least_privilege._documents import Narrowing
from remediations.least_privilege._holders import Meant, said
from remediations.least_privilege._narrow import narrow_inline, narrow_managed
from remediations.least_privilege._trim import doubt_of_narrowing, guarded, room_for
from remediations.managed_policies._swap import (
    PATH,
    attach,
    create_policy,
    delete_inline,
    detach,
    says,
)

# How long the name of a policy may be.
_LONGEST_NAME = 128


def steps_of(
    splits: tuple[Split, ...], snapshot: Snapshot, guards: Mapping[str, tuple[Expect, ...]]
) -> tuple[Step, ...]:
    """All of them, one policy after the other; each step can be taken back.

    The first step about a policy looks at the `guards` of that policy's subject too.
    """
    return tuple(
        step
        for number, split in enumerate(splits, 1)
        for step in _apart(
            guarded(tuple(_steps(split, snapshot)), guards.get(split.policy.subject, ())), number
        )
    )


def why_not(split: Split, snapshot: Snapshot) -> str | None:
    """What stands against one of them."""
    policy, new = split.policy, split.document
    meant = Meant(snapshot, ())
    for holder in split.readers:
        for who, why in meant.spared(holder):
            return f"the change of {policy.label} would hit {who}, which is {why}"
    doubt = doubt_of_narrowing(policy, new, f"{policy.label} without the writing")
    if doubt or new is None:
        return doubt
    return _no_room(split, new, snapshot)


def _no_room(split: Split, new: Mapping[str, Json], snapshot: Snapshot) -> str | None:
    policy = split.policy
    if document_size(dict(new)) > room_for(policy, snapshot):
        return f"{policy.label} without the writing is longer than AWS allows"
    if policy.managed is None:
        return None
    if split.is_whole:
        full = len(policy.managed.versions) >= quota(snapshot, "VersionsPerPolicyQuota")
        return f"{policy.name} has as many versions as AWS allows" if full else None
    name = policy.name + READERS
    if len(name) > _LONGEST_NAME:
        return f"the name {name} is longer than AWS allows"
    if any(each.name.casefold() == name.casefold() for each in snapshot.customer_policies):
        return f"there is a policy {name} already"
    full_up = next((each for each in split.readers if _is_full(each, snapshot)), None)
    return f"{said(full_up)} has as many policies as AWS allows" if full_up else None


def _is_full(holder: Holder, snapshot: Snapshot) -> bool:
    return len(holder.attached) >= quota(snapshot, f"AttachedPoliciesPer{kind_of(holder)}Quota")


def _steps(split: Split, snapshot: Snapshot) -> Iterator[Step]:
    policy, new = split.policy, split.document
    if policy.inline is not None:
        holder = policy.holders[0]
        if new is None:
            step = delete_inline("delete-inline", holder, policy.inline, ())
            yield replace(step, risk=Risk.DISRUPTIVE)
        else:
            change = Narrowing(policy.document.as_json(), new)
            yield from narrow_inline(holder, policy.inline, change)
    elif policy.managed is not None and new is not None and split.is_whole:
        change = Narrowing(policy.document.as_json(), new)
        yield from narrow_managed(policy.managed, change, snapshot)
    else:
        yield from _moved(split, snapshot)


def _moved(split: Split, snapshot: Snapshot) -> Iterator[Step]:
    """Each reader gets the policy for readers, and then loses the one for writers."""
    policy, new = split.policy, split.document
    if policy.managed is None:
        raise PlanError(f"{policy.label} is neither managed nor inline")
    old = policy.managed
    same = says(old.arn, old.default.id, policy.document.as_json())
    arn = snapshot.account.iam_arn(f"policy{PATH}{old.name}{READERS}")
    instead: tuple[Expect, ...] = ()
    if new is not None:
        yield create_policy(old.name + READERS, new, snapshot.account, same)
        instead = says(arn, "v1", new)
    for number, holder in enumerate(split.readers, 1):
        guards = same
        if new is not None:
            step = attach(f"attach-{number}", holder, arn, (*same, *instead), made=True)
            yield step
            guards = (*same, *instead, *step.after)
        yield detach(f"detach-{number}", holder, old.arn, guards, risk=Risk.DISRUPTIVE)


def _apart(steps: tuple[Step, ...], number: int) -> Iterator[Step]:
    """The steps under names of their own, so that several policies make one plan."""
    if number == 1:
        yield from steps
        return

    # What they refer to are outputs of each other.
    def renamed(value: Any) -> Any:
        if isinstance(value, Mapping):
            output = value.get("$output")
            if isinstance(output, str):
                name, _, rest = output.partition(".")
                return {"$output": f"{name}-of-{number}.{rest}"}
            return {key: renamed(each) for key, each in value.items()}
        return [renamed(each) for each in value] if isinstance(value, list | tuple) else value

    for step in steps:
        yield replace(
            step,
            name=f"{step.name}-of-{number}",
            do=replace(step.do, params=renamed(step.do.params)),
            undo=step.undo and replace(step.undo, params=renamed(step.undo.params)),
            before=tuple(
                replace(each, read=replace(each.read, params=renamed(each.read.params)))
                for each in step.before
            ),
            after=tuple(
                replace(each, read=replace(each.read, params=renamed(each.read.params)))
                for each in step.after
            ),
        )
