"""The use case of an incident: contain a user at once, by one person of the security group."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.cards import TELL_CONTAINED
from bot.engine.containment import CONTROL, containment, doors, fenced_since, subject_of, unseen
from bot.engine.core import seen_by_aws
from bot.engine.doors import Contained, Door
from bot.engine.entering import Aws
from bot.engine.freezing import Freezing
from bot.engine.gathering import Progress
from bot.engine.looking import Look
from bot.engine.ways_in import WaysIn, ways_in
from bot.errors import LocksmithError, LostRaceError, ProtectedError, RefusedError, UsageError
from bot.model import (
    Account,
    Actor,
    ExecutionRecord,
    Origin,
    Outcome,
    Plan,
    ProposalRecord,
    ProposalState,
)
from bot.store import dues, executions, freezes, proposals
from bot.store.database import Transaction
from bot.store.proposals import NewProposal

_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ARN = re.compile(r"arn:[a-z-]{1,20}:iam::[0-9]{12}:user/(?:[!-~]{1,511}/)?(?P<name>[^/]{1,64})")
_S = ProposalState
_ON_ITS_WAY = frozenset({_S.EXECUTING, _S.VERIFYING})
_WAITS = _ON_ITS_WAY | {_S.APPROVED}
#: Looks at a containment that someone else carries out, or that waits for another change.
_LOOKS, _PAUSE = 120, 1.0
#: Until the security channel is told, so that it is told what came of it.
_SOON = timedelta(seconds=5)


@dataclass(slots=True)
class _Case:
    """One user who is being contained, and what was done so far."""

    aws: Aws
    look: Look
    ways: WaysIn
    actor: Actor
    progress: Progress
    executions: list[ExecutionRecord] = field(default_factory=list)
    proposals: list[ProposalRecord] = field(default_factory=list)
    left_out: frozenset[str] = frozenset()
    problem: str = ""

    def look_again(self) -> None:
        """See how the user gets in by now. Raises what reading raises."""
        self.look = self.aws.executor.ports.look()
        self.ways = ways_in(self.look, self.ways.account, self.ways.name)


class Containing(Freezing):
    """Containing a user in an incident."""

    def contain(self, user: str, actor: Actor, progress: Progress) -> Contained:
        """Deny a user of IAM everything at once, switch the user's credentials off, and look.

        `user` is a name, or an ARN where there are several accounts. Who asks for it approves it
        by that: one person of the security group. It is carried out, proved and logged like any
        plan, and `undo` takes it back, by two people. What AWS would not do is left out, so that
        the rest is still done; the doors say what was seen in the end. A user who is contained
        already is only looked at.

        Raises NotFoundError for no such user; ProtectedError for whom no plan may touch, or where
        it would lock everybody out; FrozenError and NotLiveError; what reading AWS raises; all
        before anything was written.
        """
        name = _name_of(user)
        self._require_security(actor, "contain", name)
        aws = self._accounts.enter(self._account_of(user))
        account = aws.connection.account
        _refuse_other_account(user, account)
        with self._store.read() as tx:
            self._require_live(tx, account)
            freezes.refuse_if_frozen(tx)
        actor = seen_by_aws(actor, aws)
        self._recover(aws, actor, progress)
        progress(f"Looking how {name} gets in")
        look = aws.executor.ports.look()
        case = _Case(aws, look, ways_in(look, account, name), actor, progress)
        while self._next_round(case):
            pass
        return self._seen(case)

    def _account_of(self, user: str) -> str:
        """The account that is meant. Raises UsageError where that isn't clear."""
        several = len(self._accounts.ids()) > 1
        if several and user.startswith("arn:"):
            return self._accounts.id_of(Account.of_arn(user).id)
        return self._accounts.only()

    def _next_round(self, case: _Case) -> bool:
        """Propose, approve and carry out what is left; whether there may be more to do.

        What goes wrong before anything was written is raised, later it is the case's problem.
        """
        try:
            with self._refusals_logged(case):
                execution = self._round(case)
        except LocksmithError as error:
            if not case.executions:
                raise
            case.problem = str(error)
            return False
        if execution is None:
            return False
        case.executions.append(execution)
        if execution.state is _S.DONE:
            return False
        case.problem = execution.why
        stopped_at = _stopped_at(case.proposals[-1], execution)
        if stopped_at is None:
            return False
        case.left_out |= {stopped_at}
        try:
            case.look_again()
        except LocksmithError as error:
            case.problem = str(error)
            return False
        return True

    def _round(self, case: _Case) -> ExecutionRecord | None:
        now = self._clock()
        draft = containment(case.ways, subject_of(case.ways.id), now, case.left_out)
        if draft is None:
            return None
        case.aws.executor.ports.rails.check_plan(draft, case.look.answer)
        proposal = self._proposed(case, now)
        case.proposals.append(proposal)
        self.approve(proposal.id, proposal.digest, case.actor)
        return self._carried_out(proposal.id, case)

    def _proposed(self, case: _Case, now: datetime) -> ProposalRecord:
        """The proposal of what is left; other open questions about the user stay as they are."""
        with self._store.write() as tx:
            freezes.refuse_if_frozen(tx)
            subject = _free_subject(tx, case)
            plan = containment(case.ways, subject, now, case.left_out)
            if not isinstance(plan, Plan):  # `_round` has seen that there is one
                raise RefusedError(f"{case.ways.name} has no open door")
            new = NewProposal(
                account=plan.account,
                subject=subject,
                origin=Origin.COMMAND,
                plan=plan,
                control=CONTROL,
                finding_id=None,
            )
            (made,) = proposals.propose_many(tx, [new], case.actor)
            dues.set_due(tx, TELL_CONTAINED, made.id, tx.now + _SOON)
        return made

    def _carried_out(self, proposal_id: str, case: _Case) -> ExecutionRecord:
        """Apply it now, or wait for who got to it first, or for the change that is under way."""
        lost: LostRaceError | None = None
        for _ in range(_LOOKS):
            try:
                return self.apply(proposal_id, case.actor, case.progress)
            except LostRaceError as error:
                lost = error
            with self._store.read() as tx:
                state = proposals.get_proposal(tx, proposal_id).state
                found = executions.execution_of(tx, proposal_id)
            if state not in _WAITS:
                if found is None:
                    raise lost
                return found
            case.progress("Another change is under way; waiting for it")
            case.aws.executor.ports.sleep(_PAUSE)
        raise lost or RefusedError(f"{proposal_id} was not carried out in time")

    def _seen(self, case: _Case) -> Contained:
        """The doors as AWS shows them now, or as unknown where it doesn't."""
        case.progress("Looking which doors are closed")
        now = self._clock()
        try:
            if case.executions:
                case.look_again()
            found, since = doors(case.ways, now), fenced_since(case.ways, now)
        except LocksmithError as error:
            found, since = unseen(doors(case.ways, now), str(error)), None
        ways = case.ways
        with self._store.write() as tx:
            tx.record(
                "user.contained" if case.executions else "user.looked-at",
                actor=case.actor,
                account=ways.account.id,
                subject=ways.id,
                data=_summed_up(found, case.executions),
            )
            made = tuple(proposals.get_proposal(tx, each.id) for each in case.proposals)
        return Contained(
            ways.name, ways.account, found, since, tuple(case.executions), made, case.problem
        )

    @contextmanager
    def _refusals_logged(self, case: _Case) -> Iterator[None]:
        """Log who may not be contained, since someone wanted them to be."""
        try:
            yield
        except ProtectedError as error:
            with self._store.write() as tx:
                tx.record(
                    "decision.refused",
                    actor=case.actor,
                    account=case.ways.account.id,
                    subject=case.ways.id,
                    data={"verdict": "contain"},
                    people={"why": str(error)},
                )
            raise


def _stopped_at(proposal: ProposalRecord, execution: ExecutionRecord) -> str | None:
    """The name of the first step that does not hold; None where there is none."""
    held = {each.name for each in execution.steps if each.outcome is Outcome.HOLDS}
    steps = proposal.plan.steps if isinstance(proposal.plan, Plan) else ()
    return next((step.name for step in steps if step.name not in held), None)


def _free_subject(tx: Transaction, case: _Case) -> str:
    """The first subject about this user that no open proposal has.

    An earlier containment that ended half way keeps its own, and with it its undo. One that was
    approved and never begun is withdrawn: this one takes its place.
    """
    account, user = case.ways.account.id, case.ways.id
    taken = {each.subject: each for each in proposals.open_proposals(tx, account)}
    number = 1
    while subject_of(user, number) in taken:
        earlier = taken[subject_of(user, number)]
        if earlier.origin is Origin.COMMAND and earlier.state in _ON_ITS_WAY:
            raise RefusedError(
                f"{case.ways.name} is being contained at this moment by {earlier.id}",
                hint="Look again in a minute.",
            )
        if earlier.origin is Origin.COMMAND and not _has_begun(earlier):
            proposals.move(
                tx,
                earlier.id,
                expected=earlier.state,
                to=_S.CANCELLED,
                why=f"{case.actor} contains the user anew",
                actor=case.actor,
            )
            break
        number += 1
    return subject_of(user, number)


def _has_begun(proposal: ProposalRecord) -> bool:
    return proposal.state not in (_S.PROPOSED, _S.PENDING, _S.APPROVED)


def _summed_up(found: tuple[Door, ...], done: list[ExecutionRecord]) -> dict[str, int | list[str]]:
    counts: dict[str, int | list[str]] = {"closed": 0, "open": 0, "unknown": 0}
    for door in found:
        counts[door.state.value] = sum(each.state is door.state for each in found)
    return {**counts, "executions": [each.id for each in done]}


def _name_of(user: str) -> str:
    """The name in a name or an ARN. Raises UsageError for what can be neither."""
    arn = _ARN.fullmatch(user)
    name = arn["name"] if arn else user
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{user!r} is no IAM user's name",
            hint="It looks like carol, or arn:aws:iam::123456789012:user/carol.",
        )
    return name


def _refuse_other_account(user: str, account: Account) -> None:
    if user.startswith("arn:") and Account.of_arn(user) != account:
        raise RefusedError(
            f"{user} is not in account {account.id}", hint="Choose the right --profile."
        )
