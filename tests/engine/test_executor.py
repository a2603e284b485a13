"""The executor: success is an observed effect, and every other end is exactly what is known."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from sqlalchemy import text

from bot.engine.attempt import account_lease
from bot.engine.executor import VerifySettings
from bot.engine.guardrails import Guard
from bot.engine.recovery import recover
from bot.errors import (
    LostRaceError,
    NotFoundError,
    ProtectedError,
    RefusedError,
    StaleError,
)
from bot.model import (
    Account,
    Manual,
    Outcome,
    Output,
    Plan,
    ProposalState,
    Protection,
    Verdict,
)
from bot.store import audit, leases, proposals
from tests.engine.bench import ALICE, Bench
from tests.engine.plans import (
    ACCOUNT,
    allow,
    attach,
    deactivate_key,
    delete_key,
    detach,
    iam,
    new_version,
    plan,
)

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"


class Crash(BaseException):
    """The process ends here, as by an interrupt."""


def crash_at(label: str) -> Any:
    """A yield point that crashes at the first place called `label`."""

    def yield_point(here: str) -> None:
        if here == label:
            raise Crash(label)

    return yield_point


def do_at(label: str, action: Any) -> Any:
    """A yield point that does something, once, at the first place called `label`."""
    todo = [action]

    def yield_point(here: str) -> None:
        if here == label and todo:
            todo.pop()()

    return yield_point


def two_steps() -> Plan:
    """Give carol one policy, then take another away."""
    return plan(attach("user", "carol", READ_ONLY), detach("user", "carol", BILLING))


def test_a_plan_is_carried_out_and_its_effect_observed(bench: Bench, carols_key: str) -> None:
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    assert record.state is ProposalState.DONE
    (step,) = record.steps
    assert step.outcome is Outcome.HOLDS
    assert step.request_id
    assert "Active" in (step.seen_before or {}).values()
    assert bench.key_status("carol") == "Inactive"
    assert bench.writes() == ["UpdateAccessKey"]
    assert bench.proposal(record.proposal_id).state is ProposalState.DONE


def test_the_audit_log_tells_the_way_in_order(bench: Bench, carols_key: str) -> None:
    """Intent before answer before proof, each with what belongs to it."""
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    with bench.store.read() as tx:
        events = audit.events(tx, subject=record.id)
        assert audit.verify(tx).ok
    assert [event.event for event in events] == [
        "execution.started",
        "step.intended",
        "step.answered",
        "step.holds",
        "execution.finished",
    ]
    answered = events[2]
    assert answered.data["request_id"] == record.steps[0].request_id


# What stops a plan before anything is written


def test_a_key_used_since_makes_the_plan_stale(bench: Bench, carols_key: str) -> None:
    """Nothing is written, and the proposal says why and what was seen."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    bench.account.use_key(carols_key, at=bench.account.ago(minutes=12))
    with pytest.raises(StaleError, match="the key was used since"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    stale = bench.proposal(proposal_id)
    assert stale.state is ProposalState.STALE
    assert "2026-11-24T11:48:00Z" in stale.why
    assert bench.execution(proposal_id).steps == ()


def test_a_world_that_drifted_makes_the_plan_stale(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    bench.cloud.client().update_access_key(
        UserName="carol", AccessKeyId=carols_key, Status="Inactive"
    )
    bench.cloud.calls.clear()
    with pytest.raises(StaleError, match="not active any more"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_a_user_made_anew_under_the_same_name_makes_the_plan_stale(
    bench: Bench, carols_key: str
) -> None:
    """Names are reused, unique ids never are."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    iam_client = bench.cloud.client()
    iam_client.delete_access_key(UserName="carol", AccessKeyId=carols_key)
    iam_client.delete_user(UserName="carol")
    bench.account.user("carol")
    bench.account.key("carol")
    bench.cloud.calls.clear()
    with pytest.raises(StaleError):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        pytest.param("plan", "REPLACE", "stored plan has the digest", id="plan"),
        pytest.param("digest", "sha256:" + "0" * 64, "stored plan has the digest", id="digest"),
    ],
)
def test_a_row_changed_after_the_approval_is_never_carried_out(
    bench: Bench, carols_key: str, column: str, value: str, said: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with bench.store.engine.begin() as connection:
        if value == "REPLACE":
            value = connection.execute(
                text("SELECT plan FROM proposal WHERE id = :id"), {"id": proposal_id}
            ).scalar_one()
            value = value.replace('"value":45', '"value":0')
        connection.execute(
            text(f"UPDATE proposal SET {column} = :value WHERE id = :id"),  # noqa: S608 - a column of this test
            {"value": value, "id": proposal_id},
        )
    with pytest.raises(StaleError, match=said):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.STALE


def test_a_row_whose_plan_and_digest_were_both_changed_lacks_its_approval(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    other = plan(delete_key("carol", carols_key))
    with bench.store.engine.begin() as connection:
        text_of = bench.propose(replace(other, subject="elsewhere"))
        stored = connection.execute(
            text("SELECT plan, digest FROM proposal WHERE id = :id"), {"id": text_of}
        ).one()
        connection.execute(
            text("UPDATE proposal SET plan = :plan, digest = :digest WHERE id = :id"),
            {"plan": stored.plan, "digest": stored.digest, "id": proposal_id},
        )
    with pytest.raises(StaleError, match="approved is another one"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_nobody_approved_means_nothing_happens(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.propose(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(RefusedError, match="nobody has approved it"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.PROPOSED


def test_a_done_proposal_is_not_done_again(bench: Bench, carols_key: str) -> None:
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(LostRaceError, match="is done since"):
        bench.executor().apply(record.proposal_id, ALICE)
    assert bench.writes() == ["UpdateAccessKey"]


def test_advice_is_not_carried_out(bench: Bench) -> None:
    advice = Manual(ACCOUNT, "root", "AWS gives no API", ("Sign in",))
    proposal_id = bench.propose(advice)
    with pytest.raises(RefusedError, match="made by hand"):
        bench.executor().apply(proposal_id, ALICE)


def test_an_unknown_proposal_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        bench.executor().apply("p-nothing", ALICE)


def test_another_accounts_plan_is_left_as_it_is(bench: Bench, carols_key: str) -> None:
    """The caller has the wrong credentials; the approval still stands for the right ones."""
    foreign = Account("999999999999")
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key), account=foreign))
    with pytest.raises(StaleError, match="for account 999999999999"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED


def test_a_protected_identity_blocks_the_plan(bench: Bench, carols_key: str) -> None:
    bench.protection = Protection(break_glass=("arn:aws:iam::*:user/carol",))
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(ProtectedError, match="break-glass"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.BLOCKED


@pytest.mark.parametrize("label", ["claimed", "before-intent"])
def test_a_denial_wins_until_the_first_intent(bench: Bench, carols_key: str, label: str) -> None:
    """The decisions are judged again in the transaction that writes the intent."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at(label, lambda: bench.decide(proposal_id, Verdict.DENY, None))
    )
    with pytest.raises(RefusedError, match="denied it"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.DENIED
    looked = bool(bench.cloud.calls.counts)
    assert looked is (label == "before-intent"), "what was denied is not even looked at"


def test_a_denial_before_the_claim_wins(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at(
            "leased", lambda: bench.decide(proposal_id, Verdict.DENY, ProposalState.DENIED)
        )
    )
    with pytest.raises(LostRaceError, match="is denied since"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_while_another_process_holds_the_account_nothing_starts(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    other = bench.executor(holder="elsewhere/7/1").ports
    with (
        account_lease(other, ACCOUNT.id),
        pytest.raises(LostRaceError, match="being changed by elsewhere/7/1"),
    ):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED


def test_a_process_that_slept_through_its_lease_sends_nothing(
    bench: Bench, carols_key: str
) -> None:
    """Stopped between intent and call, then woken: another one has taken the account over."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))

    def rival() -> None:
        bench.clock.pass_time(minutes=10)
        with bench.store.write() as tx:
            leases.acquire(tx, ACCOUNT.id, "elsewhere/7/1", bench.executor().ports.lease_time)

    executor = bench.executor(yield_point=do_at("after-intent", rival))
    with pytest.raises(LostRaceError, match="elsewhere/7/1 holds it now"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.execution(proposal_id).steps[0].outcome is Outcome.INTENDED


def test_a_lease_that_ran_out_sends_nothing_either(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at("after-intent", lambda: bench.clock.pass_time(minutes=10))
    )
    with pytest.raises(LostRaceError, match="ran out"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_what_cant_be_read_before_the_first_step_leaves_the_approval(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    bench.cloud.fault("iam:GetAccessKeyLastUsed", "error:AccessDenied")
    with pytest.raises(Exception, match="GetAccessKeyLastUsed failed: AccessDenied"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED
    assert bench.executor().apply(proposal_id, ALICE).state is ProposalState.DONE


# What AWS answers to the write


@pytest.mark.parametrize(
    "fault",
    [
        "error:AccessDenied",
        "error:LimitExceeded",
        "error:EntityTemporarilyUnmodifiable",
        "throttle",
    ],
)
def test_a_refusal_is_certainly_not_applied(bench: Bench, carols_key: str, fault: str) -> None:
    bench.cloud.fault("iam:UpdateAccessKey", fault)
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    assert record.state is ProposalState.FAILED
    (step,) = record.steps
    assert step.outcome is Outcome.NOT_APPLIED
    assert step.error
    assert step.error in record.why
    assert bench.key_status("carol") == "Active"
    assert bench.sent() == ["UpdateAccessKey"]


@pytest.mark.parametrize(
    ("fault", "state", "key", "effects"),
    [
        pytest.param("drop_after", ProposalState.DONE, "Inactive", 1, id="answer lost, applied"),
        pytest.param("drop_before", ProposalState.FAILED, "Active", 0, id="request lost"),
        pytest.param(
            "error:ServiceFailure", ProposalState.FAILED, "Active", 0, id="a 500, not applied"
        ),
    ],
)
def test_a_lost_answer_is_looked_up_and_the_call_never_sent_again(
    bench: Bench, carols_key: str, fault: str, state: ProposalState, key: str, effects: int
) -> None:
    bench.cloud.fault("iam:UpdateAccessKey", fault)
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    assert record.state is state
    assert bench.key_status("carol") == key
    assert bench.sent() == ["UpdateAccessKey"]
    assert len(bench.writes()) == effects


class _Body:
    """The body of an HTTP answer, as botocore reads it."""

    def __init__(self, code: str) -> None:
        error = f"<Error><Code>{code}</Code><Message>trouble</Message></Error>"
        self._text = f"<ErrorResponse>{error}</ErrorResponse>".encode()

    def stream(self, **_: object) -> Any:
        yield self._text


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(500, "ServiceFailure", id="a 500 after the change"),
        pytest.param(403, "403", id="a proxy's word, not AWS's"),
        pytest.param(408, "RequestTimeout", id="timed out on the way"),
    ],
)
def test_an_error_that_may_come_after_the_change_is_looked_up(
    bench: Bench, carols_key: str, status: int, code: str
) -> None:
    """Here the change was made before the error came, so "failed" would be a lie."""

    def change_and_fail(**_: object) -> AWSResponse:
        bench.cloud.client().update_access_key(
            UserName="carol", AccessKeyId=carols_key, Status="Inactive"
        )
        return AWSResponse("https://aws.test", status, {}, _Body(code))

    events = bench.connection.writer("iam").meta.events
    events.register_first("before-send.iam.UpdateAccessKey", change_and_fail)
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    assert record.state is ProposalState.DONE
    assert bench.sent() == ["UpdateAccessKey"]


class Permissive(Guard):
    """A guard that sees nothing, to show what stands behind it."""

    def check(self, *_: Any, **__: Any) -> None:
        """Accept."""

    def check_call(self, *_: Any) -> None:
        """Accept."""


def test_what_the_clients_gate_holds_back_was_certainly_not_sent(bench: Bench) -> None:
    """The last barrier is in the client itself: here, a write to the bot's own role."""
    step = attach("role", "LocksmithOperator", READ_ONLY)
    proposal_id = bench.approved(plan(step))
    record = bench.executor(guard=Permissive(bench.protection)).apply(proposal_id, ALICE)
    assert record.state is ProposalState.FAILED
    assert "own identity" in record.why
    assert bench.sent() == []


def test_a_success_without_effect_is_never_called_done(bench: Bench, carols_key: str) -> None:
    """AWS said yes, and the key is as active as before: unknown, and failed by a later look."""
    honest = deactivate_key("carol", carols_key)
    silent = replace(honest, do=iam("TagUser", UserName="carol", Tags=[{"Key": "a", "Value": "b"}]))
    record = bench.apply(plan(silent))
    assert record.state is ProposalState.UNKNOWN
    assert record.steps[0].outcome is Outcome.UNKNOWN
    assert "still active" in record.why
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is ProposalState.FAILED
    assert bench.sent() == ["TagUser"]


def test_nothing_there_to_delete_is_decided_by_looking(bench: Bench, carols_key: str) -> None:
    """Someone else deleted the key between our look and our call; the effect holds."""
    client = bench.cloud.client()
    client.update_access_key(UserName="carol", AccessKeyId=carols_key, Status="Inactive")
    proposal_id = bench.approved(plan(delete_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at(
            "after-intent",
            lambda: client.delete_access_key(UserName="carol", AccessKeyId=carols_key),
        )
    )
    record = executor.apply(proposal_id, ALICE)
    assert record.state is ProposalState.DONE
    assert "NoSuchEntity" in (record.steps[0].error or "")


def test_nothing_there_to_change_is_not_applied(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    client = bench.cloud.client()
    executor = bench.executor(
        yield_point=do_at(
            "after-intent",
            lambda: client.delete_access_key(UserName="carol", AccessKeyId=carols_key),
        )
    )
    assert executor.apply(proposal_id, ALICE).state is ProposalState.FAILED


def test_an_effect_that_cant_be_looked_at_is_unknown_until_it_can(
    bench: Bench, carols_key: str
) -> None:
    """The session loses its right to read in the middle; nothing is claimed before it is back."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at(
            "after-call",
            lambda: bench.cloud.fault("iam:ListAccessKeys", "error:AccessDenied", times=None),
        )
    )
    record = executor.apply(proposal_id, ALICE)
    assert record.state is ProposalState.UNKNOWN
    assert "could not be looked at" in record.why
    assert recover(bench.executor(), ACCOUNT, ALICE) == []
    bench.cloud.traffic.faults.clear()
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is ProposalState.DONE
    assert bench.sent() == ["UpdateAccessKey"]


def test_a_session_that_expires_after_the_call_leaves_it_unknown(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at(
            "after-call", lambda: bench.cloud.fault("*", "error:ExpiredToken", times=None)
        )
    )
    assert executor.apply(proposal_id, ALICE).state is ProposalState.UNKNOWN
    bench.cloud.traffic.faults.clear()
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is ProposalState.DONE


def test_patience_of_nothing_still_looks_often_enough(bench: Bench, carols_key: str) -> None:
    bench.settings = VerifySettings(reads=3, interval=0, patience=0)
    assert bench.apply(plan(deactivate_key("carol", carols_key))).state is ProposalState.DONE
    listed = bench.cloud.calls.counts["iam:ListAccessKeys"]
    assert listed >= 1 + 3


# Several steps


def test_all_steps_hold_or_it_is_not_done(bench: Bench) -> None:
    bench.account.attach(BILLING, user="carol")
    record = bench.apply(two_steps())
    assert record.state is ProposalState.DONE
    assert [step.outcome for step in record.steps] == [Outcome.HOLDS] * 2
    assert bench.writes() == ["AttachUserPolicy", "DetachUserPolicy"]


def test_a_refused_second_step_needs_a_person_and_says_what_holds(bench: Bench) -> None:
    bench.account.attach(BILLING, user="carol")
    bench.cloud.fault("iam:DetachUserPolicy", "error:AccessDenied")
    record = bench.apply(two_steps())
    assert record.state is ProposalState.NEEDS_HUMAN
    assert "attach: holds, detach: not applied" in record.why
    assert "AccessDenied" in record.why


def test_a_second_step_that_is_off_needs_a_person_and_is_not_tried(bench: Bench) -> None:
    record = bench.apply(two_steps())
    assert record.state is ProposalState.NEEDS_HUMAN
    assert "attach: holds, detach: not tried" in record.why
    assert f"{BILLING} is not attached to carol" in record.why
    assert bench.sent() == ["AttachUserPolicy"]


def test_a_second_step_that_cant_be_looked_at_needs_a_person(bench: Bench) -> None:
    bench.account.attach(BILLING, user="carol")
    proposal_id = bench.approved(two_steps())
    executor = bench.executor(
        yield_point=do_at(
            "after-settled",
            lambda: bench.cloud.fault("iam:ListAttachedUserPolicies", "error:AccessDenied"),
        )
    )
    record = executor.apply(proposal_id, ALICE)
    assert record.state is ProposalState.NEEDS_HUMAN
    assert "attach: holds, detach: not tried" in record.why


def test_a_half_way_execution_can_be_undone(bench: Bench) -> None:
    record = bench.apply(two_steps())
    with bench.store.write() as tx:
        proposals.move(
            tx,
            record.proposal_id,
            expected=ProposalState.NEEDS_HUMAN,
            to=ProposalState.CANCELLED,
            why="settled",
            actor=ALICE,
        )
    undone = bench.undo(record)
    assert undone.state is ProposalState.DONE
    assert bench.writes() == ["AttachUserPolicy", "DetachUserPolicy"]


# Outputs


def test_an_output_is_journalled_and_used(bench: Bench) -> None:
    arn = bench.account.policy("wide", allow("s3:*"))
    record = bench.apply(plan(new_version(arn, _text(allow("s3:GetObject")), "v1")))
    assert record.state is ProposalState.DONE
    assert record.steps[0].outputs == {"version": "v2"}
    undone = bench.undo(record)
    assert undone.state is ProposalState.DONE
    assert bench.cloud.client().get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"


def test_an_output_that_was_lost_with_its_answer_needs_a_person(bench: Bench) -> None:
    """One version was made, nobody knows which: nothing is claimed, nothing made twice."""
    arn = bench.account.policy("wide", allow("s3:*"))
    bench.cloud.fault("iam:CreatePolicyVersion", "drop_after")
    record = bench.apply(plan(new_version(arn, _text(allow("s3:GetObject")), "v1")))
    assert record.state is ProposalState.UNKNOWN
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is ProposalState.NEEDS_HUMAN
    versions = bench.cloud.client().list_policy_versions(PolicyArn=arn)["Versions"]
    assert len(versions) == 2


def test_a_secret_output_reaches_later_steps_and_nothing_else(bench: Bench) -> None:
    arn = bench.account.policy("wide", allow("s3:*"))
    step = new_version(arn, _text(allow("s3:GetObject")), "v1")
    secret = replace(step, outputs={"version": Output("PolicyVersion.VersionId", secret=True)})
    record = bench.apply(plan(secret))
    assert record.state is ProposalState.DONE
    assert not record.steps[0].outputs
    assert "'v2'" not in repr(record)
    with bench.store.read() as tx:
        assert all("'v2'" not in repr(dict(event.data)) for event in audit.events(tx))


# Undo


def test_undo_restores_exactly_and_marks_the_original(bench: Bench, carols_key: str) -> None:
    bench.account.attach(BILLING, user="carol")
    before = _everything(bench)
    record = bench.apply(
        plan(deactivate_key("carol", carols_key), *two_steps().steps, subject="AIDA/all")
    )
    assert record.state is ProposalState.DONE
    assert _everything(bench) != before
    undone = bench.undo(record)
    assert undone.state is ProposalState.DONE
    assert _everything(bench) == before
    assert bench.execution(record.proposal_id).undone_by == undone.id


def test_undo_is_refused_once_anyone_changed_the_thing(bench: Bench, carols_key: str) -> None:
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    client = bench.cloud.client()
    client.delete_access_key(UserName="carol", AccessKeyId=carols_key)
    bench.cloud.calls.clear()
    with pytest.raises(StaleError):
        bench.undo(record)
    assert bench.sent() == []
    assert bench.execution(record.proposal_id).undone_by is None


def test_an_undo_that_isnt_the_inverse_is_never_carried_out(bench: Bench, carols_key: str) -> None:
    """An undo may remove what Locksmith placed, so it must be exactly the way back."""
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    bench.cloud.calls.clear()
    other = plan(delete_key("carol", carols_key), subject="AIDA/other")
    proposal_id = bench.approved(other, undoes=record.id)
    with pytest.raises(StaleError, match=f"not the undo of {record.id}"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_the_same_execution_is_not_undone_twice(bench: Bench, carols_key: str) -> None:
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    bench.undo(record)
    with pytest.raises(StaleError, match="undone already"):
        bench.undo(record)


# Interrupts and full disks


@pytest.mark.parametrize("label", ["claimed", "before-intent"])
def test_an_interrupt_before_the_intent_gives_the_claim_back(
    bench: Bench, carols_key: str, label: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at(label)).apply(proposal_id, ALICE)
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED
    assert bench.executor().apply(proposal_id, ALICE).state is ProposalState.DONE


@pytest.mark.parametrize("label", ["after-intent", "after-call", "after-answer", "before-done"])
def test_an_interrupt_after_the_intent_claims_nothing(
    bench: Bench, carols_key: str, label: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at(label)).apply(proposal_id, ALICE)
    assert bench.proposal(proposal_id).state in (
        ProposalState.EXECUTING,
        ProposalState.VERIFYING,
    )
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    applied = label != "after-intent"
    assert settled.state is (ProposalState.DONE if applied else ProposalState.FAILED)
    assert len(bench.writes()) == applied


def test_a_database_that_takes_nothing_after_the_call_claims_nothing(
    bench: Bench, carols_key: str
) -> None:
    """The answer can't be written down: the journal still has the intent, and a look settles it."""
    if bench.store.engine.dialect.name != "sqlite":
        pytest.skip("the trigger is SQLite's")
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))

    def fill_the_disk() -> None:
        with bench.store.engine.begin() as connection:
            connection.execute(
                text(
                    "CREATE TRIGGER full BEFORE INSERT ON step_event "
                    "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
                )
            )

    executor = bench.executor(yield_point=do_at("after-call", fill_the_disk))
    with pytest.raises(Exception, match="full"):
        executor.apply(proposal_id, ALICE)
    assert bench.execution(proposal_id).steps[0].outcome is Outcome.INTENDED
    assert bench.proposal(proposal_id).state is ProposalState.EXECUTING
    with bench.store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER full"))
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is ProposalState.DONE
    assert bench.sent() == ["UpdateAccessKey"]


def test_no_intent_on_disk_means_no_call(bench: Bench, carols_key: str) -> None:
    if bench.store.engine.dialect.name != "sqlite":
        pytest.skip("the trigger is SQLite's")
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with bench.store.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON step_event "
                "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        )
    with pytest.raises(Exception, match="full"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document)


def _everything(bench: Bench) -> Any:
    """The account as IAM itself describes it, past our own reading."""
    client = bench.cloud.client()
    details = client.get_account_authorization_details()
    keys = [
        client.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
        for user in details["UserDetailList"]
    ]
    del details["ResponseMetadata"]
    for part in details.values():
        if isinstance(part, list):
            for item in part:
                item.get("AttachedManagedPolicies", []).sort(key=str)
    return details, keys
