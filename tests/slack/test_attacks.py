"""Whoever may not decide, decides nothing: tried on everything that can be clicked or sent."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.slack.attacking import (
    ELSEWHERE,
    ON_CARDS,
    UNFIT,
    Scene,
    Surface,
    retagged,
    scenes,
    unfit,
)
from tests.slack.desks import wait_for
from tests.slack.double import User

DECIDING = tuple(each for each in ON_CARDS if not each.shows)
ELSEWHERE_TOO = tuple(each for each in ELSEWHERE if not (each.shows or each.security))


@pytest.fixture(scope="module")
def made(sqlite_template: Path) -> Iterator[tuple[Scene, Scene]]:
    with scenes(sqlite_template) as made:
        yield made


@pytest.fixture
def at(made: tuple[Scene, Scene], monkeypatch: pytest.MonkeyPatch) -> Scene:
    """What ann was asked, with the environment of the account, which tests begin without."""
    for name, value in made[0].at.cloud.environment().items():
        monkeypatch.setenv(name, value)
    return made[0]


@pytest.fixture
def channel(at: Scene, made: tuple[Scene, Scene]) -> Scene:
    """What the security channel was asked."""
    return made[1]


def refused(
    at: Scene, surface: Surface, who: User, flags: Mapping[str, Any], prepared: object = ...
) -> str:
    """The private word that someone gets; nothing is changed, and the log tells who tried."""
    prepared = surface.prepare(at, who) if prepared is ... else prepared
    before, logged, told = at.state(), at.events(), Counter(at.words_to(who))
    with unfit(at.at, who, flags):
        surface.use(at, who, prepared)

        def heard() -> list[str]:
            new = Counter(at.words_to(who)) - told
            return [each for each in new if "Working" not in each and "Looking" not in each]

        wait_for(lambda: bool(heard()), f"a private word on {surface.name}")
        if flags and surface.name.startswith("Home"):
            wait_for(lambda: "nothing for you" in at.at.slack.home(who).words(), "another Home")
        said = "\n".join(heard())
        at.at.desk.sender.run_once()
    new_events = at.events()[len(logged) :]
    assert len(new_events) == 1, new_events
    (event,) = new_events
    assert event.event == "decision.refused"
    assert event.actor.rpartition("/")[2] == who.id
    assert at.state() == before
    at.tidy(who)
    return said


@pytest.mark.parametrize("surface", [*ON_CARDS, *ELSEWHERE], ids=lambda each: each.name)
@pytest.mark.parametrize("flags", UNFIT.values(), ids=UNFIT)
def test_who_is_nobody_here_gets_nothing(
    at: Scene, surface: Surface, flags: Mapping[str, Any]
) -> None:
    """Also the owner herself and the security group, from the moment on that Slack says so."""
    who = at.at.sec if surface.security else at.at.ann

    said = refused(at, surface, who, flags)

    assert "AKIA" not in said
    assert at.names["plain"] not in said


def colleague(at: Scene) -> User:
    return at.at.slack.add_user("zoe")


def owner_of_another(at: Scene) -> User:
    return at.at.ann


@pytest.mark.parametrize("surface", DECIDING, ids=lambda each: each.name)
@pytest.mark.parametrize("who", [colleague, owner_of_another])
@pytest.mark.parametrize("flags", [{}, {"team_id": "T0AWAY"}], ids=["", "of another workspace"])
def test_who_only_reads_along_decides_nothing(
    channel: Scene, surface: Surface, who: Callable[[Scene], User], flags: Mapping[str, Any]
) -> None:
    """In the security channel, on what is neither theirs nor their group's."""
    user = who(channel)
    members = channel.at.slack.workspace.channels[channel.place].members
    members.append(user.id)
    try:
        refused(channel, surface, user, flags)
    finally:
        members.remove(user.id)


@pytest.mark.parametrize("surface", [*DECIDING, *ELSEWHERE_TOO], ids=lambda each: each.name)
def test_a_tag_that_was_changed_since_the_question_gives_no_right(
    at: Scene, surface: Surface
) -> None:
    """Neither to whom it named then, nor to whom it names now."""
    prepared = surface.prepare(at, at.at.ann)
    with retagged(at.at, at.names.values()):
        refused(at, surface, at.at.ann, {}, prepared)
