"""Looks at what a change of ours did, and acts on harm: tells the owner, and takes it back.

AWS is read outside of any transaction. Nothing here writes to AWS: an undo is a proposal like any
other, which the executor judges again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.aws.after_change import (
    Denial,
    KeyState,
    denials_of,
    key_state,
    regions_of,
    users_reached,
)
from bot.aws.connection import AwsConnection
from bot.aws.reading import read
from bot.engine.aftermath import Judgement, Kind, Sight, Taken, judge, taken, together
from bot.engine.announcing import tell_harm
from bot.engine.cards import AFTER, cards_of, is_asked, tell_in_threads
from bot.engine.harm import harmed
from bot.engine.looking import Look
from bot.engine.quarantine import leak
from bot.engine.remediation import RemediationRules
from bot.engine.rule_word import approve_as
from bot.engine.taking_back import inverse_of, propose_undo
from bot.errors import AwsError, RefusedError
from bot.model import (
    Account,
    Actor,
    Call,
    ExecutionRecord,
    Json,
    Plan,
    ProposalRecord,
    WatchRecord,
)
from bot.policy import CONTAINMENT_FENCE
from bot.store import dues, executions, messages, proposals, watches
from bot.store.database import Store, Transaction
from bot.store.dues import Due

WATCHER = Actor("locksmith", "watch")
#: What CloudTrail shows late is asked for again.
_LATE = timedelta(minutes=30)
#: Most users of one policy or group whose refused calls are looked up at a time.
_MOST_USERS = 10


@dataclass(frozen=True, slots=True)
class WatchRules:
    """For how long is looked after a change, how often, and in which Regions besides ours.

    One look comes `canary_wait` after the change: what waits for it goes on then.
    """

    span: timedelta = timedelta(days=7)
    every: timedelta = timedelta(hours=6)
    regions: tuple[str, ...] = ()
    canary_wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class LookingAfter:
    """Looks at one execution when that falls due.

    `connection` is the way into an account. `wake` is called once something is to be told.
    """

    store: Store
    connection: Callable[[Account], AwsConnection]
    remediation: RemediationRules
    rules: WatchRules
    wake: Callable[[], None] = lambda: None

    def look(self, due: Due) -> bool:
        """Look once; whether that was done. A crash in the middle loses one look at most."""
        with self.store.write() as tx:
            if not dues.take(tx, due):
                return False
            watch = watches.get_watch(tx, due.subject)
            if watch is None or watch.ended_at is not None:
                return False
            execution = executions.get_execution(tx, due.subject)
            proposal = proposals.get_proposal(tx, execution.proposal_id)
            if execution.undone_by is not None:
                self._end(tx, watch, proposal, f"it was taken back by {execution.undone_by}")
                return True
            watch = replace(watch, until=watch.until or watch.begun_at + self.rules.span)
            dues.set_due(tx, AFTER, execution.id, self._next(watch, tx.now))
        now, seen, doubts = self._seen(watch, proposal, execution)
        with self.store.write() as tx:
            self._settle(tx, watch, proposal, (now, seen, doubts))
        self.wake()
        return True

    def _next(self, watch: WatchRecord, now: datetime) -> datetime:
        until = watch.until or now
        soon = now + self.rules.every
        waited = watch.begun_at + (self.rules.canary_wait or timedelta())
        return min([soon, *(each for each in (until, waited) if each > now)])

    def _seen(
        self, watch: WatchRecord, proposal: ProposalRecord, execution: ExecutionRecord
    ) -> tuple[datetime, Judgement, str]:
        """When was looked, what that amounts to, and why no rule may take it back by itself."""
        with self.store.read() as tx:
            now = tx.now
        things = taken(proposal, execution)
        try:
            connection = self.connection(proposal.account)
        except (AwsError, RefusedError) as error:
            sight = Sight(unread=(f"anything in account {proposal.account.id}: {error}",))
            return now, together([judge(what, sight) for what in things]), ""
        since = max(watch.begun_at, (watch.covered_at or watch.begun_at) - _LATE)
        looking = _Looking(connection, self.rules.regions, since)
        seen = together([judge(what, looking.at(what)) for what in things])
        doubts = self._leaked(connection, proposal, execution) if seen.harm else ""
        return now, seen, doubts

    @staticmethod
    def _leaked(
        connection: AwsConnection, proposal: ProposalRecord, execution: ExecutionRecord
    ) -> str:
        """Why nothing may let this user in again without a person, or empty. Unread is a why."""
        plan = inverse_of(execution, proposal)
        if not isinstance(plan, Plan):
            return "people must take it back by hand"
        look = Look(lambda call: read(connection, call))
        users = {
            str(step.do.params["UserName"]) for step in plan.steps if "UserName" in step.do.params
        }
        try:
            found = leak(plan, look)
            for user in sorted(users):
                found = found or _under_containment(look, user)
        except AwsError as error:
            return f"whether its user is under quarantine could not be read: {error}"
        return found or ""

    def _settle(
        self,
        tx: Transaction,
        watch: WatchRecord,
        proposal: ProposalRecord,
        look: tuple[datetime, Judgement, str],
    ) -> None:
        now, seen, doubts = look
        harm = seen.harm
        looked = replace(
            watch,
            looked_at=now,
            covered_at=now if seen.whole else watch.covered_at,
            looks=watch.looks + 1,
            looked=seen.looked,
            unknown=seen.unknown,
            blind=seen.blind,
            harm=harm,
            harmed_at=now if harm else None,
        )
        watches.save_look(tx, looked)
        if harm:
            self._harm(
                tx, looked, proposal, "it was taken back by hand" if seen.by_hand else doubts
            )
        elif seen.by_hand:
            self._end(tx, looked, proposal, "what was changed is gone")
        elif looked.until is not None and now >= looked.until:
            self._end(tx, looked, proposal, "it is over")

    def _harm(
        self, tx: Transaction, watch: WatchRecord, proposal: ProposalRecord, doubts: str
    ) -> None:
        execution = executions.get_execution(tx, watch.execution_id)
        said: list[Json] = list(watch.harm)
        tx.record(
            "watch.harm",
            actor=WATCHER,
            account=proposal.account.id,
            subject=execution.id,
            data={"proposal": proposal.id},
            people={"seen": "; ".join(watch.harm)},
        )
        undo, why = self._take_back(tx, execution, proposal, watch.harm, doubts)
        tell_harm(tx, proposal, execution.id, said, undo=undo, why=why)
        self._end(tx, watch, proposal, "harm was seen")

    def _take_back(
        self,
        tx: Transaction,
        execution: ExecutionRecord,
        proposal: ProposalRecord,
        harm: tuple[str, ...],
        doubts: str,
    ) -> tuple[str | None, str]:
        """The undo that the rule has approved, or None and why, where a rule would have."""
        known = harmed(tx, proposal, harm)
        rule = self.remediation.ruling(proposal).acts
        if rule is None or rule.actor.name not in known.approved_by or not rule.undoes_on_harm:
            return None, ""
        try:
            plan = inverse_of(execution, proposal)
            why = doubts or self.remediation.still_takes_back(plan, rule.actor, known)
            if why:
                return None, why
            undo = propose_undo(tx, execution, rule.actor)
        except RefusedError as error:
            return None, str(error)
        tell_in_threads(tx, undo, [each for each in cards_of(tx, proposal.id) if is_asked(each)])
        said = f"harm: {'; '.join(harm)}"
        approve_as(
            tx,
            rule,
            undo,
            said,
            "rule.undid",
            data={"undoes": execution.id},
            people={"seen": "; ".join(harm)},
        )
        return undo.id, ""

    @staticmethod
    def _end(tx: Transaction, watch: WatchRecord, proposal: ProposalRecord, why: str) -> None:
        watches.end_watch(tx, watch.execution_id, why)
        dues.drop_due(tx, AFTER, watch.execution_id)
        messages.retell(tx, [proposal.id])
        tx.record(
            "watch.ended",
            actor=WATCHER,
            account=proposal.account.id,
            subject=watch.execution_id,
            data={"looks": watch.looks, "harm": bool(watch.harm)},
            people={"why": why},
        )


@dataclass(slots=True)
class _Looking:
    """One look at what one change took; what can't be read is said, and stops nothing else."""

    connection: AwsConnection
    more_regions: tuple[str, ...]
    since: datetime

    def at(self, what: Taken) -> Sight:
        """What there is to see now of what one step changed."""
        if what.kind is Kind.KEY:
            return self._key(what)
        return self._rights(what)

    def _key(self, what: Taken) -> Sight:
        state: KeyState | None = None
        unread: list[str] = []
        try:
            state = key_state(self.connection, what.user, what.key_id)
        except AwsError as error:
            unread.append(f"the state of {what.key_id}: {error}")
        return Sight(state, unread=unread)

    def _rights(self, what: Taken) -> Sight:
        unread: list[str] = []
        users: dict[str, str] = {what.user: what.user_id} if what.user else {}
        roles = 0
        if what.group or what.policy:
            try:
                reached = users_reached(self.connection, group=what.group, policy=what.policy)
                users, roles = dict(reached.users), reached.roles
            except AwsError as error:
                unread.append(f"whom this reaches: {error}")
        if len(users) > _MOST_USERS:
            unread.append(f"what {len(users) - _MOST_USERS} of {len(users)} users were refused")
        regions = regions_of(self.connection, self.more_regions)
        read_in: set[str] = set(regions)
        found: list[Denial] = []
        for region in regions:
            for name, user_id in sorted(users.items())[:_MOST_USERS]:
                try:
                    denials = denials_of(self.connection, name, user_id, self.since, region)
                except AwsError as error:
                    unread.append(f"what was refused in {region}: {error}")
                    read_in.discard(region)
                    break
                found += denials.found
                if not denials.whole:
                    unread.append(f"older calls of {name} in {region}: there are too many")
        in_order = [each for each in regions if each in read_in]
        return Sight(denials=found, regions=in_order, users=len(users), roles=roles, unread=unread)


def _under_containment(look: Look, user: str) -> str | None:
    answer = look.answer(Call("iam", "ListUserPolicies", {"UserName": user}))
    names = answer.get("PolicyNames") if isinstance(answer, dict) else None
    if isinstance(names, list) and CONTAINMENT_FENCE in names:
        return f"{user} is contained because of an incident"
    return None
