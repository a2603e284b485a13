"""The use cases of ownership: someone says whose a thing is."""

from collections.abc import Sequence

from bot.engine.attesting import Attesting
from bot.engine.core import refused
from bot.engine.owner_claims import claim_of
from bot.engine.rules import OPERATOR, OWNER, SECURITY, TRUSTED_OWNER
from bot.engine.standing import Standing
from bot.engine.views import ProposalView
from bot.errors import NotFoundError, RefusedError
from bot.model import (
    Actor,
    Address,
    DirectoryError,
    FindingRecord,
    FindingStatus,
    ProposalRecord,
    ProposalState,
)
from bot.store import findings, handovers, proposals
from bot.store.database import Transaction
from bot.store.handovers import Handover

_MAY = frozenset({OWNER, TRUSTED_OWNER, SECURITY, OPERATOR})
_UNDECIDED = frozenset({ProposalState.PROPOSED, ProposalState.PENDING})


class HandingOver(Attesting):
    """Saying whose a thing is.

    Those who were asked may say so, and it gives the new owner no more rights than a tag would,
    unless the security group says it. It is remembered for questions to come, and counts for
    every question about the thing that is undecided.
    """

    def hand_over(self, proposal_id: str, address: Address, actor: Actor) -> ProposalView:
        """Remember who owns what a question is about, from now on; for this question too.

        Raises RefusedError for strangers, for an owner who can't be asked, and where the question
        is settled.
        """
        proposal = self.proposal(proposal_id).proposal
        standing = self._standing(actor, proposal)
        objection = _unfit_to_say(standing) or self._unfit_to_own(address)
        with self._store.write() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            if objection is None and proposal.state not in _UNDECIDED:
                objection = f"it is {proposal.state} already"
            if objection is None and proposal.finding_id is None:
                objection = "this is about no finding"
            if objection is not None:
                refused(
                    tx,
                    actor,
                    "hand over",
                    objection,
                    account=proposal.account.id,
                    subject=proposal.id,
                )
            else:
                record = findings.get_finding(tx, proposal.finding_id or "")
                _remember(tx, record, address, actor, standing)
        if objection is not None:
            raise RefusedError(f"{proposal_id}: {objection}")
        return self.proposal(proposal_id)

    def hand_over_resource(
        self, named: str, address: Address, actor: Actor
    ) -> tuple[ProposalView, ...]:
        """Remember who owns a thing, by its ARN, unique id or name; the questions it changed.

        Where no question about it is open, only the security group may say whose it is. Raises
        NotFoundError for a thing with no open finding, and RefusedError where a name means several
        things, and as `hand_over` does.
        """
        record = self._thing(named)
        with self._store.read() as tx:
            asked = _questions(tx, record)
        if not asked:
            self._require_security(actor, "hand over", record.id)
            objection = self._unfit_to_own(address)
            if objection is not None:
                raise RefusedError(f"{named}: {objection}")
            with self._store.write() as tx:
                _remember(tx, record, address, actor, Standing(frozenset({SECURITY})))
            return ()
        self.hand_over(asked[0].id, address, actor)
        return tuple(self.proposal(each.id) for each in asked)

    def trusted_word(self, proposal: ProposalRecord) -> str | None:
        """The address that the security group handed over to what a question is about, or None."""
        if proposal.finding_id is None:
            return None
        with self._store.read() as tx:
            record = findings.get_finding(tx, proposal.finding_id)
            word = handovers.handovers(tx, record.account.id).get(_owned_id(record))
        return word.address if word is not None and word.trusted else None

    def identity(self, proposal: ProposalRecord) -> str | None:
        """The ARN of the identity that a question is about: the user of a key, for one."""
        if proposal.finding_id is None:
            return None
        return self.finding(proposal.finding_id).record.finding.resource.arn

    def _unfit_to_own(self, address: Address) -> str | None:
        standings = self._confirming.standings
        if standings is None:
            return None
        try:
            why = standings.owners.why_not(address)
        except DirectoryError as error:
            return f"Slack can't be asked who {address} is, so nothing was changed: {error}"
        return f"the owner you named {why}, so nothing was changed" if why else None

    def _thing(self, named: str) -> FindingRecord:
        with self._store.read() as tx:
            records = [
                each
                for each in findings.list_findings(tx, status=FindingStatus.OPEN)
                if named in _names_of(each) and not each.from_files
            ]
        things = {(each.account.id, _owned_id(each)): each for each in records}
        if not things:
            raise NotFoundError(f"no open finding is about {named}")
        if len(things) > 1:
            arns = ", ".join(sorted({each.finding.resource.arn for each in records}))
            raise RefusedError(f"{named} is the name of several things: {arns}")
        return next(iter(things.values()))


def _unfit_to_say(standing: Standing) -> str | None:
    if standing.refusal is not None:
        return standing.refusal
    if standing.capacities & _MAY:
        return None
    return "only those who were asked, or the security group, say whose this is"


def _remember(
    tx: Transaction, record: FindingRecord, address: Address, actor: Actor, standing: Standing
) -> None:
    trusted = bool(standing.capacities & {SECURITY, OPERATOR})
    owned = _owned_id(record)
    handovers.hand_over(tx, record.account, owned, str(address), actor, trusted=trusted)
    word = Handover(str(address), str(actor), trusted, tx.now)
    for proposal in _questions(tx, record):
        proposals.claim_first(tx, proposal, claim_of(word), actor)


def _questions(tx: Transaction, record: FindingRecord) -> Sequence[ProposalRecord]:
    """The undecided questions about the same thing: of a user, those about each of its keys too."""
    same = {
        each.id
        for each in findings.list_findings(tx, account=record.account.id)
        if _owned_id(each) == _owned_id(record)
    }
    return [
        each
        for each in proposals.open_proposals(tx, record.account.id)
        if each.state in _UNDECIDED and each.finding_id in same
    ]


def _owned_id(record: FindingRecord) -> str:
    """The unique id of what is owned: an access key belongs to whoever its user belongs to."""
    return record.finding.resource.principal_id


def _names_of(record: FindingRecord) -> frozenset[str]:
    resource = record.finding.resource
    names = {resource.name, resource.arn, resource.unique_id}
    if resource.key is not None:
        names |= {resource.key.user, resource.key.key_id or resource.unique_id}
    return frozenset(names)
