"""Documents that a plan writes, compares or keeps: read so that nothing of them is lost."""

from collections.abc import Iterable

from bot.errors import PlanError
from bot.model import Json, canonical
from bot.policy import PolicyDocumentError, parse_document


def exact(text: str, where: str) -> Json:
    """The document as AWS's answers hold it. Raises PolicyDocumentError or PlanError.

    PlanError: the document holds something that can't be compared exactly, such as a fraction.
    """
    content: Json = parse_document(text, where=where).as_json()
    canonical(content)
    return content


def why_inexact(texts: Iterable[tuple[str, str]]) -> str | None:
    """Why one of these texts, each with where it is, can't be kept exactly; None if all can."""
    for text, where in texts:
        try:
            exact(text, where)
        except (PolicyDocumentError, PlanError) as error:
            return str(error)
    return None
