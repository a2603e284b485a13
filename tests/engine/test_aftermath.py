"""What a look after a change amounts to: harm, quiet with what nobody sees, or unknown."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.aws.after_change import Denial, KeyState, Reason
from bot.engine.aftermath import Judgement, Kind, Sight, Taken, judge, taken, together
from bot.model import (
    MFA_FENCE,
    Call,
    ExecutionRecord,
    Expect,
    Operator,
    Origin,
    Outcome,
    Plan,
    ProposalRecord,
    ProposalState,
    Risk,
    Step,
    StepRecord,
)
from tests.store.samples import ACCOUNT, ALICE

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = Taken(Kind.KEY, "carol", "AIDACAROL", key_id="AKIA1", used_before="2026-08-01T00:00:00Z")
FENCE = Taken(Kind.FENCE, "carol", "AIDACAROL")
NARROWED = Taken(Kind.NARROWED, "carol", "AIDACAROL")
OLD = datetime(2026, 8, 1, tzinfo=UTC)


def denial(reason: Reason, action: str = "s3:ListAllMyBuckets") -> Denial:
    return Denial(AT, action, reason, "e-1", "us-east-1")


def seen_in(*denials: Denial, roles: int = 0, unread: tuple[str, ...] = ()) -> Sight:
    return Sight(denials=denials, regions=("us-east-1",), users=1, roles=roles, unread=unread)


@pytest.mark.parametrize(
    ("what", "sight", "harm"),
    [
        (KEY, Sight(KeyState("Inactive", OLD)), ""),
        (KEY, Sight(KeyState("Inactive", None)), ""),
        (KEY, Sight(KeyState("Inactive", AT, "s3")), "was used with s3 at 2026-11-24 12:00 UTC"),
        (replace(KEY, used_before="never"), Sight(KeyState("Inactive", OLD, "N/A")), "was used at"),
        (KEY, Sight(KeyState("Active", OLD)), "somebody has switched AKIA1 of carol on again"),
        (KEY, Sight(KeyState(None, None)), ""),
        (KEY, Sight(unread=("the state of AKIA1: AccessDenied",)), ""),
        (FENCE, seen_in(), ""),
        (FENCE, seen_in(denial(Reason.EXPLICIT)), "refused s3:ListAllMyBuckets (1) since"),
        (FENCE, seen_in(denial(Reason.IMPLICIT)), ""),
        (FENCE, seen_in(denial(Reason.OTHER)), ""),
        (FENCE, seen_in(denial(Reason.UNTOLD)), ""),
        (NARROWED, seen_in(denial(Reason.IMPLICIT)), "refused s3:ListAllMyBuckets (1) since"),
        (NARROWED, seen_in(denial(Reason.EXPLICIT)), ""),
    ],
)
def test_harm(what: Taken, sight: Sight, harm: str) -> None:
    found = judge(what, sight).harm
    assert bool(found) is bool(harm)
    assert harm in "".join(found)


@pytest.mark.parametrize(
    ("what", "sight", "unknown"),
    [
        (KEY, Sight(unread=("the state of AKIA1: AccessDenied",)), "the state of AKIA1"),
        (replace(KEY, used_before=None), Sight(KeyState("Inactive", AT)), "had been used before"),
        (FENCE, seen_in(denial(Reason.UNTOLD)), "why AWS refused s3:ListAllMyBuckets (1)"),
        (FENCE, Sight(users=1, unread=("what was refused in us-east-1: no",)), "what was refused"),
        (NARROWED, seen_in(roles=1), "can't be looked up by their role"),
        (Taken(Kind.NARROWED, role="app"), Sight(regions=("us-east-1",)), "by their role"),
    ],
)
def test_what_was_not_seen_is_unknown_and_never_quiet(
    what: Taken, sight: Sight, unknown: str
) -> None:
    found = judge(what, sight)
    assert found.harm == ()
    assert unknown in "".join(found.unknown)


def test_where_nothing_could_be_read_nothing_was_looked_at() -> None:
    unread = ("what was refused in us-east-1: no",)
    assert judge(FENCE, Sight(users=1, unread=unread)).looked == ()
    assert judge(KEY, Sight(unread=unread)).looked == ()
    assert judge(Taken(Kind.NARROWED, role="app"), Sight(regions=("us-east-1",))).looked == ()
    assert not judge(FENCE, seen_in(unread=unread)).whole
    assert judge(FENCE, seen_in()).whole


def test_what_nobody_can_see_is_said_with_quiet() -> None:
    key = judge(KEY, Sight(KeyState("Inactive", OLD)))
    assert key.looked == ("the status and the last use of AKIA1",)
    assert "leaves no entry anywhere" in key.blind[0]
    fence = judge(FENCE, seen_in())
    assert fence.looked == ("calls that were refused to carol, by CloudTrail in us-east-1",)
    assert "15 minutes late, of management events only" in fence.blind[0]


def test_many_calls_are_counted_and_the_most_frequent_named() -> None:
    many = [denial(Reason.EXPLICIT, f"s3:Get{n}") for n in range(7)]
    (harm,) = judge(FENCE, seen_in(*many, denial(Reason.EXPLICIT, "s3:Get6"))).harm
    assert "s3:Get6 (2)" in harm
    assert "and 2 other calls" in harm


def test_several_things_are_judged_together() -> None:
    one = Judgement(("a",), ("b",), by_hand=True)
    both = together([one, Judgement(("a", "c"), whole=False)])
    assert both.harm == ("a", "c")
    assert (both.by_hand, both.whole) == (False, False)
    assert together([one]).by_hand
    assert not together([]).by_hand


def step(operation: str, undo: str, risk: Risk = Risk.DISRUPTIVE, **params: Any) -> Step:
    user = Call("iam", "GetUser", {"UserName": "carol"})
    return Step(
        "do",
        "Do it",
        risk,
        (
            Expect(user, "User.UserId", Operator.EQUALS, "AIDACAROL"),
            Expect(
                Call("iam", "GetAccessKeyLastUsed", {"AccessKeyId": "AKIA1"}),
                "AccessKeyLastUsed.LastUsedDate || 'never'",
                Operator.OLDER_THAN,
                45,
            ),
        ),
        Call("iam", operation, params),
        (Expect(user, "User.UserId", Operator.EQUALS, "AIDACAROL"),),
        undo=Call("iam", undo, params),
    )


DEACTIVATE = step(
    "UpdateAccessKey", "UpdateAccessKey", UserName="carol", AccessKeyId="AKIA1", Status="Inactive"
)
PUT_FENCE = step(
    "PutUserPolicy", "DeleteUserPolicy", UserName="carol", PolicyName="Locksmith-RequireMFA"
)


def until_mfa(operator: str) -> Step:
    """The fence until MFA, which spares keys with `Bool`."""
    document = json.dumps({"Condition": {operator: {"aws:MultiFactorAuthPresent": "false"}}})
    named = {"UserName": "carol", "PolicyName": MFA_FENCE, "PolicyDocument": document}
    return step("PutUserPolicy", "DeleteUserPolicy", **named)


NARROW = step("PutUserPolicy", "PutUserPolicy", UserName="carol", PolicyName="all")
SET_DEFAULT = step("SetDefaultPolicyVersion", "SetDefaultPolicyVersion", PolicyArn="arn:p")
DETACH = step("DetachRolePolicy", "AttachRolePolicy", RoleName="app", PolicyArn="arn:p")
LAST = "iam:GetAccessKeyLastUsed(AccessKeyId=AKIA1) AccessKeyLastUsed.LastUsedDate || 'never'"


def carried_out(
    done: Step, *, origin: Origin = Origin.FINDING, outcome: Outcome = Outcome.HOLDS
) -> tuple[ProposalRecord, ExecutionRecord]:
    plan = Plan(ACCOUNT, "s", (done,), "Do it", ("x",))
    proposal = ProposalRecord(
        "p-1", ACCOUNT, "s", origin, ProposalState.DONE, plan.digest(), plan, "c", "f-1", AT, AT
    )
    journal = StepRecord(0, "do", outcome, AT, seen_before={LAST: "2026-08-01T00:00:00Z"})
    done_at = AT + timedelta(seconds=9)
    return proposal, ExecutionRecord(
        "x-1", "p-1", ACCOUNT, ALICE, AT, done_at, ProposalState.DONE, "", (journal,)
    )


@pytest.mark.parametrize(
    ("done", "what"),
    [
        (DEACTIVATE, KEY),
        (PUT_FENCE, FENCE),
        (until_mfa("Bool"), None),
        (until_mfa("BoolIfExists"), FENCE),
        (NARROW, NARROWED),
        (SET_DEFAULT, Taken(Kind.NARROWED, user_id="AIDACAROL", policy="arn:p")),
        (DETACH, Taken(Kind.NARROWED, user_id="AIDACAROL", role="app")),
        (replace(DETACH, risk=Risk.REVERSIBLE), None),
        (step("CreateGroup", "DeleteGroup", GroupName="g"), None),
        (step("UpdateAccessKey", "UpdateAccessKey", UserName="carol", Status="Active"), None),
    ],
)
def test_what_is_watched(done: Step, what: Taken | None) -> None:
    assert taken(*carried_out(done)) == (() if what is None else (what,))


@pytest.mark.parametrize("origin", [Origin.UNDO, Origin.COMMAND])
def test_neither_undos_nor_containments_are_watched(origin: Origin) -> None:
    assert taken(*carried_out(DEACTIVATE, origin=origin)) == ()


def test_what_does_not_hold_is_not_watched() -> None:
    assert taken(*carried_out(DEACTIVATE, outcome=Outcome.NOT_APPLIED)) == ()
