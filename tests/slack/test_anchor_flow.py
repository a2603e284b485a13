"""`serve` notes the end of the log down by itself, every so often, and Slack gets its anchors."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.engine.anchor_checking import AnchorChecking, Standing
from bot.engine.anchor_file import FileTarget
from bot.engine.anchoring import Anchoring
from bot.engine.signing import PublicKeys
from bot.engine.tidying import Retention, Tidying
from bot.falling_due import ANCHOR, OWN, TIDY
from bot.model import Anchor, Greeting
from bot.slack.noting import SlackTarget
from bot.store import audit, dues
from tests.slack.desks import OPERATOR, Office, wait_for

HOUR = timedelta(hours=1)


def anchoring(at: Office, *targets: FileTarget | SlackTarget) -> None:
    """The desk notes the end of the log down there every hour."""
    made = Anchoring(at.store, targets)
    at.desk.parts = replace(at.desk.parts, anchoring=made, anchor_every=HOUR)


def next_anchor(at: Office) -> object:
    with at.store.read() as tx:
        due = dues.get_due(tx, ANCHOR, OWN)
        return None if due is None else due.at - tx.now


def test_the_end_of_the_log_is_noted_once_an_interval(
    carols_office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "anchors"
    anchoring(carols_office, FileTarget(file))
    ticker = carols_office.desk.ticker()

    ticker.tick()
    ticker.tick()

    (line,) = file.read_text().splitlines()
    assert Anchor.read(line) is not None
    due = next_anchor(carols_office)
    assert isinstance(due, timedelta)
    assert HOUR - timedelta(minutes=1) < due <= HOUR


def test_without_an_interval_nothing_is_due(carols_office: Office, tmp_path: Path) -> None:
    anchoring(carols_office, FileTarget(tmp_path / "anchors"))
    carols_office.desk.ticker()
    carols_office.desk.parts = replace(carols_office.desk.parts, anchoring=None, anchor_every=None)

    carols_office.desk.ticker().tick()

    assert next_anchor(carols_office) is None
    assert not (tmp_path / "anchors").exists()


def test_slack_gets_it_and_it_fits(carols_office: Office) -> None:
    at = carols_office
    workspace = at.slack.workspace
    greeting = Greeting(workspace.team_id, "House", workspace.bot_user, "https://x/")
    client = at.desk.parts.clients.background
    channel = at.slack.add_channel("anchors", [], is_private=True)
    target = SlackTarget(at.store, channel.id, lambda: client, lambda: greeting)
    anchoring(at, target)

    at.desk.falling_due.anchor()
    wait_for(
        lambda: any("audit log" in one.words() for one in at.slack.messages(channel)),
        "the anchor in the channel",
    )
    at.service.pause("an incident", OPERATOR)

    verdict = AnchorChecking(at.store, [target], PublicKeys, at.app.now).check()
    assert verdict.standings() == {Standing.FITS}
    assert not verdict.unknown


def test_what_was_kept_long_enough_goes_once_a_day(carols_office: Office) -> None:
    at = carols_office
    kept = Retention(observations=timedelta(0))
    at.desk.parts = replace(at.desk.parts, tidying=Tidying(at.store, kept))
    for _ in range(2):
        at.service.scan(OPERATOR, lambda _said: None)
    at.desk.ticker().tick()

    with at.store.read() as tx:
        events = [each.data for each in audit.events_named(tx, "database.tidied")]
        due = dues.get_due(tx, TIDY, OWN)
        assert due is not None
        assert due.at - tx.now > timedelta(hours=23)
    assert len(events) == 1
    assert events[0]["observations"] >= 2
