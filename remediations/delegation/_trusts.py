"""The trust policies that people may change, and what each control says of its role."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Field

from bot.model import Account, Json, Protection, Role, Settings, Snapshot
from bot.policy import (
    Document,
    OpenTrust,
    Statement,
    foreign_principals,
    named_organizations,
    parse_document,
)

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


class KnownAccounts(Settings):
    """Which other accounts are yours or your vendors'."""

    trusted_accounts: tuple[AccountId, ...] = Field(
        default=(),
        strict=False,
        description="Ids of accounts that are yours, in quotes: those of your organization.",
    )
    organization_id: str = Field(
        default="",
        pattern=r"^(o-[a-z0-9]{10,32})?$",
        description="Your AWS organization (o-…). A trust that is limited to it is none to "
        "strangers; where this is not set, one that is limited to any organization isn't.",
    )
    vendors: Mapping[AccountId, str] = Field(
        default_factory=dict,
        description="Whose a third party's account is, by its id in quotes: a name, and where "
        "they say how their access is set up.",
    )

    def is_within(self, statement: Statement) -> bool:
        """Whether a statement is limited to the own organization."""
        named = named_organizations(statement)
        own = self.organization_id
        return bool(named) and (not own or all(each == own for each in named))


def third_parties(
    document: Document, account: Account, known: KnownAccounts
) -> tuple[OpenTrust, ...]:
    """The principals of accounts that aren't yours, vendors' included."""
    found = foreign_principals(document, account.id, trusted_accounts=known.trusted_accounts)
    return tuple(each for each in found if not known.is_within(each.statement))


def accounts_of(found: Iterable[OpenTrust]) -> tuple[str, ...]:
    """Their accounts, in order."""
    return tuple(sorted({each.account for each in found}))


def shown(found: Iterable[OpenTrust]) -> list[Json]:
    """Principals and where they stand, for evidence."""
    return [f"{each.principal} ({each.statement.label})" for each in found]
