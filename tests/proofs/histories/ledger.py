"""The database as an outsider reads it: plain rows, and questions as they were when they were made.

Nothing of the engine is used for it.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.proofs.histories.quick_account import QuickAccount

_OPEN = "('proposed', 'pending', 'approved', 'executing', 'verifying', 'unknown', 'needs human')"


@dataclass(frozen=True)
class Question:
    """A proposal as it was when it was made. `owner` is what its user's tag said then.

    `steps` is empty for what people do by hand. `user` is the name, `user_id` the unique id.
    """

    id: str
    digest: str
    text: str
    steps: list[Mapping[str, Any]]
    user: str
    user_id: str
    owner: str | None
    finding_id: str
    undoes: str | None

    @property
    def is_final(self) -> bool:
        """Whether a step of it can't be taken back."""
        return any(step["undo"] is None for step in self.steps)


@dataclass
class Ledger:
    """The rows, and the questions by id."""

    books: sqlite3.Connection
    account: QuickAccount
    questions: dict[str, Question] = field(default_factory=dict)

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """What the database says."""
        return self.books.execute(query, values).fetchall()

    def row(self, query: str, *values: Any) -> sqlite3.Row:
        """The same, where there is exactly one row."""
        [found] = self.rows(query, *values)
        return found

    def meet_new_questions(self) -> None:
        """Remember the questions that were made since the last time, as they are now."""
        for row in self.rows(
            "SELECT proposal.*, finding.resource FROM proposal "
            "JOIN finding ON finding.id = proposal.finding_id ORDER BY number"
        ):
            if row["id"] not in self.questions:
                self.questions[row["id"]] = self._question(row)

    def _question(self, row: sqlite3.Row) -> Question:
        resource = json.loads(row["resource"])
        key = resource.get("key") or {}
        user = resource["arn"].rpartition("/")[2]
        known = self.account.state.users.get(user)
        owner = known.tags.get("owner") if known else None
        if row["undoes"]:  # whoever owned the thing when the fix was asked about
            original = self.row("SELECT * FROM execution WHERE id = ?", row["undoes"])
            owner = self.questions[original["proposal_id"]].owner
        plan = json.loads(row["plan"])
        return Question(
            row["id"],
            row["digest"],
            row["plan"],
            plan["steps"] if plan["kind"] == "plan" else [],
            user,
            key.get("user_id") or resource["unique_id"],
            owner,
            row["finding_id"],
            row["undoes"],
        )

    def state(self, proposal_id: str) -> str:
        """Where a proposal stands."""
        return str(self.row("SELECT state FROM proposal WHERE id = ?", proposal_id)["state"])

    def open_questions(self, *states: str) -> list[Question]:
        """The questions that are open, or in one of these states, oldest first."""
        wanted = str(states) if len(states) > 1 else f"('{states[0]}')" if states else _OPEN
        query = f"SELECT id FROM proposal WHERE state IN {wanted} ORDER BY number"  # noqa: S608 - words of ours
        self.meet_new_questions()
        return [self.questions[row["id"]] for row in self.rows(query)]

    def decisions(self, proposal_id: str) -> list[sqlite3.Row]:
        """All words on a question, with the names of those who said them."""
        return self.rows(
            "SELECT decision.*, person_text.text AS name FROM decision JOIN person_text "
            "ON person_text.commitment = decision.actor WHERE proposal_id = ? ORDER BY number",
            proposal_id,
        )

    def is_frozen(self) -> bool:
        """Whether someone has stopped every write."""
        return bool(self.rows("SELECT 1 FROM freeze WHERE ended_at IS NULL"))


def moment(value: str) -> datetime:
    """A time of the database."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def sha256(text: str) -> str:
    """The digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
