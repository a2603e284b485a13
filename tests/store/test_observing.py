"""What scans see, merged into what is remembered: same violation, same id."""

import time
from dataclasses import replace
from datetime import datetime

import pytest

from bot.errors import PlanError
from bot.model import FindingStatus, KeyReference, Severity, fingerprint
from bot.store import accounts, audit, findings
from bot.store.database import Store
from bot.store.findings import SeenFinding
from tests.conftest import NOON, StandingClock
from tests.store.samples import (
    ACCOUNT,
    ALICE,
    CONTROL,
    OTHER_ACCOUNT,
    finding,
    observe,
    only,
    seen,
)


def events(store: Store) -> list[tuple[str, str | None]]:
    with store.read() as tx:
        return [(event.event, event.subject) for event in audit.events(tx)]


def status(store: Store, finding_id: str) -> FindingStatus:
    with store.read() as tx:
        return findings.get_finding(tx, finding_id).status


class TestIdentity:
    def test_a_new_one_opens(self, store: Store) -> None:
        with store.write() as tx:
            observation = observe(tx, seen())

        record = only(observation)
        assert observation.new == (record,)
        assert record.id.startswith("f-")
        assert len(record.id) == 12
        assert record.status is FindingStatus.OPEN
        assert record.first_seen == record.last_seen == NOON
        assert record.fingerprint == fingerprint(ACCOUNT, CONTROL, "AKIA1")
        assert events(store) == [("finding.opened", record.id)]
        with store.read() as tx:
            assert findings.get_finding(tx, record.id) == record

    def test_the_same_keeps_its_id_and_is_refreshed(
        self, store: Store, clock: StandingClock
    ) -> None:
        with store.write() as tx:
            first = only(observe(tx, seen()))
        clock.pass_time(days=1)
        fresh = finding("AKIA1", severity=Severity.CRITICAL, idle_days=46)

        with store.write() as tx:
            observation = observe(tx, SeenFinding(fresh, "renamed_topic"))

        record = only(observation)
        assert observation.still_open == (record,)
        assert (observation.new, observation.resolved, observation.reopened) == ((), (), ())
        assert record == replace(first, finding=fresh, topic="renamed_topic", last_seen=clock.now)
        assert events(store) == [("finding.opened", first.id)]
        with store.read() as tx:
            assert findings.get_finding(tx, first.id) == record

    def test_naming_a_key_keeps_the_id(self, store: Store) -> None:
        """First known by the report's slot, then by its AccessKeyId, in between forgotten."""
        with store.write() as tx:
            provisional = only(observe(tx, seen("AIDA1/key-1/2026")))
            named = only(observe(tx, seen("AKIA1", "AIDA1/key-1/2026")))
            forgotten = only(observe(tx, seen("AIDA1/key-1/2026")))
            again = only(observe(tx, seen("AKIA1")))

        assert provisional.id == named.id == forgotten.id == again.id
        assert named.finding.subject == "AKIA1"
        assert named.fingerprint == again.fingerprint == fingerprint(ACCOUNT, CONTROL, "AKIA1")
        assert events(store) == [("finding.opened", named.id)]

    def test_an_alias_means_one_finding_only(self, store: Store) -> None:
        """Two keys that both claim the place of one earlier finding stay two."""
        with store.write() as tx:
            first = only(observe(tx, seen("slot")))
            both = observe(tx, seen("AKIA1", "slot"), seen("AKIA2", "slot"))

        ids = {record.id for record in both.records.values()}
        assert len(ids) == 2
        assert first.id in ids
        assert len(both.new) == 1

    def test_its_own_fingerprint_goes_before_an_alias(self, store: Store) -> None:
        with store.write() as tx:
            known = observe(tx, seen("slot"), seen("AKIA1"))
            slot, named = (
                known.records[fingerprint(ACCOUNT, CONTROL, subject)].id
                for subject in ("slot", "AKIA1")
            )
            observation = observe(tx, seen("AKIA1", "slot"))

        assert only(observation).id == named
        assert [record.id for record in observation.resolved] == [slot]

    def test_accounts_and_controls_are_apart(self, store: Store) -> None:
        with store.write() as tx:
            first = observe(tx, seen(), seen(control="old-access-key"))
            accounts.ensure_account(tx, OTHER_ACCOUNT)
            other = findings.observe(
                tx, OTHER_ACCOUNT, [seen()], complete_controls={CONTROL}, actor=ALICE
            )

        assert len(first.new) == 2
        assert len(other.new) == 1
        assert other.resolved == ()

    def test_two_on_one_subject_are_a_bug_of_the_control(self, store: Store) -> None:
        with pytest.raises(PlanError, match=f"{CONTROL} has two findings"), store.write() as tx:
            observe(tx, seen(), seen())

    def test_a_key_reference_comes_back(self, store: Store) -> None:
        plain = finding()
        key = KeyReference("carol", "AIDA1", 2, NOON, "AKIA1")
        with_key = replace(plain, resource=replace(plain.resource, key=key))
        with store.write() as tx:
            record = only(observe(tx, SeenFinding(with_key, "rotation")))

        with store.read() as tx:
            assert findings.get_finding(tx, record.id).finding == with_key


class TestStatus:
    def test_one_that_is_gone_is_resolved(self, store: Store, clock: StandingClock) -> None:
        with store.write() as tx:
            record = only(observe(tx, seen()))
        clock.pass_time(days=1)

        with store.write() as tx:
            observation = observe(tx)

        (resolved,) = observation.resolved
        assert resolved == replace(record, status=FindingStatus.RESOLVED, resolved_at=clock.now)
        assert events(store)[1:] == [("finding.resolved", record.id)]
        with store.write() as tx:
            assert observe(tx).resolved == ()

    def test_absence_is_not_inferred_from_a_control_that_could_not_look(self, store: Store) -> None:
        with store.write() as tx:
            record = only(observe(tx, seen()))
            observation = observe(tx, complete=frozenset({"another-control"}))

        assert observation.resolved == ()
        assert status(store, record.id) is FindingStatus.OPEN

    def test_one_that_is_back_reopens_with_its_history(
        self, store: Store, clock: StandingClock
    ) -> None:
        with store.write() as tx:
            first = only(observe(tx, seen()))
            observe(tx)
        clock.pass_time(days=9)

        with store.write() as tx:
            observation = observe(tx, seen())

        record = only(observation)
        assert observation.reopened == (record,)
        assert record == replace(first, last_seen=clock.now, reopened=1)
        assert events(store)[2:] == [("finding.reopened", first.id)]

    def test_a_hold_outlasts_resolving(self, store: Store) -> None:
        with store.write() as tx:
            record = only(observe(tx, seen()))
            findings.hold(tx, record.id, ALICE)
            observe(tx)

            assert only(observe(tx, seen())).held


class TestExemption:
    @pytest.fixture
    def until(self) -> datetime:
        return NOON.replace(month=12)

    @pytest.fixture
    def exempt(self, store: Store, until: datetime) -> str:
        with store.write() as tx:
            record = only(observe(tx, seen()))
            findings.exempt(tx, record.id, "the vendor needs it", until, ALICE)
        return record.id

    def test_stays_until_its_day(
        self, store: Store, exempt: str, until: datetime, clock: StandingClock
    ) -> None:
        clock.now = until.replace(hour=11)

        with store.write() as tx:
            observation = observe(tx, seen())

        assert [record.id for record in observation.exempt] == [exempt]
        assert (observation.still_open, observation.reopened) == ((), ())
        assert only(observation).exempt_reason == "the vendor needs it"

    def test_is_over_on_its_day(
        self, store: Store, exempt: str, until: datetime, clock: StandingClock
    ) -> None:
        clock.now = until

        with store.write() as tx:
            observation = observe(tx, seen())

        record = only(observation)
        assert observation.still_open == (record,)
        assert (record.exempt_until, record.exempt_reason) == (None, "")
        assert events(store)[-1] == ("finding.exemption-ended", exempt)

    def test_a_violation_that_is_gone_is_resolved(self, store: Store, exempt: str) -> None:
        with store.write() as tx:
            observation = observe(tx)

        assert [record.id for record in observation.resolved] == [exempt]

    def test_still_counts_when_the_violation_is_back_before_its_day(
        self, store: Store, exempt: str
    ) -> None:
        with store.write() as tx:
            observe(tx)
            observation = observe(tx, seen())

        assert [record.id for record in observation.exempt] == [exempt]
        assert events(store)[-1] == ("finding.reopened", exempt)


def test_nine_thousand_findings_are_quick(sqlite_store: Store) -> None:
    """A scan of 5,000 users; each look in about a second of processor time."""
    many = [seen(f"AKIA{number}", f"slot {number}") for number in range(9000)]

    for expected in ("new", "still_open"):
        began = time.process_time()
        with sqlite_store.write() as tx:
            observation = observe(tx, *many)
        took = time.process_time() - began

        assert len(getattr(observation, expected)) == 9000
        assert took < 4
