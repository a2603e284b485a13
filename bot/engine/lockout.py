"""Keeps an account governable: two people who administer it stay, and so does the break-glass."""

from collections.abc import Mapping

from bot.engine.administrators import MACHINES, WORKS, Administrators
from bot.engine.effects import credential_taken, reached_by
from bot.model import Plan, Protection, Step

#: How many people must be able to set things right once a plan is through.
LEAST = 2


def lockout(plan: Plan, now: Administrators, protection: Protection) -> str | None:
    """Why this plan could leave nobody to set things right, or None. Every prefix is judged too.

    Only a plan that takes administration, or a way to it, from someone who has it now is
    measured. Whoever it may take it from counts as lost. To stay counts a person who surely gets
    in: a user with a password or a key, once, however many roles are open to them, and each role
    that people from outside assume; no service, no web identity, and not Locksmith.
    """
    reached = frozenset[str]().union(*(reached_by(step.do, now.entities) for step in plan.steps))
    if not reached & now.governing():
        return None
    people = _people(now, set(), set(), protection)
    if _enough_out_of_reach(reached, people, now, protection):
        return None
    ranks = now.ranks()
    lost: set[str] = set()
    shut_out: set[str] = set()
    then = now
    for step in plan.steps:
        then = then.after(step)
        shut_out |= _without_credential(step, now)
        lost |= _worse(ranks, now, then) | shut_out & ranks.keys()
        staying = _people(then, lost, shut_out, protection)
        gone = people - staying | {arn for arn in lost if now.who_gets_in(arn)}
        reason = _reason(gone, staying, protection)
        if reason:
            return f"{reason} after step {step.name}"
    return None


def _enough_out_of_reach(
    reached: frozenset[str], people: frozenset[str], now: Administrators, protection: Protection
) -> bool:
    """Whether people enough administer in ways that the plan can't touch, and no break-glass can.

    Spares large accounts with many administrators the measuring of each plan step by step.
    """
    touched = reached.union(*(now.who_gets_in(arn) for arn in reached))
    if any(protection.is_break_glass(arn) for arn in touched):
        return False
    return len(people - touched) >= LEAST


def _people(
    state: Administrators, lost: set[str], shut_out: set[str], protection: Protection
) -> frozenset[str]:
    """Who surely administers: people, each once, in whatever way they come.

    Not as one of those `lost`, and nobody who is `shut_out`.
    """
    found = frozenset[str]().union(
        *(
            state.who_gets_in(arn)
            for arn, rank in state.ranks().items()
            if rank >= WORKS and arn not in lost and not protection.is_own(arn)
        )
    )
    found -= shut_out | {MACHINES}
    return frozenset(arn for arn in found if not protection.is_own(arn))


def _worse(ranks: Mapping[str, int], now: Administrators, then: Administrators) -> set[str]:
    """Whose administration is less sure than before, and the roles that nobody gets into now."""
    left = then.ranks()
    fewer = {arn for arn, rank in ranks.items() if left.get(arn, 0) < rank}
    shut = {
        arn
        for arn in ranks
        if ":role/" in arn and now.who_gets_in(arn) and not then.who_gets_in(arn)
    }
    return fewer | shut


def _without_credential(step: Step, now: Administrators) -> set[str]:
    name = credential_taken(step.do)
    user = now.entities.users.get(name.casefold()) if name else None
    return {user.arn} if user else set()


def _reason(gone: frozenset[str], staying: frozenset[str], protection: Protection) -> str | None:
    if not gone:
        return None
    for arn in sorted(gone):
        if protection.is_break_glass(arn):
            return f"{arn}, a break-glass identity, would no longer administer the account"
    if len(staying) >= LEAST:
        return None
    who = ", ".join(sorted(gone))
    return (
        f"{who} would no longer administer the account, which would leave {len(staying)} working "
        f"administrators; {LEAST} must stay"
    )
