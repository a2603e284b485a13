"""Who gives a command, whether they may, who carries it out, and who sees the answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.engine.service import Service
from bot.errors import RefusedError, UsageError
from bot.slack.acting import Handler
from bot.slack.blocks.answers import unknown_command
from bot.slack.clicks import About, actor_of, execution_of, value_of
from bot.slack.commands.asked import Asked, Body, Run
from bot.slack.commands.catalogue import COMMANDS, Command
from bot.slack.commands.listing import Listing, turned
from bot.slack.commands.parsing import nearest, parse, typed_name
from bot.slack.commands.questions import Questions
from bot.slack.commands.replying import Replying
from bot.slack.manifest import COMMAND
from bot.slack.rendering import Renderer
from bot.slack.responding import is_ephemeral

#: May be shown anywhere: it names nothing.
_HARMLESS = frozenset({"help"})
#: Buttons of cards that decide at once, so that the card is another one then.
_DECIDING = ("approve", "done_by_hand", "confirm_exemption", "refuse_exemption")


@dataclass(frozen=True, slots=True)
class Commanding:
    """Dispatches commands. `more` are those that stand in no part of this package.

    `shortcuts` are those on messages, by their callback ids.
    """

    service: Service
    renderer: Renderer
    replying: Replying
    listing: Listing
    questions: Questions
    more: Mapping[str, Run]
    shortcuts: Mapping[str, Handler]

    def handlers(self) -> Mapping[str, Handler]:
        """The slash command."""
        return {COMMAND: self.command}

    def buttons(self, card: Mapping[str, Handler]) -> Mapping[str, Handler]:
        """The buttons of answers. `card` are those of cards, which answers have as well."""
        return {
            **card,
            **{name: self._kept_true(card[name]) for name in _DECIDING},
            "undo": self._undo(card["undo"]),
            "page": self.turn,
            "page_back": self.turn,
            "show": self.show,
        }

    def runs(self) -> Mapping[str, Run]:
        """What each command does, by its name."""
        return {**self.listing.runs(), **self.questions.runs(), **self.more}

    @staticmethod
    def decides(body: Body) -> bool:
        """Whether what was typed decides something."""
        known = COMMANDS.get(typed_name(str(body.get("text") or "")))
        return known is not None and known.decides

    def command(self, body: Body) -> None:
        """Carry out what was typed, and answer."""
        typed = parse(str(body.get("text") or ""))
        asked = Asked(typed, actor_of(body), body)
        known = COMMANDS.get(typed.name)
        self._require(asked, known)
        if known is None:
            self.replying.answer(body, unknown_command(typed.name, nearest(typed.name)))
            return
        self._require_place(asked)
        payload = self.runs()[typed.name](asked)
        if payload is not None:
            self.replying.answer(body, payload, share=typed.share)

    def turn(self, body: Body) -> None:
        """Show another page in the place of this one, to those who may still see it."""
        found = turned(value_of(body), self.listing.runs)
        if found is None:
            raise UsageError("this button is not of this release; give the command anew")
        typed, page = found
        asked = Asked(typed, actor_of(body), body, page)
        self._require(asked, COMMANDS[typed.name])
        payload = self.listing.runs()[typed.name](asked)
        if payload is not None:
            self.replying.answer(body, payload, replace=True)

    def show(self, body: Body) -> None:
        """The card of a question in a list."""
        about = About.of_button(body)
        self.replying.answer(body, self.questions.card_of(about.proposal_id, actor_of(body)))

    def _kept_true(self, act: Handler) -> Handler:
        """Puts the card as it is now in the place of the one in an answer, which nobody edits."""

        def act_and_show(body: Body) -> None:
            act(body)
            if is_ephemeral(body):
                payload = self.questions.card_of(About.of_button(body).proposal_id, actor_of(body))
                self.replying.answer(body, payload, replace=True)

        return act_and_show

    def _undo(self, act: Handler) -> Handler:
        """Shows whoever clicked it in an answer the question that came of it."""

        def act_and_show(body: Body) -> None:
            if not is_ephemeral(body):
                act(body)
                return
            payload = self.questions.undone(execution_of(body), actor_of(body))
            self.replying.answer(body, payload)

        return act_and_show

    def _require(self, asked: Asked, known: Command | None) -> None:
        """Raise RefusedError, and log it, for whom the command is not."""
        what = f"{COMMAND} {known.name}" if known else COMMAND
        if known is not None and known.security:
            self.service.require_security(asked.actor, what)
        else:
            self.service.require_colleague(asked.actor, what)

    def _require_place(self, asked: Asked) -> None:
        """Raise RefusedError where an answer shall be shared before eyes that it is not for."""
        if not asked.typed.share or asked.typed.name in _HARMLESS:
            return
        channel = str(asked.body.get("channel_id") or "")
        if not channel or not self.renderer.place_of(channel).confidential:
            raise RefusedError(
                "answers that name findings, keys or people are shared in private channels of "
                "this workspace only, and Locksmith must be in them",
                hint="Nothing was done. Give the command without `share`, or in such a channel.",
            )
