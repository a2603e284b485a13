"""Key ids and secrets in what people write, in every shape in which Slack hands it over."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.pasted import Pasted, pasted_in

KEY, OTHER, SESSION = "AKIARZPUZDIKHV2YHBKI", "AKIAIOSFODNN7EXAMPLE", "ASIAY34FZKBOKMUTVV7A"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE1KE"
TYPED: dict[str, tuple[str, ...]] = {
    f"is {KEY} yours?": (KEY,),
    f"`{KEY}`, *{SESSION}*; {KEY}": (KEY, SESSION),
    f"```\naws_access_key_id = {KEY}\n```": (KEY,),
    f'{{"AccessKeyId":"{KEY}"}}': (KEY,),
    rf"line\n{KEY}\nline": (KEY,),
    f"{KEY}:{SECRET}": (KEY,),
    f"{KEY}/{SECRET}": (KEY,),
    f"<https://x.example/?X-Amz-Credential={KEY}%2F20261124%2Fus-east-1|signed>": (KEY,),
    f"https://x.example/?next=%3Fkey%3D{KEY}": (KEY,),
    f"<mailto:x@example.com|{KEY}>": (KEY,),
    f"ключ {KEY}。": (KEY,),
    f"{KEY}A": (),
    f"{KEY}a": (),
    f"X{KEY}": (),
    f"{KEY[:19]}": (),
    f"{KEY.lower()}": (),
    f"AROA{KEY[4:]} AIDA{KEY[4:]}": (),
    "": (),
}


@pytest.mark.parametrize("text", TYPED)
def test_ids_in_a_text(text: str) -> None:
    assert pasted_in(text).key_ids == TYPED[text]


def rich(*elements: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [*elements]}


MESSAGES: dict[str, dict[str, Any]] = {
    "text": {"text": f"{KEY} {OTHER}"},
    "section": {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": KEY},
                            "fields": [{"type": "mrkdwn", "text": OTHER}]}]},
    "code block": {"blocks": [rich({"type": "rich_text_preformatted", "elements": [
        {"type": "text", "text": f"{KEY}\n{OTHER}", "style": {"code": True}}]})]},
    "list and quote": {"blocks": [rich(
        {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": KEY}]}]},
        {"type": "rich_text_quote", "elements": [{"type": "link", "url": f"https://x/{OTHER}"}]},
    )]},
    "attachment": {"attachments": [{"fallback": KEY, "fields": [{"title": "t", "value": OTHER}]}]},
    "shared message": {"attachments": [{"message_blocks": [{"message": {"blocks": [
        {"type": "section", "text": {"text": KEY}}]}}], "text": OTHER}]},
    "file": {"text": KEY, "files": [{"preview": OTHER, "mode": "snippet"}]},
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_ids_wherever_a_message_has_them(name: str) -> None:
    assert pasted_in({"type": "message", "user": "U1", **MESSAGES[name]}).key_ids == (KEY, OTHER)


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"{KEY} {SECRET}",
        f"{KEY}:{SECRET}",
        f"{KEY}/{SECRET}",
        f"AWS_SECRET_ACCESS_KEY={SECRET}",
        f'"SecretAccessKey": "{SECRET}"',
        f"https://x.example/?aws_secret={SECRET}",
        "secret_access_key: a1b2c3d4e5f6g7h8",
        "aws_session_token = IQoJb3JpZ2luX2VjEJr//////////w",
    ],
)
def test_a_secret(text: str) -> None:
    assert pasted_in(text).with_secret
    assert pasted_in({"text": "", "attachments": [{"fields": [{"value": text}]}]}).with_secret
    assert pasted_in({"files": [{"preview": text}]}).with_secret


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"{KEY} and {OTHER}",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
        f"https://x.example/?page={SECRET}",
        "where is the secret access key of carol?",
        "aws_secret_access_key = (hidden)",
        f"{SECRET}AAAA",
        "a" * 40,
    ],
)
def test_no_secret(text: str) -> None:
    assert not pasted_in(text).with_secret


def test_ids_and_addresses_of_slack_are_no_secrets() -> None:
    message = {"text": KEY, "client_msg_id": SECRET, "files": [{"url_private": SECRET}]}

    assert pasted_in(message) == Pasted((KEY,), with_secret=False)


@settings(max_examples=30)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_anything_can_be_read(content: Any) -> None:
    assert pasted_in({"text": [KEY, content]}).key_ids[:1] == (KEY,)


def test_deep_and_long_messages_are_read_to_the_end() -> None:
    content: Any = KEY
    for _ in range(5_000):
        content = [content]

    assert pasted_in({"text": ("x " * 20_000) + OTHER, "blocks": content}).key_ids == (OTHER, KEY)


def test_nothing_but_ids_is_kept() -> None:
    assert SECRET not in repr(pasted_in(f"{KEY}:{SECRET} and words"))
    assert "words" not in repr(pasted_in(f"{KEY}:{SECRET} and words"))
