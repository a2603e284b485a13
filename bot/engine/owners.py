"""Who owns what a question is about: what each source claims, and who of them can be asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.engine.owner_mapping import MappedOwner
from bot.engine.reaching import Reached, Reaching, parsed
from bot.model import (
    Account,
    Address,
    AddressKind,
    Directory,
    Member,
    OwnerClaim,
    OwnerSource,
    Part,
    ProposalRecord,
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
    return sorted(named, key=lambda claim: _kind(claim.address) is not AddressKind.USER)


def _of(source: OwnerSource, address: str | None, because: str) -> Iterator[OwnerClaim]:
    if address is not None:
        yield OwnerClaim(source, address, because)


def _kind(text: str) -> AddressKind | None:
    address = parsed(text)
    return address.kind if address else None


@dataclass(frozen=True, slots=True)
class Owned:
    """Who is asked about something, and how that is known.

    `recipients` are user ids, or one channel id; none where there is no security channel either.
    `claim` is the one that won. `passed_over` says of each owner before it why they aren't asked.
    `told` are user ids of a creator known from CloudTrail, who decide nothing.
    """

    recipients: tuple[str, ...]
    claim: OwnerClaim
    passed_over: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


class Owners:
    """Finds owners in Slack, by the claims that were fixed when the question was made.

    Every method raises DirectoryError where Slack can't answer: then nobody is an owner.
    """

    def __init__(
        self,
        directory: Directory,
        rules: OwnerRules,
        security_channel: str | None,
        email_domains: frozenset[str],
    ) -> None:
        self._reaching = Reaching(directory, email_domains)
        self._rules = rules
        self._security_channel = security_channel

    def resolve(self, proposal: ProposalRecord) -> Owned:
        """Whom to ask: the first claim with someone who can be reached, or the security channel."""
        return self._resolved(proposal.claims)

    def of_thing(
        self,
        resource: Resource,
        account: Account,
        tags: Mapping[str, str],
        handovers: Mapping[str, Handover],
        of_account: Mapping[str, str],
    ) -> Owned:
        """Who would be asked about a thing now; see `claims`."""
        about = claims(resource, account, tags, self._rules, handovers, of_account=of_account)
        return self._resolved(about)

    def looks_at(self, source: OwnerSource) -> bool:
        """Whether this source is asked at all."""
        return source in self._rules.sources

    def _resolved(self, about: Sequence[OwnerClaim]) -> Owned:
        winner, passed_over = None, []
        for claim in _owning(about):
            reached = self._at(claim)
            if not reached.recipients:
                passed_over.append(f"owner {claim.address} ({_how(claim)}) {reached.why}")
            if reached.is_held:
                winner = claim, reached.recipients
                break
        claim, recipients = winner or (self._security(about), ())
        if not recipients:
            claim = self._security(about)
            recipients = (claim.address,) if claim.address else ()
        return Owned(recipients, claim, tuple(passed_over), self._told(about, recipients))

    def owns(self, proposal: ProposalRecord, user: str) -> tuple[OwnerClaim, ...]:
        """The claims by which this person may answer as the owner, asked afresh; often none.

        A claim behind the one that holds gives no right: who tags something that is someone
        else's by a better source gains nothing. Whom the question is escalated to counts too.
        """
        member = self._reaching.fit_member(user)
        if member is None:
            return ()
        standing: list[OwnerClaim] = []
        winner = None
        for claim in _owning(proposal.claims):
            if self._reaching.names(self._meant(claim), member):
                standing.append(claim)
            if self._at(claim).is_held:
                winner = claim
                break
        above = self._above(proposal, winner)
        if above and above not in standing and self._reaching.names(self._meant(above), member):
            standing.append(above)
        return tuple(standing)

    def manager(self, proposal: ProposalRecord) -> Address | None:
        """Whom to turn to when the owner doesn't answer: the mapping file's manager, or the team.

        The team is a user group or channel in another tag, where the owner is known by a tag.
        None where nobody is known who can be reached, beside the owner.
        """
        winner = next((each for each in _owning(proposal.claims) if self._at(each).is_held), None)
        above = self._above(proposal, winner)
        if above is None or not self._at(above).recipients:
            return None
        return parsed(self._meant(above))

    def names(self, text: str, member: Member) -> bool:
        """Whether this person is meant by, or belongs to, what an id or e-mail address names.

        Members of a channel count only where it is private and shared with nobody outside, an
        e-mail address only in a verified domain.
        """
        return self._reaching.names(text, member)

    def recipients(self, address: Address) -> tuple[str, ...]:
        """Who is asked at an address: user ids, or one channel id; none who can't be reached."""
        return self._reaching.at(str(address)).recipients

    def why_not(self, address: Address) -> str | None:
        """Why nobody at an address can own anything ("is deactivated"), or None where one can."""
        reached = self._reaching.at(str(address))
        return None if reached.is_held else reached.why

    def _at(self, claim: OwnerClaim) -> Reached:
        return self._reaching.at(self._meant(claim))

    def _meant(self, claim: OwnerClaim) -> str:
        """The address that a claim means; in tags, names of the configuration stand for one."""
        if claim.source is OwnerSource.TAGS:
            return self._rules.teams.get(claim.address, claim.address)
        return claim.address

    def _above(self, proposal: ProposalRecord, winner: OwnerClaim | None) -> OwnerClaim | None:
        mapped = [each for each in proposal.claims if each.source is OwnerSource.MAPPING]
        if len(mapped) > 1:
            return mapped[1] if mapped[1] != winner else None
        if winner is None or winner.source is not OwnerSource.TAGS:
            return None
        teams = (AddressKind.GROUP, AddressKind.CHANNEL)
        return next(
            (
                each
                for each in proposal.claims
                if each.source is OwnerSource.TAGS
                and each != winner
                and _kind(self._meant(each)) in teams
            ),
            None,
        )

    def _security(self, about: Iterable[OwnerClaim]) -> OwnerClaim:
        said = (each.because for each in about if each.source is OwnerSource.SECURITY)
        unknown = "no owner could be reached" if any(_owning(about)) else "no source knows an owner"
        because = next(said, unknown)
        return OwnerClaim(OwnerSource.SECURITY, self._security_channel or "", because)

    def _told(self, about: Iterable[OwnerClaim], asked: Iterable[str]) -> tuple[str, ...]:
        made_it = (
            user
            for claim in about
            if claim.source is OwnerSource.CREATOR
            for user in self._at(claim).recipients
        )
        return tuple(dict.fromkeys(user for user in made_it if user not in asked))


def _owning(about: Iterable[OwnerClaim]) -> Iterator[OwnerClaim]:
    """The claims that can make an owner: a creator's never does."""
    return (
        each for each in about if each.source not in (OwnerSource.CREATOR, OwnerSource.SECURITY)
    )


def _how(claim: OwnerClaim) -> str:
    return f"tag {claim.tag}" if claim.source is OwnerSource.TAGS else claim.source.value
