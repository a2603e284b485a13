"""The use cases of people's word on what AWS can't tell.

Two people confirm, once a year, that root is in good hands; one that a policy was reviewed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.core import refused
from bot.engine.exempting import Exempting
from bot.engine.people import People
from bot.engine.views import FindingView, ProposalView
from bot.errors import RefusedError
from bot.model import POLICY_REVIEW, Actor, Attested, FindingRecord, RootCustody
from bot.store import accounts, attestations
from bot.store.database import Transaction

#: For how long a confirmation counts.
LASTS = timedelta(days=365)
#: How many different people it takes.
PEOPLE = 2


def custody_of(tx: Transaction, account_id: str, people: People) -> RootCustody:
    """What was confirmed of an account, each person once, and whether anybody is asked."""
    known = accounts.get_account(tx, account_id)
    latest = _latest(attestations.attestations(tx, account_id), people)
    return RootCustody(
        asked=known is not None and known.mode == "live",
        confirmed=tuple(sorted(latest.values(), reverse=True)),
    )


def _latest(given: Sequence[tuple[Actor, datetime]], people: People) -> dict[str, datetime]:
    latest: dict[str, datetime] = {}
    for actor, at in given:
        person = people.person(actor)
        latest[person] = max(at, latest.get(person, at))
    return latest


class Attesting(Exempting):
    """Confirming that root is in good hands, and that a policy is as it should be."""

    def attest_root(self, account_id: str, actor: Actor) -> Attested:
        """Record this person's word that root's password, mailbox and MFA are strong and unshared.

        For the security group and operators. It counts a year, and takes two different people.
        Raises RefusedError for anyone else, for an account that was never looked at, and where the
        same person has confirmed already and another one is missing.
        """
        self._require_security(actor, "attest root", account_id)
        people, now = self._approvals.people, self._clock()
        objection: str | None = None
        with self._store.write() as tx:
            if accounts.get_account(tx, account_id) is None:
                objection = f"account {account_id} was never scanned"
            fresh = _fresh(tx, account_id, people, now)
            if len(fresh) < PEOPLE and people.person(actor) in fresh:
                objection = "you confirmed it already: another person must confirm it too"
            if objection is None:
                attestations.attest(tx, account_id, actor)
                fresh = _fresh(tx, account_id, people, now)
            else:
                refused(tx, actor, "attest root", objection, account=account_id)
        if objection is not None:
            raise RefusedError(
                f"{account_id}: {objection}",
                hint="`people:` of the configuration says who is who.",
            )
        ends = sorted(fresh.values(), reverse=True)
        until = ends[PEOPLE - 1] + LASTS if len(ends) >= PEOPLE else None
        return Attested(account_id, len(fresh), until)

    def review_policy(self, finding_id: str, actor: Actor) -> FindingView:
        """Record that this person reviewed the policy, as it stands in the finding.

        It counts for just this document, and until the next review is due: the question is
        withdrawn, and comes back then. For operators, as an exemption is. Raises RefusedError, also
        for a finding that asks for no review.
        """
        reason, until = self._review(self.finding(finding_id).record)
        return self.exempt(finding_id, reason, until, actor)

    def review_question(self, proposal_id: str, actor: Actor) -> ProposalView:
        """The same, of the policy that a question is about, by whoever may exempt it."""
        found = self.proposal(proposal_id).finding
        if found is None:
            raise RefusedError(f"{proposal_id} asks for no review of a policy")
        reason, until = self._review(found.record)
        return self.exempt_question(proposal_id, reason, until, actor)

    def _review(self, record: FindingRecord) -> tuple[str, datetime]:
        """What is recorded of a review, and until when it counts."""
        days = record.finding.evidence.get("days_that_a_review_counts")
        if record.finding.control != POLICY_REVIEW or not isinstance(days, int):
            raise RefusedError(f"{record.id} asks for no review of a policy")
        lasts = min(timedelta(days=days), self._confirming.longest_exemption)
        return f"reviewed {record.finding.evidence.get('document')}", self._clock() + lasts


def _fresh(tx: Transaction, account_id: str, people: People, now: datetime) -> dict[str, datetime]:
    latest = _latest(attestations.attestations(tx, account_id), people)
    return {person: at for person, at in latest.items() if now - at <= LASTS}
