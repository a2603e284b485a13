"""The services that a trust policy lets in on anyone's behalf, and how it asks for whose."""

from collections.abc import Iterable, Mapping

from bot.model import Account, Json
from bot.policy import (
    CannotTell,
    Condition,
    Document,
    Principal,
    Statement,
    Tightening,
    applies_to_action,
    denies_others,
    must_name,
    tightened,
)

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
    """Those of the services that come in so, each with the statement that lets it in.

    What the document denies to whoever comes on another's behalf counts like a condition.
    """
    looked_at = frozenset(services) - BREAKING
    return tuple(
        (statement, each.value)
        for statement in document.statements
        if statement.effect == "Allow" and not any(must_name(statement, key) for key in _KEYS)
        for each in statement.principals
        if each.type == "Service" and each.value in looked_at
        if not any(_turns_away(deny, each.value) for deny in document.statements)
    )


def _turns_away(deny: Statement, service: str) -> bool:
    """Whether it denies the role to the service unless that says on whose behalf it comes."""
    if deny.effect != "Deny" or not applies_to_action(deny, "sts:AssumeRole"):
        return False
    if deny.not_principals:
        meant = not _names(deny.not_principals, service)
    else:
        meant = _names(deny.principals, service)
    return meant and denies_others(deny, _KEYS)


def _names(principals: Iterable[Principal], service: str) -> bool:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
    return any(
        each.value == (service if each.type == "Service" else "*")
        and each.type in ("Service", "AWS", "*")
        for each in principals
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
