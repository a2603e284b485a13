"""The use cases, from scan to undo, on a simulated account and a real database."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse

from bot.aws.offline import read_offline
from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.remembering import Patience
from bot.engine.scanning import ScanSettings
from bot.engine.views import ScanResult
from bot.errors import (
    LostRaceError,
    NotFoundError,
    NotLiveError,
    RefusedError,
    StaleError,
)
from bot.model import (
    Actor,
    FindingStatus,
    Manual,
    Outcome,
    Plan,
    ProposalState,
    Protection,
    Severity,
)
from bot.store.database import Store, open_store
from tests.aws.conftest import error_answer
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, House, house, quiet

Build = Callable[..., House]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """An empty simulated account at noon."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        yield builder


@pytest.fixture
def build(account: AccountBuilder, store: Store, clock: StandingClock) -> Iterator[Build]:
    """Builds a house over the account, on each database; `only` names the controls that are on."""
    with ExitStack() as stack:

        def made(*only: str, **more: object) -> House:
            return stack.enter_context(
                house(account, store, clock, only=only, **more)  # type: ignore[arg-type]
            )

        yield made


def idle_key(account: AccountBuilder, user: str = "alice", days: int = 100) -> str:
    account.user(user, created=account.ago(days=400))
    return account.key(user, created=account.ago(days=300), last_used=account.ago(days=days))


def status_of(account: AccountBuilder, user: str = "alice") -> list[str]:
    listed = account.client().list_access_keys(UserName=user)["AccessKeyMetadata"]
    return [key["Status"] for key in listed]


def test_the_whole_loop_on_one_key(account: AccountBuilder, build: Build) -> None:
    """Found, named, approved, applied, proved, undone, and open again."""
    key_id = idle_key(account)
    home = build("unused-access-key")

    view = home.only("unused-access-key")
    home.live()
    done = home.fix(view)
    after = home.scan()
    undo = home.service.undo(done.id, ALICE)
    home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
    undone = home.apply(undo.proposal.id)
    back = home.only("unused-access-key")

    assert view.record.finding.resource.key is not None
    assert view.record.finding.resource.key.key_id == key_id
    assert done.state is ProposalState.DONE
    assert after.findings == []
    assert home.service.finding(view.record.id).record.reopened == 1
    assert undone.state is ProposalState.DONE
    assert home.service.execution(done.id).undone_by == undone.id
    assert back.record.id == view.record.id
    assert back.record.held
    assert back.proposal is not None
    assert back.proposal.id == undo.proposal.id
    assert status_of(account) == ["Active"]
    assert home.service.audit_verify().ok


def test_a_report_older_than_our_own_look_is_overruled(
    account: AccountBuilder, build: Build
) -> None:
    """AWS makes a report every four hours: a fix must not come back as a finding until then."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    home.fix(view)

    home.pass_time(hours=1)
    within = home.scan()
    home.pass_time(hours=4)
    later = home.scan()

    assert within.report_generated == NOON
    assert within.findings == later.findings == []
    assert later.report_generated != NOON


def test_a_second_scan_makes_no_call_per_key(account: AccountBuilder, build: Build) -> None:
    """Names are remembered, also when AWS makes a new report."""
    for number in range(5):
        idle_key(account, f"user{number}")
    home = build("unused-access-key")

    first = home.scan()
    second = home.scan()
    home.pass_time(hours=5)
    third = home.scan()

    assert first.calls["iam:ListAccessKeys"] == 5
    assert first.calls["iam:GetAccessKeyLastUsed"] == 5
    for later in (second, third):
        assert "iam:ListAccessKeys" not in later.calls
        assert "iam:GetAccessKeyLastUsed" not in later.calls
        assert len(later.findings) == 5
        assert later.unnamed_keys == 0


def test_names_come_within_the_budget_and_keep_the_finding(
    account: AccountBuilder, build: Build
) -> None:
    """What a budget leaves unnamed has an id already, and keeps it once it is named."""
    for number in range(4):
        idle_key(account, f"user{number}")
    home = build("unused-access-key", settings=ScanSettings(naming_budget=4))

    first = home.scan()
    second = home.scan()

    assert first.unnamed_keys == 2
    assert first.calls["iam:ListAccessKeys"] + first.calls["iam:GetAccessKeyLastUsed"] <= 4
    assert second.unnamed_keys == 0
    assert {v.record.id for v in first.findings} == {v.record.id for v in second.findings}
    unnamed = [v for v in first.findings if v.remediation and v.remediation.needs == "key_id"]
    assert [v.proposal for v in unnamed] == [None, None]
    assert all(v.remediation.digest is None for v in unnamed if v.remediation)


def test_a_budget_of_zero_still_shows_a_plan_by_looking(
    account: AccountBuilder, build: Build
) -> None:
    """Before a plan is shown its user's keys are read, whatever the budget."""
    key_id = idle_key(account)
    home = build("unused-access-key", settings=ScanSettings(naming_budget=0))
    found = home.only("unused-access-key")

    shown = home.service.refresh(found.record.id, ALICE, quiet)

    assert found.proposal is None
    assert shown.proposal is not None
    assert isinstance(shown.proposal.plan, Plan)
    assert key_id in str(shown.proposal.plan.data())


def test_a_key_used_since_the_report_is_no_finding(account: AccountBuilder, build: Build) -> None:
    """The report finds candidates; live calls decide."""
    key_id = idle_key(account)
    home = build("unused-access-key", settings=ScanSettings(naming_budget=0))
    found = home.only("unused-access-key")
    account.use_key(key_id)

    shown = home.service.refresh(found.record.id, ALICE, quiet)

    assert shown.record.status is FindingStatus.RESOLVED


def test_a_key_used_after_the_approval_is_left_alone(account: AccountBuilder, build: Build) -> None:
    """Looked at again just before the write: nothing is written, and the proposal says why."""
    key_id = idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    proposal_id = home.approve(view)
    account.use_key(key_id)

    with pytest.raises(StaleError, match="used"):
        home.apply(proposal_id)

    assert home.service.proposal(proposal_id).proposal.state is ProposalState.STALE
    assert status_of(account) == ["Active"]


def test_nothing_is_changed_before_someone_goes_live(account: AccountBuilder, build: Build) -> None:
    """A first scan only tells."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")

    with pytest.raises(NotLiveError, match="notify"):
        home.approve(view)

    assert status_of(account) == ["Active"]


def test_what_is_worse_comes_back_sooner() -> None:
    """The cool-off is capped by severity, and never made longer by that."""
    patience = Patience(
        cool_off=timedelta(days=10),
        caps={Severity.CRITICAL: timedelta(days=3), Severity.HIGH: timedelta(days=90)},
    )

    assert patience.cool_off_of(Severity.CRITICAL) == timedelta(days=3)
    assert patience.cool_off_of(Severity.HIGH) == timedelta(days=10)
    assert patience.cool_off_of(Severity.LOW) == timedelta(days=10)


def test_a_capped_no_is_asked_again_when_its_cap_ends(
    account: AccountBuilder, build: Build
) -> None:
    idle_key(account)
    severities = dict.fromkeys(Severity, timedelta(days=2))
    patience = Patience(cool_off=timedelta(days=10), caps=severities)
    locksmith = build("unused-access-key", settings=ScanSettings(patience=patience))
    view = locksmith.only("unused-access-key")
    assert view.proposal is not None
    locksmith.service.deny(view.proposal.id, "not now", ALICE)

    locksmith.pass_time(days=1)
    held = locksmith.only("unused-access-key").proposal
    locksmith.pass_time(days=2)
    again = locksmith.only("unused-access-key").proposal

    assert held == locksmith.service.proposal(view.proposal.id).proposal
    assert again is not None
    assert again.id != view.proposal.id


def test_a_no_is_remembered_until_the_cool_off_ends(account: AccountBuilder, build: Build) -> None:
    """The same plan isn't asked again at once; later it is, and says how often it was."""
    idle_key(account)
    home = build(
        "unused-access-key", settings=ScanSettings(patience=Patience(cool_off=timedelta(days=10)))
    )
    view = home.only("unused-access-key")
    assert view.proposal is not None
    home.service.deny(view.proposal.id, "the backup needs it", ALICE)

    home.pass_time(days=9)
    soon = home.only("unused-access-key")
    home.pass_time(days=2)
    later = home.only("unused-access-key")

    assert soon.proposal is not None
    assert soon.proposal.id == view.proposal.id
    assert soon.proposal.state is ProposalState.DENIED
    assert later.proposal is not None
    assert later.proposal.state is ProposalState.PROPOSED
    assert later.proposal.asked_before == 1


def test_the_end_of_a_snooze_makes_a_new_question(account: AccountBuilder, build: Build) -> None:
    """Until then the finding stays open and silent."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    assert view.proposal is not None
    home.service.snooze(view.proposal.id, NOON + timedelta(days=7), "after the audit", ALICE)

    home.pass_time(days=6)
    sleeping = home.only("unused-access-key")
    home.pass_time(days=2)
    awake = home.only("unused-access-key")

    assert sleeping.proposal is not None
    assert sleeping.proposal.state is ProposalState.SNOOZED
    assert awake.proposal is not None
    assert awake.proposal.state is ProposalState.PROPOSED
    assert awake.proposal.id != view.proposal.id


def test_an_exemption_comes_back_by_itself(account: AccountBuilder, build: Build) -> None:
    """Its question is withdrawn, and asked anew when the day is there."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.service.exempt(view.record.id, "yearly job", NOON + timedelta(days=30), ALICE)

    home.pass_time(days=29)
    exempt = home.only("unused-access-key")
    home.pass_time(days=2)
    back = home.only("unused-access-key")

    assert exempt.record.status is FindingStatus.EXEMPT
    assert exempt.proposal is not None
    assert exempt.proposal.state is ProposalState.CANCELLED
    assert back.record.status is FindingStatus.OPEN
    assert back.proposal is not None
    assert back.proposal.state is ProposalState.PROPOSED


def test_one_question_per_key(account: AccountBuilder, build: Build) -> None:
    """Where a key is both unused and old, the control that supersedes asks for both."""
    idle_key(account)
    home = build("unused-access-key", "old-access-key")

    result = home.scan()
    asks = {v.record.finding.control: v for v in result.findings}

    assert asks["old-access-key"].asks_elsewhere == "unused-access-key"
    assert asks["old-access-key"].proposal is None
    assert asks["unused-access-key"].proposal is not None
    assert asks["unused-access-key"].record.finding.evidence["also"] == ["old-access-key"]


def test_a_plan_that_changed_is_a_new_question(account: AccountBuilder, build: Build) -> None:
    """An approval of the old plan approves nothing of the new one."""
    account.user("alice")
    account.password("alice")
    home = build("weak-password-policy")
    first = home.only("weak-password-policy")
    home.live()
    approved = home.approve(first)
    account.password_policy(length=9)

    second = home.only("weak-password-policy")

    assert second.record.id == first.record.id
    assert second.proposal is not None
    assert second.proposal.id != approved
    assert second.proposal.state is ProposalState.PROPOSED
    assert home.service.proposal(approved).proposal.state is ProposalState.STALE
    with pytest.raises(RefusedError):
        home.apply(approved)


def test_a_control_that_cannot_look_neither_passes_nor_fails(
    account: AccountBuilder, build: Build
) -> None:
    """Its open findings stay open; the scan says what to grant."""
    idle_key(account)
    home = build("unused-access-key", "no-multi-region-trail")
    home.scan()
    home.connection.reader("iam").meta.events.register_first(
        "before-send.iam.GetCredentialReport", denied
    )

    result = home.scan()

    assert "unused-access-key" in result.not_evaluated
    assert "no-multi-region-trail" not in result.not_evaluated
    assert {gap.grant for gap in result.unavailable} == {"iam:GetCredentialReport"}
    remembered = home.service.findings(control="unused-access-key")
    assert [view.record.status for view in remembered] == [FindingStatus.OPEN]


def denied(**_: object) -> object:
    """AWS's answer to whoever lacks a permission."""
    return error_answer("AccessDenied", "not authorized")


def test_protected_identities_are_found_and_left_alone(
    account: AccountBuilder, build: Build
) -> None:
    """The finding is shown, its fix is advice, and nobody can approve it."""
    idle_key(account)
    known = Protection(protected=("arn:aws:iam::123456789012:user/alice",))
    home = build("unused-access-key", protection=known)

    view = home.only("unused-access-key")
    home.live()

    assert view.remediation is not None
    assert isinstance(view.remediation.plan, Manual)
    assert "protected list" in view.remediation.plan.reason
    assert view.proposal is not None
    with pytest.raises(RefusedError, match="by hand"):
        home.approve(view)


def test_what_a_stack_owns_gets_advice(account: AccountBuilder, build: Build) -> None:
    """A change beside CloudFormation would be drift."""
    idle_key(account)
    tags = {"aws:cloudformation:stack-name": "payments"}
    account.user("bob", tags=tags)
    account.key("bob", created=account.ago(days=300))
    home = build("unused-access-key")

    result = home.scan()
    fixes = {
        v.record.finding.resource.key.user: v.remediation
        for v in result.findings
        if v.record.finding.resource.key
    }

    assert fixes["alice"] is not None
    assert isinstance(fixes["alice"].plan, Plan)
    assert fixes["bob"] is not None
    assert isinstance(fixes["bob"].plan, Manual)
    assert "payments" in fixes["bob"].plan.reason


def test_a_fix_made_by_hand_is_seen(account: AccountBuilder, build: Build) -> None:
    """The next scan proves it; the question closes by itself."""
    account.root(keys=1)
    home = build("root-access-key")
    view = home.only("root-access-key")
    assert view.proposal is not None
    account.root(keys=0)

    result = home.scan()

    assert result.findings == []
    assert result.resolved == 1
    assert home.service.proposal(view.proposal.id).proposal.state is ProposalState.DONE


def test_someone_elses_fix_makes_the_question_stale(account: AccountBuilder, build: Build) -> None:
    """An approved plan whose finding is gone isn't carried out."""
    key_id = idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    approved = home.approve(view)
    account.client().delete_access_key(UserName="alice", AccessKeyId=key_id)
    home.pass_time(hours=5)

    home.scan()

    assert home.service.proposal(approved).proposal.state is ProposalState.STALE


def test_decisions_that_come_too_late_are_refused_and_logged(
    account: AccountBuilder, build: Build
) -> None:
    """A second decision, a wrong digest, an applied proposal: told, logged, nothing changed."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    assert view.proposal is not None
    proposal = view.proposal
    with pytest.raises(StaleError, match="digest"):
        home.service.approve(proposal.id, "sha256:" + "0" * 64, ALICE)
    home.fix(view)

    with pytest.raises(RefusedError, match="done already"):
        home.service.approve(proposal.id, proposal.digest, ALICE)
    with pytest.raises(RefusedError, match="done already"):
        home.service.deny(proposal.id, "no", ALICE)
    with pytest.raises((RefusedError, LostRaceError)):
        home.apply(proposal.id)

    events = [event.event for event in home.service.audit_events(limit=500)]
    assert events.count("decision.refused") == 3
    assert status_of(account) == ["Inactive"]


def test_a_second_wish_to_undo_is_refused_and_logged(account: AccountBuilder, build: Build) -> None:
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    done = home.fix(view)
    home.service.undo(done.id, ALICE)

    with pytest.raises(RefusedError, match="has an open proposal"):
        home.service.undo(done.id, ALICE)

    assert view.proposal is not None
    said = [each for each in home.service.audit_events() if each.event == "decision.refused"]
    assert [(each.subject, each.data["verdict"]) for each in said] == [(view.proposal.id, "undo")]


@pytest.mark.parametrize("place", ["claimed", "before-intent"])
def test_a_denial_between_the_claim_and_the_first_change_wins(
    account: AccountBuilder, build: Build, place: str
) -> None:
    """It is recorded while the proposal is executing, and the executor heeds it."""
    idle_key(account)
    seen: list[ProposalState] = []

    def deny(here: str) -> None:
        if here == place:
            view = home.service.deny(proposal_id, "the backup needs it", ALICE)
            seen.append(view.proposal.state)

    home = build("unused-access-key", yield_point=deny)
    view = home.only("unused-access-key")
    home.live()
    proposal_id = home.approve(view)

    with pytest.raises(RefusedError, match="denied it"):
        home.apply(proposal_id)

    assert seen == [ProposalState.EXECUTING]
    assert status_of(account) == ["Active"]
    assert home.service.proposal(proposal_id).proposal.state is ProposalState.DENIED
    events = [event.event for event in home.service.audit_events(limit=500)]
    assert "decision.refused" not in events


def test_a_denial_after_the_first_intent_is_told_to_undo(
    account: AccountBuilder, build: Build
) -> None:
    """It may have reached AWS: a no can't take that back."""
    idle_key(account)

    def deny(here: str) -> None:
        if here == "after-intent":
            with pytest.raises(RefusedError, match="already on the way; undo it instead"):
                home.service.deny(proposal_id, "the backup needs it", ALICE)

    home = build("unused-access-key", yield_point=deny)
    view = home.only("unused-access-key")
    home.live()
    proposal_id = home.approve(view)

    assert home.apply(proposal_id).state is ProposalState.DONE
    events = [event.event for event in home.service.audit_events(limit=500)]
    assert events.count("decision.refused") == 1


def test_a_scan_settles_what_was_interrupted(account: AccountBuilder, build: Build) -> None:
    """The call was made and its answer never written down: looking tells that it holds."""
    idle_key(account)
    interrupted: list[str] = []

    def once(place: str) -> None:
        if place == "after-call" and not interrupted:
            interrupted.append(place)
            raise KeyboardInterrupt

    home = build("unused-access-key", yield_point=once)
    view = home.only("unused-access-key")
    home.live()
    proposal_id = home.approve(view)
    with pytest.raises(KeyboardInterrupt):
        home.apply(proposal_id)
    between = home.service.proposal(proposal_id).proposal.state

    result = home.scan()

    assert between is not ProposalState.DONE
    assert [each.state for each in result.settled] == [ProposalState.DONE]
    assert home.service.proposal(proposal_id).proposal.state is ProposalState.DONE
    assert result.findings == []
    assert status_of(account) == ["Inactive"]


def test_undo_is_offered_once(account: AccountBuilder, build: Build) -> None:
    """Not before anything was done, not twice, not while its question is open."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    with pytest.raises(RefusedError, match="never carried out"):
        home.service.undo(view.record.id, ALICE)
    done = home.fix(view)

    undo = home.service.undo(view.record.id, ALICE)
    with pytest.raises(RefusedError, match="open proposal"):
        home.service.undo(done.id, ALICE)
    home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
    home.apply(undo.proposal.id)

    with pytest.raises(RefusedError, match="already"):
        home.service.undo(done.id, ALICE)


def test_what_another_account_owns_is_refused(account: AccountBuilder, build: Build) -> None:
    """Credentials of one account never act on another one's plan."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    proposal_id = home.approve(view)
    home.connection.account = type(home.connection.account)("444455556666")

    with pytest.raises(RefusedError, match="123456789012"):
        home.apply(proposal_id)

    assert status_of(account) == ["Active"]


def test_unknown_ids_are_told(build: Build) -> None:
    """With the kind of thing that wasn't found."""
    home = build("unused-access-key")

    with pytest.raises(NotFoundError, match="f-nothing"):
        home.service.finding("f-nothing")
    with pytest.raises(NotFoundError, match="p-nothing"):
        home.service.proposal("p-nothing")
    with pytest.raises(NotFoundError, match="x-nothing"):
        home.service.execution("x-nothing")


def test_what_is_remembered_needs_no_credentials(
    account: AccountBuilder, build: Build, store_url: str, clock: StandingClock
) -> None:
    """Listing findings and the log works on the database alone."""
    idle_key(account)
    home = build("unused-access-key")
    home.scan()

    with closing(open_store(store_url, clock=clock)) as again, house(account, again, clock) as h:
        h.service._enter = no_aws
        assert len(h.service.findings(control="unused-access-key")) == 1
        assert h.service.audit_verify().ok


def no_aws() -> object:
    """Fails whoever wants to enter AWS."""
    raise AssertionError("AWS was entered")


def files_of(account: AccountBuilder, folder: Path) -> Path:
    details = account.client().get_account_authorization_details()
    del details["ResponseMetadata"]
    path = folder / "auth.json"
    path.write_text(json.dumps(details, default=str))
    return path


def test_files_and_aws_are_kept_apart(
    account: AccountBuilder, build: Build, tmp_path: Path
) -> None:
    """An old export reopens nothing, resolves nothing, asks nothing, and shows its plan."""
    account.user("alice")
    account.attach("ReadOnlyAccess", user="alice")
    export = files_of(account, tmp_path)
    home = build("policy-attached-to-user")
    view = home.only("policy-attached-to-user")
    home.live()
    fixed = home.fix(view)

    snapshot = read_offline(authorization_details=export, clock=home.clock, protection=Protection())
    first = home.service.scan_offline(ALICE, snapshot)
    second = home.service.scan_offline(ALICE, snapshot)
    live = home.scan()

    [found] = first.findings
    assert fixed.state is ProposalState.DONE
    assert live.findings == []
    assert [view.record.id for view in second.findings] == [found.record.id]
    assert found.record.from_files
    assert found.proposal is None
    assert found.remediation is not None
    assert found.remediation.needs == "live_account"
    shown = home.service.refresh(found.record.id, ALICE, quiet)
    assert shown.remediation is not None
    assert shown.remediation.plan == found.remediation.plan
    with pytest.raises(RefusedError, match="files"):
        home.service.open_proposal(found.record.id)


def test_an_undone_fix_is_not_asked_again_until_someone_wants_it(
    account: AccountBuilder, build: Build
) -> None:
    """The hold keeps scans silent; asking for its plan asks, and a yes lifts the hold."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    done = home.fix(view)
    undo = home.service.undo(done.id, ALICE)
    home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
    home.apply(undo.proposal.id)

    silent = home.only("unused-access-key")
    asked = home.service.refresh(view.record.id, ALICE, quiet)
    again = home.fix(asked)

    assert silent.record.held
    assert silent.proposal is not None
    assert silent.proposal.state is ProposalState.DONE
    assert asked.proposal is not None
    assert asked.proposal.state is ProposalState.PROPOSED
    assert again.state is ProposalState.DONE
    assert not home.service.finding(view.record.id).record.held


def test_an_exemption_withdraws_an_approval(account: AccountBuilder, build: Build) -> None:
    """Whoever accepts a violation does not want it fixed, approved or not."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    approved = home.approve(view)

    home.service.exempt(view.record.id, "the vendor needs it", NOON + timedelta(days=30), ALICE)

    assert home.service.proposal(approved).proposal.state is ProposalState.CANCELLED
    with pytest.raises(RefusedError):
        home.apply(approved)
    assert status_of(account) == ["Active"]


def test_an_approval_does_not_stand_for_ever(account: AccountBuilder, build: Build) -> None:
    """After a week it counts no more; the next scan asks anew."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    home.live()
    approved = home.approve(view)
    home.pass_time(days=8)

    with pytest.raises(RefusedError, match="7 days old"):
        home.apply(approved)
    again = home.only("unused-access-key")

    assert status_of(account) == ["Active"]
    assert again.proposal is not None
    assert again.proposal.id != approved
    assert again.proposal.state is ProposalState.PROPOSED


def test_strangers_decide_nothing(account: AccountBuilder, build: Build) -> None:
    """Not a proposal, not an exemption, not going live."""
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    rule = Actor("rule", "sandbox")

    with pytest.raises(RefusedError, match="may not decide"):
        home.service.go_live(home.connection.account.id, rule)
    with pytest.raises(RefusedError, match="may not decide"):
        home.service.exempt(view.record.id, "quiet", NOON + timedelta(days=1), rule)


def test_files_resolve_what_files_said(
    account: AccountBuilder, build: Build, tmp_path: Path
) -> None:
    """A later export without the violation closes it."""
    account.user("alice")
    account.attach("ReadOnlyAccess", user="alice")
    home = build("policy-attached-to-user")

    def scanned() -> ScanResult:
        export = files_of(account, tmp_path)
        snapshot = read_offline(
            authorization_details=export, clock=home.clock, protection=Protection()
        )
        return home.service.scan_offline(ALICE, snapshot)

    first = scanned()
    account.client().detach_user_policy(
        UserName="alice", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )
    second = scanned()

    assert len(first.findings) == 1
    assert second.findings == []
    assert second.resolved == 1


def test_a_denied_question_says_when_it_is_asked_again(
    account: AccountBuilder, build: Build
) -> None:
    idle_key(account)
    home = build("unused-access-key")
    view = home.only("unused-access-key")
    assert view.proposal is not None
    home.service.deny(view.proposal.id, "the backup needs it", ALICE)

    with pytest.raises(RefusedError, match="is denied already") as refused:
        home.service.open_proposal(view.record.id)

    assert "proposals.cool_off_days after the no" in refused.value.hint


def test_only_accounts_that_were_scanned_are_known(account: AccountBuilder, build: Build) -> None:
    home = build("unused-access-key")
    seen = home.scan().account.id

    assert home.service.account(seen).mode == "notify"
    with pytest.raises(NotFoundError, match="account 999999999999 was never scanned"):
        home.service.account("999999999999")


def refused_unsent(**_: object) -> tuple[AWSResponse, dict[str, object]]:
    """AWS's refusal of a call that changes nothing behind the scenes."""
    error = {"Code": "AccessDenied", "Message": "not authorized"}
    answer = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 403, "RequestId": "r-1"}}
    return AWSResponse("https://iam.test", 403, {}, None), answer


def test_what_stopped_half_way_can_be_taken_back(account: AccountBuilder, build: Build) -> None:
    """It says which steps hold, claims nothing more, and undo restores what was there."""
    account.user("alice", tags={"team": "data"})
    account.attach("ReadOnlyAccess", user="alice")
    iam = account.client()
    home = build("policy-attached-to-user")
    view = home.only("policy-attached-to-user")
    home.live()
    home.connection.writer("iam").meta.events.register_first(
        "before-call.iam.DetachUserPolicy", refused_unsent
    )

    stopped = home.fix(view)
    held = [step.outcome for step in stopped.steps]
    undo = home.service.undo(stopped.id, ALICE)
    home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
    undone = home.apply(undo.proposal.id)

    assert stopped.state is ProposalState.NEEDS_HUMAN
    assert held[-1] is Outcome.NOT_APPLIED
    assert set(held[:-1]) == {Outcome.HOLDS}
    assert home.service.proposal(stopped.proposal_id).proposal.state is ProposalState.CANCELLED
    assert undone.state is ProposalState.DONE
    assert iam.list_groups()["Groups"] == []
    assert iam.list_groups_for_user(UserName="alice")["Groups"] == []
    [attached] = iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    assert attached["PolicyName"] == "ReadOnlyAccess"
