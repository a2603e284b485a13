"""Reads what was written down, and what the cloud saw, and says what doesn't add up.

It shares no code with what it checks: plain rows in, sentences out.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from bot.aws.simulated.call_log import LoggedCall

#: Which state may follow which, as docs/states.md has it.
_ENDED = {"done", "denied", "expired", "stale", "cancelled", "failed", "blocked", "snoozed"}


@dataclass(frozen=True)
class Most:
    """The limits of each account that were in force all the time.

    `canary` is how long the first change of a control in an account comes alone.
    """

    per_hour: int
    per_day: int
    pause: timedelta
    canary: timedelta


def discrepancies(
    connection: Connection, writes: Sequence[LoggedCall], most: Most
) -> Iterator[str]:
    """Everything that doesn't add up, in sentences; nothing where the books balance."""
    books = _Books(connection)
    yield from books.writes_and_intents(writes)
    yield from books.intents_and_decisions()
    yield from books.freezes()
    yield from books.limits(most)
    yield from books.stories()
    yield from books.cards()


@dataclass(frozen=True)
class _Start:
    """A change that a rule began."""

    at: datetime
    whom: str
    control: str


class _Books:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.proposals = {row["id"]: row for row in self._rows("SELECT * FROM proposal")}
        self.executions = {row["id"]: row for row in self._rows("SELECT * FROM execution")}
        self.steps = self._rows("SELECT * FROM step_event ORDER BY number")
        self.decisions = self._rows("SELECT * FROM decision ORDER BY number")
        self.moves: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in self._rows("SELECT * FROM audit WHERE event = 'proposal.moved' ORDER BY seq"):
            self.moves[row["subject"]].append({**json.loads(row["data"]), "at": row["at"]})

    def writes_and_intents(self, writes: Sequence[LoggedCall]) -> Iterator[str]:
        """Each write that reached the cloud was intended, once; nothing else reached it."""
        intended = Counter(self._call(step) for step in self._intents())
        seen = Counter((each.operation, json.dumps(each.params, sort_keys=True)) for each in writes)
        for call, count in (seen - intended).items():
            yield f"{count} writes of {call} reached the cloud, and nobody intended them"
        settled = {(s["execution_id"], s["step"]) for s in self.steps if s["outcome"] != "intended"}
        for step in self._intents():
            if (step["execution_id"], step["step"]) not in settled:
                yield f"what came of {step['execution_id']} step {step['name']} is not known"

    def intents_and_decisions(self) -> Iterator[str]:
        """Each intent had an approval of its digest before it, and no denial."""
        for step in self._intents():
            proposal = self._proposal_of(step)
            said = [
                each
                for each in self.decisions
                if each["proposal_id"] == proposal["id"]
                and each["digest"] == proposal["digest"]
                and each["at"] <= step["at"]
            ]
            verdicts = [each["verdict"] for each in said]
            if "approve" not in verdicts:
                yield f"{proposal['id']} was carried out without an approval"
            if "deny" in verdicts:
                yield f"{proposal['id']} was carried out although it was denied"

    def freezes(self) -> Iterator[str]:
        """Nothing was intended while writes were stopped."""
        for freeze in self._rows('SELECT * FROM "freeze"'):
            for step in self._intents():
                if freeze["since"] < step["at"] and (
                    freeze["ended_at"] is None or step["at"] < freeze["ended_at"]
                ):
                    yield f"{step['execution_id']} wrote while writes were stopped"

    def limits(self, most: Most) -> Iterator[str]:
        """Rules never did more than they may."""
        starts = self._starts_of_rules()
        for account, here in starts.items():
            for start in here:
                for span, limit in (
                    (timedelta(hours=1), most.per_hour),
                    (timedelta(days=1), most.per_day),
                ):
                    count = sum(start.at - span < other.at <= start.at for other in here)
                    if count > limit:
                        yield f"rules made {count} changes of {account} in {span} to {start.at}"
                before = [o.at for o in here if o.whom == start.whom and o.at < start.at]
                if any(start.at - each < most.pause for each in before):
                    yield f"{start.whom} was changed twice within {most.pause}"
                same = sorted(other.at for other in here if other.control == start.control)
                if same[0] < start.at < same[0] + most.canary:
                    yield f"the first change of {start.control} in {account} did not stay alone"

    def _starts_of_rules(self) -> dict[str, list[_Start]]:
        by_rule = {each["proposal_id"] for each in self.decisions if each["actor_kind"] == "rule"}
        starts: dict[str, list[_Start]] = defaultdict(list)
        for step in self._intents():
            proposal = self._proposal_of(step)
            if proposal["id"] in by_rule and step["step"] == 0:
                whom = self._principal(proposal)
                start = _Start(_moment(step["at"]), whom, proposal["control"])
                starts[proposal["account_id"]].append(start)
        return starts

    def stories(self) -> Iterator[str]:
        """Each proposal went from state to state without a gap, and stands where it went last."""
        for id_, proposal in self.proposals.items():
            state = "proposed"
            for move in self.moves[id_]:
                if move["from"] != state:
                    yield f"{id_} was moved from {move['from']} while it was {state}"
                if state in _ENDED and move["to"] != state:
                    yield f"{id_} was {state} and went on to {move['to']}"
                state = move["to"]
            if proposal["state"] != state:
                yield f"{id_} is {proposal['state']}, and the log says {state}"
        for execution in self.executions.values():
            state = self.proposals[execution["proposal_id"]]["state"]
            if execution["finished_at"] is None:
                yield f"{execution['id']} of a proposal that is {state} never ended"

    def cards(self) -> Iterator[str]:
        """Nobody has two cards about one question, and every message says what it must."""
        cards = self._rows("SELECT * FROM message WHERE kind = 'card'")
        for key, count in Counter((c["proposal_id"], c["recipient"]) for c in cards).items():
            if count > 1:
                yield f"{key} has {count} cards"
        for row in self._rows("SELECT * FROM message WHERE kind != 'waiting' AND told < wanted"):
            yield f"the message {row['key']} doesn't say what it must: {row['error']}"

    def _intents(self) -> list[Mapping[str, Any]]:
        return [each for each in self.steps if each["outcome"] == "intended"]

    def _proposal_of(self, step: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.proposals[self.executions[step["execution_id"]]["proposal_id"]]

    def _call(self, step: Mapping[str, Any]) -> tuple[str, str]:
        do = json.loads(self._proposal_of(step)["plan"])["steps"][step["step"]]["do"]
        return do["operation"], json.dumps(do["params"], sort_keys=True)

    def _principal(self, proposal: Mapping[str, Any]) -> str:
        (row,) = self._rows(
            "SELECT resource FROM finding WHERE id = :id", id=proposal["finding_id"]
        )
        resource = json.loads(row["resource"])
        return str((resource.get("key") or {}).get("user_id") or resource["unique_id"])

    def _rows(self, query: str, **values: Any) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in self._connection.execute(text(query), values)]


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
