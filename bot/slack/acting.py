"""What buttons do: decide at once, or open the modal that asks for what is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient

from bot.engine.asking import Asker
from bot.engine.service import Service
from bot.errors import RefusedError, SlackError
from bot.model import Actor, FindingStatus
from bot.slack.blocks import modals
from bot.slack.blocks.details import details_modal
from bot.slack.blocks.elements import Payload, section
from bot.slack.blocks.escape import Markup
from bot.slack.blocks.question import Question
from bot.slack.calling import call
from bot.slack.clicks import About, actor_of, execution_of, place_of
from bot.slack.rendering import Renderer

Handler = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Acting:
    """The buttons. `changed` is called after something was decided, so that others look at once."""

    service: Service
    asker: Asker
    renderer: Renderer
    client: WebClient
    changed: Callable[[], None]
    longest_exemption: timedelta

    def handlers(self) -> Mapping[str, Handler]:
        """What each button does, by its action id."""
        return {
            "approve": self.approve,
            "approve_typed": self._opens(self._approve_modal),
            "deny": self._opens(modals.deny_modal),
            "snooze": self._opens(self._snooze_modal),
            "exempt": self._opens(self._exempt_modal),
            "not_mine": self._opens(modals.not_mine_modal),
            "details": self._opens(lambda question, _remembered: details_modal(question)),
            "undo": self.undo,
            "done_by_hand": self.look_again,
            "confirm_exemption": lambda body: self._answer(body, granted=True),
            "refuse_exemption": lambda body: self._answer(body, granted=False),
        }

    def approve(self, body: Mapping[str, Any]) -> None:
        """Say yes to exactly the plan that was shown."""
        about = About.of_button(body)
        self.service.approve(about.proposal_id, about.digest, actor_of(body))
        self.changed()

    def undo(self, body: Mapping[str, Any]) -> None:
        """Propose to take an execution back, and ask in the same thread."""
        actor = actor_of(body)
        view = self.service.undo(execution_of(body), actor)
        self.asker.ask(view.proposal.account.id)
        self.changed()

    def look_again(self, body: Mapping[str, Any]) -> None:
        """Look whether what people did by hand can be seen. Raises RefusedError where it can't."""
        about = About.of_button(body)
        actor = actor_of(body)
        self.service.require_decider(about.proposal_id, actor)
        view = self.service.proposal(about.proposal_id)
        finding_id = view.proposal.finding_id
        if finding_id is None:
            raise RefusedError(f"{about.proposal_id} is about no finding")
        seen = self.service.refresh(finding_id, actor, lambda _said: None)
        self.changed()
        if seen.record.status is FindingStatus.OPEN:
            raise RefusedError("AWS still shows it. Changes can take a few minutes to be seen.")

    def tell(self, body: Mapping[str, Any], text: Markup) -> None:
        """A private word to whoever acted, where they acted."""
        channel, _ts = place_of(body)
        user = actor_of(body).name.rpartition("/")[2]
        if not user:
            return
        if not channel:
            self._open(body, modals.word_modal("Locksmith", text))
            return
        call(
            self.client.chat_postEphemeral,
            channel=channel,
            user=user,
            text=text,
            blocks=[section(text)],
        )

    def _answer(self, body: Mapping[str, Any], *, granted: bool) -> None:
        about = About.of_button(body)
        self.service.answer_exemption(about.proposal_id, actor_of(body), granted=granted)
        self.changed()

    def _opens(self, build: Callable[[Question, str], Payload]) -> Handler:
        """Opens a modal for those who may answer; its decision is judged anew when it is sent."""

        def open_it(body: Mapping[str, Any]) -> None:
            about = About.of_button(body)
            view = self.service.proposal(about.proposal_id)
            question = self.renderer.question(view)
            channel, ts = place_of(body)
            waiting = self._open(body, modals.word_modal("Locksmith", Markup("⏳ Looking …")))
            remembered = modals.metadata(question, channel, ts)
            shown = self._allowed(about, actor_of(body), question, build, remembered)
            call(self.client.views_update, view_id=waiting, view=shown)

        return open_it

    def _allowed(
        self,
        about: About,
        actor: Actor,
        question: Question,
        build: Callable[[Question, str], Payload],
        remembered: str,
    ) -> Payload:
        try:
            self.service.require_reader(about.proposal_id, actor)
        except RefusedError as error:
            return modals.word_modal("Not yours", modals.prose_line(str(error)))
        if about.digest != question.view.proposal.digest:
            text = Markup("The plan changed since this message; look at the newest one.")
            return modals.word_modal("Overtaken", text)
        return build(question, remembered)

    def _open(self, body: Mapping[str, Any], view: Payload) -> str:
        trigger = body.get("trigger_id")
        if not isinstance(trigger, str):
            raise SlackError("Slack sent no trigger, so no window can be opened")
        answer = call(self.client.views_open, trigger_id=trigger, view=view)
        return str((answer.get("view") or {}).get("id"))

    def _approve_modal(self, question: Question, remembered: str) -> Payload:
        to_type = self.service.to_type(question.view.proposal)
        return modals.approve_modal(question, to_type, remembered)

    def _snooze_modal(self, question: Question, remembered: str) -> Payload:
        again = self.service.was_snoozed(question.view.proposal)
        return modals.snooze_modal(question, remembered, again=again)

    def _exempt_modal(self, question: Question, remembered: str) -> Payload:
        return modals.exempt_modal(
            question,
            remembered,
            longest=self.longest_exemption,
            takes_two=self.service.takes_two_to_exempt(question.view.proposal),
        )
