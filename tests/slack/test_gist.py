"""What of a payload is written down: what it takes to deal with it, and no key to anything."""

import json
from typing import Any

from bot.slack.clicks import About, actor_of, entered, place_of, thread_of
from bot.slack.gist import gist, lacks_code

DIGEST = "sha256:" + "0" * 64
SECRETS = {"token": "xoxb-1", "trigger_id": "1.2.3", "response_url": "https://hooks/secret"}


def button(**more: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U1", "team_id": "T1", "username": "ann"},
        "container": {"type": "message", "channel_id": "C1", "message_ts": "1.0"},
        "channel": {"id": "C1", "name": "iam"},
        "message": {"ts": "1.0", "thread_ts": "0.5", "text": "the whole card"},
        "actions": [{"action_id": "approve", "value": f"p-abcde {DIGEST}", "type": "button"}],
        **SECRETS,
        **more,
    }


def form(**values: Any) -> dict[str, Any]:
    about = {"p": "p-abcde", "d": DIGEST, "c": "C1"}
    typed = {name: {name: {"type": "plain_text_input", "value": v}} for name, v in values.items()}
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "approve_modal",
        "private_metadata": json.dumps(about),
        "state": {"values": typed},
        "blocks": [{"type": "section"}],
    }
    return {"type": "view_submission", "user": {"id": "U1", "team_id": "T1"}, "view": view}


def test_a_click_says_the_same_afterwards() -> None:
    whole, kept = button(), gist(button())
    assert actor_of(kept) == actor_of(whole)
    assert About.of_button(kept) == About.of_button(whole)
    assert place_of(kept) == place_of(whole)
    assert thread_of(kept) == thread_of(whole)


def test_a_form_says_the_same_afterwards_but_for_the_code() -> None:
    kept = gist(form(reason="Fridays", typed="AKIA1", code="123456") | SECRETS)
    assert About.of_modal(kept["view"]) == About("p-abcde", DIGEST)
    assert entered(kept["view"], "reason") == "Fridays"
    assert entered(kept["view"], "typed") == "AKIA1"
    assert entered(kept["view"], "code") == ""
    assert lacks_code(kept)
    assert not lacks_code(gist(form(reason="Fridays", typed="AKIA1")))
    assert "123456" not in json.dumps(kept)


def test_a_command_says_the_same_afterwards() -> None:
    kept = gist({"command": "/locksmith", "text": "pause now", "user_id": "U1", "team_id": "T1"})
    assert kept["text"] == "pause now"
    assert actor_of(kept).name == "T1/U1"


def test_nothing_that_opens_anything_is_kept() -> None:
    for body in (button(), form(code="123456") | SECRETS):
        written = json.dumps(gist(body))
        assert not any(secret in written for secret in SECRETS.values())
    assert "the whole card" not in json.dumps(gist(button()))


def test_what_is_not_as_slack_sends_it_is_left_out() -> None:
    assert gist({"user": "U1", "actions": "approve", "view": [], "text": 3}) == {}
    assert gist({"view": {"id": 7, "state": {"values": []}}}) == {"view": {"state": {"values": {}}}}
