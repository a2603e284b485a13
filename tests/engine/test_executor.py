"""The executor: success is an observed effect, and every other end is exactly what is known."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from bot.engine.executor import VerifySettings
from bot.engine.protecting import Guard
from bot.engine.recovery import recover
from bot.errors import ProtectedError
from bot.model import (
    Outcome,
    ProposalState,
)
from bot.store import audit, proposals
from tests.engine.bench import ALICE, Bench, Crash, crash_at, do_at
from tests.engine.plans import (
    ACCOUNT,
    BILLING,
    READ_ONLY,
    allow,
    attach,
    deactivate_key,
    delete_key,
    iam,
    new_version,
    plan,
    two_steps,
)


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


def test_each_further_call_is_judged_as_the_plan_was(bench: Bench) -> None:
    """Whoever came out of reach in the middle of a plan is left alone from then on."""

    class Turning(Guard):
        """A guard for which carol is out of reach from the second step on."""

        def check_call(self, *_: Any) -> None:
            """Refuse."""
            raise ProtectedError("carol is protected by now")

    bench.account.attach(BILLING, user="carol")
    proposal_id = bench.approved(two_steps())
    record = bench.executor(guard=Turning(bench.protection)).apply(proposal_id, ALICE)
    assert record.state is ProposalState.NEEDS_HUMAN
    assert "carol is protected by now" in record.why
    assert bench.writes() == ["AttachUserPolicy"]


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


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("before-intent", None),
        ("after-intent", "whether it arrived isn't known yet"),
        ("after-call", "whether it arrived isn't known yet"),
        ("after-answer", "a change was sent, its outcome isn't known yet"),
        ("after-settled", "it stopped half way"),
        ("after-done", None),
    ],
)
def test_an_interrupt_carries_what_was_left_open(
    bench: Bench, carols_key: str, place: str, said: str | None
) -> None:
    """Whoever pressed Ctrl-C is told if something may have changed, and how it is looked up."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))

    with pytest.raises(Crash) as caught:
        bench.executor(yield_point=crash_at(place)).apply(proposal_id, ALICE)

    notes = "\n".join(getattr(caught.value, "__notes__", ()))
    assert (said or "") in notes
    assert (said is None) == (notes == "")
    assert said is None or bench.execution(proposal_id).id in notes
