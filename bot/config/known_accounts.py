"""Which accounts are known, for whatever asks who a stranger is."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bot.config.section import AccountId, Section, frozen

_Words = Annotated[str, Field(min_length=1, max_length=256)]


class KnownAccountsSettings(Section):
    """Which accounts are no strangers where a role trusts them.

    The accounts under `accounts` are known anyway, and so are the active ones of the organization
    where AWS tells them: to its management account, also when that is among `accounts`, and to
    delegated administrators.
    """

    own: tuple[AccountId, ...] = Field(
        default=(),
        strict=False,
        description="Ids of further accounts of yours, in quotes; roles may trust them.",
    )
    organization_id: str = Field(
        default="",
        pattern=r"^(o-[a-z0-9]{10,32})?$",
        description=(
            "Your AWS organization (o-…); empty asks AWS. A trust that is limited to it is none to "
            "strangers; while it is unknown, one that is limited to any organization isn't. "
            "Where it is set, wildcard-trust-policy limits trusts to it that it closes."
        ),
    )
    vendors: Annotated[Mapping[AccountId, _Words], AfterValidator(frozen)] = Field(
        default_factory=lambda: frozen({}),
        description=(
            "Whose a third party's account is, by its id in quotes: a name, and where they say how "
            "their access is set up. Roles may trust them with an external id."
        ),
    )

    @model_validator(mode="after")
    def _own_or_not(self) -> Self:
        both = sorted(set(self.own) & set(self.vendors))
        if both:
            raise ValueError(f"account {both[0]} is named both as one of own and of vendors")
        return self
