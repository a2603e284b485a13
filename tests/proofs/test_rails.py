"""Each rail alone prevents harm, and without it the same world comes to harm.

Every other rail is as wide as it goes, so that nothing else can be what held.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli.command_line import root
from bot.cli.context import Doors
from bot.config import Config
from bot.errors import ConfigError
from bot.main import Application
from bot.store import freezes
from tests.proofs.worlds import ACCOUNT, RULE, World, world
from tests.slack.desks import OPERATOR, wait_for

#: Somebody steps in, or nobody does.
Act = Callable[[World], None]
THREE = ("u1", "u2", "u3")


@dataclass(frozen=True)
class Rail:
    """One rail: what narrows it, or who steps in, in which story.

    `spared` is how much harm comes with it, `hurt` how much without. `always` are further settings
    in both, and `anyhow` limits. `says` is in the messages of what it holds up, each told once.
    """

    story: Callable[[World, Act], None]
    spared: int
    hurt: int
    limits: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    act: Act | None = None
    always: Mapping[str, Any] = field(default_factory=dict)
    anyhow: Mapping[str, Any] = field(default_factory=dict)
    says: tuple[str, ...] = ()


def nobody(_world: World) -> None:
    """Nobody steps in."""


# Stories


def at_once(world: World, act: Act) -> None:
    """Three keys are found idle at once; whoever steps in does so after the first change."""
    world.when_written = lambda: act(world)
    world.idle(*THREE)
    world.scan()
    world.play(minutes=15)


def two_keys_each(world: World, _act: Act) -> None:
    """Both keys of a user look idle: whoever loses one may go on with the other."""
    world.idle("u1", "u2", keys=2)
    world.scan()
    world.play(minutes=15)


def a_person_was_first(world: World, _act: Act) -> None:
    """Ann lets one key of a user be switched off, and the rule is about to take the other."""
    world.idle("u1", keys=2)
    world.scan()
    world.at.desk.sender.run_once()
    card = world.offers("approve")[0]
    assert world.at.slack.click(world.at.ann, card.channel, card.ts, "approve").ok
    wait_for(lambda: len(world.at.service.approved(ACCOUNT)) == 1, "her yes")
    world.play(minutes=15)


def in_waves(world: World, act: Act) -> None:
    """One key is switched off, something happens, and then two more look idle."""
    world.idle("u1")
    world.scan()
    world.play(minutes=10)
    act(world)
    world.play(minutes=10)
    world.idle("u2", "u3")
    world.scan()
    world.play(minutes=15)


def undo_is_wanted(world: World, act: Act) -> None:
    """Ann clicks Undo on what was done; whether that goes through takes another decision."""

    def wants_it_back(world: World) -> None:
        (card,) = world.offers("undo")
        world.at.slack.click(world.at.ann, card.channel, card.ts, "undo")
        act(world)

    in_waves(world, wants_it_back)


def use_is_seen(world: World, act: Act) -> None:
    """AWS shows afterwards that a key was in use: not the first one, which did no harm."""
    world.idle("u0")
    world.scan()
    world.play(minutes=10)

    def shows_use(world: World) -> None:
        world.shows_use("u1")
        act(world)

    in_waves(world, shows_use)


def first_does_harm(world: World, _act: Act) -> None:
    """The same, of the first of three that are found at once."""
    world.idle(*THREE)
    world.scan()
    world.play(minutes=10)
    world.shows_use()
    world.play(minutes=40)


def call_fails(world: World, act: Act) -> None:
    """AWS refuses the first call."""
    world.cloud.fault("iam:UpdateAccessKey", "error:ServiceFailure", times=1)
    at_once(world, act)


def suddenly_many(world: World, _act: Act) -> None:
    """Scans find next to nothing, and then far more than ever; later ones find the same."""
    world.idle("u0")
    world.scan()
    world.play(minutes=10)
    for _ in range(3):
        world.scan()
    world.idle(*THREE)
    for _ in range(5):
        world.scan()
    world.play(minutes=15)


def stop_and_go(world: World, _act: Act) -> None:
    """Writes are stopped while three graces end, and go on afterwards."""
    world.idle(*THREE)
    world.scan()
    world.at.service.pause("an incident", OPERATOR)
    world.play(minutes=15)
    assert world.harm() == []
    with world.at.store.write() as tx:
        freezes.unfreeze(tx, OPERATOR)
    world.play(minutes=15)


def out_for_an_hour(world: World, _act: Act) -> None:
    """No process runs while three graces end."""
    world.idle(*THREE)
    world.scan()
    world.turn()
    world.cloud.account.advance(hours=1)
    world.play(minutes=15)


def half_way(world: World, act: Act) -> None:
    """A plan of several calls: the last one takes from a user what the first ones don't give."""
    world.when_written = lambda: act(world)
    account = world.cloud.account
    account.user("u1", tags={"owner": "ann@example.com"}, created=account.ago(days=400))
    account.attach("ReadOnlyAccess", user="u1")
    world.scan()
    world.play(minutes=15)


# Those who step in


def paused_in_slack(world: World) -> None:
    assert world.at.slack.command(world.at.sec, "/locksmith", 'pause "an incident"').ok
    wait_for(lambda: world.at.service.freeze() is not None, "that writes are stopped")


def paused_by_command(world: World) -> None:
    """By another process, at a terminal."""
    app = Application(Config.model_validate(world.at.settings), **world.at.times)
    doors = Doors(lambda _options: app, lambda **_: None)
    result = CliRunner().invoke(root, ["pause", "--reason", "an incident"], obj=doors)
    app.close()
    assert result.exit_code == 0, result.output


def stopped_by_file(world: World) -> None:
    (world.tmp / "STOP").touch()


MOVING = {"rules": [{**RULE, "match": {"controls": ["policy-attached-to-user"]}}]}
PRODUCTION = {"accounts": ["group:production"]}
CHRISTMAS = {**PRODUCTION, "hours": "00:00-23:59", "holidays": ["2026-11-02"]}

RAILS: Mapping[str, Rail] = {
    "count between scans": Rail(at_once, 1, 3, {"per_scan": 1}, says=("between two scans",)),
    "count in an hour": Rail(at_once, 1, 3, {"per_hour": 1}, says=("a hour in account",)),
    "count in a day": Rail(at_once, 1, 3, {"per_day": 1}, says=("a day in account",)),
    "share": Rail(at_once, 1, 3, {"share_percent": 20}, says=("a day in account",)),
    "count in an hour in all": Rail(at_once, 1, 3, {"per_hour_in_all": 1}, says=("hour in all",)),
    "count in a day in all": Rail(at_once, 1, 3, {"per_day_in_all": 1}, says=("day in all",)),
    "pause of a principal": Rail(
        two_keys_each, 2, 4, {"principal_pause_hours": 24}, says=("was changed a short",) * 2
    ),
    "pause after what a person changed": Rail(
        a_person_was_first, 1, 2, {"principal_pause_hours": 24}, says=("was changed a short",)
    ),
    "canary": Rail(at_once, 1, 3, {"canary": 1, "canary_wait_hours": 24}, says=("watched",)),
    "canary that did harm": Rail(
        first_does_harm,
        1,
        3,
        {"canary": 1, "canary_wait_hours": 0.5},
        says=("watched", "did harm"),
    ),
    "window": Rail(
        at_once, 0, 3, {"windows": [{**PRODUCTION, "hours": "09:00-17:00"}]}, says=("outside",)
    ),
    "holiday": Rail(at_once, 0, 3, {"windows": [CHRISTMAS]}, says=("outside",)),
    "freeze from Slack": Rail(at_once, 1, 3, act=paused_in_slack),
    "freeze from the command line": Rail(at_once, 1, 3, act=paused_by_command),
    "stop file": Rail(at_once, 1, 3, act=stopped_by_file),
    "freeze from Slack half way": Rail(
        half_way, 0, 3, act=paused_in_slack, always={"remediation": MOVING}
    ),
    "freeze from the command line half way": Rail(
        half_way, 0, 3, act=paused_by_command, always={"remediation": MOVING}
    ),
    "stop file half way": Rail(half_way, 0, 3, act=stopped_by_file, always={"remediation": MOVING}),
    "breaker after failures": Rail(
        call_fails, 0, 2, {"breaker_failures": 1, "breaker_hours": 24}, says=("did not succeed",)
    ),
    "breaker after an undo click": Rail(
        undo_is_wanted, 1, 3, {"breaker_undone": 1, "breaker_hours": 24}, says=("taken back",)
    ),
    "breaker after harm": Rail(
        use_is_seen,
        2,
        4,
        {"breaker_hours": 24},
        always={"watch": {"every_hours": 0.1}},
        anyhow={"canary": 1},
        says=("did harm",),
    ),
    "unusual scan": Rail(
        suddenly_many, 1, 4, {"unusual_times": 2, "unusual_least": 3}, says=("nobody confirmed it",)
    ),
    "protected": Rail(
        at_once,
        0,
        3,
        settings={"protected": {"identities": [f"arn:aws:iam::{ACCOUNT}:user/u*"]}},
    ),
    "ramp after a freeze": Rail(stop_and_go, 1, 3, {"ramp_hours": 1}, says=("slowly again",)),
    "ramp after an outage": Rail(out_for_an_hour, 1, 3, {"ramp_hours": 1}, says=("slowly again",)),
}

#: What a story comes to without any rail, by the story and what is so anyhow.
Wide = dict[tuple[Any, ...], tuple[int, list[str]]]


@pytest.fixture(scope="module")
def wide() -> Wide:
    """Each story is told once without a rail, however many rails would have helped."""
    return {}


@pytest.mark.parametrize("rail", RAILS.values(), ids=RAILS)
def test_a_rail_alone_prevents_harm(
    rail: Rail, wide: Wide, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits, settings = {**rail.anyhow, **rail.limits}, {**rail.always, **rail.settings}
    with world(sqlite_template, tmp_path, monkeypatch, limits, **settings) as with_it:
        rail.story(with_it, rail.act or nobody)
        assert len(with_it.harm()) == rail.spared
        told = with_it.held()
    assert len(told) == len(rail.says), f"each hold is told once: {told}"
    assert all(said in each for said, each in zip(rail.says, told, strict=True))

    (tmp_path / "STOP").unlink(missing_ok=True)
    key = rail.story, repr(rail.anyhow), repr(rail.always)
    if key not in wide:
        with world(sqlite_template, tmp_path, monkeypatch, rail.anyhow, **rail.always) as without:
            rail.story(without, nobody)
            wide[key] = len(without.harm()), without.held()
    hurt, told = wide[key]
    assert hurt == rail.hurt, "nothing else holds it"
    assert not [each for each in told for said in rail.says if said in each]


def test_what_is_held_goes_on_when_there_is_room(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(sqlite_template, tmp_path, monkeypatch, {"per_hour": 1}) as held:
        at_once(held, nobody)
        assert len(held.harm()) == 1
        held.play(minutes=60)
        assert len(held.harm()) == 2
        held.play(minutes=60)
        assert len(held.harm()) == 3
        assert len(held.held()) == 1


def test_an_owner_whom_no_message_reaches_is_asked_as_usual(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(sqlite_template, tmp_path, monkeypatch, {}) as unreached:
        unreached.at.slack.fail("chat.postMessage", error="cannot_dm_bot", times=100)
        at_once(unreached, nobody)
        unreached.cloud.account.advance(days=3)
        unreached.play(minutes=10)
        assert unreached.harm() == []
        assert unreached.stopped() == {"no message has reached its owner"}


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ("password-never-expires", {"max_risk": "disruptive"}),
        ("empty-group", {"max_risk": "irreversible", "allow_irreversible": ["empty-group"]}),
    ],
)
def test_a_rule_goes_no_further_than_its_words(
    control: str,
    words: Mapping[str, Any],
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What its words don't cover is refused at the start; with all of them harm is done."""
    rule = {**RULE, "match": {"controls": [control]}}
    for most in range(len(words)):
        narrow = {"rules": [{**rule, **dict(list(words.items())[:most])}]}
        with (
            pytest.raises(ConfigError, match="fixes of"),
            world(sqlite_template, tmp_path, monkeypatch, {}, remediation=narrow),
        ):
            pass
    allowed = {"rules": [{**rule, **words}]}
    with world(sqlite_template, tmp_path, monkeypatch, {}, remediation=allowed) as wide:
        account = wide.cloud.account
        account.password_policy()
        account.group("nobody-yet", created=account.ago(days=40))
        wide.scan()
        wide.play(minutes=15)
        assert len(wide.harm()) == 1
