"""The use case of root's custody: two people confirm, once a year, that root is in good hands."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.core import refused
from bot.engine.exempting import Exempting
from bot.engine.people import People
from bot.errors import RefusedError
from bot.model import Actor, Attested, RootCustody
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
    """Confirming that root is in good hands."""

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


def _fresh(tx: Transaction, account_id: str, people: People, now: datetime) -> dict[str, datetime]:
    latest = _latest(attestations.attestations(tx, account_id), people)
    return {person: at for person, at in latest.items() if now - at <= LASTS}
