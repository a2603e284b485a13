"""What stands in the place of a modal that was sent: first that it is worked on, then the outcome.

Slack takes our acknowledgement and our later call in either order, so the outcome must not be
overwritten by what says that it is awaited. The acknowledgement therefore gives the modal a name
of ours, and the outcome goes to that name: it is there once the acknowledgement was taken.
https://docs.slack.dev/reference/views/modal-views
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk import WebClient

from bot.slack.blocks.elements import Payload, section
from bot.slack.blocks.escape import Markup
from bot.slack.blocks.modals import word_modal
from bot.slack.calling import CallError, call
from bot.slack.clicks import actor_of, opened_from

_TITLE = "Locksmith"


def waiting(body: Mapping[str, Any]) -> Payload:
    """What stands there until the outcome does."""
    return {**word_modal(_TITLE, Markup("⏳ Working …")), "external_id": _name(body)}


def show_outcome(
    client: WebClient, body: Mapping[str, Any], text: Markup, pauses: Sequence[float]
) -> None:
    """Show what came of it in the modal; where that was closed, beside the message it came from.

    `pauses` are the seconds between looks whether the modal is there. Raises CallError.
    """
    shown = word_modal(_TITLE, text)
    for pause in pauses:
        try:
            call(client.views_update, external_id=_name(body), view=shown)
        except CallError as error:
            if error.code != "not_found":
                raise
            time.sleep(pause)
        else:
            return
    channel = opened_from(body)
    user = actor_of(body).name.rpartition("/")[2]
    if channel and user:
        blocks = [section(text)]
        call(client.chat_postEphemeral, channel=channel, user=user, text=text, blocks=blocks)


def _name(body: Mapping[str, Any]) -> str:
    """Our name for a modal that was sent; unique, since Slack's own for it is."""
    return f"outcome-{(body.get('view') or {}).get('id')}"
