"""The use cases of one-time codes: who gets a secret, and whose is taken away.

The secrets are in a file and the log is in the database, so the two can't change together. The log
comes first: there may be a row of what then did not happen, never an enrolment without one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.engine.codes import Codes, Enrolment
from bot.engine.messaging import Messaging
from bot.errors import UsageError
from bot.model import Actor


class Enrolling(Messaging):
    """Enrolling people for one-time codes."""

    def enrol(self, enrolment: Enrolment, code: str, actor: Actor) -> None:
        """Put a person's new secret in force, for a right code of it.

        Raises RefusedError for a wrong code, StoreError where it can't be logged, and ConfigError
        where the file is not as it must be: nobody is enrolled then.
        """
        enrolment.verify(code)
        with self._logged(enrolment.person, actor, "codes.enrolling", "codes.enrolled"):
            enrolment.save()

    def withdraw(self, codes: Codes, person: str, actor: Actor) -> None:
        """Forget a person's secret. Raises UsageError where there is none, and as `enrol` does."""
        if person not in codes.people():
            raise UsageError(f"{person} is not enrolled")
        with self._logged(person, actor, "codes.removing", "codes.removed"):
            codes.remove(person)

    @contextmanager
    def _logged(self, person: str, actor: Actor, before: str, after: str) -> Iterator[None]:
        """Log what is about to be done, and then what came of it; never a secret."""
        self._log(before, person, actor)
        try:
            yield
        except Exception:
            self._log("codes.unchanged", person, actor)
            raise
        self._log(after, person, actor)

    def _log(self, event: str, person: str, actor: Actor) -> None:
        with self._store.write() as tx:
            tx.record(event, actor=actor, people={"person": person})
