"""A message as it is now, and as it was."""

from dataclasses import dataclass, field
from typing import Any

from tests.slack.double.blocks import Block, Element, elements, words


@dataclass(slots=True, kw_only=True)
class Message:
    """One message. `ephemeral_for` is the only person who sees it, if it is one of those."""

    channel: str
    ts: str
    user: str
    team: str
    text: str = ""
    blocks: list[Block] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    ephemeral_for: str | None = None
    #: When it was last edited (a ts), if ever.
    edited: str | None = None
    #: (text, blocks) of every earlier state, oldest first.
    earlier: list[tuple[str, list[Block]]] = field(default_factory=list)

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread under another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def elements(self) -> list[Element]:
        """Everything on it that a person can use."""
        return list(elements(self.blocks))

    def buttons(self) -> list[Element]:
        """Its buttons, in order."""
        return [element for element in self.elements() if element.type == "button"]

    def button(self, action_id: str) -> Element:
        """The one button with that action; `AssertionError` if there isn't exactly one."""
        found = [button for button in self.buttons() if button.action_id == action_id]
        assert len(found) == 1, f"{len(found)} buttons {action_id!r} of {self.buttons()}"
        return found[0]

    def words(self) -> str:
        """Everything a person can read on it, one text a line; the blocks if it has any."""
        return words(self.blocks) if self.blocks else self.text

    def edit(self, text: str, blocks: list[Block], at: str) -> None:
        """Put something else in its place, remembering what it was."""
        self.earlier.append((self.text, self.blocks))
        self.text, self.blocks, self.edited = text, blocks, at

    def as_slack(self, *, with_metadata: bool = False) -> dict[str, Any]:
        """The message object of histories and payloads."""
        shown: dict[str, Any] = {
            "type": "message", "user": self.user, "text": self.text, "ts": self.ts,
            "team": self.team,
        }  # fmt: skip
        if self.bot_id is not None:
            shown |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.blocks:
            shown["blocks"] = self.blocks
        if self.thread_ts is not None:
            shown["thread_ts"] = self.thread_ts
        if self.edited is not None:
            shown["edited"] = {"user": self.user, "ts": self.edited}
        if with_metadata and self.metadata is not None:
            shown["metadata"] = self.metadata
        return shown
