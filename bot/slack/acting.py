"""What buttons do: decide at once, or open the modal that asks for what is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient

from bot.engine.asking import Asker
from bot.engine.service import Service
from bot.errors import LocksmithError, RefusedError, SlackError
from bot.model import POLICY_REVIEW, ROOT_CUSTODY, Actor, FindingStatus
from bot.slack.blocks import modals
from bot.slack.blocks.elements import Payload, message, section
from bot.slack.blocks.escape import Markup
from bot.slack.blocks.question import Question
from bot.slack.blocks.refusal import refusal
from bot.slack.calling import CallError, call
from bot.slack.clicks import About, actor_of, execution_of, place_of, thread_of
from bot.slack.deciding import Deciding
from bot.slack.rendering import Renderer
from bot.slack.responding import answer_url, is_ephemeral, respond

Handler = Callable[[Mapping[str, Any]], object]
#: Buttons that only show something.
_LOOKING = frozenset({"details_page", "details_page_back"})
#: Makes a modal of a question and what it is to remember.
Build = Callable[[Question, str], Payload]


@dataclass(frozen=True, slots=True)
class Acting:
    """The buttons. `changed` is called after something was decided, so that others look at once."""

    service: Service
    asker: Asker
    renderer: Renderer
    client: WebClient
    changed: Callable[[], None]
    longest_exemption: timedelta

    @property
    def opening(self) -> frozenset[str]:
        """The buttons that open a window."""
        return frozenset(self._modals())

    @property
    def deciding(self) -> frozenset[str]:
        """The buttons that decide something by themselves."""
        return frozenset(self.handlers()) - self.opening - _LOOKING

    def handlers(self) -> Mapping[str, Handler]:
        """What each button does, by its action id."""
        return {
            "approve": self.approve,
            **{name: self._opens(name) for name in self._modals()},
            "details_page": self.turn_page,
            "details_page_back": self.turn_page,
            "undo": self.undo,
            "retry_messages": self.retry_messages,
            "done_by_hand": self.look_again,
            "confirm_exemption": lambda body: self._answer(body, granted=True),
            "refuse_exemption": lambda body: self._answer(body, granted=False),
        }

    def approve(self, body: Mapping[str, Any]) -> None:
        """Say yes to exactly the plan that was shown."""
        about = About.of_button(body)
        self.service.approve(about.proposal_id, about.digest, actor_of(body))
        self.changed()

    def turn_page(self, body: Mapping[str, Any]) -> None:
        """Show another page of the details in their modal, to those who may still see it."""
        about, page = About.of_page(body)
        question = self.renderer.question(self.service.proposal(about.proposal_id))

        def build(question: Question, _remembered: str) -> Payload:
            return self.renderer.details(question, page)

        shown = self._allowed(about, actor_of(body), question, build, "")
        view_id = (body.get("view") or {}).get("id")
        call(self.client.views_update, view_id=view_id, view=shown)

    def undo(self, body: Mapping[str, Any]) -> None:
        """Propose to take an execution back, and ask in the same thread."""
        execution, actor = execution_of(body), actor_of(body)
        Deciding(self.service, self.asker, self.changed).undo(execution, actor)

    def retry_messages(self, body: Mapping[str, Any]) -> None:
        """Try again what could not be delivered."""
        self.service.retry_messages(actor_of(body))
        self.changed()

    def look_again(self, body: Mapping[str, Any]) -> None:
        """Look whether what people did by hand can be seen. Raises RefusedError where it can't."""
        about = About.of_button(body)
        actor = actor_of(body)
        self.service.require_decider(about.proposal_id, actor)
        self.service.require_shown(about.proposal_id, about.digest, actor)
        view = self.service.proposal(about.proposal_id)
        finding_id = view.proposal.finding_id
        if finding_id is None:
            raise RefusedError(f"{about.proposal_id} is about no finding")
        if view.proposal.control == POLICY_REVIEW:
            self.service.review_question(about.proposal_id, actor)
            self.changed()
            return
        confirms = view.proposal.control == ROOT_CUSTODY
        if confirms:
            self.service.attest_root(view.proposal.account.id, actor)
        seen = self.service.refresh(finding_id, actor, lambda _said: None)
        self.changed()
        if confirms and seen.record.status is FindingStatus.OPEN:
            raise RefusedError("Your word is recorded. Another person must confirm it too.")
        if seen.record.status is FindingStatus.OPEN:
            raise RefusedError("AWS still shows it. Changes can take a few minutes to be seen.")

    def tell(self, body: Mapping[str, Any], text: Markup) -> None:
        """A private word to whoever acted, where they acted."""
        if is_ephemeral(body) and answer_url(body):
            # Those are answered in channels too that we are not in.
            respond(answer_url(body), message(text, [section(text)]))
            return
        channel, _ts = place_of(body)
        user = actor_of(body).name.rpartition("/")[2]
        if not user:
            return
        if not channel and "trigger_id" in body and self._told_in_window(body, text):
            return
        channel = channel or self._direct(user)
        call(
            self.client.chat_postEphemeral,
            channel=channel,
            user=user,
            text=text,
            blocks=[section(text)],
            thread_ts=thread_of(body),
        )

    def _told_in_window(self, body: Mapping[str, Any], text: Markup) -> bool:
        """Say it in a window; False where Slack lets none be opened any more."""
        try:
            self._open(body, modals.word_modal("Locksmith", text))
        except CallError as error:
            if error.code != "expired_trigger_id":
                raise
            return False
        return True

    def _direct(self, user: str) -> str:
        """Someone's direct message with us."""
        answer = call(self.client.conversations_open, users=user)
        return str((answer.get("channel") or {}).get("id"))

    def _answer(self, body: Mapping[str, Any], *, granted: bool) -> None:
        about, actor = About.of_button(body), actor_of(body)
        self.service.require_shown(about.proposal_id, about.digest, actor)
        self.service.answer_exemption(about.proposal_id, actor, granted=granted)
        self.changed()

    def open(self, body: Mapping[str, Any], name: str, about: About) -> None:
        """Open the modal of the button `name`, for those who may answer.

        Its decision is judged anew when it is sent.
        """
        waiting = self._open(body, modals.word_modal("Locksmith", Markup("⏳ Looking …")))
        channel, ts = place_of(body)
        try:
            question = self.renderer.question(self.service.proposal(about.proposal_id))
            remembered = modals.metadata(question, channel, ts)
            shown = self._allowed(about, actor_of(body), question, self._modals()[name], remembered)
        except LocksmithError as error:
            shown = modals.word_modal("Locksmith", refusal(error))
        call(self.client.views_update, view_id=waiting, view=shown)

    def _modals(self) -> Mapping[str, Build]:
        return {
            "approve_typed": self._approve_modal,
            "deny": modals.deny_modal,
            "snooze": self._snooze_modal,
            "exempt": self._exempt_modal,
            "not_mine": modals.not_mine_modal,
            "details": lambda question, _remembered: self.renderer.details(question),
        }

    def _opens(self, name: str) -> Handler:
        return lambda body: self.open(body, name, About.of_button(body))

    def _allowed(
        self,
        about: About,
        actor: Actor,
        question: Question,
        build: Build,
        remembered: str,
    ) -> Payload:
        try:
            self.service.require_reader(about.proposal_id, actor)
        except RefusedError as error:
            return modals.word_modal("Not yours", refusal(error))
        if about.digest != question.view.proposal.digest:
            text = Markup("The plan changed since this message; look at the newest one.")
            return modals.word_modal("Overtaken", text)
        return build(question, remembered)

    def _open(self, body: Mapping[str, Any], view: Payload) -> str:
        trigger = body.get("trigger_id")
        if not isinstance(trigger, str):
            raise SlackError("Slack sent no trigger, so no window can be opened")
        in_modal = (body.get("view") or {}).get("type") == "modal"
        method = self.client.views_push if in_modal else self.client.views_open
        answer = call(method, trigger_id=trigger, view=view)
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
