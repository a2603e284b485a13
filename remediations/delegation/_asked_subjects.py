"""A trust policy that asks identities of OIDC providers for their subject."""

from collections.abc import Mapping

from bot.model import Json
from bot.policy import (
    AnySubject,
    CannotTell,
    Condition,
    Document,
    Tightening,
    any_subjects,
    parse_document,
    tightened,
)


def asking_for_subjects(
    document: Document, found: tuple[AnySubject, ...], meant: Mapping[str, tuple[str, ...]]
) -> Mapping[str, Json] | str:
    """The document that lets in those alone that are meant, by provider, or why there is none."""
    current = document
    for _ in found:  # one at a time: a statement that is split moves those behind it
        each = any_subjects(current)[0]
        subjects = meant.get(each.provider, ())
        if not subjects:
            return f"nothing says which subjects of {each.provider} are yours"
        change = Tightening(
            Condition("StringLike", each.claim, subjects),
            principals=frozenset({each.principal.value}),
        )
        new = tightened(current, {each.statement.index: change})
        if isinstance(new, CannotTell):
            return f"{new.subject}: {new.reason}"
        current = parse_document(new, where="the new trust policy")
    if any_subjects(current):
        return "`subjects` take in others' too"
    return current.as_json()
