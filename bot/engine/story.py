"""All that happened about one thing as one story: what was asked, what came of it, what is next.

A rotation has several stages, each a question of its own, and all of them are about the old key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import NotFoundError, RefusedError
from bot.model import (
    Account,
    ExecutionRecord,
    FindingRecord,
    FindingStatus,
    Json,
    Manual,
    ProposalRecord,
)
from bot.store import executions, findings, proposals
from bot.store.database import Transaction

#: What the evidence tells of a rotation, in the order in which people want it, and in their words.
_FACTS = (
    ("key_id", "old key"),
    ("created", "made"),
    ("last_used", "last used"),
    ("last_used_service", "last used for"),
    ("last_used_region", "last used in"),
    ("inactive_since", "switched off"),
    ("newer_key", "new key"),
    ("newer_key_created", "new key made"),
    ("newer_key_last_used", "new key last used"),
    ("newer_key_secret", "new key's secret"),
)
_MADE = ("make", "key_id")
_KEPT = "keep"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One question: when it was made, which control asked what, and how it stands."""

    proposal: ProposalRecord
    execution: ExecutionRecord | None

    @property
    def at(self) -> datetime:
        """When it last changed."""
        return self.proposal.changed_at


@dataclass(frozen=True, slots=True)
class Story:
    """What happened about a subject, oldest first.

    `facts` are what was last seen of it, in words; `next` what people are asked to do now.
    """

    account: Account
    subject: str
    name: str
    open: Sequence[FindingRecord]
    chapters: Sequence[Chapter]
    facts: Mapping[str, Json]
    next: Sequence[str]


def story_of(tx: Transaction, any_id: str) -> Story:
    """The story that a finding, a proposal or a key is part of.

    Raises NotFoundError for what is not known, RefusedError where accounts share the subject.
    """
    account_id, subject = _subject(tx, any_id)
    about = [
        each
        for each in findings.list_findings(tx, account=account_id)
        if each.finding.subject == subject
    ]
    asked = proposals.about(tx, account_id, subject)
    if not about and not asked:
        raise NotFoundError(f"nothing is known about {any_id}", hint="`locksmith findings` lists.")
    chapters = [Chapter(each, executions.execution_of(tx, each.id)) for each in asked]
    newest = max(about, key=lambda each: each.last_seen, default=None)
    return Story(
        account=newest.account if newest else asked[-1].account,
        subject=subject,
        name=newest.finding.resource.name if newest else subject,
        open=[each for each in about if each.status is FindingStatus.OPEN],
        chapters=chapters,
        facts={**_facts(newest), **_made(chapters)},
        next=_next(asked),
    )


def _subject(tx: Transaction, any_id: str) -> tuple[str, str]:
    if any_id.startswith("p-"):
        proposal = proposals.get_proposal(tx, any_id)
        return proposal.account.id, proposal.subject
    if any_id.startswith("f-"):
        record = findings.get_finding(tx, any_id)
        return record.account.id, record.finding.subject
    accounts = {
        each.account.id for each in findings.list_findings(tx) if each.finding.subject == any_id
    }
    if len(accounts) > 1:
        raise RefusedError(
            f"{any_id} is known in several accounts: {', '.join(sorted(accounts))}",
            hint="Give the id of a finding or of a proposal.",
        )
    if not accounts:
        raise NotFoundError(
            f"nothing is known about {any_id}",
            hint="Give the id of a finding, of a proposal, or of an access key.",
        )
    return accounts.pop(), any_id


def _facts(newest: FindingRecord | None) -> dict[str, Json]:
    """What the last look saw of a key; nothing for other things, whose finding has it all."""
    if newest is None or newest.finding.resource.key is None:
        return {}
    evidence = newest.finding.evidence
    return {words: evidence[name] for name, words in _FACTS if evidence.get(name) is not None}


def _made(chapters: Sequence[Chapter]) -> dict[str, Json]:
    """The new key of a rotation, and where its secret was put, by what was carried out."""
    for chapter in reversed(chapters):
        execution, name = chapter.execution, chapter.proposal.plan
        if execution is None or isinstance(name, Manual) or execution.undone_by:
            continue
        steps = {step.name: step for step in execution.steps}
        made = steps.get(_MADE[0])
        kept = next((step for step in name.steps if step.name == _KEPT), None)
        if made is None or not made.outputs or kept is None or f"undo-{_MADE[0]}" in steps:
            continue
        return {
            "new key": made.outputs.get(_MADE[1]),
            "new key's secret": kept.do.params.get("SecretId"),
        }
    return {}


def _next(asked: Sequence[ProposalRecord]) -> tuple[str, ...]:
    """What waits for someone: the steps of advice, or the plan that wants an answer."""
    waiting = [each for each in asked if each.state.is_open]
    if not waiting:
        return ()
    last = waiting[-1]
    if isinstance(last.plan, Manual):
        return last.plan.steps
    return (f"{last.id} is {last.state}: {last.plan.summary}",)
