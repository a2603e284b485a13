"""Decisions of people in Slack: who may, what they add, and that a refusal changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from bot.engine.announcing import NOTICE, tell_notify_mode
from bot.engine.approvals import Approvals
from bot.engine.codes import Codes
from bot.engine.core import Aws, Confirming
from bot.engine.owner_claims import OwnerRules
from bot.engine.owners import Owners
from bot.engine.people import People
from bot.engine.protecting import Guard
from bot.engine.rechecking import recheck
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.engine.standing import Standings
from bot.errors import NotFoundError, RefusedError, StaleError
from bot.model import (
    Actor,
    Address,
    FindingStatus,
    OwnerClaim,
    OwnerSource,
    Plan,
    ProposalRecord,
    ProposalState,
    Severity,
    Verdict,
)
from bot.store import accounts, findings, handovers, messages, proposals
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.engine.fake_directory import TEAM, FakeDirectory, person
from tests.engine.plans import delete_key
from tests.engine.plans import plan as plan_of
from tests.store.samples import ACCOUNT, ALICE, finding, observe, only, plan, question, seen

TAG = OwnerClaim(OwnerSource.TAGS, "UANN", "tag owner = UANN", "owner")
MAPPED = OwnerClaim(OwnerSource.MAPPING, "UANN", "mapping file: *")
FINAL = replace(plan_of(delete_key("carol", "AKIA1")), account=ACCOUNT, subject="AKIA1")


def slack(user: str, team: str = TEAM) -> Actor:
    return Actor("slack", f"{team}/{user}")


ANN, BEN, SEC, SECB = (slack(name) for name in ("UANN", "UBEN", "USEC", "USECB"))


@pytest.fixture
def directory() -> FakeDirectory:
    people = [person(name) for name in ("UANN", "UBEN", "USEC", "USECB")]
    return FakeDirectory(people, groups={"S1": ["USEC", "USECB"]})


def never() -> Aws:
    raise AssertionError("a decision asks AWS nothing")


Make = Callable[..., Service]


@pytest.fixture
def make(sqlite_store: Store, clock: StandingClock, directory: FakeDirectory) -> Make:
    """Services for people in Slack, over one store; the owner's tag holds."""

    def of(codes: Codes | None = None, **changes: object) -> Service:
        approvals = Approvals(People({"slack:UANN": "ann"}), alone=False)
        rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None)
        standings = Standings(
            directory,
            Owners(directory, rules, "C1", frozenset()),
            ("S1",),
            tag_holds=lambda _proposal, _claim: True,
            trusted_word=lambda asked: service.trusted_word(asked),
            arn_of=lambda _proposal: None,
            person=approvals.people.person,
        )
        scanner = Scanner(sqlite_store, (), ScanSettings(), Guard.on, clock)
        service = Service(
            sqlite_store, never, scanner, approvals, clock, Confirming(standings, codes)
        )
        return service

    return of


@pytest.fixture
def service(make: Make) -> Service:
    return make()


@pytest.fixture
def ask(sqlite_store: Store) -> Callable[..., ProposalRecord]:
    """Makes a question in a live account."""

    def of(
        made: Plan | None = None, *claims: OwnerClaim, severity: Severity = Severity.LOW
    ) -> ProposalRecord:
        with sqlite_store.write() as tx:
            item = replace(seen(), finding=finding(severity=severity))
            record = only(observe(tx, item))
            accounts.scanned(tx, ACCOUNT.id, tx.now)
            accounts.go_live(tx, ACCOUNT.id, ALICE)
            new = replace(
                question(finding_id=record.id, of=made or plan()), claims=claims or (TAG,)
            )
            (asked,) = proposals.propose_many(tx, [new], ALICE)
        with sqlite_store.read() as tx:
            return proposals.get_proposal(tx, asked.id)

    return of


Ask = Callable[..., ProposalRecord]


def refusals(service: Service) -> list[str]:
    return [
        str(event.data["why"])
        for event in service.audit_events()
        if event.event == "decision.refused"
    ]


def state(service: Service, asked: ProposalRecord) -> ProposalState:
    return service.proposal(asked.id).proposal.state


def test_an_owner_approves_what_can_be_undone(service: Service, ask: Ask) -> None:
    asked = ask()

    view = service.approve(asked.id, asked.digest, ANN)

    assert view.proposal.state is ProposalState.APPROVED
    assert view.decisions[0].actor == ANN


@pytest.mark.parametrize(
    "actor", [BEN, slack("UANN", "T0AWAY"), slack("UNOBODY"), Actor("rule", "sandbox")]
)
@pytest.mark.parametrize("what", ["approve", "deny", "snooze", "exempt", "hand over"])
def test_others_are_refused_audited_and_change_nothing(
    service: Service, ask: Ask, clock: StandingClock, actor: Actor, what: str
) -> None:
    asked = ask()
    later = clock() + timedelta(days=3)
    acts: dict[str, Callable[[], object]] = {
        "approve": lambda: service.approve(asked.id, asked.digest, actor),
        "deny": lambda: service.deny(asked.id, "no", actor),
        "snooze": lambda: service.snooze(asked.id, later, "", actor),
        "exempt": lambda: service.exempt_question(asked.id, "mine", later, actor),
        "hand over": lambda: service.hand_over(asked.id, Address.parse("UBEN"), actor),
    }

    with pytest.raises(RefusedError):
        acts[what]()

    assert state(service, asked) is ProposalState.PROPOSED
    assert service.proposal(asked.id).decisions == []
    assert len(refusals(service)) == 1


def test_an_old_cards_digest_is_stale(service: Service, ask: Ask) -> None:
    asked = ask()

    with pytest.raises(StaleError, match="no longer the one that was shown"):
        service.approve(asked.id, "sha256:" + "0" * 64, ANN)

    assert state(service, asked) is ProposalState.PROPOSED


def test_a_second_click_is_told_kindly(service: Service, ask: Ask) -> None:
    asked = ask()
    service.approve(asked.id, asked.digest, ANN)

    with pytest.raises(RefusedError, match="approved already"):
        service.approve(asked.id, asked.digest, SEC)

    assert len(service.proposal(asked.id).decisions) == 1


def test_no_wins_over_yes_until_the_first_change(service: Service, ask: Ask) -> None:
    asked = ask()
    service.approve(asked.id, asked.digest, ANN)

    assert service.deny(asked.id, "still needed", SEC).proposal.state is ProposalState.DENIED


class TestIrreversible:
    """Two people, each typing what is lost."""

    def test_takes_two_different_people(self, service: Service, ask: Ask) -> None:
        asked = ask(FINAL, MAPPED)

        assert service.approve(asked.id, asked.digest, ANN, typed="carol").proposal.state is (
            ProposalState.PROPOSED
        )
        with pytest.raises(RefusedError, match="you approved this already"):
            service.approve(asked.id, asked.digest, ANN, typed="carol")
        assert service.approve(asked.id, asked.digest, SEC, typed="carol").proposal.state is (
            ProposalState.APPROVED
        )

    def test_an_owner_by_tag_is_no_owner_of_it(self, service: Service, ask: Ask) -> None:
        asked = ask(FINAL, TAG)

        with pytest.raises(RefusedError, match="more than a tag"):
            service.approve(asked.id, asked.digest, ANN, typed="carol")

    @pytest.mark.parametrize("typed", ["", "Carol", "carol2", "carol\n x"])
    def test_takes_the_name_typed(self, service: Service, ask: Ask, typed: str) -> None:
        asked = ask(FINAL, MAPPED)

        with pytest.raises(RefusedError, match="what was typed is not carol"):
            service.approve(asked.id, asked.digest, ANN, typed=typed)
        assert refusals(service)

    def test_takes_a_code_where_one_is_asked_for(
        self, make: Make, ask: Ask, clock: StandingClock, tmp_path: Path
    ) -> None:
        codes = Codes(tmp_path / "codes.json", clock)
        service, asked = make(codes), ask(FINAL, MAPPED)
        with pytest.raises(RefusedError, match="not enrolled"):
            service.approve(asked.id, asked.digest, ANN, typed="carol", code="123456")
        enrolment = codes.enrol("UANN")
        otp = pyotp.parse_uri(enrolment.uri)
        assert isinstance(otp, pyotp.TOTP)
        service.enrol(enrolment, otp.at(clock()), SEC)
        with pytest.raises(RefusedError, match="wrong or too old"):
            service.approve(asked.id, asked.digest, ANN, typed="carol", code="")

        view = service.approve(asked.id, asked.digest, ANN, typed="carol", code=otp.at(clock()))

        assert [one.verdict for one in view.decisions] == [Verdict.APPROVE]
        assert "123456" not in str(service.audit_events())
        assert otp.at(clock()) not in str(service.audit_events())
        assert otp.secret not in str(service.audit_events())

        service.deny(asked.id, "not yet", SEC)
        anew = ask(FINAL, MAPPED)
        with pytest.raises(RefusedError, match="used already"):
            service.approve(anew.id, anew.digest, ANN, typed="carol", code=otp.at(clock()))
        assert service.proposal(anew.id).decisions == []
        assert "used already" in refusals(service)[-1]


class TestPuttingOff:
    def test_again_needs_a_reason(self, service: Service, ask: Ask, clock: StandingClock) -> None:
        day = timedelta(days=1)
        service.snooze(ask().id, clock() + day, "", ANN)
        asked = ask()

        with pytest.raises(RefusedError, match="needs a reason"):
            service.snooze(asked.id, clock() + day, " ", ANN)
        view = service.snooze(asked.id, clock() + day, "on leave", ANN)
        assert view.proposal.state is ProposalState.SNOOZED

    @pytest.mark.parametrize(("days", "why"), [(0, "has passed"), (91, "90 days at most")])
    def test_only_ahead_and_not_forever(
        self, service: Service, ask: Ask, clock: StandingClock, days: int, why: str
    ) -> None:
        asked = ask()
        with pytest.raises(RefusedError, match=why):
            service.snooze(asked.id, clock() + timedelta(days=days), "", ANN)

        assert why in refusals(service)[0]
        assert state(service, asked) is ProposalState.PROPOSED


class TestExempting:
    def test_what_is_mild_takes_one(self, service: Service, ask: Ask, clock: StandingClock) -> None:
        view = service.exempt_question(ask().id, "legacy", clock() + timedelta(days=9), ANN)

        assert view.proposal.state is ProposalState.CANCELLED
        assert view.finding is not None
        assert view.finding.record.status is FindingStatus.EXEMPT

    def test_what_is_bad_takes_a_second_person(
        self, service: Service, ask: Ask, clock: StandingClock
    ) -> None:
        asked = ask(severity=Severity.CRITICAL)
        until = clock() + timedelta(days=9)
        view = service.exempt_question(asked.id, "legacy", until, SEC)
        assert view.proposal.state is ProposalState.PROPOSED
        with pytest.raises(RefusedError, match="another person must confirm"):
            service.answer_exemption(asked.id, SEC, granted=True)
        with pytest.raises(RefusedError, match="second person of the security group"):
            service.answer_exemption(asked.id, ANN, granted=True)

        view = service.answer_exemption(asked.id, SECB, granted=True)

        assert view.finding is not None
        assert view.finding.record.exempt_until == until
        with pytest.raises(RefusedError, match="no exemption waits"):
            service.answer_exemption(asked.id, SECB, granted=True)

    def test_a_refused_one_leaves_the_question(
        self, service: Service, ask: Ask, clock: StandingClock
    ) -> None:
        asked = ask(severity=Severity.CRITICAL)
        service.exempt_question(asked.id, "legacy", clock() + timedelta(days=9), ANN)

        view = service.answer_exemption(asked.id, SEC, granted=False)

        assert view.proposal.state is ProposalState.PROPOSED
        service.approve(asked.id, asked.digest, ANN)

    def test_asked_for_twice_is_told_of_the_first(
        self, service: Service, ask: Ask, clock: StandingClock
    ) -> None:
        asked = ask(severity=Severity.CRITICAL)
        until = clock() + timedelta(days=9)
        service.exempt_question(asked.id, "legacy", until, ANN)

        with pytest.raises(RefusedError, match="asked for this already"):
            service.exempt_question(asked.id, "legacy", until, SEC)
        assert refusals(service)

    def test_an_operator_is_one_of_the_two(
        self, service: Service, ask: Ask, clock: StandingClock
    ) -> None:
        asked = ask(severity=Severity.CRITICAL)
        finding_id = asked.finding_id or ""

        view = service.exempt(finding_id, "legacy", clock() + timedelta(days=9), ALICE)

        assert view.record.status is FindingStatus.OPEN
        service.answer_exemption(asked.id, SEC, granted=True)
        assert service.finding(finding_id).record.status is FindingStatus.EXEMPT

    def test_what_was_approved_and_carried_out_is_past_confirming(
        self, service: Service, ask: Ask, clock: StandingClock, sqlite_store: Store
    ) -> None:
        asked = ask(severity=Severity.CRITICAL)
        service.exempt_question(asked.id, "legacy", clock() + timedelta(days=9), ANN)
        service.deny(asked.id, "no", SEC)

        with pytest.raises(RefusedError, match="denied already"):
            service.answer_exemption(asked.id, SECB, granted=True)
        assert refusals(service)

    @pytest.mark.parametrize(
        ("days", "reason", "why"),
        [(0, "x", "has passed"), (366, "x", "365 days at most"), (5, " ", "needs a reason")],
    )
    def test_limits(
        self,
        service: Service,
        ask: Ask,
        clock: StandingClock,
        days: int,
        reason: str,
        why: str,
    ) -> None:
        with pytest.raises(RefusedError, match=why):
            service.exempt_question(ask().id, reason, clock() + timedelta(days=days), ANN)

    def test_what_is_gone_is_refused_in_the_log_too(
        self, service: Service, ask: Ask, clock: StandingClock, sqlite_store: Store
    ) -> None:
        """As on the question whether to take back a fix: its violation is gone by then."""
        asked = ask()
        with sqlite_store.write() as tx:
            observe(tx)
        until = clock() + timedelta(days=9)

        with pytest.raises(RefusedError, match="nothing to exempt"):
            service.exempt_question(asked.id, "legacy", until, ANN)
        with pytest.raises(RefusedError, match="nothing to exempt"):
            service.exempt(asked.finding_id or "", "legacy", until, ALICE)

        assert len(refusals(service)) == 2
        assert state(service, asked) is ProposalState.PROPOSED


class TestHandingOver:
    def test_an_owners_word_gives_no_more_than_a_tag(
        self, service: Service, ask: Ask, sqlite_store: Store
    ) -> None:
        asked = ask(FINAL, TAG)

        view = service.hand_over(asked.id, Address.parse("UBEN"), ANN)

        assert view.proposal.claims[0].address == "UBEN"
        with sqlite_store.read() as tx:
            (word,) = handovers.handovers(tx, ACCOUNT.id).values()
        assert not word.trusted
        with pytest.raises(RefusedError, match="more than a tag"):
            service.approve(asked.id, asked.digest, BEN, typed="carol")

    def test_the_security_groups_word_makes_an_owner(self, service: Service, ask: Ask) -> None:
        asked = ask(FINAL, TAG)
        service.hand_over(asked.id, Address.parse("UBEN"), SEC)

        view = service.approve(asked.id, asked.digest, BEN, typed="carol")

        assert [one.actor for one in view.decisions] == [BEN]

    def test_of_a_user_all_questions_change_hands(
        self, service: Service, ask: Ask, sqlite_store: Store
    ) -> None:
        asked = ask()
        with sqlite_store.write() as tx:
            first = findings.get_finding(tx, asked.finding_id or "").finding
            other = replace(seen(), finding=replace(first, subject="AIDA1/password"))
            record = only(observe(tx, other))
            new = replace(question("AIDA1/password", finding_id=record.id), claims=(TAG,))
            (also,) = proposals.propose_many(tx, [new], ALICE)

        service.hand_over(asked.id, Address.parse("UBEN"), SEC)

        assert service.proposal(also.id).proposal.claims[0].address == "UBEN"

    def test_a_word_for_someone_else_makes_nobody_trusted(
        self, service: Service, ask: Ask, sqlite_store: Store
    ) -> None:
        """A claim fixed with an older question gains nothing by what is said later."""
        asked = ask(FINAL, TAG)
        service.hand_over(asked.id, Address.parse("UBEN"), ANN)
        with sqlite_store.write() as tx:
            unique_id = next(iter(handovers.handovers(tx, ACCOUNT.id)))
            handovers.hand_over(tx, ACCOUNT, unique_id, "UANN", SEC, trusted=True)

        with pytest.raises(RefusedError, match="more than a tag"):
            service.approve(asked.id, asked.digest, BEN, typed="carol")

    def test_someone_who_cant_be_asked_gets_nothing(
        self, service: Service, ask: Ask, directory: FakeDirectory
    ) -> None:
        directory.put(person("UBEN", guest=True))
        asked = ask()

        with pytest.raises(RefusedError, match="is a guest"):
            service.hand_over(asked.id, Address.parse("UBEN"), SEC)

        assert service.proposal(asked.id).proposal.claims == (TAG,)
        assert refusals(service)

    def test_by_the_things_name(self, service: Service, ask: Ask) -> None:
        asked = ask()

        (view,) = service.hand_over_resource("carol", Address.parse("UBEN"), ANN)

        assert view.proposal.id == asked.id
        assert view.proposal.claims[0].address == "UBEN"

    def test_what_nobody_asks_about_is_the_security_groups_to_say(
        self, service: Service, ask: Ask, sqlite_store: Store
    ) -> None:
        asked = ask()
        service.deny(asked.id, "no", SEC)

        with pytest.raises(RefusedError, match="only the security group"):
            service.hand_over_resource("carol", Address.parse("UBEN"), ANN)
        assert service.hand_over_resource("carol", Address.parse("UBEN"), SEC) == ()

        with sqlite_store.read() as tx:
            (word,) = handovers.handovers(tx, ACCOUNT.id).values()
        assert (word.address, word.trusted) == ("UBEN", True)

    def test_an_unknown_thing(self, service: Service, ask: Ask) -> None:
        ask()
        with pytest.raises(NotFoundError, match="nothing-like-it"):
            service.hand_over_resource("nothing-like-it", Address.parse("UBEN"), SEC)

    def test_a_settled_question_is_nobodys(self, service: Service, ask: Ask) -> None:
        asked = ask()
        service.deny(asked.id, "no", SEC)

        with pytest.raises(RefusedError, match="denied already"):
            service.hand_over(asked.id, Address.parse("UBEN"), ANN)


class TestLookingAgainBeforeWriting:
    def judge(self, service: Service, asked: ProposalRecord, said: list[str]) -> str | None:
        standings = service._confirming.standings
        assert standings is not None
        view = service.proposal(asked.id)
        return recheck(standings, service._approvals, said.append)(view.proposal, view.decisions)

    def test_someone_deactivated_since_counts_no_more(
        self, service: Service, ask: Ask, directory: FakeDirectory
    ) -> None:
        asked = ask()
        service.approve(asked.id, asked.digest, ANN)
        assert self.judge(service, asked, []) is None

        directory.put(person("UANN", deactivated=True))

        assert "is deactivated" in (self.judge(service, asked, []) or "")

    def test_someone_who_left_the_group_that_decides_counts_no_more(
        self, service: Service, ask: Ask, directory: FakeDirectory
    ) -> None:
        asked = ask()
        service.approve(asked.id, asked.digest, SEC)
        assert self.judge(service, asked, []) is None

        directory.groups["S1"].discard("USEC")

        assert "counts no more" in (self.judge(service, asked, []) or "")

    def test_an_operators_word_stands(
        self, service: Service, ask: Ask, directory: FakeDirectory
    ) -> None:
        asked = ask()
        service.approve(asked.id, asked.digest, ALICE)
        directory.down = True

        assert self.judge(service, asked, []) is None

    def test_slack_silent_holds_nothing_up_and_is_said(
        self, service: Service, ask: Ask, directory: FakeDirectory
    ) -> None:
        asked = ask()
        service.approve(asked.id, asked.digest, ANN)
        directory.down = True
        said: list[str] = []

        assert self.judge(service, asked, said) is None
        assert "can't be looked up again" in said[0]


def test_go_live_and_settle_are_for_the_security_group(service: Service, ask: Ask) -> None:
    ask()

    with pytest.raises(RefusedError, match="only the security group"):
        service.go_live(ACCOUNT.id, ANN)
    assert service.go_live(ACCOUNT.id, SEC).mode == "live"
    assert refusals(service)


def test_going_live_is_said_where_notify_mode_was(
    service: Service, sqlite_store: Store, ask: Ask
) -> None:
    ask()
    with sqlite_store.write() as tx:
        tell_notify_mode(tx, ACCOUNT.id, "C0SEC", 1)

    service.go_live(ACCOUNT.id, SEC)

    with sqlite_store.read() as tx:
        (told,) = messages.messages_to(tx, "C0SEC", NOTICE)
    assert (told.wanted, "live" in told.data) == (2, True)
