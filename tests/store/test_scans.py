"""What a scan leaves behind."""

from datetime import timedelta

from bot.model import Part, Unavailable
from bot.store import accounts, audit, scans
from bot.store.database import Store
from tests.conftest import NOON
from tests.store.samples import ACCOUNT, ALICE, OTHER_ACCOUNT

GAP = Unavailable(Part.TRAILS, "DescribeTrails", "AccessDenied", "cloudtrail:DescribeTrails")


def record(store: Store, *gaps: Unavailable, offline: bool = False, findings: int = 3) -> None:
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        scans.record_scan(
            tx,
            ACCOUNT.id,
            started_at=NOON - timedelta(seconds=9),
            finished_at=NOON,
            calls={"iam:ListUsers": 2, "iam:GetCredentialReport": 1},
            unavailable={gap.part: gap for gap in gaps},
            not_evaluated={"no-multi-region-trail": "trails"} if gaps else {},
            findings=findings,
            offline=offline,
            actor=ALICE,
        )


def test_is_read_back_with_what_it_could_not_read(store: Store) -> None:
    record(store, GAP)

    with store.read() as tx:
        scan = scans.last_scan(tx, ACCOUNT.id)
        known = accounts.get_account(tx, ACCOUNT.id)
        (event,) = audit.events(tx)
    assert scan == scans.ScanRecord(
        account_id=ACCOUNT.id,
        started_at=NOON - timedelta(seconds=9),
        finished_at=NOON,
        complete=False,
        offline=False,
        findings=3,
        calls={"iam:ListUsers": 2, "iam:GetCredentialReport": 1},
        unavailable=(GAP,),
        not_evaluated={"no-multi-region-trail": "trails"},
    )
    assert known is not None
    assert known.last_scan_at == NOON
    assert (event.event, event.data["findings"], event.data["calls"]) == ("scan.finished", 3, 3)
    assert event.data["unavailable"] == ["trails"]


def test_the_last_one_counts(store: Store) -> None:
    record(store, GAP)
    record(store, findings=7)

    with store.read() as tx:
        scan = scans.last_scan(tx, ACCOUNT.id)
        assert scans.last_scan(tx, OTHER_ACCOUNT.id) is None
    assert scan is not None
    assert (scan.findings, scan.complete) == (7, True)


def test_reading_files_is_no_look_at_the_account(store: Store) -> None:
    """So it doesn't let the account go live."""
    record(store, offline=True)

    with store.read() as tx:
        known = accounts.get_account(tx, ACCOUNT.id)
    assert known is not None
    assert known.last_scan_at is None


def test_a_look_at_a_part_is_no_look_at_the_account(store: Store) -> None:
    """What it found tells nothing of how much there is, nor when the account was looked at."""
    record(store, findings=40)
    with store.write() as tx:
        scans.record_scan(
            tx, ACCOUNT.id, started_at=NOON, finished_at=NOON + timedelta(hours=1), calls={},
            unavailable={}, not_evaluated={}, findings=1, offline=False, actor=ALICE, whole=False,
        )  # fmt: skip

    with store.read() as tx:
        known = accounts.get_account(tx, ACCOUNT.id)
        assert [each.findings for each in scans.recent_scans(tx, ACCOUNT.id, limit=5)] == [40]
    assert known is not None
    assert known.last_scan_at == NOON
