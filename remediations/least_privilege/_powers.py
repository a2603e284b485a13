"""What the principals of one snapshot have and may do; equal rights are judged once."""

from collections.abc import Iterator
from dataclasses import replace

from bot.model import Principal, Snapshot
from bot.policy import (
    Answer,
    Document,
    KnownArns,
    Proof,
    applies_to_action,
    full_administration_of,
    just,
    may_be_about,
    parse_document,
)
from remediations._rights import Rights, RightsReader, may

_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_FULL = parse_document({"Version": "2012-10-17", "Statement": [_EVERYTHING]}, where="everything")
_SAMPLE = "locksmith-sample"


class Powers:
    """Asks what principals may do, as it counts with proof of MFA."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.reader = RightsReader(snapshot, Proof.MFA)
        self._rights: dict[str, Rights] = {}
        self._administering: dict[Rights, Answer] = {}
        self._on_action: dict[tuple[Rights, str], Rights | None] = {}
        self._somewhere: dict[tuple[Rights, str], bool] = {}

    def rights(self, one: Principal) -> Rights:
        """All that the principal has."""
        if one.id not in self._rights:
            self._rights[one.id] = self.reader.of(one)
        return self._rights[one.id]

    def is_known(self, one: Principal) -> bool:
        """Whether a boundary that the principal has could be read."""
        return one.boundary is None or self.rights(one).boundary is not None

    def administers(self, rights: Rights) -> Answer:
        """Whether somebody with these rights is an administrator."""
        if rights not in self._administering:
            account = self._snapshot.account
            self._administering[rights] = full_administration_of(
                rights.documents,
                rights.boundary,
                account_id=account.id,
                partition=account.partition,
            ).answer
        return self._administering[rights]

    def would_administer(self, rights: Rights) -> bool:
        """Whether somebody with these rights is an administrator once they are given all."""
        return self.administers(replace(rights, documents=rights.documents | {_FULL})) is Answer.YES

    def may(self, rights: Rights, action: str, resource: str) -> bool:
        """Whether somebody with these rights may do it on the resource."""
        about = self.about(rights, action)
        return about is not None and may(action, resource, about)

    def may_on(self, rights: Rights, action: str, arn: str) -> bool:
        """The same on the one thing of that ARN, whatever marks its path has in it."""
        return self.may(rights, action, just(arn))

    def may_somewhere(self, rights: Rights, action: str) -> bool:
        """Whether they may do it on something that whoever makes it could choose."""
        key = rights, action
        if key not in self._somewhere:
            samples = self.samples(rights, action)
            self._somewhere[key] = any(self.may(rights, action, arn) for arn in samples)
        return self._somewhere[key]

    def samples(self, rights: Rights, action: str) -> Iterator[str]:
        """Resources that whoever makes something could choose, as far as the patterns let them."""
        about = self.about(rights, action)
        if about is None:
            return
        bound = (about.boundary,) if about.boundary else ()
        for document in (*bound, *about.documents):
            for statement in document.statements:
                if statement.effect == "Allow" and applies_to_action(statement, action):
                    for pattern in statement.resources or ("*",):
                        if self._may_be_about(action, pattern):
                            yield pattern.replace("*", _SAMPLE).replace("?", "x")

    def _may_be_about(self, action: str, pattern: str) -> bool:
        account = self._snapshot.account
        return may_be_about(action, pattern, account_id=account.id, partition=account.partition)

    def allowed(self, rights: Rights, action: str, arns: KnownArns) -> frozenset[str]:
        """On which of the ARNs they may do it."""
        about = self.about(rights, action)
        if about is None:
            return frozenset()
        possible = (arns.allowed_by(document, action) for document in about.documents)
        return frozenset(
            arn for arn in frozenset[str]().union(*possible) if may(action, just(arn), about)
        )

    def about(self, rights: Rights, action: str) -> Rights | None:
        """The rights without the statements that are not about the action; None if none allows it.

        Most principals may do little, and of what they may most is about something else.
        """
        key = rights, action
        if key not in self._on_action:
            documents = frozenset(_about(each, action) for each in rights.documents)
            statements = (each for document in documents for each in document.statements)
            allows = any(each.effect == "Allow" for each in statements)
            self._on_action[key] = replace(rights, documents=documents) if allows else None
        return self._on_action[key]


def _about(document: Document, action: str) -> Document:
    kept = tuple(each for each in document.statements if applies_to_action(each, action))
    return replace(document, statements=kept)
