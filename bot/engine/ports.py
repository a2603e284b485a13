"""What carrying out and recovering stand on: the store, AWS, the clock, and who says stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.aws.connection import AwsConnection
from bot.aws.last_access import orders_report, read_report
from bot.aws.reading import read
from bot.engine.guardrails import Guardrails
from bot.engine.looking import Look
from bot.engine.remediation import Harmed
from bot.engine.verifying import Verifier, VerifySettings
from bot.errors import StaleError
from bot.model import Account, Call, Decision, Json, ProposalRecord
from bot.store.database import Store


class Authorise(Protocol):
    """Judges the decisions on a proposal again, just before anything is written."""

    def __call__(
        self,
        proposal: ProposalRecord,
        decisions: Sequence[Decision],
        now: datetime,
        harmed: Harmed | None = None,
        /,
    ) -> str | None:
        """Why the proposal may not be carried out, or None if it may; `harmed` for an undo."""


class Recheck(Protocol):
    """Looks again who those are who decided, outside any transaction."""

    def __call__(self, proposal: ProposalRecord, decisions: Sequence[Decision], /) -> str | None:
        """Why one of the approvals counts no more, or None."""


def all_still_stand(_proposal: ProposalRecord, _decisions: Sequence[Decision]) -> None:
    """What is known where only operators decide: nothing about them can have changed."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The collaborators of one process in one account.

    `holder` names this process in the lease, `lease_time` is how long it stands without a sign
    of life. `yield_point` is told each place where a crash or a rival could come in between.
    """

    store: Store
    connection: AwsConnection
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    rails: Guardrails
    authorise: Authorise
    settings: VerifySettings
    holder: str
    lease_time: timedelta
    progress: Callable[[str], None]
    yield_point: Callable[[str], None]
    recheck: Recheck = all_still_stand

    def read(self, call: Call) -> Json:
        """One read call, live; a report that it orders is waited for.

        Raises ReadFailedError and CredentialsError.
        """
        if orders_report(call):
            return read_report(self.connection, call, pause=self.sleep)
        return read(self.connection, call)

    def look(self) -> Look:
        """A fresh look at AWS."""
        return Look(self.read)

    def verifier(self, pulse: Callable[[], None]) -> Verifier:
        """What settles a write by looking."""
        return Verifier(self.read, self.clock, self.sleep, self.settings, pulse)

    def confirm_account(self, account: Account) -> None:
        """Ask AWS whose credentials these are now. Raises StaleError for another account's."""
        answer: Any = self.read(Call("sts", "GetCallerIdentity"))
        now = (answer or {}).get("Account")
        if self.connection.account != account or now != account.id:
            raise StaleError(
                f"this is about account {account.id}, and the credentials are for {now}",
                hint="Choose the right --profile, or mend `accounts`.",
            )
