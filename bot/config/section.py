"""What every section of the configuration shares, and the kinds of text that settings take."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.model import Address, AddressKind


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
    return str(Address.parse(text))


def _of_kind(text: str, kind: AddressKind, example: str) -> str:
    address = Address.parse(text)
    if address.kind is not kind:
        raise ValueError(f"must be the id of a {kind.value}, such as {example}")
    return address.value


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


class Section(BaseModel):
    """A part of the configuration; a setting that it doesn't know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
