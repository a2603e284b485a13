"""The policies that people of the account wrote, and what each allows on everything there is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.model import Finding, Json, Resource, Severity, Snapshot, is_placed_by_locksmith
from bot.policy import (
    Document,
    PolicyDocumentError,
    Statement,
    parse_document,
    statement_actions,
    takes_in_all,
)
from remediations._policy_reads import Holder, kind_of
from remediations.least_privilege._documents import full_access
from remediations.least_privilege._holders import Meant, holders, said

#: Longer lists in evidence and advice are cut, and say so.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Written:
    """A managed policy of the account's own, or an inline one: who holds it and what it says.

    `subject` is what all questions about its access levels are about.
    """

    subject: str
    resource: Resource
    name: str
    held_by: tuple[Holder, ...]
    document: Document


def written(snapshot: Snapshot, administrators: tuple[str, ...]) -> Iterator[Written]:
    """All that are held by somebody who is not meant to be an administrator.

    Left out are those that grant everything (`full-admin-policy` asks about them), Locksmith's
    fences, and documents that can't be read.
    """
    meant = Meant(snapshot, administrators)
    held = _holders_by_policy(snapshot)
    for policy in snapshot.customer_policies:
        found = tuple(each for each in held.get(policy.arn, ()) if meant.why(each) is None)
        document = _document(policy.default.text, policy.name, snapshot) if found else None
        if document:
            resource = Resource("policy", policy.name, policy.arn, policy.id)
            subject = f"{policy.id}/access-levels"
            yield Written(subject, resource, policy.name, found, document)
    for holder in holders(snapshot):
        if not holder.inline or meant.why(holder) is not None:
            continue
        for inline in holder.inline:
            name = f"{inline.name} of {said(holder)}"
            posing = is_placed_by_locksmith(inline.name)
            document = None if posing else _document(inline.text, name, snapshot)
            if document:
                resource = Resource(kind_of(holder).lower(), holder.name, holder.arn, holder.id)
                subject = f"{holder.id}/inline/{inline.name}/access-levels"
                yield Written(subject, resource, name, (holder,), document)


def _holders_by_policy(snapshot: Snapshot) -> Mapping[str, list[Holder]]:
    """Whoever has each managed policy attached, by its ARN: looked up in one pass."""
    found: dict[str, list[Holder]] = defaultdict(list)
    for holder in holders(snapshot):
        for arn in holder.attached:
            found[arn].append(holder)
    return found


def _document(text: str, where: str, snapshot: Snapshot) -> Document | None:
    try:
        if full_access(text, where, snapshot.account):
            return None
        return parse_document(text, where=where)
    except PolicyDocumentError:
        return None


@lru_cache(maxsize=8192)
def allowed_everywhere(document: Document, partition: str) -> frozenset[str]:
    """The known actions that the document allows on every resource, whatever the conditions are.

    A statement under conditions doesn't count, and what is denied everywhere is taken off.
    """
    found: set[str] = set()
    for statement in document.statements:
        if statement.effect == "Allow" and not statement.conditions:
            actions = statement_actions(statement).actions
            found |= {each for each in actions if _is_everywhere(statement, each, partition)}
    for statement in document.statements:
        if statement.effect == "Deny" and not statement.conditions:
            denied = statement_actions(statement).actions & found
            found -= {each for each in denied if _is_everywhere(statement, each, partition)}
    return frozenset(found)


def _is_everywhere(statement: Statement, action: str, partition: str) -> bool:
    if statement.not_resources:
        return statement.effect == "Allow"  # everything but some is nearly everything
    return any(
        takes_in_all(each, action.partition(":")[0], partition) for each in statement.resources
    )


def about(
    control: str,
    each: Written,
    severity: Severity,
    what: str,
    actions: frozenset[str],
    **more: Json,
) -> Finding:
    """The finding that a policy allows `actions` everywhere; `what` says it in words."""
    names = sorted(actions)
    return Finding(
        control=control,
        subject=each.subject,
        resource=each.resource,
        severity=severity,
        summary=f"{each.name} {what}",
        evidence={
            "actions": cut(names),
            "number_of_actions": len(names),
            "services": sorted({name.partition(":")[0] for name in names}),
            "held_by": cut(sorted(said(holder) for holder in each.held_by)),
            **more,
        },
    )


def cut(names: list[str]) -> list[Json]:
    """A list for people, cut where it is long."""
    more = len(names) - SHOWN
    return [*names[:SHOWN], *([f"and {more} more"] if more > 0 else [])]
