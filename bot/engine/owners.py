"""Who is asked of those who own what a question is about."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.engine.owner_claims import OwnerRules, claims
from bot.engine.reaching import Reached, Reaching, address_kind, parsed
from bot.model import (
    Account,
    Address,
    AddressKind,
    Directory,
    Member,
    OwnerClaim,
    OwnerSource,
    ProposalRecord,
    Resource,
)
from bot.store.handovers import Handover


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
                and address_kind(self._meant(each)) in teams
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
