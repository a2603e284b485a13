"""Home, lists and answers: what they show, that Slack takes it, and that data stays data."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.engine.doors import Door, DoorState
from bot.errors import RefusedError
from bot.slack.blocks import answers
from bot.slack.blocks.containing import contain_answer
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.home import home_view
from bot.slack.blocks.lists import Page, exemptions_page, findings_page, questions_page
from bot.slack.blocks.refusal import refusal
from tests.reports.samples import NOW, record, view
from tests.slack.gate import check
from tests.slack.gate.hostile import TEXTS, texts
from tests.slack.samples import (
    TOPICS,
    WORDS,
    contained,
    exemption_page,
    finding,
    finding_page,
    home_of,
    policy_of,
    question_page,
    scan_of,
    status_of,
)
from tests.slack.snapshots import matches

DANGEROUS = ("approve", "confirm_exemption", "refuse_exemption", "undo", "done_by_hand")
PEOPLE = {"UANN", "S0TEAM"}
HELP = (("/locksmith status", "how everything stands"), ("/locksmith show p-…", "one question"))


def views(words: str = WORDS) -> dict[str, Payload]:
    return {
        "home-owner": home_view(home_of(words, security=False)),
        "home-security": home_view(home_of(words)),
        "home-empty": home_view(replace(home_of(), mine=(), capped=0, decided=(), ending=(),
                                        freeze=None, security=None)),
    }  # fmt: skip


def messages(words: str = WORDS) -> dict[str, Payload]:
    return {
        "findings": findings_page(finding_page(words)),
        "findings-none": findings_page(Page((), 1, 0, about=words)),
        "exemptions": exemptions_page(exemption_page(words)),
        "help": answers.help_answer(HELP),
        "unknown-command": answers.unknown_command(words, "status"),
        "unknown-command-far": answers.unknown_command(words, None),
        "status": answers.status_answer(status_of(words)),
        "report": answers.report_answer(TOPICS, {"approved": 3, words: 1}, since=words, now=NOW),
        "policy": answers.policy_answer(policy_of(words)),
        "policy-everything": answers.policy_answer(
            replace(policy_of(words), levels={}, limits={"*": "resources: some"}, everything=True)
        ),
        "finding": answers.finding_answer(view(record=record(finding=finding(words))), NOW),
        "scan": answers.scan_answer(scan_of(words)),
        "scans": answers.scans_answer(
            [scan_of(words), scan_of(words)],
            {"210987654321": words, "333333333333": words},
            {"210987654321": words},
        ),
        "questions": questions_page(question_page(words), capped=2),
        "questions-none": questions_page(Page((), 1, 0)),
        "contain": contain_answer(contained(words)),
        "refusal": answers.word(refusal(RefusedError(words, hint=words))),
    }


@pytest.mark.parametrize("name", views())
def test_every_home(name: str) -> None:
    payload = views()[name]

    assert check("home", payload, dangerous=DANGEROUS, mentions=PEOPLE) == []
    assert matches(name, payload)


@pytest.mark.parametrize("name", messages())
def test_every_answer(name: str) -> None:
    payload = messages()[name]

    assert check("message", payload, dangerous=DANGEROUS, mentions=PEOPLE) == []
    assert matches(f"answer-{name}", payload)


def problems(words: str) -> list[str]:
    found = []
    for payload in views(words).values():
        found += check("home", payload, dangerous=DANGEROUS, mentions=PEOPLE)
    for payload in messages(words).values():
        found += check("message", payload, dangerous=DANGEROUS, mentions=PEOPLE)
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_texts_stay_data(name: str) -> None:
    assert problems(TEXTS[name]) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts(max_size=2_000))
def test_any_text_stays_data(text: str) -> None:
    assert problems(text) == []


def shown(payload: Payload) -> str:
    return json.dumps(payload, ensure_ascii=False)


@pytest.mark.parametrize("words", [WORDS, TEXTS["long reason of emoji"], TEXTS["longest ARN"]])
def test_a_full_home_fits_and_says_what_it_leaves_out(words: str) -> None:
    payload = home_view(home_of(words, count=60))

    assert check("home", payload, dangerous=DANGEROUS, mentions=PEOPLE) == []
    assert "… and 40 more" in shown(payload)
    assert "… and 45 more" in shown(payload)


def test_a_full_page_of_long_findings_fits() -> None:
    payload = findings_page(finding_page(TEXTS["long reason of emoji"], count=10))

    assert check("message", payload) == []
    assert "11 to 20 of 40" in shown(payload)


def test_a_full_page_of_long_questions_fits() -> None:
    payload = questions_page(question_page(TEXTS["long reason of emoji"], count=10))

    assert check("message", payload) == []
    assert "11 to 20 of 40" in shown(payload)
    assert shown(payload).count('"action_id": "show"') == 10


def test_owners_see_nothing_of_others() -> None:
    text = shown(views()["home-owner"])

    assert "Everyone" not in text
    assert "Posture" not in text


def actions(payload: Payload) -> list[dict[str, Any]]:
    return [
        element
        for block in payload["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def test_pages_are_turned_with_what_the_caller_gave() -> None:
    turning = {each["action_id"]: each["value"] for each in actions(messages()["findings"])}

    assert turning == {"page_back": "findings 1", "page": "findings 3"}
    assert actions(messages()["exemptions"]) == []


def test_a_user_with_an_open_door_is_not_called_contained() -> None:
    payload = messages()["contain"]

    assert "1 of 3 doors *open*, 1 of 3 doors *unknown*" in payload["text"]
    assert shown(payload).index("sessions of assumed roles") < shown(payload).index("access key")


def test_only_closed_doors_are_called_closed() -> None:
    closed = replace(contained(), doors=(Door("password", DoorState.CLOSED),))
    nothing = replace(contained(), doors=())

    assert "every door is closed" in contain_answer(closed)["text"]
    assert "nothing was closed" in contain_answer(nothing)["text"]


def test_contained_twice_is_a_kind_word() -> None:
    again = replace(contained(), problem="", proposals=(), since=NOW)

    assert "Contained already since" in shown(contain_answer(again))
    assert "Not all of it was done" in shown(messages()["contain"])


def test_a_topic_that_was_not_looked_at_has_no_tick() -> None:
    text = shown(messages()["status"])

    assert "✅ *root account*  0 open" in text
    assert "• *monitoring*  0 open · 1 control not evaluated" in text
    assert "▲3" in text
    assert "▼2" in text


def test_home_says_what_was_taken_back_since() -> None:
    (made,) = home_of().decided
    text = json.dumps(home_view(replace(home_of(), decided=[replace(made, undone=True)])))

    assert "It is *undone* now." in text
    assert "It is *undone* now." not in json.dumps(home_view(home_of()))
