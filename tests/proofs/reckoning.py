"""Compares what people were given to believe with what was written down and what the clouds saw.

It shares no code with what it checks: rows, calls and messages in, sentences out. `books` has the
part that needs no people.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from bot.aws.simulated.call_log import LoggedCall

#: What a question can be while its yes is still to be carried out, or its change to be proved.
_UNDER_WAY = ("approved", "executing", "verifying", "unknown")
_ENDED = ("done", "failed", "needs human")
_OPEN = ("proposed", "pending")
_DONE_SAID = "Done: the effect was observed"


@dataclass(frozen=True)
class Said:
    """A click that Slack was told was received: whose, on what, and the words that came with it."""

    verb: str
    who: str
    about: str
    digest: str
    words: str = ""


@dataclass(frozen=True)
class Shown:
    """A message of the bot's in Slack: what people read, and the id that it carries unseen."""

    id: str
    words: str


def unaccounted(
    connection: Connection,
    writes: Sequence[LoggedCall],
    shown: Sequence[Shown],
    said: Sequence[Said],
) -> Iterator[str]:
    """Everything that doesn't add up, in sentences; nothing where all does."""
    reckoning = _Reckoning(connection, writes)
    for each in said:
        yield from reckoning.lost(each)
    yield from reckoning.repeated_writes()
    yield from reckoning.false_ends()
    yield from reckoning.messages(shown)
    yield from reckoning.outcomes()
    yield from reckoning.left_over()


class _Reckoning:
    def __init__(self, connection: Connection, writes: Sequence[LoggedCall]) -> None:
        self._connection = connection
        self.proposals = {row["id"]: row for row in self._rows("SELECT * FROM proposal")}
        self.executions = {
            row["id"]: row for row in self._rows("SELECT * FROM execution ORDER BY number")
        }
        self._words = {
            row["commitment"]: row["text"] for row in self._rows("SELECT * FROM person_text")
        }
        self.decisions = self._rows("SELECT * FROM decision ORDER BY number")
        self.refusals = self._rows("SELECT * FROM audit WHERE event LIKE '%refused'")
        self.rows = {row["id"]: row for row in self._rows("SELECT * FROM message")}
        self.outcomes_of: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.intents: dict[tuple[str, str], list[tuple[datetime, str, int]]] = defaultdict(list)
        for row in self._rows("SELECT * FROM step_event ORDER BY number"):
            step = (row["execution_id"], row["step"])
            self.outcomes_of[step].append(row["outcome"])
            if row["outcome"] == "intended":
                self.intents[self._call(*step)].append((moment(row["at"]), *step))
        self.made: dict[tuple[str, int], list[LoggedCall]] = defaultdict(list)
        self.unmeant: list[LoggedCall] = []
        for each in writes:
            self._match(each)

    def _match(self, write: LoggedCall) -> None:
        """Give a write to the latest intent of that very call before it."""
        call = (write.operation, json.dumps(write.params, sort_keys=True))
        before = [each for each in self.intents[call] if each[0] <= moment(write.at)]
        if not before:
            self.unmeant.append(write)
            return
        _, execution_id, step = max(before)
        self.made[execution_id, step].append(write)

    def lost(self, said: Said) -> Iterator[str]:
        """An acknowledged click was decided, or refused for a reason that was written down."""
        if said.verb == "undo":
            if not (self._undone(said) or self._refused(said)):
                yield f"{said} was acknowledged, and nothing came of it"
            return
        proposal = self.proposals.get(said.about)
        if proposal is None:
            yield f"{said} is about nothing"
            return
        if self._decided(said) or self._exempted(said):
            return
        if not self._refused(said):
            yield f"{said} was acknowledged, and no decision or refusal is written down"
        elif proposal["state"] in _OPEN and not self._is_nobodys(proposal):
            yield f"{said} was refused ({self._why(said)}), and the question is still open"

    def _decided(self, said: Said) -> bool:
        return any(
            each["proposal_id"] == said.about
            and each["verdict"] == said.verb
            and each["digest"] == said.digest
            and self._is_by(each, said.who)
            and self._words.get(each["reason"], "") == said.words
            for each in self.decisions
        )

    def _exempted(self, said: Said) -> bool:
        if said.verb != "exempt":
            return False
        asked = self._rows(
            "SELECT * FROM exemption_request WHERE proposal_id = :p AND reason = :r",
            p=said.about,
            r=said.words,
        )
        granted = self._rows(
            "SELECT people FROM audit WHERE event = 'finding.exempt' AND subject = :f",
            f=self.proposals[said.about]["finding_id"],
        )
        return bool(asked) or any(
            self._words.get(json.loads(each["people"]).get("reason")) == said.words
            for each in granted
        )

    def _undone(self, said: Said) -> bool:
        return any(each["undoes"] == said.about for each in self.proposals.values())

    def _refused(self, said: Said) -> bool:
        """Whether a refusal of this person in this question stands in the log.

        Of a yes, a no and a putting off it says which of them it was.
        """
        subjects = {said.about, self.executions.get(said.about, {}).get("proposal_id")}
        return any(
            each["subject"] in subjects
            and self._is_by(each, said.who)
            and said.verb in {"exempt", "undo", json.loads(each["data"]).get("verdict")}
            for each in self.refusals
        )

    def _is_nobodys(self, proposal: Mapping[str, Any]) -> bool:
        """Whether what a taking back is about went since, and with it the tag that named the owner.

        The finding of what was fixed is over anyhow, so that no scan ends such a question.
        """
        return proposal["undoes"] is not None and any(
            "the tag owner changed since this was asked" in each
            for each in self._reasons(proposal["id"])
        )

    def _why(self, said: Said) -> str:
        return "; ".join(sorted(set(self._reasons(said.about, said.who))))

    def _reasons(self, proposal_id: str, who: str | None = None) -> Iterator[str]:
        for each in self.refusals:
            if each["subject"] == proposal_id and (who is None or self._is_by(each, who)):
                yield self._words.get(json.loads(each["people"]).get("why"), "no reason")

    def _is_by(self, row: Mapping[str, Any], who: str) -> bool:
        """Whether it is someone's word: rows have commitments, whose texts stand beside."""
        return str(self._words.get(row["actor"], "")).endswith(f"/{who}")

    def repeated_writes(self) -> Iterator[str]:
        """Each write in the cloud has exactly one intent, and no intent has two."""
        for each in self.unmeant:
            yield f"{each.operation} {each.params} reached the cloud, and nobody had intended it"
        for (execution_id, step), writes in self.made.items():
            if len(writes) > 1:
                yield f"step {step} of {execution_id} was sent {len(writes)} times"

    def false_ends(self) -> Iterator[str]:
        """What is said of a change is what the cloud shows: never done where it isn't."""
        for proposal in self.proposals.values():
            if proposal["state"] != "done" or proposal["id"] not in self._carried_out():
                continue
            for step, _ in enumerate(json.loads(proposal["plan"])["steps"]):
                if not self._took_effect(self._carried_out()[proposal["id"]], step):
                    yield f"{proposal['id']} is done, and its step {step} never took effect"
        for (execution_id, step), outcomes in self.outcomes_of.items():
            took_effect = self._took_effect(execution_id, step)
            if outcomes[-1] == "holds" and not took_effect:
                yield f"step {step} of {execution_id} holds, and the cloud never saw it"
            if outcomes[-1] == "not applied" and took_effect:
                yield f"step {step} of {execution_id} is called not applied, and it was"

    def _carried_out(self) -> Mapping[str, str]:
        """The last execution of each proposal that has one."""
        return {each["proposal_id"]: id_ for id_, each in self.executions.items()}

    def _took_effect(self, execution_id: str, step: int) -> bool:
        return any(each.applied for each in self.made.get((execution_id, step), ()))

    def messages(self, shown: Sequence[Shown]) -> Iterator[str]:
        """Each message is in Slack once, and none of them says that something was done that wasn't.

        Each row is a message that has a key of its own; what people see carries the row's id.
        """
        times = Counter(each.id for each in shown)
        for id_ in times - Counter(list(times)):
            yield f"the message {self._key(id_)} is in Slack {times[id_]} times"
        for id_ in times.keys() - self.rows.keys():
            yield f"a message {id_} is in Slack, and nobody wrote it"
        for key, count in Counter(each["key"] for each in self.rows.values()).items():
            if count > 1:
                yield f"{key} is the key of {count} messages"
        for id_, row in self.rows.items():
            if row["ts"] is not None and id_ not in times:
                yield f"the message {row['key']} is not in Slack"
        for each in shown:
            about = self.rows.get(each.id, {}).get("proposal_id")
            if about and _DONE_SAID in each.words and self.proposals[about]["state"] != "done":
                yield f"a message says that {about} was done, and it is not"

    def _key(self, id_: str) -> str:
        return str(self.rows.get(id_, {}).get("key", id_))

    def outcomes(self) -> Iterator[str]:
        """Whoever was asked about what was carried out was told how it ended."""
        told = {
            (row["proposal_id"], row["recipient"])
            for row in self.rows.values()
            if row["kind"] == "outcome" and row["ts"] is not None
        }
        carried_out = self._carried_out()
        for row in self.rows.values():
            if row["kind"] != "card" or json.loads(row["data"]).get("role") not in {None, "owner"}:
                continue
            about = row["proposal_id"]
            ended = about in carried_out and self.proposals[about]["state"] in _ENDED
            if ended and (about, row["recipient"]) not in told:
                yield f"{row['recipient']} was not told how {about} ended"

    def left_over(self) -> Iterator[str]:
        """Nothing is under way any more, and everything that must be told was told."""
        for id_, proposal in self.proposals.items():
            if proposal["state"] in _UNDER_WAY:
                yield f"{id_} is still {proposal['state']}: {proposal['why']}"
        for row in self._rows("SELECT * FROM heard"):
            yield f"a {row['kind']} was acknowledged, and nobody has dealt with it: {row['name']}"
        for row in self.rows.values():
            if row["kind"] == "waiting":
                continue
            if row["sending_since"] is not None or row["told"] < row["wanted"]:
                yield f"the message {row['key']} was not told: {row['error']}"

    def _call(self, execution_id: str, step: int) -> tuple[str, str]:
        proposal = self.proposals[self.executions[execution_id]["proposal_id"]]
        do = json.loads(proposal["plan"])["steps"][step]["do"]
        return do["operation"], json.dumps(do["params"], sort_keys=True)

    def _rows(self, query: str, **values: Any) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in self._connection.execute(text(query), values)]


def moment(value: Any) -> datetime:
    """A time as a database or a log gives it, in UTC."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
