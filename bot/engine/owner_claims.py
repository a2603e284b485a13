"""Who owns a thing: what each source claims."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.engine.owner_mapping import MappedOwner
from bot.engine.reaching import address_kind
from bot.model import (
    Account,
    AddressKind,
    OwnerClaim,
    OwnerSource,
    Part,
    Resource,
    Snapshot,
)
from bot.model.protection import matches_identity
from bot.store.handovers import Handover


@dataclass(frozen=True, slots=True)
class OwnerRules:
    """What the configuration says of owners.

    `sources` are asked in this order. `tags` are the keys of tags, the first one first; `teams`
    says what a name in one of them means; `accounts` goes by the account's id.
    """

    sources: tuple[OwnerSource, ...]
    tags: tuple[str, ...]
    teams: Mapping[str, str]
    accounts: Mapping[str, str]
    default: str | None
    mapping: tuple[MappedOwner, ...] = ()


def claims(
    resource: Resource,
    account: Account,
    tags: Mapping[str, str],
    rules: OwnerRules,
    handovers: Mapping[str, Handover],
    creators: tuple[OwnerClaim, ...] = (),
    of_account: Mapping[str, str] | None = None,
) -> tuple[OwnerClaim, ...]:
    """What every source says of who owns the thing, in the order of the configuration.

    `tags` are those of the thing and `of_account` those of its account, `handovers` go by unique
    id, `creators` are CloudTrail's claims.
    A second claim of the mapping file is its manager. Nothing is looked up.
    """
    by_source: Mapping[OwnerSource, Iterable[OwnerClaim]] = {
        OwnerSource.HANDED_OVER: _handed_over(resource, handovers),
        OwnerSource.MAPPING: _mapped(resource, rules.mapping),
        OwnerSource.TAGS: _tagged(OwnerSource.TAGS, tags, rules.tags),
        OwnerSource.ACCOUNT: _of(
            OwnerSource.ACCOUNT, rules.accounts.get(account.id), "owner of the whole account"
        ),
        OwnerSource.ACCOUNT_TAGS: _tagged(OwnerSource.ACCOUNT_TAGS, of_account or {}, rules.tags),
        OwnerSource.CREATOR: creators,
        OwnerSource.DEFAULT: _of(OwnerSource.DEFAULT, rules.default, "the default owner"),
    }
    # The security channel comes last by itself.
    return tuple(each for source in rules.sources for each in by_source.get(source, ()))


def untold_owners(
    rules: OwnerRules, snapshot: Snapshot, handovers: Mapping[str, Handover]
) -> Mapping[str, str]:
    """Who owns the users whom no tag gives an owner, by unique id: handed over, or mapped.

    Only sources that are about the very user count, in the order of the configuration.
    """
    about_one = (OwnerSource.HANDED_OVER, OwnerSource.MAPPING)
    only = replace(rules, sources=tuple(each for each in rules.sources if each in about_one))
    owners: dict[str, str] = {}
    for user in snapshot.parts.get(Part.USERS, ()):
        if any(user.tags.get(key, "").strip() for key in rules.tags):
            continue
        resource = Resource("user", user.name, user.arn, user.id)
        first = next(iter(claims(resource, snapshot.account, {}, only, handovers)), None)
        if first is not None:
            owners[user.id] = first.address
    return owners


def key_readers(rules: OwnerRules, snapshot: Snapshot) -> Mapping[str, str]:
    """Who may read the secrets of users' new access keys, by the mapping file, by unique id.

    The first entry that fits a user counts here too, whether it names a reader or not.
    """
    fitting = (
        (user.id, next((e for e in rules.mapping if matches_identity(user.arn, e.match)), None))
        for user in snapshot.parts.get(Part.USERS, ())
    )
    return {user_id: entry.reader for user_id, entry in fitting if entry and entry.reader}


def claim_of(handover: Handover) -> OwnerClaim:
    """What someone's word about an owner claims."""
    because = f"handed over by {handover.said_by} on {handover.at:%Y-%m-%d}"
    return OwnerClaim(OwnerSource.HANDED_OVER, handover.address, because)


def _handed_over(resource: Resource, handovers: Mapping[str, Handover]) -> Iterator[OwnerClaim]:
    key = resource.key
    for unique_id in (resource.unique_id, key.user_id if key else ""):
        if unique_id in handovers:
            yield claim_of(handovers[unique_id])
            return


def _mapped(resource: Resource, mapping: Iterable[MappedOwner]) -> Iterator[OwnerClaim]:
    for entry in mapping:
        if matches_identity(resource.arn, entry.match):
            yield OwnerClaim(OwnerSource.MAPPING, entry.owner, f"mapping file: {entry.match}")
            if entry.manager is not None:
                because = f"manager in the mapping file: {entry.match}"
                yield OwnerClaim(OwnerSource.MAPPING, entry.manager, because)
            return


def _tagged(source: OwnerSource, tags: Mapping[str, str], keys: Iterable[str]) -> list[OwnerClaim]:
    whose = "tag of the account" if source is OwnerSource.ACCOUNT_TAGS else "tag"
    named = [
        OwnerClaim(source, tags[key].strip(), f"{whose} {key} = {tags[key].strip()}", key)
        for key in keys
        if tags.get(key, "").strip()
    ]
    # A person named by their Slack id wins over one who must be looked up first.
    return sorted(named, key=lambda claim: address_kind(claim.address) is not AddressKind.USER)


def _of(source: OwnerSource, address: str | None, because: str) -> Iterator[OwnerClaim]:
    if address is not None:
        yield OwnerClaim(source, address, because)
