"""How AWS refuses what it will take some seconds later."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.canonical import Json


@dataclass(frozen=True, slots=True)
class TooEarly:
    """A refusal that can mean that AWS does not know yet what was made or taken away just before.

    `code` is AWS's error code, `words` a part of its message: both must fit.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    """

    code: str
    words: str

    def is_said_by(self, code: str, message: str) -> bool:
        """Whether AWS said this."""
        return self.code == code and self.words in message

    def data(self) -> dict[str, Json]:
        """This refusal as JSON."""
        return {"code": self.code, "words": self.words}


def early_data(answers: Iterable[TooEarly]) -> dict[str, Json]:
    """What a call adds to its JSON; nothing without any, as digests of old plans lack it."""
    listed: list[Json] = [each.data() for each in answers]
    return {"too_early": listed} if listed else {}
