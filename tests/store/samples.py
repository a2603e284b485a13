"""Values that the tests of the store keep and read back."""

from bot.model import (
    Account,
    Actor,
    Call,
    Expect,
    Finding,
    FindingRecord,
    Json,
    Manual,
    Operator,
    Origin,
    Plan,
    ProposalRecord,
    ProposalState,
    Resource,
    Risk,
    Severity,
    Step,
    Verdict,
    fingerprint,
)
from bot.store import accounts, findings, proposals
from bot.store.database import Transaction
from bot.store.findings import Observation, SeenFinding
from bot.store.proposals import NewProposal

ACCOUNT = Account("111122223333")
OTHER_ACCOUNT = Account("444455556666", "aws-cn")
ALICE = Actor("local", "alice@desk", "arn:aws:iam::111122223333:user/alice")
BOB = Actor("local", "bob@desk")
CONTROL = "unused-access-key"


def finding(
    subject: str = "AKIA1",
    control: str = CONTROL,
    severity: Severity = Severity.HIGH,
    **evidence: Json,
) -> Finding:
    """A finding about a subject."""
    resource = Resource("access-key", "carol", ACCOUNT.iam_arn("user/carol"), subject)
    return Finding(control, subject, resource, severity, f"{subject} is unused", evidence)


def seen(subject: str = "AKIA1", *aliases: str, control: str = CONTROL) -> SeenFinding:
    """A finding as a scan gives it; aliases by their subjects."""
    known = tuple(fingerprint(ACCOUNT, control, alias) for alias in aliases)
    return SeenFinding(finding(subject, control), "unused_credentials", known)


def observe(
    tx: Transaction, *items: SeenFinding, complete: frozenset[str] = frozenset({CONTROL})
) -> Observation:
    """A look at ACCOUNT that saw these."""
    accounts.ensure_account(tx, ACCOUNT)
    return findings.observe(tx, ACCOUNT, items, complete_controls=complete, actor=ALICE)


def only(observation: Observation) -> FindingRecord:
    """The one finding that was seen."""
    (record,) = observation.records.values()
    return record


def plan(subject: str = "AKIA1", user: str = "carol") -> Plan:
    """A plan of one reversible step."""
    read = Call("iam", "ListAccessKeys", {"UserName": user})
    path = f"AccessKeyMetadata[?AccessKeyId=='{subject}'].Status | [0]"

    def set_to(status: str) -> Call:
        params = {"UserName": user, "AccessKeyId": subject, "Status": status}
        return Call("iam", "UpdateAccessKey", params)

    step = Step(
        "deactivate",
        f"Deactivate {subject}",
        Risk.REVERSIBLE,
        (Expect(read, path, Operator.EQUALS, "Active"),),
        set_to("Inactive"),
        (Expect(read, path, Operator.EQUALS, "Inactive"),),
        undo=set_to("Active"),
    )
    return Plan(ACCOUNT, subject, (step,), f"Deactivate {subject}", ("Whoever uses it",))


def manual(subject: str = "root") -> Manual:
    """A fix that people make."""
    return Manual(ACCOUNT, subject, "AWS has no API for it", ("Sign in as root", "Add MFA"))


def question(
    subject: str = "AKIA1", finding_id: str | None = None, of: Plan | Manual | None = None
) -> NewProposal:
    """A proposal to be made."""
    return NewProposal(ACCOUNT, subject, Origin.FINDING, of or plan(subject), CONTROL, finding_id)


def propose(tx: Transaction, subject: str = "AKIA1") -> ProposalRecord:
    """A new proposal in ACCOUNT."""
    accounts.ensure_account(tx, ACCOUNT)
    return proposals.propose_many(tx, [question(subject)], ALICE)[0]


def approve(tx: Transaction, proposal: ProposalRecord, actor: Actor = ALICE) -> ProposalRecord:
    """Decide and move, as the service does."""
    proposals.decide(tx, proposal.id, proposal.digest, Verdict.APPROVE, actor, "seen with the team")
    return move(tx, proposal, ProposalState.APPROVED, actor=actor)


def move(
    tx: Transaction, proposal: ProposalRecord, to: ProposalState, actor: Actor = ALICE
) -> ProposalRecord:
    """Move from the state that the record is in."""
    return proposals.move(
        tx, proposal.id, expected=proposal.state, to=to, why=f"{to} by {actor}", actor=actor
    )
