"""A write that AWS refuses as too early is made again for a while, and no other ever is."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from bot.engine.attempt import account_lease
from bot.engine.protecting import Guard
from bot.engine.recovery import recover
from bot.engine.resending import pauses
from bot.engine.undoing import undo_plan
from bot.engine.verifying import VerifySettings
from bot.errors import LostRaceError, ProtectedError
from bot.model import ExecutionRecord, Outcome, Plan, ProposalState, Verdict
from bot.store import audit, freezes
from remediations._new_roles import grant, make_role
from remediations.ec2_roles import instance_without_profile
from remediations.monitoring import trail_not_in_cloudwatch_logs
from tests.engine.bench import ALICE, BOB, Bench, Crash, crash_at, do_at
from tests.engine.plans import ACCOUNT, allow, plan
from tests.remediations.ec2_roles.running import HERE, instance, running
from tests.remediations.monitoring.test_no_multi_region_trail import trail, trails
from tests.remediations.people import planned

_S = ProposalState
#: The bench waits 1, 2 and 1 seconds.
CALLS = 4
PUT = "iam:PutRolePolicy"
UNKNOWN_ROLE = "error:NoSuchEntity:The role with name readers cannot be found."


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """The journal of it is tested on both databases, with the store."""
    return sqlite_url


def a_new_role(*, whole: bool = True) -> Plan:
    """Makes a role, and then gives it something, which IAM may refuse at first."""
    trusted = make_role(ACCOUNT, "readers", "ec2.amazonaws.com", "For readers")
    given = grant("readers", "read", allow("s3:GetObject"), "read")
    return replace(plan(trusted, given), whole=whole)


def late(bench: Bench, times: int | None, what: str = UNKNOWN_ROLE) -> None:
    bench.cloud.fault(PUT, what, times=times)


def events(bench: Bench, record: ExecutionRecord) -> list[str]:
    with bench.store.read() as tx:
        assert audit.verify(tx).ok
        return [each.event for each in audit.events(tx, subject=record.id)]


def roles(bench: Bench) -> list[str]:
    return [role.name for role in bench.account.iam.roles.values() if role.name == "readers"]


def test_it_is_made_again_until_aws_takes_it(bench: Bench) -> None:
    late(bench, times=2)

    record = bench.apply(a_new_role())

    assert record.state is _S.DONE
    assert [step.outcome for step in record.steps] == [Outcome.HOLDS] * 2
    assert bench.sent() == ["CreateRole", *["PutRolePolicy"] * 3]
    assert bench.writes() == ["CreateRole", "PutRolePolicy"]
    assert record.steps[1].error == "call 3 of it: those before were refused as too early"
    assert any("it is too early; again in 2 s" in said for said in bench.said)


def test_each_call_is_journalled_with_its_own_intent_and_answer(bench: Bench) -> None:
    late(bench, times=2)

    record = bench.apply(a_new_role())

    assert events(bench, record)[4:-1] == [
        *["step.intended", "step.not-applied"] * 2,
        "step.intended",
        "step.answered",
        "step.holds",
    ]
    with bench.store.read() as tx:
        told = [each for each in audit.events(tx, subject=record.id) if each.data.get("step") == 1]
    assert [each.data.get("sending") for each in told if "intended" in each.event] == [None, 2, 3]
    refused = [each.data for each in told if each.event == "step.not-applied"]
    assert len({each["request_id"] for each in refused}) == 2
    assert all("The role with name" in str(each["error"]) for each in refused)
    assert record.steps[1].request_id == told[-2].data["request_id"]


def test_it_ends_after_a_number_of_calls_and_all_is_taken_back(bench: Bench) -> None:
    late(bench, times=None)

    record = bench.apply(a_new_role())

    assert record.state is _S.FAILED
    assert bench.sent() == ["CreateRole", *["PutRolePolicy"] * CALLS, "DeleteRole"]
    assert roles(bench) == []
    assert f"all {CALLS} calls of it were refused as too early" in record.why
    assert "The role with name readers cannot be found" in record.why


def test_of_what_is_no_whole_the_rest_is_left_to_people(bench: Bench) -> None:
    late(bench, times=None)

    record = bench.apply(a_new_role(whole=False))

    assert record.state is _S.NEEDS_HUMAN
    assert [step.outcome for step in record.steps] == [Outcome.HOLDS, Outcome.NOT_APPLIED]
    assert roles(bench) == ["readers"]


def test_what_came_too_early_is_no_reason_once_it_was_taken(bench: Bench) -> None:
    """Why it ended tells of the step that ended it."""
    made = a_new_role(whole=False)
    more = replace(grant("readers", "more", allow("s3:ListBucket"), "list"), name="more")
    late(bench, times=1)
    bench.cloud.fault(PUT, "error:AccessDenied", nth=3)

    record = bench.apply(replace(made, steps=(*made.steps, more)))

    assert record.state is _S.NEEDS_HUMAN
    assert "AccessDenied" in record.why
    assert "NoSuchEntity" not in record.why


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("error:ValidationError:The role with name readers", id="another code"),
        pytest.param("error:NoSuchEntity:The policy was not found.", id="other words"),
        pytest.param("throttle", id="throttled"),
        pytest.param("error:ServiceFailure:The role with name readers", id="a 500"),
        pytest.param("drop_before", id="no answer"),
    ],
)
def test_every_other_answer_is_the_last_word(bench: Bench, what: str) -> None:
    late(bench, times=1, what=what)

    record = bench.apply(a_new_role())

    assert record.state is _S.FAILED
    assert bench.sent() == ["CreateRole", "PutRolePolicy", "DeleteRole"]


def test_an_answer_that_is_no_refusal_is_never_too_early(bench: Bench) -> None:
    """With a code that the call names, but a status after which the change may have been made."""
    made = a_new_role()
    put = made.steps[1]
    early = replace(put.do.too_early[0], code="ServiceFailure")
    unsure = replace(put, do=replace(put.do, too_early=(early,)))
    late(bench, times=1, what="error:ServiceFailure:The role with name readers")

    bench.apply(replace(made, steps=(made.steps[0], unsure)))

    assert bench.sent().count("PutRolePolicy") == 1


def test_a_lost_answer_to_a_further_call_is_looked_up(bench: Bench) -> None:
    late(bench, times=1)
    bench.cloud.fault(PUT, "drop_after", nth=2)

    record = bench.apply(a_new_role())

    assert record.state is _S.DONE
    assert bench.sent().count("PutRolePolicy") == 2


def test_where_nothing_was_made_before_nothing_can_be_too_early(bench: Bench) -> None:
    """The role was there for long, or is not there: a first step's refusal is final."""
    bench.account.role("readers")
    late(bench, times=1)

    record = bench.apply(plan(a_new_role().steps[1]))

    assert record.state is _S.FAILED
    assert bench.sent() == ["PutRolePolicy"]
    assert "too early" not in record.why


def test_without_patience_it_is_made_once(bench: Bench) -> None:
    bench.settings = VerifySettings(2, 1.0, 0.0)
    late(bench, times=1)

    assert bench.apply(a_new_role()).state is _S.FAILED
    assert bench.sent().count("PutRolePolicy") == 1


@pytest.mark.parametrize(
    ("interval", "patience", "expected"),
    [
        pytest.param(5, 60, [5, 10, 20, 25], id="the usual settings"),
        pytest.param(0, 4, [1, 2, 1], id="looks without a pause"),
        pytest.param(60, 900, [60] * 15, id="no longer than the lease may wait"),
        pytest.param(5, 3, [3], id="little patience"),
        pytest.param(5, 0, [], id="none"),
    ],
)
def test_how_long_it_waits(interval: float, patience: float, expected: list[float]) -> None:
    waits = [*pauses(VerifySettings(2, interval, patience))]

    assert waits == expected
    assert all(later >= one for one, later in pairwise(waits[:-1]))


# What may stop it between two calls.


def stopped_by(bench: Bench, action: Callable[[], object], label: str = "too-early") -> Any:
    late(bench, times=None)
    proposal_id = bench.approved(a_new_role())
    return bench.executor(yield_point=do_at(label, action)).apply(proposal_id, ALICE)


@pytest.mark.parametrize("label", ["too-early", "after-again"])
def test_while_writes_are_stopped_it_is_not_made_again(bench: Bench, label: str) -> None:
    """Nor is anything taken back then: the next look does that."""

    def freeze() -> None:
        with bench.store.write() as tx:
            freezes.freeze(tx, "an incident", ALICE)

    record = stopped_by(bench, freeze, label)

    assert bench.sent() == ["CreateRole", "PutRolePolicy"]
    assert record.state is _S.UNKNOWN
    assert "an incident" in record.why
    intents = 2 if label == "too-early" else 3
    assert events(bench, record).count("step.intended") == intents
    with bench.store.write() as tx:
        freezes.unfreeze(tx, ALICE)
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is _S.FAILED
    assert roles(bench) == []


def test_an_approval_that_runs_out_meanwhile_stops_it(bench: Bench) -> None:
    record = stopped_by(bench, lambda: bench.clock.pass_time(days=8))

    assert record.state is _S.FAILED
    assert bench.sent() == ["CreateRole", "PutRolePolicy", "DeleteRole"]
    assert "not sent again" in record.why
    assert "its approval is over" in record.why


def test_a_denial_stops_it_and_not_what_takes_it_back(bench: Bench) -> None:
    bench.cloud.fault("iam:DeleteRole", "error:DeleteConflict:must delete policies first", times=2)
    late(bench, times=None)
    proposal_id = bench.approved(a_new_role())
    deny = do_at("too-early", lambda: bench.decide(proposal_id, Verdict.DENY, None, BOB))

    record = bench.executor(yield_point=deny).apply(proposal_id, ALICE)

    assert record.state is _S.FAILED
    assert bench.sent() == ["CreateRole", "PutRolePolicy", *["DeleteRole"] * 3]
    assert "bob" in record.why


def test_who_came_out_of_reach_meanwhile_is_left_alone(bench: Bench) -> None:
    judged = []

    class Turning(Guard):
        """A guard for which the call is out of reach when it is judged again."""

        def check_call(self, *args: Any) -> None:
            """Let the first one pass."""
            judged.append(args[1].operation)
            if judged[-1] == "PutRolePolicy" and judged.count("PutRolePolicy") > 1:
                raise ProtectedError("readers is protected by now")

    late(bench, times=None)
    proposal_id = bench.approved(a_new_role())

    record = bench.executor(guard=Turning(bench.protection)).apply(proposal_id, ALICE)

    assert bench.sent() == ["CreateRole", "PutRolePolicy", "DeleteRole"]
    assert "readers is protected by now" in record.why


def test_a_world_that_changed_meanwhile_stops_it(bench: Bench) -> None:
    document = json.dumps(allow("s3:ListBucket"))

    def somebody_else() -> None:
        bench.cloud.traffic.faults.clear()
        bench.cloud.client().put_role_policy(
            RoleName="readers", PolicyName="read", PolicyDocument=document
        )

    record = stopped_by(bench, somebody_else)

    assert "has an inline policy read by now" in record.why
    assert [step.outcome for step in record.steps[:2]] == [Outcome.HOLDS, Outcome.NOT_APPLIED]


def test_who_lost_the_account_meanwhile_writes_no_more(bench: Bench) -> None:
    def overtaken() -> None:
        bench.clock.pass_time(minutes=6)
        with account_lease(bench.executor(holder="elsewhere/7/1").ports, ACCOUNT.id):
            pass

    with pytest.raises(LostRaceError, match="nobody holds it now"):
        stopped_by(bench, overtaken)

    assert bench.sent() == ["CreateRole", "PutRolePolicy"]


def test_the_lease_is_held_for_its_whole_time_before_each_call(bench: Bench) -> None:
    """However long it waits in all."""
    bench.settings = VerifySettings(2, 60.0, 900.0)
    late(bench, times=14)

    assert bench.apply(a_new_role()).state is _S.DONE
    assert bench.sent().count("PutRolePolicy") == 15


# What a kill leaves.


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        pytest.param("too-early", Outcome.NOT_APPLIED, id="while it waits"),
        pytest.param("before-again", Outcome.NOT_APPLIED, id="before the intent"),
        pytest.param("after-again", Outcome.INTENDED, id="behind the intent"),
    ],
)
def test_a_kill_between_two_calls_leaves_what_can_be_settled(
    bench: Bench, label: str, outcome: Outcome
) -> None:
    late(bench, times=1)
    proposal_id = bench.approved(a_new_role())
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at(label)).apply(proposal_id, ALICE)
    left = bench.execution(proposal_id)
    assert [step.outcome for step in left.steps] == [Outcome.HOLDS, outcome]
    assert "too early" in str(left.steps[1].error)

    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)

    assert settled.state is _S.FAILED
    assert roles(bench) == []
    assert bench.sent() == ["CreateRole", "PutRolePolicy", "DeleteRole"]


def test_a_kill_after_a_further_call_is_settled_by_looking(bench: Bench) -> None:
    late(bench, times=1)
    proposal_id = bench.approved(a_new_role())
    calls = iter(range(9))

    def third_call(here: str) -> None:
        if here == "after-call" and next(calls) == 2:
            raise Crash(here)

    with pytest.raises(Crash):
        bench.executor(yield_point=third_call).apply(proposal_id, ALICE)
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)

    assert settled.state is _S.DONE
    assert bench.sent() == ["CreateRole", *["PutRolePolicy"] * 2]


# Backwards.


def test_what_is_taken_back_waits_too(bench: Bench) -> None:
    """IAM may not know yet that the role has lost its policy."""
    record = bench.apply(a_new_role())
    bench.cloud.fault("iam:DeleteRole", "error:DeleteConflict:must delete policies first", times=2)

    undone = bench.undo(record)

    assert undone.state is _S.DONE
    assert bench.sent()[-4:] == ["DeleteRolePolicy", *["DeleteRole"] * 3]


def test_an_undo_keeps_what_each_call_says(bench: Bench) -> None:
    """Also an undo of an undo, which makes the role anew."""
    made = a_new_role()
    back = undo_plan(bench.apply(made), made)
    assert isinstance(back, Plan)

    assert back.steps[0].undo == made.steps[1].do
    assert back.steps[1].do == made.steps[0].undo


# The controls that hand what they made to another service.


def instance_fix(bench: Bench) -> Plan:
    """Gives an instance a profile that the plan makes."""
    bench.account.regions(HERE)
    id_ = bench.account.instance("web")
    fix = planned(instance_without_profile, running(instance(id_, name="web")))
    assert isinstance(fix, Plan)
    return replace(fix, account=ACCOUNT)


def trail_fix(bench: Bench) -> Plan:
    """Lets a trail write to CloudWatch Logs with a role that the plan makes."""
    arn = bench.account.trail("main")
    region = arn.split(":")[3]
    fix = planned(trail_not_in_cloudwatch_logs, trails(trail("main", arn=arn, home_region=region)))
    assert isinstance(fix, Plan)
    return replace(fix, account=ACCOUNT)


INVALID = "InvalidParameterValue"
OF_A_PROFILE = (
    (
        f"error:{INVALID}:Value (app) for parameter iamInstanceProfile.arn is invalid. Invalid IAM "
        "Instance Profile ARN"
    ),
    f'error:{INVALID}:IAM Instance Profile "app" has no associated IAM Roles',
)
OF_A_LOG_WRITER = (
    (
        "error:InvalidCloudWatchLogsRoleArnException:Access denied. Check the trust relationships "
        "for your role."
    ),
    (
        "error:InvalidCloudWatchLogsLogGroupArnException:Access denied. Check the permissions for "
        "your role."
    ),
)


@pytest.mark.parametrize(
    ("fix", "call", "refusals"),
    [
        pytest.param(
            instance_fix, "ec2:AssociateIamInstanceProfile", OF_A_PROFILE, id="a profile for EC2"
        ),
        pytest.param(
            trail_fix, "cloudtrail:UpdateTrail", OF_A_LOG_WRITER, id="a role for CloudTrail"
        ),
    ],
)
def test_another_service_may_know_late_what_was_made(
    bench: Bench, fix: Callable[[Bench], Plan], call: str, refusals: tuple[str, ...]
) -> None:
    made = fix(bench)
    for nth, refusal in enumerate(refusals, 1):
        bench.cloud.fault(call, refusal, nth=nth)

    record = bench.apply(made)

    assert record.state is _S.DONE, record.why
    assert bench.sent().count(call.partition(":")[2]) == 3
    assert bench.undo(record).state is _S.DONE
