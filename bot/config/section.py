"""What every section of the configuration shares, and the kinds of text that settings take."""

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Strict

from bot.model import Address, AddressKind, OwnerSource, Risk, Severity

K = TypeVar("K")
V = TypeVar("V")


class Frozen(dict[K, V]):
    """A mapping that was read and stays as it is, so that its section can be hashed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return Frozen, (dict(self),)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("settings don't change once they are read")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


def frozen(mapping: Mapping[K, V]) -> Mapping[K, V]:
    """The same mapping, hashable and closed to changes."""
    return Frozen(mapping)


def _arn_pattern(pattern: str) -> str:
    if not pattern.startswith(("arn:", "*")) or pattern.strip() != pattern:
        raise ValueError(
            "must be an ARN, with * and ? as wildcards, such as arn:aws:iam::*:user/alice"
        )
    return pattern


def _arn(text: str) -> str:
    if not text.startswith("arn:"):
        raise ValueError("must be an ARN, such as arn:aws:iam::123456789012:user/alice")
    return text


def _address(text: str) -> str:
    try:
        return str(Address.parse(text))
    except ValueError:
        raise ValueError("must be a Slack id (U…, S…, C…) or an e-mail address") from None


def _of_kind(text: str, kind: AddressKind, example: str) -> str:
    try:
        address = Address.parse(text)
    except ValueError:
        address = None
    if address is None or address.kind is not kind:
        raise ValueError(f"must be the id of a {kind.value}, such as {example}")
    return address.value


def _account_id(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) == 12):
        raise ValueError("must be the twelve digits of an account, in quotes")
    return text


#: An ARN with `*` and `?`; a bare name would match nothing and so protect nobody.
ArnPattern = Annotated[str, AfterValidator(_arn_pattern)]
Arn = Annotated[str, AfterValidator(_arn)]
#: A Slack id of a person (U…), user group (S…) or channel (C…), or an e-mail address.
SlackAddress = Annotated[str, AfterValidator(_address)]
SlackUser = Annotated[
    str, AfterValidator(lambda text: _of_kind(text, AddressKind.USER, "U0123456789"))
]
SlackChannel = Annotated[
    str, AfterValidator(lambda text: _of_kind(text, AddressKind.CHANNEL, "C0123456789"))
]
AccountId = Annotated[str, AfterValidator(_account_id)]
#: Inside lists and mappings strictness has to be lifted from each item: YAML has only text.
SeverityName = Annotated[Severity, Strict(strict=False)]
RiskName = Annotated[Risk, Strict(strict=False)]
SourceName = Annotated[OwnerSource, Strict(strict=False)]


class Section(BaseModel):
    """A part of the configuration; a setting that it doesn't know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
