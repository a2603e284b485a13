"""What every use case stands on: the store, the way into AWS, and who may decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

from bot.engine.approvals import Approvals
from bot.engine.codes import Codes
from bot.engine.entering import Accounts, Aws, Enter
from bot.engine.foreseeing import Unattended
from bot.engine.gathering import Progress
from bot.engine.recovery import recover
from bot.engine.scanning import Scanner
from bot.engine.standing import Standing, Standings
from bot.engine.views import FindingView, ProposalView
from bot.errors import NotLiveError, RefusedError
from bot.model import (
    Account,
    Actor,
    ExecutionRecord,
    FindingRecord,
    OwnerClaim,
    ProposalRecord,
    Severity,
)
from bot.store import accounts, executions, findings, proposals
from bot.store.database import Store, Transaction

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Confirming:
    """What makes sure of who decides: who they are, the codes they give, and the longest wait.

    Without `standings` only operators decide; without `codes` no code is asked for. An exemption
    of `second_person` or worse takes two people where there are others to ask.
    """

    standings: Standings | None = None
    codes: Codes | None = None
    second_person: Severity = Severity.HIGH
    longest_exemption: timedelta = timedelta(days=365)


def refused(
    tx: Transaction,
    actor: Actor,
    verdict: str,
    why: str,
    *,
    account: str | None = None,
    subject: str | None = None,
    digest: str = "",
) -> None:
    """Log that someone wanted to decide and may not."""
    tx.record(
        "decision.refused",
        actor=actor,
        account=account,
        subject=subject,
        data={"verdict": verdict, **({"digest": digest} if digest else {})},
        people={"why": why},
    )


class Core:
    """The collaborators of the use cases, and what several of them do.

    `enter` is the way into the caller's own account, or those into several. AWS is asked when it
    is first needed, so that looking at what is remembered works without credentials.
    """

    def __init__(
        self,
        store: Store,
        enter: Enter | Accounts,
        scanner: Scanner,
        approvals: Approvals,
        clock: Clock,
        confirming: Confirming | None = None,
        unattended: Unattended | None = None,
    ) -> None:
        self._store = store
        self._accounts = enter if isinstance(enter, Accounts) else Accounts(enter)
        self._scanner = scanner
        self._approvals = approvals
        self._clock = clock
        self._confirming = confirming or Confirming()
        self._unattended = unattended or Unattended()

    def _standing(self, actor: Actor, proposal: ProposalRecord) -> Standing:
        """What holds of an actor for a question, read now: never call it in a transaction."""
        standings = self._confirming.standings
        if standings is None:
            return self._approvals.by_name_alone(actor)
        return standings.of(actor, proposal)

    def owner_approves(self, proposal: ProposalRecord, claim: OwnerClaim) -> bool:
        """Whether an owner by this claim may approve: some plans take more than a tag's word."""
        standings = self._confirming.standings
        if standings is None:
            return True
        return self._approvals.rule_for(proposal).lets(standings.by_claim(proposal, claim))

    def is_security(self, actor: Actor) -> bool:
        """Whether this is the security group or an operator: what may be offered to them."""
        return self._approvals.secures(self._general_standing(actor)) is None

    def why_stranger(self, actor: Actor) -> str | None:
        """Why someone is nobody here (a guest, a stranger, a bot, deactivated), or None."""
        return self._general_standing(actor).refusal

    def require_security(self, actor: Actor, what: str) -> None:
        """Raise RefusedError, and log it, unless this is the security group or an operator.

        `what` is what they wanted, in a word or two for the log.
        """
        self._require_security(actor, what)

    def require_colleague(self, actor: Actor, what: str) -> None:
        """Raise RefusedError, and log it, for guests, strangers, bots and the deactivated."""
        objection = self._general_standing(actor).refusal
        if objection is not None:
            self._refuse(actor, what, objection)

    def _require_security(self, actor: Actor, what: str, subject: str | None = None) -> None:
        """Raise RefusedError, and log it, unless this is the security group or an operator."""
        objection = self._approvals.secures(self._general_standing(actor))
        if objection is not None:
            self._refuse(actor, what, objection, subject)

    def _general_standing(self, actor: Actor) -> Standing:
        """What holds of an actor whatever the question, read now: never in a transaction."""
        standings = self._confirming.standings
        if standings is None:
            return self._approvals.by_name_alone(actor)
        return standings.of_security(actor)

    def _refuse(
        self, actor: Actor, what: str, objection: str, subject: str | None = None
    ) -> NoReturn:
        with self._store.write() as tx:
            refused(tx, actor, what, objection, subject=subject)
        raise RefusedError(objection)

    def _require_live(self, tx: Transaction, account: Account) -> None:
        record = accounts.get_account(tx, account.id)
        if record is None or record.mode != "live":
            raise NotLiveError(
                f"account {account.id} is in notify mode: nothing is changed there yet",
                hint=f"`locksmith go-live {account.id}` once you trust what the scan shows.",
            )

    def _view(self, tx: Transaction, proposal: ProposalRecord) -> ProposalView:
        finding = None
        if proposal.finding_id:
            finding = FindingView(findings.get_finding(tx, proposal.finding_id), proposal=proposal)
        return ProposalView(
            proposal,
            finding,
            proposals.decisions(tx, proposal.id),
            executions.execution_of(tx, proposal.id),
        )

    @staticmethod
    def _recover(aws: Aws, actor: Actor, progress: Progress) -> tuple[ExecutionRecord, ...]:
        """Settle what earlier processes left, by looking; what became of each."""
        return tuple(recover(aws.executor.telling(progress), aws.connection.account, actor))


def seen_by_aws(actor: Actor, aws: Aws) -> Actor:
    return replace(actor, aws_arn=aws.connection.caller_arn)


def key_owner(record: FindingRecord) -> Sequence[tuple[str, str]]:
    """Whose keys are read live for this finding: those of the user whom it is about."""
    resource = record.finding.resource
    if resource.key:
        return [(resource.key.user, resource.key.user_id)]
    return [(resource.name, resource.unique_id)] if resource.type == "user" else []
