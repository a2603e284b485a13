"""Who is an administrator: documents that give everything, and principals who can give it.

Two questions, each answered on its safe side. A *document* grants full administration if one
Allow takes in everything and leaves any action that hands out rights. A *principal* administers
if, over all its documents and its boundary, it can do each of a few IAM writes on any identity.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.policy.cannot_tell import CannotTell
from bot.policy.decision import Decision, Verdict, decide, match_statement
from bot.policy.document import Condition, Document, Statement
from bot.policy.expansion import all_actions, statement_actions
from bot.policy.matching import Match, action_covers, match_resource

# What a working administrator can do to any identity; each with the resource that it acts on.
ADMINISTRATION: dict[str, str] = {
    "iam:AttachUserPolicy": "user",
    "iam:PutUserPolicy": "user",
    "iam:UpdateAccessKey": "user",
    "iam:CreatePolicyVersion": "policy",
}
# Each of these alone leads from "nearly everything" to everything.
_HANDING_OUT: dict[str, str] = ADMINISTRATION | {
    "iam:AttachGroupPolicy": "group",
    "iam:PutGroupPolicy": "group",
    "iam:AddUserToGroup": "group",
    "iam:AttachRolePolicy": "role",
    "iam:PutRolePolicy": "role",
    "iam:UpdateAssumeRolePolicy": "role",
    "iam:SetDefaultPolicyVersion": "policy",
    "iam:CreateAccessKey": "user",
    "iam:CreateLoginProfile": "user",
    "iam:UpdateLoginProfile": "user",
}
# Every action is one text, a colon, another text.
_EVERY_ACTION = "?*:?*"
# Share of all known actions from which a list of patterns counts as everything.
_NEARLY_ALL = 0.9
# An account that no policy names, for statements that hold in every account.
_ANY_ACCOUNT = "000000000000"
_NAMED_ACCOUNT = re.compile(r":(\d{12}):")
# An identity nobody has named in a policy: what holds for it holds for identities in general.
_SOMEONE = "locksmith-looks-for-anyone"


@dataclass(frozen=True, slots=True)
class FullAccess:
    """The Allow statements of one document that make an administrator of whoever has it.

    `conditional`: every one of them depends on a condition, its own or a Deny's.
    """

    statements: tuple[Statement, ...]
    conditional: bool


class Answer(StrEnum):
    """Whether a principal administers its account."""

    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Administration:
    """The answer, the reason in words, the statement that settles it, and the open conditions."""

    answer: Answer
    reason: str
    statement: Statement | None = None
    conditions: tuple[Condition, ...] = ()


@lru_cache(maxsize=8192)
def grants_full_administration(
    document: Document, *, account_id: str = _ANY_ACCOUNT, partition: str = "aws"
) -> FullAccess | None:
    """The Allow statements in `document` that amount to administrator access; None if none does.

    Full: all actions (`*`, `*:*` and their like, or NotAction) on all resources (`*` and its like,
    or NotResource), with at least one IAM action that hands out rights left after the Deny
    statements of the same document. CIS AWS Foundations 1.16 (1.15 in 5.0), FSBP IAM.1.
    Without `account_id`, a Deny on one account's ARNs takes nothing back.
    """
    account = _Account(account_id, partition)
    denies = tuple(one for one in document.statements if one.effect == "Deny")
    left = {
        statement: _left_to_hand_out(statement, denies, account)
        for statement in document.statements
        if _is_broad(statement, account)
    }
    found = tuple(statement for statement, match in left.items() if match is not Match.NO)
    return FullAccess(found, conditional=Match.YES not in left.values()) if found else None


def is_universal(statement: Statement) -> bool:
    """Whether the statement's actions are everything (`*` and its like), or all but a list."""
    if statement.not_actions:
        return True
    wild = (pattern for pattern in statement.actions if not pattern.strip("*?:"))
    return any(action_covers(pattern, _EVERY_ACTION) for pattern in wild)


def administers_iam(document: Document) -> Administration:
    """Whether `document` alone makes a working administrator of IAM."""
    return full_administration_of((document,))


def full_administration_of(
    documents: Iterable[Document | CannotTell],
    boundary: Document | CannotTell | None = None,
    *,
    account_id: str = "",
    partition: str = "aws",
) -> Administration:
    """Whether a principal with these documents and this boundary is a working administrator.

    `documents` are all of them: its own and its groups', inline and managed; a CannotTell stands
    for one that could not be read. Without `account_id`, the answer is CONDITIONAL where it hangs
    on which account this is. Organisation and session policies are not known here.
    """
    given = (*documents, boundary)
    unread = [one for one in given if isinstance(one, CannotTell)]
    read = tuple(one for one in given[:-1] if isinstance(one, Document))
    bound = boundary if isinstance(boundary, Document) else None
    accounts = {account_id} if account_id else _accounts_in((*read, bound))
    answers = [_answer(read, bound, unread, _Account(one, partition)) for one in sorted(accounts)]
    if len({one.answer for one in answers}) > 1:
        reason = "it depends on which account this is, since statements name accounts"
        return Administration(Answer.CONDITIONAL, reason, answers[0].statement)
    return answers[0]


@dataclass(frozen=True, slots=True)
class _Account:
    """Where the sample identities of a question live."""

    id: str
    partition: str

    def probes(self, actions: dict[str, str]) -> Iterator[tuple[str, str]]:
        """Each action with the ARN of somebody that it could act on."""
        for action, kind in actions.items():
            yield action, f"arn:{self.partition}:iam::{self.id}:{kind}/{_SOMEONE}"


def _accounts_in(documents: Iterable[Document | None]) -> set[str]:
    texts = (one.raw for one in documents if one is not None)
    return {_ANY_ACCOUNT}.union(*(_NAMED_ACCOUNT.findall(text) for text in texts))


def _answer(
    documents: Sequence[Document],
    boundary: Document | None,
    unread: Sequence[CannotTell],
    account: _Account,
) -> Administration:
    decisions = [
        (action, decide(action, resource, documents, boundary))
        for action, resource in account.probes(ADMINISTRATION)
    ]
    if unread:
        return _with_unread(unread, decisions)
    for action, decision in decisions:
        if decision.verdict in (Verdict.DENIED, Verdict.NOT_GRANTED):
            return Administration(Answer.NO, f"{action}: {decision.reason}", decision.statement)
    for action, decision in decisions:
        if decision.verdict is Verdict.CONDITIONAL:
            return Administration(
                Answer.CONDITIONAL,
                f"{action}: {decision.reason}",
                decision.statement,
                tuple(one for part in decision.depends_on for one in part.conditions),
            )
    _, first = decisions[0]
    return Administration(Answer.YES, first.reason, first.statement)


def _with_unread(
    unread: Sequence[CannotTell], decisions: Sequence[tuple[str, Decision]]
) -> Administration:
    """A Deny that was read stands whatever the rest says; everything else is open."""
    for action, decision in decisions:
        if decision.verdict is Verdict.DENIED:
            return Administration(Answer.NO, f"{action}: {decision.reason}", decision.statement)
    first = unread[0]
    return Administration(Answer.CANNOT_TELL, f"{first.subject} could not be read: {first.reason}")


def _left_to_hand_out(
    statement: Statement, denies: Sequence[Statement], account: _Account
) -> Match:
    """Whether `statement` hands out any right that no Deny takes back; MAYBE on a condition."""
    left = Match.NO
    for action, arn in account.probes(_HANDING_OUT):
        denied = max((match_statement(deny, action, arn) for deny in denies), default=Match.NO)
        kept = min(match_statement(statement, action, arn), Match(Match.YES - denied))
        left = max(left, kept)
    return left


def _is_broad(statement: Statement, account: _Account) -> bool:
    """Whether an Allow is about all resources and, in principle, all actions."""
    if statement.effect != "Allow" or not _takes_in_all_resources(statement, account):
        return False
    if is_universal(statement):
        return True
    return _has_wildcard_service(statement) and _nearly_all_actions(statement)


def _takes_in_all_resources(statement: Statement, account: _Account) -> bool:
    if statement.not_resources or not statement.resources:
        return True
    samples = [f"arn:{account.partition}:s3:::{_SOMEONE}"]
    samples += [arn for _, arn in account.probes(_HANDING_OUT)]
    return any(
        all(match_resource(pattern, sample) is Match.YES for sample in samples)
        for pattern in statement.resources
    )


def _has_wildcard_service(statement: Statement) -> bool:
    services = (pattern.partition(":")[0] for pattern in statement.actions)
    return any("*" in service or "?" in service for service in services)


def _nearly_all_actions(statement: Statement) -> bool:
    """Whether patterns such as `a*:*`, `b*:*`, … add up to nearly every known action."""
    return len(statement_actions(statement).actions) >= _NEARLY_ALL * len(all_actions())
