"""A view: a modal on somebody's stack, or their App Home."""

from dataclasses import dataclass, field
from typing import Any

from tests.slack.double.blocks import Block, Element, elements, words

_PLAIN = (
    "title", "submit", "close", "callback_id", "private_metadata", "notify_on_close",
    "clear_on_close", "external_id",
)  # fmt: skip
_EMPTY: dict[str, Any] = {
    "callback_id": "", "private_metadata": "", "external_id": "", "notify_on_close": False,
    "clear_on_close": False, "submit": None, "close": None,
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class View:
    """A view as it is shown to `user` now."""

    id: str
    user: str
    team: str
    app_id: str
    bot_id: str
    type: str
    hash: str
    root: str
    previous: str | None = None
    blocks: list[Block] = field(default_factory=list)
    parts: dict[str, Any] = field(default_factory=dict)
    #: What is filled in: by block id, by action id, as in `view.state.values`.
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: What the bot said about single blocks (`response_action: errors`), by block id.
    errors: dict[str, str] = field(default_factory=dict)
    #: "We had some trouble connecting. Try again?": no good answer came in time.
    trouble: bool = False

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.parts["title"]["text"]) if "title" in self.parts else ""

    @property
    def callback_id(self) -> str:
        """Which listener it goes to."""
        return str(self.parts.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        """What the bot hid in it."""
        return str(self.parts.get("private_metadata", ""))

    def elements(self) -> list[Element]:
        """Everything in it that a person can use."""
        return list(elements(self.blocks))

    def buttons(self) -> list[Element]:
        """Its buttons, in order; submit and close aren't among them."""
        return [element for element in self.elements() if element.type == "button"]

    def words(self) -> str:
        """Everything a person can read in it, its title first."""
        return "\n".join(filter(None, [self.title, words(self.blocks)]))

    def show(self, spec: dict[str, Any], blocks: list[Block], new_hash: str) -> None:
        """Become what `spec` says. What was filled in stays where block and action stay."""
        self.blocks, self.hash = blocks, new_hash
        self.parts = {name: spec[name] for name in _PLAIN if name in spec}
        here = {(element.block_id, element.action_id) for element in self.elements()}
        self.values = {
            block: kept
            for block, actions in self.values.items()
            if (kept := {name: one for name, one in actions.items() if (block, name) in here})
        }
        self.errors, self.trouble = {}, False

    def as_slack(self) -> dict[str, Any]:
        """The view object of answers and payloads."""
        return {
            "id": self.id, "team_id": self.team, "type": self.type, "blocks": self.blocks,
            **_EMPTY, **self.parts, "state": {"values": self.values}, "hash": self.hash,
            "previous_view_id": self.previous, "root_view_id": self.root, "app_id": self.app_id,
            "app_installed_team_id": self.team, "bot_id": self.bot_id,
        }  # fmt: skip
