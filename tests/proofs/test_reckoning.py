"""The reckoning catches each thing that it is there for: true records pass, forged ones don't."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.aws.simulated.call_log import LoggedCall
from bot.model import Actor, Json, Outcome, Plan, ProposalState, Verdict
from bot.store import executions, heard, messages, proposals
from bot.store.database import Store, Transaction
from bot.store.messages import NewMessage
from tests.conftest import NOON
from tests.proofs.reckoning import Said, Shown, unaccounted
from tests.store.samples import ALICE, move, propose

ANN = Actor("slack", "T1/U1")
DONE = "Done: the effect was observed"


@dataclass
class Records:
    """What ann's yes on a key left behind, everywhere."""

    store: Store
    proposal: str
    said: list[Said] = field(default_factory=list)
    writes: list[LoggedCall] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def sentences(self) -> list[str]:
        with self.store.engine.connect() as connection:
            return list(unaccounted(connection, self.writes, self.shown, self.said))

    def forge(self, statement: str) -> None:
        """Change rows past everything that looks after them."""
        with self.store.engine.begin() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture
def records(sqlite_store: Store) -> Records:
    """All true: approved, written down, sent once, observed, told."""
    store = sqlite_store
    with store.write() as tx:
        proposal = propose(tx)
        tell(tx, "card", proposal.id, {"role": "owner"})
        proposals.decide(tx, proposal.id, proposal.digest, Verdict.APPROVE, ANN, "")
        proposal = move(tx, proposal, ProposalState.APPROVED, actor=ANN)
        proposal = move(tx, proposal, ProposalState.EXECUTING)
        execution = executions.start_execution(tx, proposal, ALICE)
        executions.intend(tx, execution, 0, "deactivate", seen_before={})
        executions.settle_step(tx, execution, 0, Outcome.HOLDS)
        proposal = move(tx, proposal, ProposalState.VERIFYING)
        move(tx, proposal, ProposalState.DONE)
        executions.finish_execution(tx, execution, ProposalState.DONE, "")
        tell(tx, "outcome", proposal.id, {})
    assert isinstance(proposal.plan, Plan)
    do = proposal.plan.steps[0].do
    sent = LoggedCall(
        1, (NOON + timedelta(seconds=1)).isoformat(), "iam", do.operation, dict(do.params),
        applied=True,
    )  # fmt: skip
    made = Records(store, proposal.id)
    made.said.append(Said("approve", "U1", proposal.id, proposal.digest))
    made.writes.append(sent)
    with store.write() as tx:
        for each in messages.messages_of(tx, proposal.id):
            messages.edited(tx, each.id, each.wanted, "")
            made.shown.append(Shown(each.id, DONE))
    return made


def tell(tx: Transaction, kind: str, proposal_id: str, data: dict[str, Json]) -> None:
    """A message to ann that is in Slack and says what it must."""
    new = NewMessage(f"{kind}:{proposal_id}", kind, "U1", proposal_id, data)
    row = messages.tell(tx, new)
    messages.posted(tx, row.id, "D1", f"{kind}.1", row.wanted, "")


def test_what_is_true_adds_up(records: Records) -> None:
    assert records.sentences() == []


def lost(records: Records) -> None:
    """Ben's click was acknowledged, and nothing is written down."""
    records.said.append(replace(records.said[0], who="U2"))


def other_plan(records: Records) -> None:
    records.said.append(replace(records.said[0], digest="sha256:other"))


def lost_words(records: Records) -> None:
    records.said.append(replace(records.said[0], verb="deny", words="because-1"))


def lost_undo(records: Records) -> None:
    records.said.append(Said("undo", "U1", "x-abcde", ""))


def lost_exemption(records: Records) -> None:
    records.said.append(replace(records.said[0], verb="exempt", words="because-2"))


def repeated(records: Records) -> None:
    records.writes *= 2


def unmeant(records: Records) -> None:
    records.writes.append(replace(records.writes[0], operation="DeleteAccessKey"))


def too_early(records: Records) -> None:
    """Sent before it was intended."""
    early = (NOON - timedelta(seconds=1)).isoformat()
    records.writes[0] = replace(records.writes[0], at=early)


def not_done(records: Records) -> None:
    records.writes.clear()


def refused_by_aws(records: Records) -> None:
    records.writes[0] = replace(records.writes[0], applied=False)


def doubled(records: Records) -> None:
    records.shown.append(records.shown[0])


def stranger(records: Records) -> None:
    records.shown.append(Shown("m-nobody", "hello"))


def vanished(records: Records) -> None:
    records.shown.pop()


def boasting(records: Records) -> None:
    """The message says that it was done, and it failed."""
    records.forge("UPDATE proposal SET state = 'failed'")


def under_way(records: Records) -> None:
    records.forge("UPDATE proposal SET state = 'unknown'")


def untold(records: Records) -> None:
    records.forge("UPDATE message SET told = wanted - 1 WHERE kind = 'card'")


def on_its_way(records: Records) -> None:
    records.forge("UPDATE message SET sending_since = created_at")


def waiting(records: Records) -> None:
    with records.store.write() as tx:
        heard.note(tx, "button", "approve", {}, "nobody/1/2")


def no_outcome(records: Records) -> None:
    records.forge("UPDATE message SET kind = 'notice' WHERE kind = 'outcome'")


@pytest.mark.parametrize(
    ("forge", "sentence"),
    [
        (lost, "was acknowledged, and no decision or refusal"),
        (other_plan, "was acknowledged, and no decision or refusal"),
        (lost_words, "was acknowledged, and no decision or refusal"),
        (lost_undo, "was acknowledged, and nothing came of it"),
        (lost_exemption, "was acknowledged, and no decision or refusal"),
        (repeated, "was sent 2 times"),
        (unmeant, "reached the cloud, and nobody had intended it"),
        (too_early, "reached the cloud, and nobody had intended it"),
        (not_done, "is done, and its step 0 never took effect"),
        (refused_by_aws, "holds, and the cloud never saw it"),
        (doubled, "is in Slack 2 times"),
        (stranger, "is in Slack, and nobody wrote it"),
        (vanished, "is not in Slack"),
        (boasting, "was done, and it is not"),
        (under_way, "is still unknown"),
        (untold, "was not told"),
        (on_its_way, "was not told"),
        (waiting, "was acknowledged, and nobody has dealt with it"),
        (no_outcome, "was not told how"),
    ],
)
def test_what_is_forged_is_found(
    records: Records, forge: Callable[[Records], None], sentence: str
) -> None:
    forge(records)
    assert any(sentence in each for each in records.sentences()), records.sentences()


def refusal(store: Store, proposal: str, verdict: str, why: str = "") -> None:
    with store.write() as tx:
        people = {"why": why} if why else {}
        data = {"verdict": verdict}
        tx.record("decision.refused", actor=ANN, subject=proposal, data=data, people=people)


def test_a_refusal_that_is_written_down_is_an_answer(records: Records) -> None:
    records.said.append(replace(records.said[0], verb="deny", words="too late"))
    refusal(records.store, records.proposal, "approve")
    assert records.sentences(), "that was another one"
    refusal(records.store, records.proposal, "deny")
    assert records.sentences() == []


def test_but_not_where_the_question_is_still_open(records: Records) -> None:
    """A yes that was refused for what passes by is a yes that was lost."""
    refusal(records.store, records.proposal, "approve")
    records.forge("UPDATE proposal SET state = 'pending'")
    records.said[0] = replace(records.said[0], digest="sha256:other")
    assert any("the question is still open" in each for each in records.sentences())


@pytest.mark.parametrize(
    ("undoes", "lost"),
    [
        ("UPDATE proposal SET undoes = 'x-before'", False),
        ("UPDATE proposal SET undoes = NULL", True),
    ],
)
def test_but_for_a_taking_back_of_what_is_gone(records: Records, undoes: str, lost: bool) -> None:
    """Nobody but security can answer it any more; a fix ends with the next scan."""
    why = "the security group only (the tag owner changed since this was asked)"
    refusal(records.store, records.proposal, "approve", why)
    records.forge("UPDATE proposal SET state = 'pending'")
    records.forge(undoes)
    records.said[0] = replace(records.said[0], digest="sha256:other")
    still_open = any("the question is still open" in each for each in records.sentences())
    assert still_open is lost


def test_a_change_that_is_denied_though_it_was_made_is_found(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        proposal = move(tx, propose(tx), ProposalState.APPROVED)
        proposal = move(tx, proposal, ProposalState.EXECUTING)
        execution = executions.start_execution(tx, proposal, ALICE)
        executions.intend(tx, execution, 0, "deactivate", seen_before={})
        executions.settle_step(tx, execution, 0, Outcome.NOT_APPLIED)
        move(tx, proposal, ProposalState.FAILED)
    assert isinstance(proposal.plan, Plan)
    do = proposal.plan.steps[0].do
    records = Records(sqlite_store, proposal.id)
    assert records.sentences() == []
    records.writes.append(
        LoggedCall(1, NOON.isoformat(), "iam", do.operation, dict(do.params), applied=True)
    )
    assert any("is called not applied, and it was" in each for each in records.sentences())
