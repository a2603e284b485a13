"""What must hold of a whole history, once nothing is under way any more."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.proofs.histories.ledger import Ledger, moment, sha256
from tests.proofs.histories.witness import Witness

#: Which state may follow which, as docs/states.md has it.
_ENDS = {"denied", "snoozed", "expired", "stale", "cancelled", "blocked"}
_FOLLOWS: Mapping[str, set[str]] = {
    "proposed": _ENDS | {"pending", "approved", "done"},
    "pending": _ENDS | {"approved", "done"},
    "approved": (_ENDS - {"snoozed"}) | {"executing"},
    "executing": {"verifying", "approved", "stale", "blocked", "denied", "failed", "unknown",
                  "needs human"},
    "verifying": {"done", "unknown", "needs human"},
    "unknown": {"done", "failed", "needs human"},
    "needs human": {"cancelled"},
}  # fmt: skip
#: What others do to the account.
OUTSIDERS = ("key turned", "key used", "user made again", "user removed", "policies changed")
_UNDER_WAY = {"executing", "verifying", "unknown"}


def judge(witness: Witness) -> Iterator[str]:
    """What is not as it must be, in sentences."""
    ledger = witness.ledger
    yield from _left_open(ledger, witness.tampered)
    yield from _intents_and_writes(witness)
    yield from _lies(witness)
    yield from _stories(ledger, witness.tampered)
    yield from _chain(ledger)


def _left_open(ledger: Ledger, tampered: set[str]) -> Iterator[str]:
    """Every execution came to an end, or to a person (I10)."""
    for row in ledger.rows("SELECT id, state FROM proposal"):
        if row["state"] in _UNDER_WAY and row["id"] not in tampered:
            yield f"{row['id']} is {row['state']} after all was settled"
    for row in ledger.rows("SELECT id FROM execution WHERE finished_at IS NULL"):
        yield f"{row['id']} never ended"


def _intents_and_writes(witness: Witness) -> Iterator[str]:
    """Every write has its intent, and what is said to be answered was sent (I14)."""
    for row in witness.ledger.rows("SELECT * FROM step_event WHERE outcome = 'answered'"):
        if (row["execution_id"], row["step"]) not in witness.sent:
            yield f"{row['execution_id']} {row['name']}: answered, and never sent"
    matched = {entry.number for entry in witness.sent.values()}
    stray = [each for each in witness.firm.wire.writes if each.number not in matched]
    if stray:
        yield f"{len(stray)} writes are nobody's: {stray}"


def _lies(witness: Witness) -> Iterator[str]:
    """What is said to have failed, or to be not applied, did not happen.

    Where others changed the account, looking may find their change instead of ours.
    """
    if any(witness.happened[edit] for edit in OUTSIDERS):
        return
    for row in witness.ledger.rows(
        "SELECT execution_id, step FROM step_event WHERE number IN "
        "(SELECT max(number) FROM step_event GROUP BY execution_id, step) "
        "AND outcome = 'not applied'"
    ):
        entry = witness.sent.get((row["execution_id"], row["step"]))
        if entry is not None and entry.applied:
            yield f"step {row['step']} of {row['execution_id']} was applied, and it says it wasn't"


def _stories(ledger: Ledger, tampered: set[str]) -> Iterator[str]:
    """Each proposal went from state to state as it may, and stands where it went last (I8)."""
    moves: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in ledger.rows(
        "SELECT subject, data FROM audit WHERE event = 'proposal.moved' ORDER BY seq"
    ):
        moves[row["subject"]].append(json.loads(row["data"]))
    for row in ledger.rows("SELECT id, state FROM proposal"):
        if row["id"] in tampered:
            continue
        state = "proposed"
        for move in moves[row["id"]]:
            if move["from"] != state or move["to"] not in _FOLLOWS.get(state, ()):
                yield f"{row['id']} was {state}, and the log has {move}"
            state = move["to"]
        if row["state"] != state:
            yield f"{row['id']} is {row['state']}, and the log says {state}"


def _chain(ledger: Ledger) -> Iterator[str]:
    """Every row's hash is that of its content and of the row before it (I8)."""
    of = ledger.row("SELECT database_id FROM schema_info")["database_id"]
    before, expected = sha256(f"locksmith audit log of {of}"), 0
    for row in ledger.rows("SELECT * FROM audit ORDER BY seq"):
        expected += 1
        names = ("event", "actor_kind", "actor", "account", "subject", "data", "people")
        at = moment(row["at"]).isoformat(timespec="microseconds")
        content = [row["seq"], at, *(row[name] for name in names), before]
        before = sha256(json.dumps(content, separators=(",", ":")))
        if row["seq"] != expected or row["hash"] != before:
            yield f"the log breaks at {row['seq']}"
            return
    head = ledger.row("SELECT * FROM audit_head")
    if (head["seq"], head["hash"]) != (expected, before):
        yield "the log ends elsewhere than its head says"
