"""Findings: looking them up, and what people decide about them."""

from datetime import timedelta

import pytest

from bot.errors import NotFoundError, RefusedError
from bot.model import FindingStatus, Severity
from bot.store import accounts, audit, findings
from bot.store.database import Store
from bot.store.findings import SeenFinding
from tests.conftest import NOON, StandingClock
from tests.store.samples import ACCOUNT, ALICE, CONTROL, OTHER_ACCOUNT, finding, observe, only, seen

TOMORROW = NOON + timedelta(days=1)


def ids(store: Store, **words: object) -> list[str]:
    with store.read() as tx:
        return [
            record.finding.subject
            for record in findings.list_findings(tx, **words)  # type: ignore[arg-type]
        ]


class TestLookingUp:
    def test_names_the_nearest_id(self, store: Store) -> None:
        with store.write() as tx:
            known = only(observe(tx, seen())).id
        wrong = known[:-1] + ("a" if known[-1] != "a" else "b")

        with (
            pytest.raises(NotFoundError, match=f"no finding {wrong}") as caught,
            store.read() as tx,
        ):
            findings.get_finding(tx, wrong)

        assert caught.value.hint == f"Did you mean {known}?"

    def test_says_where_ids_are_listed(self, store: Store) -> None:
        with pytest.raises(NotFoundError) as caught, store.read() as tx:
            findings.get_finding(tx, "f-nothing")

        assert "locksmith findings" in caught.value.hint

    def test_lists_the_worst_first_and_what_was_asked_for(self, store: Store) -> None:
        with store.write() as tx:
            observe(
                tx,
                SeenFinding(finding("low", severity=Severity.LOW), "t"),
                SeenFinding(finding("worst", severity=Severity.CRITICAL), "t"),
                SeenFinding(finding("other", "old-access-key"), "t"),
                SeenFinding(finding("high"), "t"),
                seen("gone"),
            )
            accounts.ensure_account(tx, OTHER_ACCOUNT)
            findings.observe(
                tx, OTHER_ACCOUNT, [seen("abroad")], complete_controls=set(), actor=ALICE
            )
            observe(
                tx,
                *(
                    SeenFinding(finding(name, severity=severity), "t")
                    for name, severity in [
                        ("low", Severity.LOW),
                        ("worst", Severity.CRITICAL),
                        ("high", Severity.HIGH),
                    ]
                ),
            )

        assert ids(store, account=ACCOUNT.id, status=FindingStatus.OPEN) == [
            "worst",
            "other",
            "high",
            "low",
        ]
        assert ids(store, status=FindingStatus.RESOLVED) == ["gone"]
        assert ids(store, control="old-access-key") == ["other"]
        assert ids(store, severity=Severity.LOW, control=CONTROL) == ["low"]
        assert ids(store, account=OTHER_ACCOUNT.id) == ["abroad"]
        assert len(ids(store)) == 6


class TestExempting:
    def test_is_remembered_with_reason_and_day(self, store: Store) -> None:
        with store.write() as tx:
            known = only(observe(tx, seen()))
            record = findings.exempt(tx, known.id, "the vendor needs it", TOMORROW, ALICE)

        assert record.status is FindingStatus.EXEMPT
        assert (record.exempt_until, record.exempt_reason) == (TOMORROW, "the vendor needs it")
        with store.read() as tx:
            event = audit.events(tx)[-1]
        assert (event.event, event.subject) == ("finding.exempt", known.id)
        assert event.data["reason"] == "the vendor needs it"

    @pytest.mark.parametrize(
        ("reason", "until", "said"),
        [
            pytest.param("x", NOON, "has passed", id="a day that has passed"),
            pytest.param(" ", TOMORROW, "needs a reason", id="no reason"),
        ],
    )
    def test_needs_a_reason_and_a_later_day(
        self, store: Store, reason: str, until: object, said: str
    ) -> None:
        with store.write() as tx:
            known = only(observe(tx, seen()))
            with pytest.raises(RefusedError, match=said):
                findings.exempt(tx, known.id, reason, until, ALICE)  # type: ignore[arg-type]

    def test_what_is_resolved_needs_none(self, store: Store) -> None:
        with store.write() as tx:
            known = only(observe(tx, seen()))
            observe(tx)
            with pytest.raises(RefusedError, match="is resolved"):
                findings.exempt(tx, known.id, "x", TOMORROW, ALICE)

    def test_ends_by_itself(self, store: Store, clock: StandingClock) -> None:
        with store.write() as tx:
            known = only(observe(tx, seen()))
            findings.exempt(tx, known.id, "x", TOMORROW, ALICE)
            assert findings.end_exemptions(tx, tx.now) == 0
        clock.now = TOMORROW

        with store.write() as tx:
            assert findings.end_exemptions(tx, tx.now) == 1
            assert findings.end_exemptions(tx, tx.now) == 0
            record = findings.get_finding(tx, known.id)
            event = audit.events(tx)[-1]

        assert record.status is FindingStatus.OPEN
        assert record.exempt_until is None
        assert (event.event, event.actor) == ("finding.exemption-ended", "locksmith:clock")


def test_a_hold_is_put_on_and_lifted_once(store: Store) -> None:
    with store.write() as tx:
        known = only(observe(tx, seen())).id
        findings.lift_hold(tx, known, ALICE)
        findings.hold(tx, known, ALICE)
        findings.hold(tx, known, ALICE)
        assert findings.get_finding(tx, known).held
        findings.lift_hold(tx, known, ALICE)
        assert not findings.get_finding(tx, known).held
        events = [event.event for event in audit.events(tx)]

    assert events == ["finding.opened", "finding.held", "finding.hold-lifted"]
