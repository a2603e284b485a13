"""Root credentials of a member go through the one writer, in the sessions that AWS limits."""

from collections import Counter
from dataclasses import replace

import pytest

from bot.aws.inventory import take_snapshot
from bot.aws.reading import ReadFailedError, read
from bot.aws.simulated.server import SimulatedAccount
from bot.engine.planner import evaluate
from bot.errors import ProtectedError
from bot.model import Call, ExecutionRecord, Manual, Part, Plan, ProposalState, Protection, Snapshot
from bot.model.stored_plan import plan_of
from bot.registry import Enabled
from remediations.root_account.member_root_credentials_present import CONTROL
from tests.conftest import NOON
from tests.engine.bench import ALICE, Bench

MEMBER, OTHER = "210987654321", "345678901234"


@pytest.fixture
def member(cloud: SimulatedAccount) -> str:
    """A member whose root has a password, a device, a certificate and an old key."""
    account = cloud.account
    account.organization()
    account.member_account(MEMBER, "payments").root(
        mfa_kind="virtual", keys=1, key_last_used=account.ago(days=400), certificates=1
    )
    return MEMBER


def look(bench: Bench) -> Snapshot:
    """What a scan sees of the members."""
    return take_snapshot(
        bench.connection,
        frozenset({Part.ORGANIZATION, Part.MEMBER_ROOTS}),
        clock=lambda: NOON,
        protection=Protection(),
        progress=lambda _: None,
    )


def fix(bench: Bench) -> Plan:
    """The plan for the one member."""
    snapshot = look(bench)
    (finding,) = CONTROL.detect(snapshot, CONTROL.settings())
    made = CONTROL.plan(finding, snapshot, CONTROL.settings())
    assert not isinstance(made, Manual)
    return made


def apply(bench: Bench, plan: Plan) -> ExecutionRecord:
    """Approved and carried out."""
    return bench.executor().apply(bench.approved(plan), ALICE)


def test_everything_goes_and_is_proved(bench: Bench, member: str) -> None:
    """Read in sessions that only look, written in one that only deletes, all of it counted."""
    plan = fix(bench)
    assert plan_of(plan.data()).digest() == plan.digest()
    record = apply(bench, plan)
    assert record.state is ProposalState.DONE
    assert bench.sent() == [
        "DeleteAccessKey",
        "DeleteSigningCertificate",
        "DeleteLoginProfile",
        "DeactivateMFADevice",
    ]
    assert bench.connection.calls["sts:AssumeRoot"] == 2
    assert not any(root.has_credentials for root in look(bench).member_roots)


def test_a_protected_member_is_left_alone(bench: Bench, member: str) -> None:
    """Asked of the guard just before anything is written."""
    plan = fix(bench)
    bench.protection = replace(bench.protection, protected=(f"*::{member}:root",))
    with pytest.raises(ProtectedError, match="protected list"):
        apply(bench, plan)
    assert bench.sent() == []


def test_a_session_that_is_refused_is_a_refusal(
    bench: Bench, cloud: SimulatedAccount, member: str
) -> None:
    """Access was taken away since the scan: nothing is written, nothing unknown."""
    plan = fix(bench)
    bench.connection.close()
    cloud.account.organization(central_root=())
    with pytest.raises(ReadFailedError, match="sts:AssumeRoot"):
        apply(bench, plan)
    assert bench.sent() == []


def test_clean_members_cost_two_calls(bench: Bench, cloud: SimulatedAccount) -> None:
    """A session, and the summary; and nothing at all where root is not managed from here."""
    cloud.account.organization()
    for number in range(3):
        account = cloud.account.member_account(f"21098765432{number}")
        account.root(mfa=False, password=False)
    before = Counter(bench.connection.calls)
    assert len(look(bench).member_roots) == 3
    made = Counter(bench.connection.calls) - before
    assert (made["sts:AssumeRoot"], made["iam:GetAccountSummary"]) == (3, 3)
    assert not made["iam:ListAccessKeys"]
    cloud.account.organization(central_root=())
    before = Counter(bench.connection.calls)
    assert look(bench).member_roots == ()
    assert "sts:AssumeRoot" not in Counter(bench.connection.calls) - before


def test_a_member_that_cannot_be_read_hides_no_other(
    bench: Bench, cloud: SimulatedAccount, member: str
) -> None:
    """The others' findings stand, the control is said not to be evaluated: it resolves nothing."""
    cloud.account.member_account(OTHER)
    cloud.fault("iam:ListSigningCertificates", "error:AccessDenied", nth=1, times=1)
    snapshot = look(bench)
    evaluation = evaluate(snapshot, [Enabled(CONTROL, CONTROL.settings())])
    assert len(snapshot.member_roots) == len(evaluation.seen) == 1
    assert evaluation.evaluated == frozenset()
    assert "AccessDenied" in evaluation.not_evaluated[CONTROL.id]
    (missed,) = {MEMBER, OTHER} - {root.account for root in snapshot.member_roots}
    assert missed in evaluation.not_evaluated[CONTROL.id]


def test_without_the_permission_the_part_is_missing(
    bench: Bench, cloud: SimulatedAccount, member: str
) -> None:
    """And the permission is named."""
    cloud.fault("sts:AssumeRoot", "error:AccessDenied", times=None)
    snapshot = look(bench)
    assert Part.MEMBER_ROOTS not in snapshot.parts
    assert snapshot.unavailable[Part.MEMBER_ROOTS].grant == "sts:AssumeRoot"
    assert snapshot.parts[Part.ORGANIZATION]


def test_reading_as_root_is_reading_as_root_of_that_member(bench: Bench, member: str) -> None:
    """Not of the account that asks."""
    seen = read(bench.connection, Call("iam", "GetUser", root_of=member))
    assert seen is not None
    assert f"arn:aws:iam::{member}:root" in str(seen)
