"""Answers through a response_url: to whoever acted, where they did, whether we are there or not.

Such an address is good for five answers within half an hour.
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import http.client
import re
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.slack.blocks.elements import Payload
from bot.slack.calling import CallError
from bot.slack.clients import PATIENCE, SILENT

_NAME = "response_url"
_CODE = re.compile(r"[a-z][a-z0-9_]{1,80}")


def answer_url(body: Mapping[str, Any]) -> str:
    """Where this may be answered; empty for nowhere."""
    url = body.get("response_url")
    return url if isinstance(url, str) else ""


def is_ephemeral(body: Mapping[str, Any]) -> bool:
    """Whether it was a message that only its reader sees that was clicked."""
    container = body.get("container")
    return isinstance(container, Mapping) and (
        container.get("is_ephemeral") is True or container.get("type") == "message_ephemeral"
    )


def respond(url: str, payload: Payload, *, share: bool = False, replace: bool = False) -> None:
    """Answer in private, or with `share` to everyone there; `replace` what was clicked, or beside.

    Raises CallError for everything that is not a clear yes; it says nothing of address or text.
    """
    client = WebhookClient(url, timeout=PATIENCE, logger=SILENT, retry_handlers=[])
    try:
        answer = client.send(
            text=payload["text"],
            blocks=payload["blocks"],
            response_type="in_channel" if share else "ephemeral",
            replace_original=replace,
            unfurl_links=False,
            unfurl_media=False,
        )
    except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
        cause = f"Slack can't be reached ({type(error).__name__})"
        raise CallError(_NAME, cause, unanswered=True) from None
    if answer.status_code != 200 or _code(answer.body) is not None:
        code = _code(answer.body)
        cause = code or f"HTTP status {answer.status_code}"
        raise CallError(_NAME, cause, code=code, unanswered=code is None)


def _code(text: str) -> str | None:
    """Slack's word for why not: plain, or within JSON; none for `ok`."""
    found = re.search(r'"error"\s*:\s*"([a-z0-9_]+)"', text)
    word = found[1] if found else text.strip()
    return word if word != "ok" and _CODE.fullmatch(word) else None
