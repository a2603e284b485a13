"""Which services a document allows as a whole."""

from collections.abc import Iterator

from bot.model import Account
from bot.policy import (
    AccessLevel,
    CannotTell,
    Document,
    Statement,
    access_levels,
    action_covers,
    covers,
    expand,
    parse_document,
)
from remediations.least_privilege._documents import full_access

_SHOWN = 30


def wild_services(
    text: str, where: str, account: Account, *, named_resources_too: bool
) -> tuple[str, ...]:
    """Services of which every action is allowed, on all of their resources unless asked otherwise.

    None for a document that grants full administration. Raises PolicyDocumentError.
    """
    if full_access(text, where, account):
        return ()
    document = parse_document(text, where=where)
    found = {
        service
        for statement in document.statements
        if statement.effect == "Allow"
        for service in _whole(statement)
        if (named_resources_too or _on_all(statement, service, account))
        and not _taken_back(service, document)
    }
    return tuple(sorted(found))


def _whole(statement: Statement) -> Iterator[str]:
    for pattern in statement.actions:
        service = pattern.partition(":")[0].lower()
        if service and not set(service) & set("*?") and action_covers(pattern, f"{service}:*"):
            yield service


def _on_all(statement: Statement, service: str, account: Account) -> bool:
    everything = f"arn:{account.partition}:{service}:*"
    return any(covers(each, everything) for each in statement.resources)


def _taken_back(service: str, document: Document) -> bool:
    return any(
        statement.effect == "Deny"
        and not statement.conditions
        and "*" in statement.resources
        and any(action_covers(each, f"{service}:*") for each in statement.actions)
        for statement in document.statements
    )


def handing_out(service: str) -> str:
    """The service's actions that hand out rights, as people are told; empty where none is known."""
    known = expand(f"{service}:*")
    if isinstance(known, CannotTell):
        return ""
    names = sorted(
        action
        for action in known
        if not isinstance(levels := access_levels(action), CannotTell)
        and AccessLevel.PERMISSIONS_MANAGEMENT in levels
    )
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
