"""`/locksmith scan`: it says when it began, what came out, and that one is enough at a time."""

import threading
from pathlib import Path

from bot.engine.cards import ASK
from bot.engine.gathering import Progress
from bot.engine.views import ScanResult
from bot.engine.watching import note_failed
from bot.model import Actor
from bot.store import dues
from tests.slack.commanding import answer, company
from tests.slack.desks import OPERATOR, Office, wait_for


def test_scan_says_when_it_began_and_what_came_out(sqlite_template: Path) -> None:
    with company(sqlite_template, "carol") as at:
        ours = at.cloud.account_id
        assert "none of those" in answer(at, at.sec, "scan 999999999999").words()

        came = answer(at, at.sec, f"scan {ours}", count=2).words()

        assert "began" in at.slack.ephemerals(at.sec)[-2].words()
        assert f"Scan of `{ours}`" in came
        assert "0 resolved" in came
        at.service.go_live(ours, OPERATOR)
        answer(at, at.sec, "scan", count=2)
        at.card(at.ann, "carol: AKIA")
        actors = {each.actor for each in at.service.audit_events(limit=500)}
        assert any(at.sec.id in actor for actor in actors)


def test_one_scan_at_a_time(sqlite_template: Path) -> None:
    """Who asks for a second one is told so, and it goes on after the first."""
    with company(sqlite_template, "carol") as at:
        go_on, begun = threading.Event(), threading.Event()
        scan = at.service.scan

        def slow(actor: Actor, progress: Progress, account_id: str | None = None) -> ScanResult:
            begun.set()
            assert go_on.wait(30)
            return scan(actor, progress, account_id)

        at.service.scan = slow  # type: ignore[method-assign]
        answer(at, at.sec, "scan")
        assert begun.wait(30)
        assert "runs already" in answer(at, at.sec, "scan").words()

        before = len(at.slack.ephemerals(at.sec))
        go_on.set()
        wait_for(lambda: len(at.slack.ephemerals(at.sec)) > before, "what came out")
        assert "Scan of" in at.slack.ephemerals(at.sec)[-1].words()
        answer(at, at.sec, "scan", count=2)


def test_what_another_process_saw_is_asked_about_right_away(sqlite_template: Path) -> None:
    """A scan at a terminal sets what falls due in the transaction that remembers it."""
    with company(sqlite_template, "carol") as at:
        at.scan()
        at.desk.ticker().tick()
        assert not asks_now(at), "what was asked is not asked again before tomorrow"

        at.service.scan(OPERATOR, lambda _text: None)
        assert asks_now(at)


def asks_now(at: Office) -> bool:
    """Whether what nobody was asked about is asked about at the next tick."""
    with at.store.read() as tx:
        due = dues.get_due(tx, ASK, at.cloud.account_id)
        return due is not None and due.at <= tx.now


def test_status_shows_accounts_that_are_not_looked_at(sqlite_template: Path) -> None:
    """And the security channel is told, once."""
    with company(sqlite_template, "carol") as at:
        at.service.scan(OPERATOR, lambda _text: None)
        with at.store.write() as tx:
            note_failed(tx, at.cloud.account_id, OPERATOR, "AccessDenied")
        at.desk.falling_due.watch()
        at.desk.falling_due.watch()

        told = f"Account {at.cloud.account_id} can't be looked at: AccessDenied"
        assert told in answer(at, at.sec, "status").words()
        wait_for(
            lambda: any(told in each.words() for each in at.slack.messages(at.channel)), "a word"
        )
        assert [told in each.words() for each in at.slack.messages(at.channel)].count(True) == 1
