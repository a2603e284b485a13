"""What holds of an actor towards a question, read afresh: who they are, and in what capacity.

This asks Slack and AWS, so it is never done inside a transaction. Nothing here decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.engine.owners import Owners
from bot.engine.reaching import parsed
from bot.engine.rules import OPERATOR, OWNER, SECURITY, TRUSTED_OWNER
from bot.errors import LocksmithError
from bot.model import (
    Actor,
    AddressKind,
    Directory,
    DirectoryError,
    Member,
    OwnerClaim,
    OwnerSource,
    ProposalRecord,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of an actor. `refusal` is why they decide nothing at all, whatever else holds.

    `capacities` are those of `rules`, and the ids of Slack that rules name and the actor belongs
    to. `about_themselves` is whether the question is about their own access. `note` says which
    right fell away, and why.
    """

    capacities: frozenset[str] = frozenset()
    about_themselves: bool = False
    refusal: str | None = None
    note: str = ""


#: Sources whose word is a tag, which may have changed since the question was made.
_TAGGED = frozenset({OwnerSource.TAGS, OwnerSource.ACCOUNT_TAGS})
#: Whoever runs the command line holds the database and the credentials already.
LOCAL = Standing(frozenset({OPERATOR, SECURITY}))

#: Says whether the tag behind a claim is as it was when the question was made; raises if unread.
TagHolds = Callable[[ProposalRecord, OwnerClaim], bool]


@dataclass(frozen=True, slots=True)
class Standings:
    """Reads standings. Whatever can't be read counts against the actor.

    `named` are the ids that rules name. `subjects` maps people's names to the ARNs of their AWS
    identities, `person` an actor to their name; `arn_of` is the identity that a question is about.
    `trusted_word` is the address that the security group handed something over to. With `strict`
    tags and the words of others make nobody an owner.
    """

    directory: Directory
    owners: Owners
    security_group: tuple[str, ...]
    tag_holds: TagHolds
    trusted_word: Callable[[ProposalRecord], str | None]
    arn_of: Callable[[ProposalRecord], str | None]
    person: Callable[[Actor], str]
    subjects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    trusted_sources: frozenset[OwnerSource] = frozenset({OwnerSource.MAPPING, OwnerSource.ACCOUNT})
    strict: bool = False

    def of(self, actor: Actor, proposal: ProposalRecord) -> Standing:
        """What holds of an actor for this question now; nothing where Slack can't answer."""
        try:
            return self.read(actor, proposal)
        except DirectoryError as error:
            return _unknown(error)

    def read(self, actor: Actor, proposal: ProposalRecord) -> Standing:
        """What holds of an actor for this question now. Raises DirectoryError."""
        if actor.kind == "local" and actor.name:
            return LOCAL
        member = self._member(actor)
        if isinstance(member, str):
            return Standing(refusal=member)
        claims = self.owners.owns(proposal, member.id)
        capacities, note = self._owning(proposal, claims)
        return Standing(
            capacities | self._security(member) | self._named(member),
            self._about_themselves(actor, proposal, member, claims),
            note=note,
        )

    def of_security(self, actor: Actor) -> Standing:
        """Whether an actor belongs to the security group now, whatever the question."""
        if actor.kind == "local" and actor.name:
            return LOCAL
        try:
            member = self._member(actor)
            if isinstance(member, str):
                return Standing(refusal=member)
            return Standing(self._security(member))
        except DirectoryError as error:
            return _unknown(error)

    def _member(self, actor: Actor) -> Member | str:
        """The person, or why they decide nothing."""
        team, slash, user = actor.name.partition("/")
        if actor.kind != "slack" or not (team and slash and user):
            return f"{actor} may not decide: who they are can't be told"
        if team not in self.directory.teams:
            return "you belong to another workspace, and so decide nothing here"
        member = self.directory.member(user, fresh=True)
        if member is None:
            return "Slack doesn't know you, so you decide nothing here"
        if member.id != user:
            return "Slack knows you by another name, so you decide nothing here"
        unfit = member.unfit(self.directory.teams)
        return f"{member.name} {unfit}, and so decides nothing here" if unfit else member

    def _owning(
        self, proposal: ProposalRecord, claims: Sequence[OwnerClaim]
    ) -> tuple[frozenset[str], str]:
        held: set[str] = set()
        notes: list[str] = []
        for claim in claims:
            capacities = self.by_claim(proposal, claim)
            if not capacities:
                notes.append(f"{claim.because} gives no right here")
                continue
            problem = self._changed_tag(proposal, claim)
            if problem:
                notes.append(problem)
                continue
            held |= capacities
        return frozenset(held), "; ".join(dict.fromkeys(notes))

    def by_claim(self, proposal: ProposalRecord, claim: OwnerClaim) -> frozenset[str]:
        """What owning a thing by this claim makes someone, whoever that is."""
        handed = claim.source is OwnerSource.HANDED_OVER
        word = handed and self.trusted_word(proposal) == claim.address
        if self.strict and (handed or claim.source in _TAGGED) and not word:
            return frozenset()
        trusted = word or claim.source in self.trusted_sources
        return frozenset({OWNER, TRUSTED_OWNER} if trusted else {OWNER})

    def _changed_tag(self, proposal: ProposalRecord, claim: OwnerClaim) -> str:
        if claim.source not in _TAGGED:
            return ""
        try:
            holds = self.tag_holds(proposal, claim)
        except LocksmithError:
            return f"the tag {claim.tag} can't be read now, so it gives no right"
        return "" if holds else f"the tag {claim.tag} changed since this was asked"

    def _security(self, member: Member) -> frozenset[str]:
        within = any(self.owners.names(text, member) for text in self.security_group)
        return frozenset({SECURITY}) if within else frozenset()

    def _named(self, member: Member) -> frozenset[str]:
        return frozenset(text for text in self.named if self.owners.names(text, member))

    def _about_themselves(
        self,
        actor: Actor,
        proposal: ProposalRecord,
        member: Member,
        claims: Sequence[OwnerClaim],
    ) -> bool:
        """Whether a person's own identity is what the question is about.

        By `people:`; or, for a user of IAM whose owner this very person is by name, where the
        user's name is their e-mail address or what stands before its @. Owning a user alone does
        not make it one's own: most are machines'.
        """
        arn = self.arn_of(proposal)
        if arn is None:
            return False
        if arn in self.subjects.get(self.person(actor), ()):
            return True
        kind, _, name = arn.rpartition(":")[2].lower().partition("/")
        email = (member.email or "").lower()
        alike = name.rpartition("/")[2] in {email, email.partition("@")[0]} - {""}
        return kind == "user" and alike and any(_is_personal(claim) for claim in claims)


def _is_personal(claim: OwnerClaim) -> bool:
    """Whether a claim names one person, not a group or a channel that they are in."""
    address = parsed(claim.address)
    return address is not None and address.kind in (AddressKind.USER, AddressKind.EMAIL)


def _unknown(error: DirectoryError) -> Standing:
    return Standing(refusal=f"Slack can't be asked who you are, so nothing was decided: {error}")
