"""Watches a history from outside, and says what must never be.

It sees what reaches the account, the rows of the database and who is who in the firm, and judges
them by rules of its own. What people decided it knows from those who saw them do it. The end of a
history is judged in `at_the_end.py`.
"""

import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from tests.proofs.histories.expectations import fits
from tests.proofs.histories.firm import BREAK_GLASS, Firm
from tests.proofs.histories.ledger import Ledger, Question, moment
from tests.proofs.histories.quick_account import ACCOUNT_ID
from tests.proofs.histories.quick_answers import OWN_ARN, RefusedByAws, answer
from tests.proofs.histories.quick_wire import Entry
from tests.proofs.histories.rights import Rights, person
from tests.proofs.histories.staff import ACTORS

_DAY = timedelta(days=1)
#: A gap that counts as if a process had run all the time.
_TOLERATED = timedelta(minutes=10)
_OPPOSITE = {
    "UpdateAccessKey": "UpdateAccessKey",
    "DetachUserPolicy": "AttachUserPolicy",
    "AttachUserPolicy": "DetachUserPolicy",
    "AddUserToGroup": "RemoveUserFromGroup",
    "RemoveUserFromGroup": "AddUserToGroup",
}


def _without_status(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in entry.params.items() if name != "Status"}


@dataclass
class Witness:
    """One history. `complaints` is what must not have been."""

    firm: Firm
    complaints: list[str] = field(default_factory=list)
    #: The plan that each yes was about, by question and the name of who said it.
    said: dict[tuple[str, str], str] = field(default_factory=dict)
    #: Findings that someone accepted, and until when.
    exempt: dict[str, datetime] = field(default_factory=dict)
    #: Questions whose rows somebody tampered with.
    tampered: set[str] = field(default_factory=set)
    #: Whose yeses counted when a process claimed what it carries out: by process.
    counted: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    #: How long something ran, with the workspace there and nothing frozen.
    awake: timedelta = timedelta()
    happened: Counter[str] = field(default_factory=Counter)
    #: The write of each step of an execution.
    sent: dict[tuple[str, int], Entry] = field(default_factory=dict)
    _told: dict[str, timedelta] = field(default_factory=dict)
    _words_since: timedelta = timedelta()
    _rule_words: dict[int, object] = field(default_factory=dict)
    _seen_done: set[str] = field(default_factory=set)
    _undone: set[str] = field(default_factory=set)
    _last_decision: int = 0

    def __post_init__(self) -> None:
        books = sqlite3.connect(f"file:{self.firm.path}?mode=ro", uri=True)
        books.row_factory = sqlite3.Row
        self.ledger = Ledger(books, self.firm.account)
        self.rights = Rights(self.firm)

    def close(self) -> None:
        """Stop watching."""
        self.ledger.books.close()

    def complain(self, what: str) -> None:
        """Say what must not have been."""
        if what not in self.complaints:
            self.complaints.append(what)

    # What a write must have behind it.

    def at_write(self, entry: Entry) -> None:
        """A write is about to change the account. A witness who fails is a complaint.

        The writer takes whatever is raised here for an answer of AWS's that it can't read.
        """
        try:
            self._judge(entry)
        except Exception as error:
            self.complain(f"{entry.operation}: the witness can't judge it: {error!r}")
            raise

    def _judge(self, entry: Entry) -> None:
        self.happened[entry.operation] += 1
        self.ledger.meet_new_questions()
        self._rules_that_decided()
        found = self._intent_of(entry)
        if found is None:
            return
        intent, question = found
        self.sent[intent["execution_id"], intent["step"]] = entry
        for complaint in (
            *self._about_the_moment(entry),
            *self._about_approval(entry, intent, question),
            *self._about_the_world(entry, intent, question),
        ):
            self.complain(f"{entry.operation} for {question.id}: {complaint}")

    def _intent_of(self, entry: Entry) -> tuple[sqlite3.Row, Question] | None:
        """The newest intent, which must be this write's, and its own alone (I4, I5, I14)."""
        newest = self.ledger.rows(
            "SELECT step_event.*, proposal_id FROM step_event "
            "JOIN execution ON execution.id = execution_id "
            "WHERE outcome = 'intended' ORDER BY step_event.number DESC LIMIT 1"
        )
        if not newest:
            self.complain(f"{entry.operation}: nobody had written down that it would be sent")
            return None
        [intent] = newest
        execution, step = intent["execution_id"], intent["step"]
        if (execution, step) in self.sent:
            self.complain(f"{entry.operation}: a second write for one intent")
            return None
        if self.ledger.rows(
            "SELECT 1 FROM step_event WHERE execution_id = ? AND step = ? AND number > ?",
            execution, step, intent["number"],
        ):  # fmt: skip
            self.complain(f"{entry.operation}: what came of it was written down before it")
        return intent, self.ledger.questions[intent["proposal_id"]]

    def _about_the_moment(self, entry: Entry) -> Iterator[str]:
        """Nothing is frozen, the account is live, and this process has its lease (I7, I15)."""
        if self.ledger.is_frozen():
            yield "writes were stopped"
        if self.firm.stop_file.exists():
            yield "the stop file was there"
        if self.ledger.row("SELECT mode FROM account")["mode"] != "live":
            yield "the account is not live"
        lease = self.ledger.row("SELECT * FROM lease")
        if moment(lease["until"]) < entry.at:
            yield "its lease had run out"
        if lease["holder"] != self.firm.holder:
            yield f"the lease is {lease['holder']}'s, and {self.firm.holder} wrote"

    # Who said yes, and to what (I1, I2, I6).

    def _about_approval(
        self, entry: Entry, intent: sqlite3.Row, question: Question
    ) -> Iterator[str]:
        words = self.ledger.decisions(question.id)
        yes = [each for each in words if each["verdict"] == "approve"]
        if any(each["verdict"] == "deny" for each in words):
            yield "someone had said no"
        by_rule = [each for each in yes if each["actor_kind"] == "rule"]
        if by_rule:
            yield from self._by_rule(intent, question, by_rule[-1])
            counted = by_rule
        else:
            counted = [each for each in yes if self._counts(intent, question, each)]
            persons = {person(each["actor_kind"], each["name"]) for each in counted}
            if len(persons) < (2 if question.is_final else 1):
                names = sorted(each["name"] for each in yes)
                yield f"of those who approved ({names}) only {sorted(persons)} count"
        for each in counted:
            plan = json.loads(self.said[question.id, each["name"]])
            do = plan["steps"][intent["step"]]["do"]
            if (do["operation"], do["params"]) != (entry.operation, entry.params):
                yield f"it is not the call that was approved: {do}"

    def _counts(self, intent: sqlite3.Row, question: Question, word: sqlite3.Row) -> bool:
        """Whether a yes of a person counted when this was begun; what was begun is ended."""
        begun = self.ledger.row(
            "SELECT min(at) AS at FROM step_event WHERE outcome = 'intended' AND execution_id = ?",
            intent["execution_id"],
        )
        age = moment(begun["at"]) - moment(word["at"])
        yes = (question.id, word["name"])
        return age <= self._lasts(question) and yes in self.counted.get(self.firm.running, ())

    def _lasts(self, question: Question) -> timedelta:
        if not self.firm.words.strict:
            return 7 * _DAY
        return timedelta(hours=4) if question.is_final else _DAY

    def _by_rule(self, intent: sqlite3.Row, question: Question, word: sqlite3.Row) -> Iterator[str]:
        if self._rule_words.get(word["number"]) != self.firm.words.remediation:
            yield "the rule that approved it is not in force any more"
        if question.finding_id in self._undone:
            yield "it was taken back before, and nobody asked for it again"
        this = self.ledger.row("SELECT * FROM execution WHERE id = ?", intent["execution_id"])
        started, limits = moment(this["started_at"]), self.firm.words.limits
        for span, most in ((timedelta(hours=1), limits.per_hour), (_DAY, limits.per_day)):
            within = [at for at in self._deeds_of_rules() if started - span < at <= started]
            if intent["step"] == 0 and len(within) > most:
                yield f"rules made {len(within)} changes in {span}, and may make {most}"

    def _deeds_of_rules(self) -> list[datetime]:
        """When each change that a rule approved was begun, of which something was sent."""
        begun = {execution for execution, _ in self.sent}
        rows = self.ledger.rows(
            "SELECT DISTINCT execution.id, execution.started_at FROM execution "
            "JOIN decision ON decision.proposal_id = execution.proposal_id "
            "WHERE decision.actor_kind = 'rule' AND decision.verdict = 'approve'"
        )
        return [moment(row["started_at"]) for row in rows if row["id"] in begun]

    # The world as it really is (I3, I9, I11).

    def _about_the_world(
        self, entry: Entry, intent: sqlite3.Row, question: Question
    ) -> Iterator[str]:
        for kind, name in (("user", "UserName"), ("group", "GroupName")):
            arn = f"arn:aws:iam::{ACCOUNT_ID}:{kind}/{entry.params.get(name)}"
            patterns = (OWN_ARN, BREAK_GLASS, *self.firm.words.protected)
            if name in entry.params and any(fnmatchcase(arn, pattern) for pattern in patterns):
                yield f"{arn} is protected"
        until = self.exempt.get(question.finding_id)
        if until is not None and entry.at < until and question.undoes is None:
            yield f"the finding is accepted until {until}"
        if question.undoes is not None and not self._takes_back(question.undoes, entry):
            yield f"{question.undoes} did nothing that this takes back"
        for expectation in question.steps[intent["step"]]["before"]:
            if not fits(expectation, self._truth(expectation["read"]), entry.at):
                yield f"before it, this did not hold: {expectation['why']}"

    def _takes_back(self, execution: str, entry: Entry) -> bool:
        """Whether a write is the opposite of one that an execution made (I9)."""
        wanted = _OPPOSITE[entry.operation], _without_status(entry)
        return any(
            (each.operation, _without_status(each)) == wanted
            and each.params.get("Status") != (entry.params.get("Status") or "?")
            for (of, _), each in self.sent.items()
            if of == execution
        )

    def _truth(self, read: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the account holds, whatever it shows."""
        with self.firm.account.unveiled(), contextlib.suppress(RefusedByAws):
            return answer(self.firm.account, read["operation"], read["params"])
        return None

    # What others saw.

    def approved(self, question: Question, name: str, text: str, *, entitled: bool) -> None:
        """Someone said yes, and was let; `text` is the plan that they were shown."""
        self.happened["approved"] += 1
        if not entitled or (self.firm.directory.down and ACTORS[name].kind == "slack"):
            self.complain(f"{name} was let approve {question.id}")
        self.said[question.id, ACTORS[name].name] = text
        self._undone.discard(question.finding_id)

    def claimed(self, process: str) -> None:
        """A process is about to look again at those who approved what it has claimed."""
        counted: set[tuple[str, str]] = set()
        for name, actor in ACTORS.items():
            for question_id, who in self.said:
                question = self.ledger.questions[question_id]
                unseen = self.firm.directory.down and actor.kind == "slack"
                if who == actor.name and (unseen or self.rights.may_approve(name, question)):
                    counted.add((question_id, who))
        self.counted[process] = frozenset(counted)

    def passes(self, span: timedelta, *, awake: bool) -> None:
        """Time goes by."""
        stopped = self.firm.stop_file.exists() or self.firm.silent is not None
        if (awake or span <= _TOLERATED) and not stopped and not self.ledger.is_frozen():
            self.awake += span

    def reconfigured(self) -> None:
        """The configuration says something else."""
        self._words_since = self.awake

    def delivered(self) -> None:
        """Messages have arrived."""
        for row in self.ledger.rows(
            "SELECT DISTINCT proposal_id FROM message WHERE kind = 'card' AND ts IS NOT NULL"
        ):
            self._told.setdefault(row["proposal_id"], self.awake)

    # What must hold after every step.

    def look(self) -> None:
        """Judge what stands written now (I12, I13, and the grace of rules)."""
        self.ledger.meet_new_questions()
        self._rules_that_decided()
        for row in self.ledger.rows(
            "SELECT subject FROM proposal WHERE state IN ('proposed', 'pending', 'approved', "
            "'executing', 'verifying', 'unknown', 'needs human') GROUP BY subject "
            "HAVING count(*) > 1"
        ):
            self.complain(f"two open questions about {row['subject']}")
        self._what_was_done()

    def _rules_that_decided(self) -> None:
        for row in self.ledger.rows(
            "SELECT decision.*, person_text.text AS name FROM decision JOIN person_text "
            "ON person_text.commitment = decision.actor WHERE number > ? ORDER BY number",
            self._last_decision,
        ):
            self._last_decision = row["number"]
            if row["actor_kind"] != "rule":
                continue
            self.happened["a rule approved"] += 1
            question, words = self.ledger.questions[row["proposal_id"]], self.firm.words.remediation
            self._rule_words[row["number"]] = words
            self.said[question.id, row["name"]] = question.text
            told = self._told.get(question.id)
            span = words.rules[0].grace.time if words.rules else None
            since = max(told or timedelta(), self._words_since)
            if told is None or span is None or self.awake - since < span - _TOLERATED:
                self.complain(f"a rule approved {question.id} before its grace was over")
            if question.finding_id in self._undone or question.undoes:
                self.complain(f"a rule approved {question.id}, which was taken back before")

    def _what_was_done(self) -> None:
        """Whatever is done was seen to be so after the last write, twice (I9, I12)."""
        for row in self.ledger.rows("SELECT * FROM execution WHERE state = 'done'"):
            if row["id"] in self._seen_done:
                continue
            self._seen_done.add(row["id"])
            question = self.ledger.questions[row["proposal_id"]]
            self.happened["undone" if question.undoes else "done"] += 1
            if question.undoes:
                self._undone.add(question.finding_id)
            for number, step in enumerate(question.steps):
                entry = self.sent.get((row["id"], number))
                for expectation in step["after"]:
                    if self._times_seen(expectation, entry) < 2:
                        self.complain(f"{row['id']} is done, and nobody saw {step['name']}")

    def _times_seen(self, expectation: Mapping[str, Any], after: Entry | None) -> int:
        read, start = expectation["read"], -1 if after is None else after.number
        return sum(
            entry.number > start
            and entry.operation == read["operation"]
            and entry.params == read["params"]
            and fits(expectation, entry.answer, entry.at)
            for entry in self.firm.wire.log
        )
