"""The hash chain: how an audit row is hashed, and how rows are appended to the log.

Each row's hash covers its content and the hash of the row before it. Personal fields are hashed
as salted commitments, so that their text can be erased later and the chain still verifies.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from bot.model import Actor, AuditEvent, Json
from bot.store.batches import batches
from bot.store.columns import to_json
from bot.store.tables import audit, audit_head, person_text

ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the log: its number (0 for none) and hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be recorded. `people` holds the fields with personal text, by name.

    `event` reads `thing.happened`. Names in `people` and `data` must differ.
    """

    event: str
    account: str | None = None
    subject: str | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


def genesis(database_id: str) -> str:
    """What the first row of this database's log follows on."""
    return hashlib.sha256(f"locksmith audit log of {database_id}".encode()).hexdigest()


def row_hash(
    seq: int,
    at: datetime,
    event: str,
    actor_kind: str,
    actor: str,
    account: str | None,
    subject: str | None,
    data: str,
    people: str,
    previous: str,
) -> str:
    """SHA-256 over a row's columns as one unambiguous text; `at` must be UTC."""
    content = [
        seq,
        at.isoformat(timespec="microseconds"),
        event,
        actor_kind,
        actor,
        account,
        subject,
        data,
        people,
        previous,
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def commitment(salt: str, text: str) -> str:
    """What stands for a personal text in rows that are never changed."""
    return hashlib.sha256(json.dumps([salt, text]).encode()).hexdigest()


class Appender:
    """Appends to the log within one transaction that holds the lock on its head."""

    def __init__(self, connection: Connection, now: datetime, head: Head) -> None:
        self._connection = connection
        self._now = now
        self._head = head
        self._commitments: dict[str, str] = {}

    def commit_to(self, texts: Iterable[str]) -> Mapping[str, str]:
        """The commitment for each text, kept with its salt; one per text and transaction."""
        rows = []
        for text in texts:
            if text in self._commitments:
                continue
            salt = secrets.token_hex(16)
            self._commitments[text] = commitment(salt, text)
            rows.append({"commitment": self._commitments[text], "salt": salt, "text": text})
        if rows:
            self._connection.execute(insert(person_text), rows)
        return self._commitments

    def append(self, event: NewEvent, actor: Actor) -> AuditEvent:
        """Append one event; returns it as it stands in the log."""
        people = _people(event, actor)
        row = self._row(self._head, event, people, actor, self._hidden(actor, [people]))
        self._insert([row])
        data = {**event.data, **people}
        return AuditEvent(
            row["seq"],
            self._now,
            event.event,
            str(actor),
            event.account,
            event.subject,
            data,
            row["previous"],
            row["hash"],
        )

    def append_many(self, events: Sequence[NewEvent], actor: Actor) -> None:
        """Append these events by one actor, in order."""
        for some in batches(events):
            named = [_people(event, actor) for event in some]
            hidden = self._hidden(actor, named)
            rows, head = [], self._head
            for event, people in zip(some, named, strict=True):
                rows.append(self._row(head, event, people, actor, hidden))
                head = Head(rows[-1]["seq"], rows[-1]["hash"])
            self._insert(rows)

    def _hidden(self, actor: Actor, named: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
        return self.commit_to([actor.name, *(text for people in named for text in people.values())])

    def _insert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        head = Head(rows[-1]["seq"], rows[-1]["hash"])
        self._connection.execute(insert(audit), rows)
        self._connection.execute(update(audit_head).values(seq=head.seq, hash=head.hash))
        self._head = head

    def _row(
        self,
        head: Head,
        event: NewEvent,
        people: Mapping[str, str],
        actor: Actor,
        hidden: Mapping[str, str],
    ) -> dict[str, Any]:
        """The row behind this head, with its hash."""
        row: dict[str, Any] = {
            "seq": head.seq + 1,
            "at": self._now,
            "event": event.event,
            "actor_kind": actor.kind,
            "actor": hidden[actor.name],
            "account": event.account,
            "subject": event.subject,
            "data": to_json(event.data),
            "people": to_json({name: hidden[text] for name, text in people.items()}),
            "previous": head.hash,
        }
        return {**row, "hash": row_hash(**row)}


def _people(event: NewEvent, actor: Actor) -> dict[str, str]:
    people = {name: text for name, text in event.people.items() if text}
    if actor.aws_arn:
        people["actor_arn"] = actor.aws_arn
    both = people.keys() & event.data.keys()
    if both:
        raise ValueError(f"{event.event}: {', '.join(sorted(both))} is both data and personal")
    return people
