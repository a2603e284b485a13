"""All of whole companies' violations: fixed till only people can go on, and taken back again.

Every control of the catalogue finds something in one of them, or in that of
`test_opt_in_controls.py`, which holds what is off at first.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from bot import registry
from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.seed import fill
from bot.aws.simulated.seed_founder import fill_founder
from bot.engine.views import FindingView
from bot.errors import RefusedError
from bot.model import ExecutionRecord, Manual, Plan, ProposalState, Risk
from bot.store.database import Store
from tests.aws.simulated.test_every_violation import FOUNDERS
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, House, house
from tests.engine.test_opt_in_controls import ELSEWHERE
from tests.remediations.acting import rights

#: How an account is filled; the company has one user for each story, and a few more.
FILLED: Mapping[str, Callable[[AccountBuilder], None]] = {
    "company": partial(fill, users=26),
    "founders": fill_founder,
}
#: How many things are fixed there at least, and taken back.
AT_LEAST = {"company": 20, "founders": 1}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "privileged-user-with-weak-mfa": {"phishing_resistant": True}
}
#: Fixing one thing shows another, as a group that nobody is in any more; this many times at most.
ROUNDS = 6


@pytest.fixture(params=FILLED)
def at(
    sqlite_store: Store, clock: StandingClock, request: pytest.FixtureRequest
) -> Iterator[House]:
    """A live account with everything in it that can be wrong."""
    with mock_account(now=NOON) as account:
        FILLED[request.param](account)
        with house(account, sqlite_store, clock, controls=SETTINGS) as made:
            made.scan()
            made.live()
            yield made


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Which of them it is."""
    return str(request.node.callspec.params["at"])


def fix_all(at: House, wanted: Callable[[Plan], bool]) -> list[ExecutionRecord]:
    """Everything that is wanted, round by round, until no round finds more; in order."""
    done: list[ExecutionRecord] = []
    for _ in range(ROUNDS):
        todo = [each for each in at.scan().findings if _can_be_fixed(each, wanted)]
        if not todo:
            return done
        done += [fixed for each in todo if (fixed := _fixed(at, each)) is not None]
    raise AssertionError(f"there was always more to fix: {Counter(map(_control, todo))}")


def _fixed(at: House, view: FindingView) -> ExecutionRecord | None:
    """Fix it, unless what was fixed before has changed the world that its plan is for."""
    try:
        execution = at.fix(view)
    except RefusedError:  # the next round has a plan for the world as it is then
        return None
    assert execution.state is ProposalState.DONE, f"{_control(view)}: {execution.why}"
    return execution


def _can_be_fixed(view: FindingView, wanted: Callable[[Plan], bool]) -> bool:
    proposal = view.proposal
    return (
        proposal is not None
        and proposal.state is ProposalState.PROPOSED
        and isinstance(proposal.plan, Plan)
        and wanted(proposal.plan)
    )


def _control(view: FindingView) -> str:
    return view.record.finding.control


def everything(account: AccountBuilder) -> dict[str, Any]:
    """All of an account that a fix may change, as AWS tells it."""
    iam, trails = account.client(), account.client("cloudtrail")
    seen: dict[str, Any] = rights(account)
    seen["keys"], seen["logins"] = {}, {}
    for user in sorted(each["UserName"] for each in iam.list_users(MaxItems=1000)["Users"]):
        seen["keys"][user] = {
            each["AccessKeyId"]: each["Status"]
            for each in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        }
        seen["logins"][user] = _login(iam, user)
    seen["password policy"] = iam.get_account_password_policy()["PasswordPolicy"]
    seen["trails"] = [
        {**trail, "logging": trails.get_trail_status(Name=trail["TrailARN"])["IsLogging"]}
        for trail in trails.describe_trails()["trailList"]
    ]
    plain: dict[str, Any] = json.loads(json.dumps(seen, default=str))
    return plain


def _login(iam: Any, user: str) -> bool:
    try:
        iam.get_login_profile(UserName=user)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_only_what_people_must_do_is_left(at: House, name: str) -> None:
    first = at.scan().findings
    fix_all(at, lambda _plan: True)

    left = at.scan().findings
    asking = [each for each in left if each.asks_elsewhere is None]
    assert asking
    by_plan = {
        _control(each): each.remediation.plan if each.remediation else None
        for each in asking
        if each.proposal is None or not isinstance(each.proposal.plan, Manual)
    }
    assert by_plan == {}
    assert expected(name) <= {_control(each) for each in (*first, *left)}


def expected(name: str) -> set[str]:
    """The controls that find something there: all that are on at first, but for a few elsewhere."""
    if name == "founders":
        return {*FOUNDERS}
    on = {name for name, each in registry.discover().items() if each.settings().enabled}
    return on - {*FOUNDERS, *ELSEWHERE}


def _leave_the_rest(at: House, views: Iterable[FindingView]) -> None:
    """Deny what is still asked, so that nothing stands in the way of taking back."""
    for left in views:
        if _can_be_fixed(left, lambda _plan: True) and left.proposal is not None:
            at.service.deny(left.proposal.id, "it stays as it is", ALICE)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_is_as_it_was_once_all_is_taken_back(at: House, name: str) -> None:
    before = everything(at.account)
    done = fix_all(at, lambda plan: plan.risk is not Risk.IRREVERSIBLE)
    assert len(done) >= AT_LEAST[name]
    assert everything(at.account) != before

    _leave_the_rest(at, at.scan().findings)  # what can't be undone is not wanted here

    for execution in reversed(done):
        # What was taken back last may show what an earlier fix is in the way of.
        _leave_the_rest(at, at.service.findings())
        undo = at.service.undo(execution.id, ALICE).proposal
        assert isinstance(undo.plan, Plan), undo.plan
        at.service.approve(undo.id, undo.digest, ALICE)
        assert at.apply(undo.id).state is ProposalState.DONE

    assert everything(at.account) == before
