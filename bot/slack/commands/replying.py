"""How commands are answered: in private, unless others shall see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient

from bot.slack.blocks.answers import word
from bot.slack.blocks.elements import Block, Payload
from bot.slack.blocks.escape import Markup
from bot.slack.calling import CallError, call
from bot.slack.clicks import actor_of
from bot.slack.responding import answer_url, respond

#: An address for answers that is good for none any more.
_SPENT = frozenset({"expired_url", "used_url"})


@dataclass(frozen=True, slots=True)
class Replying:
    """Answers where the command was typed, of which the app need not be a member.

    `client` is for a direct message where that can't be done any more.
    """

    client: WebClient

    def answer(
        self,
        body: Mapping[str, Any],
        payload: Payload,
        *,
        share: bool = False,
        replace: bool = False,
    ) -> None:
        """Answer whoever acted; `share` shows it to everyone there, with nothing to click.

        `replace` puts it in the place of the message that was clicked. Raises SlackError.
        """
        shown = without_buttons(payload) if share else payload
        url = answer_url(body)
        if not url:  # it was heard by another process, and such addresses are not written down
            self._directly(body, shown)
            return
        try:
            respond(url, shown, share=share, replace=replace)
        except CallError as error:
            if share or error.code not in _SPENT or not _user(body):
                raise
            self._directly(body, shown)

    def _directly(self, body: Mapping[str, Any], shown: Payload) -> None:
        """Write to whoever acted."""
        call(
            self.client.chat_postMessage,
            channel=_user(body),
            unfurl_links=False,
            unfurl_media=False,
            **shown,
        )

    def tell(self, body: Mapping[str, Any], text: Markup) -> None:
        """A private word to whoever acted."""
        self.answer(body, word(text))


def _user(body: Mapping[str, Any]) -> str:
    return actor_of(body).name.rpartition("/")[2]


def without_buttons(payload: Payload) -> Payload:
    """The same to read only: what many see is not kept true, and nobody may click what is old."""
    blocks = [_to_read(each) for each in payload["blocks"] if each["type"] != "actions"]
    return {**payload, "blocks": blocks}


def _to_read(block: Block) -> Block:
    return {name: value for name, value in block.items() if name != "accessory"}
