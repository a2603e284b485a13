"""AWS's own policies: the text in use here where there is one, else Locksmith's dated copy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import xor

from bot.model import Account, Snapshot
from bot.policy import Document, aws_managed_dated, aws_managed_policies, parse_document


@dataclass(frozen=True, slots=True)
class AwsText:
    """One of AWS's policies as it was read: `known` says where the text is from, in words."""

    arn: str
    name: str
    version: str
    text: str
    known: str

    @property
    def document(self) -> Document:
        """The parsed text. Raises PolicyDocumentError."""
        return parse_document(self.text, where=f"AWS's policy {self.name}")


def aws_text(arn: str, snapshot: Snapshot) -> AwsText | None:
    """The text of the AWS-managed policy with this ARN; None where neither place has it."""
    policy = snapshot.policies_by_arn.get(arn)
    if policy is not None:
        version = policy.default
        return AwsText(arn, policy.name, version.id, version.text, "as it is in this account")
    copied = aws_managed_policies().get(arn.rpartition("/")[2])
    if copied is None or not _is_commercial(snapshot.account):
        return None
    if snapshot.account.aws_policy_arn(copied.path_and_name) != arn:
        return None
    known = f"as of {aws_managed_dated()}"
    return AwsText(arn, copied.name, copied.version, copied.text, known)


def candidates(services: frozenset[str], snapshot: Snapshot) -> tuple[str, ...]:
    """The ARNs of AWS's policies whose statements name just these services; `*` is one."""
    if not _is_commercial(snapshot.account):
        return ()
    names = _by_services().get(services, ())
    known = aws_managed_policies()
    return tuple(snapshot.account.aws_policy_arn(known[name].path_and_name) for name in names)


def near_candidates(services: frozenset[str], snapshot: Snapshot) -> Iterator[str]:
    """The ARNs of AWS's policies that name these services, but for one more or one fewer."""
    if not _is_commercial(snapshot.account):
        return
    mark = _mark(services)
    for each in _by_mark().get(mark, ()):
        if len(each ^ services) <= 1:
            yield from candidates(each, snapshot)
    for one in sorted(services):
        yield from candidates(services - {one}, snapshot)


def services_of(document: Document) -> frozenset[str]:
    """The service prefixes that a document's statements name, in lower case."""
    return frozenset(
        pattern.partition(":")[0].lower()
        for statement in document.statements
        for pattern in (*statement.actions, *statement.not_actions)
    )


def _is_commercial(account: Account) -> bool:
    return account.partition == "aws"


def _mark(services: frozenset[str]) -> int:
    """A number for a set from which that of the set without one is quickly told."""
    return reduce(xor, map(hash, services), 0)


@cache
def _by_mark() -> Mapping[int, tuple[frozenset[str], ...]]:
    """The sets of services that policies name, by their mark and by that without each one."""
    found: dict[int, list[frozenset[str]]] = {}
    for services in sorted(_by_services(), key=sorted):
        mark = _mark(services)
        for each in (mark, *(mark ^ hash(service) for service in services)):
            found.setdefault(each, []).append(services)
    return {mark: tuple(each) for mark, each in found.items()}


@cache
def _by_services() -> Mapping[frozenset[str], tuple[str, ...]]:
    found: dict[frozenset[str], list[str]] = {}
    for policy in aws_managed_policies().values():
        found.setdefault(policy.services, []).append(policy.name)
    # The shortest name is the plainest of several policies that say the same.
    return {
        services: tuple(sorted(names, key=lambda name: (len(name), name)))
        for services, names in found.items()
    }
