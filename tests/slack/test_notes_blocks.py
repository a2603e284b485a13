"""The messages beside the cards, and the pages of details."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.engine.views import ProposalView
from bot.model import Json, MessageRecord, ProposalState
from bot.slack.blocks import notes
from bot.slack.blocks.details import details_modal
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.question import PRIVATE, Place
from tests.reports.samples import EVENT, NOW, PLAN, days_ago
from tests.slack.gate import check
from tests.slack.gate.hostile import TEXTS, texts
from tests.slack.questions import ANN, BEN, question
from tests.slack.samples import WORDS, frozen
from tests.slack.snapshots import matches

PUBLIC = Place(confidential=False, channel=True)
PEOPLE = {"UANN", "UBEN", "C0SEC"}
OVER = "owner alice@example.com (tag owner) is deactivated"


def record(kind: str, data: dict[str, Json]) -> MessageRecord:
    return MessageRecord("m-1", "k", kind, "UANN", "p-1", data, None, NOW, NOW)


def notice(what: str, place: Place = PRIVATE, **data: Json) -> Payload:
    payload = notes.notice(record("notice", {"what": what, **data}), place)
    assert payload is not None
    return payload


def reminder(state: ProposalState = ProposalState.PENDING) -> Payload | None:
    data: dict[str, Json] = {"number": 2, "deadline": (NOW + timedelta(days=5)).isoformat()}
    return notes.reminder(record("reminder", data), question(state).view)


def views(*states: ProposalState) -> list[ProposalView]:
    return [question(state).view for state in states]


def every_note(words: str = WORDS) -> dict[str, Payload]:
    states = ProposalState
    failed = question(states.FAILED, carried_out=True, why=words)
    resumed = replace(frozen(words), ended_at=NOW, ended_by=BEN)
    reminded = reminder()
    assert reminded is not None
    return {
        "digest": notes.digest(views(states.PENDING, states.PENDING, states.DENIED)),
        "digest-settled": notes.digest(views(states.DONE)),
        "reminder": reminded,
        "notify-mode": notice("notify-mode", account=words, questions=3),
        "live": notice("notify-mode", account=words, questions=3, live=NOW.isoformat()),
        "held": notice("held", why=f"rules make at most 5 changes {words}", until=NOW.isoformat()),
        "silence": notice("silence", why=f"Account {words} was not looked at", case="late"),
        "silence-public": notice("silence", PUBLIC, why=words, case="late"),
        "held-public": notice("held", PUBLIC, why=words, until=None),
        "harm": notice("harm", execution="x-1", seen=[f"AWS refused s3:X (1) {words}"], undo=None),
        "harm-undone": notice("harm", execution="x-1", seen=[words], undo="p-1"),
        "harm-not-undone": notice("harm", execution="x-1", seen=[words], undo=None, why=words),
        "harm-public": notice("harm", PUBLIC, execution="x-1", seen=[words], undo=None),
        "regraced": notice("regraced", until=NOW.isoformat()),
        "escalated": notice("escalated", to=["C0SEC", words]),
        "escalated-public": notice("escalated", PUBLIC, to=["UANN", words]),
        "passed-over": notice("passed-over", to=["UBEN"], passed_over=[OVER, words]),
        "passed-over-public": notice("passed-over", PUBLIC, to=["UBEN"], passed_over=[OVER]),
        "outcome-failed": notes.outcome(failed),
        "outcome-unknown": notes.outcome(question(states.UNKNOWN, carried_out=True, why=words)),
        "outcome-needs-human": notes.outcome(
            question(states.NEEDS_HUMAN, carried_out=True, why=words)
        ),
        "outcome-public": notes.outcome(replace(failed, place=PUBLIC)),
        "frozen": notes.frozen(frozen(words), {}),
        "resumed": notes.frozen(resumed, {}),
    }


@pytest.mark.parametrize("name", every_note())
def test_every_note(name: str) -> None:
    payload = every_note()[name]

    assert check("message", payload, mentions=PEOPLE) == []
    assert matches(f"note-{name}", payload)


def problems(words: str) -> list[str]:
    payloads = every_note(words).values()
    return [each for payload in payloads for each in check("message", payload, mentions=PEOPLE)]


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_texts_stay_data(name: str) -> None:
    assert problems(TEXTS[name]) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts(max_size=2_000))
def test_any_text_stays_data(text: str) -> None:
    assert problems(text) == []


def shown(payload: Payload) -> str:
    return json.dumps(payload, ensure_ascii=False)


@pytest.mark.parametrize("name", ["escalated-public", "passed-over-public", "outcome-public"])
def test_where_others_read_along_nobody_is_named(name: str) -> None:
    text = shown(every_note()[name])

    for word in ("alice", "UANN", "UBEN", "ann", "AKIA", WORDS):
        assert word not in text


def test_a_digest_says_how_many_of_what_and_what_is_settled() -> None:
    text = shown(every_note()["digest"])

    assert "2 questions wait for you" in text
    assert "unused access key (2)" in text
    assert "1 of 3 are settled" in text


def test_an_answered_question_is_not_reminded_of() -> None:
    assert reminder(ProposalState.APPROVED) is None


def test_a_notice_of_another_release_says_nothing() -> None:
    assert notes.notice(record("notice", {"what": "of another release"})) is None


def long_details(page: int) -> dict[str, Any]:
    document = json.dumps({"Version": "2012-10-17", "Statement": ["s" * 80] * 60})
    step = PLAN.steps[0]
    do = replace(step.do, params={**step.do.params, "PolicyDocument": document})
    steps = tuple(replace(step, name=f"s{n}", summary=f"Step {n}.", do=do) for n in range(60))
    return details_modal(question(plan=replace(PLAN, steps=steps)), page=page)


def turning(view: dict[str, Any]) -> dict[str, str]:
    return {
        each["action_id"]: each["value"].rpartition(" ")[2]
        for block in view["blocks"]
        if block["type"] == "actions"
        for each in block["elements"]
    }


def test_details_show_every_step_on_pages_that_lead_to_each_other() -> None:
    page, seen, texts_ = 0, set(), ""
    while True:
        view = long_details(page)
        assert check("modal", view) == []
        texts_ += shown(view)
        seen.add(page)
        following = turning(view).get("details_page")
        if following is None:
            break
        page = int(following)

    assert len(seen) > 3
    assert all(f"Step {n}." in texts_ for n in range(60))
    assert turning(long_details(1)) == {"details_page_back": "0", "details_page": "2"}
    assert turning(long_details(0)) == {"details_page": "1"}
    assert long_details(99) == long_details(0)


def test_details_have_the_log_and_who_was_asked_when() -> None:
    moved: dict[str, Json] = {"from": "proposed", "to": "pending"}
    events = [
        replace(EVENT, event="proposal.moved", data=moved, at=days_ago(2)),
        replace(EVENT, actor=str(ANN), at=days_ago(1)),
    ]
    told = [
        replace(record("card", {"role": "owner"}), ts="1.2", created_at=days_ago(2)),
        replace(record("card", {"role": "told"}), recipient="UBEN", error="no such user"),
        replace(record("reminder", {"number": 1}), created_at=days_ago(1)),
        record("notice", {"what": "escalated"}),
    ]
    asked = question()
    proposal = replace(asked.view.proposal, asked_before=2)
    asked = replace(asked, view=replace(asked.view, proposal=proposal))
    view = details_modal(asked, events=events, told=told)

    assert check("modal", view, mentions=PEOPLE) == []
    assert matches("modal-details-log", view)


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_texts_in_the_history_stay_data(name: str) -> None:
    words = TEXTS[name]
    data: dict[str, Json] = {"from": words, "to": words}
    events = [replace(EVENT, event=words, actor=f"slack:{words}", data=data)]
    told = [replace(record("card", {}), recipient=words, error=words)]
    view = details_modal(question(), events=events, told=told)

    assert check("modal", view, mentions=PEOPLE) == []
