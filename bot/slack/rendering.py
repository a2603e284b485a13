"""What a message says now: read from the database when it is sent, never before."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.engine.announcing import ANCHOR, FROZEN, OUTCOME, freeze_of
from bot.engine.approvals import Approvals
from bot.engine.asking import CARD, DIGEST, NOTICE, REMINDER
from bot.engine.cards import cards_of, is_asked
from bot.engine.service import Service
from bot.engine.views import ProposalView
from bot.model import (
    Directory,
    DirectoryError,
    MessageRecord,
    Origin,
    ProposalRecord,
    ProposalState,
)
from bot.slack.blocks import notes
from bot.slack.blocks.card import card
from bot.slack.blocks.details import details_modal
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.question import PRIVATE, Asked, Place, Question, Rights, Role
from bot.store import audit, executions, exemptions, graces, messages, watches
from bot.store.database import Store

_PEOPLE = ("U", "W")
_LOG = 100


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders messages. `people` are names of actors outside Slack by `str(actor)`."""

    store: Store
    service: Service
    approvals: Approvals
    directory: Directory
    clock: Callable[[], datetime]
    people: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, record: MessageRecord) -> Mapping[str, Any] | None:
        """The text and blocks of a message, or None where there is nothing to say any more."""
        match record.kind:
            case kind if kind == CARD and record.proposal_id:
                view = self.service.proposal(record.proposal_id)
                question = self.question(view, Asked.read(record.data))
                return card(self.at(question, self.place_of(record.recipient)))
            case kind if kind == REMINDER and record.proposal_id:
                return notes.reminder(record, self.service.proposal(record.proposal_id))
            case kind if kind == OUTCOME and record.proposal_id:
                question = self.question(self.service.proposal(record.proposal_id))
                ended = ProposalState(str(record.data["state"]))
                return notes.outcome(self.at(question, self.place_of(record.recipient)), ended)
            case kind if kind == FROZEN:
                return self._frozen(record)
            case kind if kind == DIGEST:
                return notes.digest(self._in_thread(record.id))
            case kind if kind == ANCHOR:
                return notes.anchor(record)
            case kind if kind == NOTICE:
                return notes.notice(record, self.place_of(record.recipient))
            case _:
                return None

    def question(self, view: ProposalView, asked: Asked | None = None) -> Question:
        """A question as its reader may see it in private."""
        proposal = view.proposal
        with self.store.read() as tx:
            waiting = exemptions.waiting_request(tx, proposal.id)
            grace = graces.get_grace(tx, proposal.id)
            watch = watches.get_watch(tx, view.execution.id) if view.execution else None
            undone = (
                executions.get_execution(tx, view.execution.undone_by)
                if view.execution and view.execution.undone_by
                else None
            )
        live = self.service.account(proposal.account.id).mode == "live"
        rights = Rights(
            exempts=proposal.origin is Origin.FINDING,  # what an undo brings back is gone by now
            people=self.approvals.people_needed(proposal),
            code=self.service.needs_code(proposal),
            live=live,
            reserved_for=self._reserved_for(proposal, asked),
        )
        return Question(
            view, self.clock(), PRIVATE, asked, self.people, rights, waiting, undone, grace, watch
        )

    def _reserved_for(self, proposal: ProposalRecord, asked: Asked | None) -> str:
        """Who may approve, in words, where whoever was asked so may not; else empty."""
        if asked is None or asked.role is Role.SECURITY:
            return ""
        claim = next((each for each in proposal.claims if each.source is asked.source), None)
        if claim is None or self.service.owner_approves(proposal, claim):
            return ""
        return self.approvals.approvers(proposal)

    def question_to(self, proposal_id: str, readers: Collection[str]) -> Question:
        """A question as one of these readers was asked it, for a private place."""
        with self.store.read() as tx:
            cards = [each for each in cards_of(tx, proposal_id) if each.recipient in readers]
        asked = next((each for each in cards if is_asked(each)), None)
        view = self.service.proposal(proposal_id)
        return self.question(view, Asked.read(asked.data) if asked else None)

    def details(self, question: Question, page: int = 0) -> Payload:
        """A page of the details, with who was asked when and what the log has of the question."""
        view = question.view
        about = [view.proposal.id, view.proposal.finding_id, view.execution and view.execution.id]
        with self.store.read() as tx:
            told = messages.messages_of(tx, view.proposal.id)
            found = [audit.events(tx, subject=each, limit=_LOG) for each in about if each]
        events = sorted((event for each in found for event in each), key=lambda event: event.seq)
        return details_modal(question, page=page, events=events, told=told)

    @staticmethod
    def at(question: Question, place: Place) -> Question:
        """The same question for readers at another place."""
        return replace(question, place=place)

    def place_of(self, recipient: str) -> Place:
        """Who reads along. A channel that can't be looked up is taken for a public one."""
        if recipient.startswith(_PEOPLE):
            return PRIVATE
        try:
            channel = self.directory.channel(recipient)
        except DirectoryError:
            return Place(confidential=False, channel=True)
        return Place(confidential=channel is not None and channel.confidential, channel=True)

    def _frozen(self, record: MessageRecord) -> Payload | None:
        with self.store.read() as tx:
            freeze = freeze_of(tx, record.data)
        if freeze is None or (freeze.ended_at is not None and record.ts is None):
            return None  # it was over before anyone was told
        return notes.frozen(freeze, self.people, self.place_of(record.recipient))

    def _in_thread(self, message_id: str) -> list[ProposalView]:
        with self.store.read() as tx:
            replies = messages.in_thread(tx, message_id)
        cards = [each for each in replies if each.kind == CARD and is_asked(each)]
        return [self.service.proposal(each.proposal_id) for each in cards if each.proposal_id]
