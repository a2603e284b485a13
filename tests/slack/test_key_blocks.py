"""What is said of keys that someone found: every state, and no more than is known."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from bot.engine.known_key import KnownKey
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.key_answer import MOST_KEYS, keys_answer, no_key
from tests.slack.gate import check
from tests.slack.gate.hostile import TEXTS, texts
from tests.slack.keys import key_of, keys
from tests.slack.samples import WORDS
from tests.slack.snapshots import matches

PEOPLE = {"UANN"}
CONTAIN = "/locksmith contain ann"
LEAKED = "A secret in Slack is a leaked one"


def payloads(words: str = WORDS) -> dict[str, Payload]:
    """Every state alone, those in which a secret changes the advice, and many at once."""
    found = keys(words)
    return {
        **{name: keys_answer([key]) for name, key in found.items()},
        **{
            f"{name}-leaked": keys_answer([found[name]], with_secret=True)
            for name in ("active", "off", "gone", "unread", "scanned", "stranger", "session",
                         "session-of-stranger", "session-unread")
        },
        "many": keys_answer([key_of(words, findings=7)] * MOST_KEYS, more=3, with_secret=True),
        "none": no_key(),
        "none-leaked": no_key(with_secret=True),
    }  # fmt: skip


def said(payload: Payload) -> str:
    return json.dumps(payload["blocks"], ensure_ascii=False)


@pytest.mark.parametrize("name", payloads())
def test_every_state(name: str) -> None:
    payload = payloads()[name]

    assert check("message", payload, mentions=PEOPLE) == []
    assert matches(f"key-{name}", payload)


def problems(words: str) -> list[str]:
    return [
        problem
        for payload in payloads(words).values()
        for problem in check("message", payload, mentions=PEOPLE)
    ]


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_names_stay_data(name: str) -> None:
    assert problems(TEXTS[name]) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts(max_size=2_000))
def test_any_name_stays_data(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize("name", keys())
def test_only_a_user_who_is_known_is_offered_to_be_contained(name: str) -> None:
    key = keys()[name]

    for payload in (keys_answer([key]), keys_answer([key], with_secret=True)):
        assert (CONTAIN in said(payload)) is (key.user is not None)


@pytest.mark.parametrize("name", keys())
def test_a_secret_beside_it_is_a_leaked_one_and_then_no_id_is_called_harmless(name: str) -> None:
    key = keys()[name]
    alone, with_secret = said(keys_answer([key])), said(keys_answer([key], with_secret=True))

    assert LEAKED not in alone
    assert LEAKED in with_secret
    assert "doesn't mean there is none" in alone
    assert "opens nothing" not in with_secret


def test_a_key_that_aws_knows_as_leaked_is_not_called_harmless() -> None:
    text = said(keys_answer([keys()["quarantined"]]))

    assert "quarantine" in text
    assert "opens nothing" not in text


@pytest.mark.parametrize("name", keys())
def test_what_could_not_be_read_is_said_and_what_is_not_known_is_not(name: str) -> None:
    key = keys()[name]
    text = said(keys_answer([key]))

    assert text.count("❓") == len(key.unread)
    assert ("*active*" in text) is (key.status == "Active")
    assert ("*Made*" in text) is (key.created is not None)
    assert ("*Last used*" in text) is (key.used is not None)
    assert ("*Owner*" in text) is (key.owned is not None)
    assert ("AWS was not asked" in text) is (key.ours is None)


def shows(key: KnownKey) -> int:
    return said(keys_answer([key])).count('"action_id": "show"')


def test_open_questions_are_shown_by_a_button() -> None:
    assert shows(keys()["active"]) == 1
    assert shows(keys()["many-findings"]) == 3
    assert "4 more open findings" in said(keys_answer([keys()["many-findings"]]))
    assert shows(keys()["unasked"]) == 0
    assert shows(keys()["stranger"]) == 0


def test_many_keys_are_counted() -> None:
    payload = payloads()["many"]

    assert payload["text"] == "5 access keys"
    assert "3 more keys, not looked up" in said(payload)
    assert said(payload).count(CONTAIN) == MOST_KEYS


def test_the_longest_names_leave_the_advice() -> None:
    longest = key_of("x" * 64, findings=7)
    key = replace(longest, findings=key_of("y" * 600, findings=7).findings)
    payload = keys_answer([key] * MOST_KEYS, with_secret=True)

    assert check("message", payload, mentions=PEOPLE) == []
    assert said(payload).count("/locksmith contain " + "x" * 64) == MOST_KEYS
