"""Who has access to a service, and who of them may write to all of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.model import Group, Principal, Snapshot, User
from bot.policy import (
    AccessLevel,
    Document,
    PolicyDocumentError,
    grants_full_administration,
    parse_document,
    statement_actions,
)
from remediations._policy_reads import Holder
from remediations.access_levels._by_level import of_level
from remediations.access_levels._written import allowed_everywhere
from remediations.least_privilege._holders import Meant


@dataclass
class Access:
    """The users and roles with access to one service, by whether they may write."""

    writers: list[Principal] = field(default_factory=list)
    readers: list[Principal] = field(default_factory=list)


def access_of(
    snapshot: Snapshot, services: Iterable[str], administrators: tuple[str, ...]
) -> Mapping[str, Access]:
    """For each service that anybody has access to: who writes everywhere, and who doesn't.

    Identity Center's roles count, since people sign in to them; other roles of AWS's don't, nor
    does whoever may do everything.
    """
    wanted = frozenset(service.lower() for service in services)
    meant = Meant(snapshot, administrators)
    found = {service: Access() for service in wanted}
    everybody: list[Principal] = [*snapshot.users, *snapshot.roles]
    for principal in everybody:
        if is_left_out(principal, meant, snapshot):
            continue
        documents = frozenset(_documents(principal, snapshot))
        boundary = _boundary(principal, snapshot)
        used, written = _services(documents, boundary, snapshot.account.partition, wanted)
        for service in used:
            access = found[service]
            (access.writers if service in written else access.readers).append(principal)
    return {service: access for service, access in found.items() if access.writers}


def is_left_out(principal: Principal, meant: Meant, snapshot: Snapshot) -> bool:
    """Whether a user or role is not counted, since they may do everything or are AWS's."""
    groups: tuple[Group, ...] = ()
    if _administers(principal, snapshot):
        return True
    if isinstance(principal, User):
        known = snapshot.groups_by_name
        groups = tuple(known[name] for name in principal.groups if name in known)
    elif principal.path.startswith("/aws-reserved/sso.amazonaws.com/"):
        return False
    return any(meant.why(each) is not None for each in (principal, *groups))


def _administers(principal: Principal, snapshot: Snapshot) -> bool:
    """Whether somebody may do everything, which is a finding by itself where it is one."""
    return any(
        grants_full_administration(each, partition=snapshot.account.partition)
        for each in _documents(principal, snapshot)
    )


def _documents(principal: Principal, snapshot: Snapshot) -> Iterator[Document]:
    givers: list[Holder] = [principal]
    if isinstance(principal, User):
        known = snapshot.groups_by_name
        givers += [known[name] for name in principal.groups if name in known]
    for giver in givers:
        texts = [policy.text for policy in giver.inline]
        for arn in giver.attached:
            policy = snapshot.policies_by_arn.get(arn)
            texts += [policy.default.text] if policy else []
        yield from filter(None, map(_parsed, texts))


def _boundary(principal: Principal, snapshot: Snapshot) -> Document | None:
    policy = snapshot.policies_by_arn.get(principal.boundary or "")
    return _parsed(policy.default.text) if policy else None


def _parsed(text: str) -> Document | None:
    try:
        return parse_document(text, where="a policy")
    except PolicyDocumentError:
        return None


@lru_cache(maxsize=8192)
def _services(
    documents: frozenset[Document],
    boundary: Document | None,
    partition: str,
    wanted: frozenset[str],
) -> tuple[frozenset[str], frozenset[str]]:
    """Of the wanted services: what is allowed in at all, and what is written to everywhere."""
    named = frozenset[str]().union(*map(_named, documents))
    everywhere = frozenset[str]().union(
        *(allowed_everywhere(each, partition) for each in documents)
    )
    if boundary is not None:
        named &= _named(boundary)
        everywhere &= allowed_everywhere(boundary, partition)
    denied = frozenset[str]().union(*map(_denied, documents))
    writes = of_level(AccessLevel.WRITE, _of(everywhere - denied, wanted))
    return _prefixes(_of(named - denied, wanted)), _prefixes(writes)


def _of(actions: Iterable[str], services: frozenset[str]) -> frozenset[str]:
    return frozenset(each for each in actions if each.partition(":")[0].lower() in services)


def _prefixes(actions: Iterable[str]) -> frozenset[str]:
    return frozenset(each.partition(":")[0].lower() for each in actions)


def _named(document: Document) -> frozenset[str]:
    allowing = (one for one in document.statements if one.effect == "Allow")
    return frozenset[str]().union(*(statement_actions(one).actions for one in allowing))


def _denied(document: Document) -> frozenset[str]:
    """What is denied everywhere and always."""
    return frozenset[str]().union(
        *(
            statement_actions(one).actions
            for one in document.statements
            if one.effect == "Deny" and not one.conditions and "*" in one.resources
        )
    )
