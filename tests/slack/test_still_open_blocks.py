"""What stays open after a change is told for as long as it can be so, and only for what holds."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.model import Call, Outcome, Plan
from bot.policy import CONTAINMENT_FENCE
from bot.slack.blocks.still_open import still_open
from tests.reports.samples import DEACTIVATE, DELETE, NOW, PLAN, execution

OFF = NOW - timedelta(days=1) + timedelta(seconds=6)


def open_after(hours: float, plan: Plan = PLAN, outcome: Outcome = Outcome.HOLDS) -> list[datetime]:
    known = execution()
    steps = tuple(replace(step, outcome=outcome) for step in known.steps)
    left = still_open(replace(known, steps=steps), plan, OFF + timedelta(hours=hours))
    return [each.until for each in left]


@pytest.mark.parametrize(
    ("hours", "left"), [(0, (12, 36)), (11.9, (12, 36)), (12, (36,)), (35.9, (36,)), (36, ())]
)
def test_sessions_of_a_key_outlive_it_for_so_long(hours: float, left: tuple[int, ...]) -> None:
    assert open_after(hours) == [OFF + timedelta(hours=each) for each in left]


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.HOLDS])
def test_what_was_not_seen_to_hold_ended_nothing(outcome: Outcome) -> None:
    assert open_after(0, outcome=outcome) == []


def with_call(call: Call) -> Plan:
    return replace(PLAN, steps=(replace(DEACTIVATE, do=call),))


def test_only_what_ends_a_key_leaves_its_sessions() -> None:
    on = replace(DEACTIVATE.do, params={**DEACTIVATE.do.params, "Status": "Active"})

    assert open_after(0, with_call(on)) == []
    assert open_after(0, with_call(Call("iam", "UpdateRole"))) == []
    assert open_after(0, with_call(replace(DEACTIVATE.do, service="other"))) == []
    assert len(open_after(0, with_call(DELETE.do))) == 2


def test_a_fence_ends_all_but_the_sessions_of_roles() -> None:
    named = {"UserName": "ann", "PolicyName": CONTAINMENT_FENCE}
    fenced = with_call(Call("iam", "PutUserPolicy", named))
    deny = {"UserName": "ann", "PolicyArn": PLAN.account.aws_policy_arn("AWSDenyAll")}
    both = replace(fenced, steps=(*fenced.steps, replace(DEACTIVATE, name="key")))

    for plan in (fenced, with_call(Call("iam", "AttachUserPolicy", deny)), both):
        assert open_after(0, plan) == [OFF + timedelta(hours=12)]
        assert open_after(12, plan) == []
    other = {**named, "PolicyName": "other"}
    assert open_after(0, with_call(Call("iam", "PutUserPolicy", other))) == []
