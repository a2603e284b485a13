"""Buttons and modals of what is over, or of another plan: nothing is decided by them."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.engine.asking import EXPIRE
from bot.engine.reminding import Reminding
from bot.model import ProposalState
from bot.slack.blocks.escape import Markup
from bot.slack.showing import show_outcome
from bot.store import dues
from tests.slack.attacking import MODALS, Scene, Surface
from tests.slack.commanding import company, state
from tests.slack.desks import OPERATOR, wait_for
from tests.slack.test_attacks import refused


def denied(at: Scene, name: str) -> None:
    """Someone else answers."""
    at.at.service.deny(at.question(name).id, "not now", OPERATOR)


def expired(at: Scene, name: str) -> None:
    """Its time is over."""
    asked = at.question(name).id
    with at.at.store.read() as tx:
        due = dues.get_due(tx, EXPIRE, asked)
    assert due is not None
    assert Reminding(at.at.desk.parts.asker).expire(due)


def overtaken(at: Scene, name: str) -> None:
    """The key is used again, and that is seen."""
    asked, account = at.question(name), at.at.cloud.account
    key = at.at.service.finding(asked.finding_id or "").record.finding.resource.key
    assert key is not None
    account.use_key(key.key_id, at=account.now)
    at.at.service.refresh(asked.finding_id or "", OPERATOR, lambda _said: None)


CHANGES: Mapping[str, tuple[Callable[[Scene, str], None], ProposalState]] = {
    "decided": (denied, ProposalState.DENIED),
    "expired": (expired, ProposalState.EXPIRED),
    "changed": (overtaken, ProposalState.STALE),
}
NAMES = {
    f"{surface.name} {change}": f"{surface.name.removeprefix('modal ')}-{change}"
    for surface in MODALS
    for change in CHANGES
}


@pytest.fixture(scope="module")
def made(sqlite_template: Path) -> Iterator[Scene]:
    """A question for each case, all of them ann's."""
    with company(sqlite_template, "plain", *NAMES.values(), asking={"per_day": 100}) as at:
        at.scan()
        names = {"plain": "plain", **{name: name for name in NAMES.values()}}
        yield Scene(at, at.slack.dm_channel(at.ann), names)


@pytest.fixture
def at(made: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    for name, value in made.at.cloud.environment().items():
        monkeypatch.setenv(name, value)
    return made


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("surface", MODALS, ids=lambda each: each.name)
def test_a_modal_of_what_is_over_decides_nothing(at: Scene, surface: Surface, change: str) -> None:
    name = NAMES[f"{surface.name} {change}"]
    about = Scene(at.at, at.place, {"plain": name, name: name})
    surface.prepare(about, at.at.ann)
    act, after = CHANGES[change]
    act(about, name)

    said = refused(about, surface, at.at.ann, {}, prepared="opened before")

    assert "already" in said
    assert state(at.at, name) is after


@pytest.mark.parametrize("surface", MODALS, ids=lambda each: each.name)
def test_a_modal_of_another_digest_decides_nothing(at: Scene, surface: Surface) -> None:
    """It says what was shown, and only that can be answered."""
    surface.prepare(at, at.at.ann)
    asked = at.question("plain")
    with remembering(at) as remembered:
        assert remembered["d"] == asked.digest
        remembered["d"] = f"sha256:{'0' * 64}"

    assert "its digest changed" in refused(at, surface, at.at.ann, {}, prepared="opened before")


@pytest.mark.parametrize("surface", MODALS, ids=lambda each: each.name)
def test_a_modal_of_another_question_decides_nothing(at: Scene, surface: Surface) -> None:
    """ann's modal, made to say that it is about what the security channel was asked."""
    surface.prepare(at, at.at.ann)
    (other,) = (
        each.proposal
        for each in at.at.service.findings(control="weak-password-policy")
        if each.proposal is not None
    )
    with remembering(at) as remembered:
        remembered |= {"p": other.id, "d": other.digest}

    assert "only" in refused(at, surface, at.at.ann, {}, prepared="opened before")


@pytest.mark.parametrize("surface", MODALS, ids=lambda each: each.name)
def test_a_modal_of_another_release_gets_a_kind_word(at: Scene, surface: Surface) -> None:
    surface.prepare(at, at.at.ann)
    before = at.state()
    with remembering(at) as remembered:
        remembered.clear()
    surface.use(at, at.at.ann, None)

    wait_for(lambda: "open it anew" in at.at.slack.modal(at.at.ann).words(), "the word")
    assert at.state() == before


def test_a_form_that_nobody_knows_any_more_gets_a_kind_word(at: Scene) -> None:
    MODALS[0].prepare(at, at.at.ann)
    with at.at.slack.workspace.lock:
        at.at.slack.workspace.modals[at.at.ann.id][-1].parts["callback_id"] = "deny_modal_v0"
    MODALS[0].use(at, at.at.ann, None)

    assert "of another release" in at.at.slack.modal(at.at.ann).words()


@contextmanager
def remembering(at: Scene) -> Iterator[dict[str, str]]:
    """What ann's modal remembers, to be changed."""
    with at.at.slack.workspace.lock:
        view = at.at.slack.workspace.modals[at.at.ann.id][-1]
        remembered = json.loads(view.private_metadata)
        yield remembered
        view.parts["private_metadata"] = json.dumps(remembered)


def test_the_outcome_stands_however_late_slack_takes_the_acknowledgement(at: Scene) -> None:
    """It must not be overwritten by what says that it is awaited."""
    MODALS[0].prepare(at, at.at.ann)
    with remembering(at) as remembered:
        remembered["d"] = f"sha256:{'0' * 64}"
    at.at.slack.delivering.lag = 0.3
    try:
        MODALS[0].use(at, at.at.ann, None)
    finally:
        at.at.slack.delivering.lag = 0

    wait_for(lambda: "its digest changed" in at.at.slack.modal(at.at.ann).words(), "the outcome")


def test_who_closed_the_window_is_told_beside_the_card(at: Scene) -> None:
    slack, ann = at.at.slack, at.at.ann
    remembered = json.dumps({"p": "p-1", "d": "", "c": at.place, "t": ""})
    body = {
        "user": {"id": ann.id, "team_id": ann.team_id},
        "view": {"id": "V0CLOSED", "private_metadata": remembered},
    }

    show_outcome(at.at.desk.parts.clients.background, body, Markup("Denied."), pauses=(0.01, 0.01))

    assert slack.ephemerals(ann)[-1].words() == "Denied."
