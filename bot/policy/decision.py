"""Whether a principal's documents and boundary allow an action: a small, careful evaluator.

It knows identity policies and the permissions boundary, not organisation policies, resource
policies or session policies; who asks says so. A condition is never guessed: what depends on one
is CONDITIONAL.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.policy.document import Document, Effect, Statement
from bot.policy.matching import Match, match_resource
from bot.policy.meaning import applies


class Verdict(StrEnum):
    """What the documents say of an action; CONDITIONAL is neither yes nor no."""

    ALLOWED = "allowed"
    DENIED = "denied"
    CONDITIONAL = "conditional"
    NOT_GRANTED = "not granted"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, the reason in words, and the statement that settles it, if one does.

    `depends_on` are the statements that leave a CONDITIONAL verdict open.
    """

    verdict: Verdict
    reason: str
    statement: Statement | None = None
    depends_on: tuple[Statement, ...] = ()


def decide(
    action: str,
    resource: str,
    documents: Iterable[Document],
    boundary: Document | None = None,
) -> Decision:
    """What `documents` (all of one principal's) say of `action` (`service:name`) on `resource`.

    `resource` is an ARN, or a pattern for "on all of these": ALLOWED and DENIED then hold for all
    of them, CONDITIONAL if it differs among them. No boundary means that none is set.
    """
    documents = tuple(documents)
    bounds = () if boundary is None else (boundary,)
    denies = _matching("Deny", action, resource, (*documents, *bounds))
    for match, statement in denies:
        if match is Match.YES:
            return Decision(Verdict.DENIED, f"{statement.label} denies it", statement)
    allow = _best(_matching("Allow", action, resource, documents))
    if allow is None:
        return Decision(Verdict.NOT_GRANTED, "no statement allows it")
    bound = _best(_matching("Allow", action, resource, bounds))
    if bounds and bound is None:
        return Decision(Verdict.NOT_GRANTED, "the permissions boundary doesn't allow it")
    granting = (allow, bound) if bound is not None else (allow,)
    depends_on = tuple(one for match, one in (*granting, *denies) if match is Match.MAYBE)
    if depends_on:
        reason = _why_open(depends_on)
        return Decision(Verdict.CONDITIONAL, reason, allow[1], depends_on)
    return Decision(Verdict.ALLOWED, f"{allow[1].label} allows it", allow[1])


def match_statement(statement: Statement, action: str, resource: str) -> Match:
    """Whether `statement` applies to the action on the resource; a condition makes it MAYBE.

    A statement without any resource element (a trust policy's) applies to every resource.
    """
    if not applies_to_action(statement, action):
        return Match.NO
    match = _match_resources(statement, resource)
    return min(match, Match.MAYBE) if statement.conditions else match


def applies_to_action(statement: Statement, action: str) -> bool:
    """Whether the Action or NotAction element of `statement` takes in the action."""
    return applies(statement, action)


def _match_resources(statement: Statement, resource: str) -> Match:
    if statement.not_resources:
        excluded = max(match_resource(pattern, resource) for pattern in statement.not_resources)
        return Match(Match.YES - excluded)
    if not statement.resources:
        return Match.YES
    return max(match_resource(pattern, resource) for pattern in statement.resources)


def _matching(
    effect: Effect, action: str, resource: str, documents: Sequence[Document]
) -> list[tuple[Match, Statement]]:
    return [
        (match, statement)
        for statement in _statements(effect, documents)
        if (match := match_statement(statement, action, resource)) is not Match.NO
    ]


def _statements(effect: Effect, documents: Sequence[Document]) -> Iterator[Statement]:
    for document in documents:
        yield from (one for one in document.statements if one.effect == effect)


def _best(found: list[tuple[Match, Statement]]) -> tuple[Match, Statement] | None:
    return max(found, key=lambda pair: pair[0], default=None)


def _why_open(statements: Sequence[Statement]) -> str:
    first = statements[0]
    if first.conditions:
        keys = ", ".join(dict.fromkeys(condition.key for condition in first.conditions))
        return f"{first.label} ({first.effect}) depends on a condition on {keys}"
    return f"{first.label} ({first.effect}) is about some of these resources only"
