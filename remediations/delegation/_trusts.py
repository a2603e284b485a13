"""The trust policies that people may change, and what each control says of its role."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from bot.model import Account, Json, Protection, Role, Snapshot
from bot.policy import (
    Document,
    OpenTrust,
    foreign_principals,
    parse_document,
)
from remediations.delegation._known import Known

#: Twelve digits, in quotes in YAML.
AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$")]


def trusts(snapshot: Snapshot) -> Iterator[tuple[Role, Document]]:
    """Every role and its trust policy, but for those that are AWS's.

    Of those only AWS can say who comes in.
    """
    for role in snapshot.roles:
        if not Protection().reason_for(role.arn):
            yield role, trust_of(role)


def trust_of(role: Role) -> Document:
    """The role's trust policy."""
    return parse_document(role.trust, where=f"the trust policy of role {role.name}")


def services_in(document: Document) -> Iterator[str]:
    """The services of AWS that a trust policy lets in, perhaps under conditions."""
    for statement in document.statements:
        if statement.effect == "Allow":
            yield from (each.value for each in statement.principals if each.type == "Service")


def role_evidence(role: Role) -> dict[str, Json]:
    """What whoever comes in may do, and when the role was last used."""
    return {
        "policies": [*role.attached, *(policy.name for policy in role.inline)],
        "last_used": role.last_used.isoformat() if role.last_used else None,
    }


def third_parties(document: Document, account: Account, known: Known) -> tuple[OpenTrust, ...]:
    """The principals of accounts that aren't yours, vendors' included."""
    found = foreign_principals(document, account.id, trusted_accounts=known.own)
    return tuple(each for each in found if not known.is_within(each.statement))


def accounts_of(found: Iterable[OpenTrust]) -> tuple[str, ...]:
    """Their accounts, in order."""
    return tuple(sorted({each.account for each in found}))


def shown(found: Iterable[OpenTrust]) -> list[Json]:
    """Principals and where they stand, for evidence."""
    return [f"{each.principal} ({each.statement.label})" for each in found]
