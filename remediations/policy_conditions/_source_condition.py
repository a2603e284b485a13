"""The services that a trust policy lets in on anyone's behalf, and how it asks for whose."""

from collections.abc import Iterable, Mapping

from bot.model import Account, Json
from bot.policy import CannotTell, Condition, Document, Statement, Tightening, must_name, tightened

_KEYS = (
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "sts:ExternalId",
)
#: With the condition, they stop working.
BREAKING = frozenset(
    {
        "cloudtrail.amazonaws.com",
        "elastictranscoder.amazonaws.com",
        "ec2.amazonaws.com",
        "edgelambda.amazonaws.com",
    }
)


def on_anyones_behalf(
    document: Document, services: Iterable[str]
) -> tuple[tuple[Statement, str], ...]:
    """Those of the services that come in so, each with the statement that lets it in."""
    looked_at = frozenset(services) - BREAKING
    return tuple(
        (statement, each.value)
        for statement in document.statements
        if statement.effect == "Allow" and not any(must_name(statement, key) for key in _KEYS)
        for each in statement.principals
        if each.type == "Service" and each.value in looked_at
    )


def asking_for_source(
    document: Document, found: Iterable[tuple[Statement, str]], account: Account
) -> Mapping[str, Json] | CannotTell:
    """The document that lets in those services on behalf of this account alone."""
    condition = Condition("StringEquals", "aws:SourceAccount", (account.id,))
    services: dict[int, frozenset[str]] = {}
    for statement, name in found:
        services[statement.index] = services.get(statement.index, frozenset()) | {name}
    changes = {index: Tightening(condition, principals=names) for index, names in services.items()}
    return tightened(document, changes)
