"""What holds of an actor towards a question, read afresh: who they are, and in what capacity.

This asks Slack and AWS, so it is never done inside a transaction. Nothing here decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.engine.owners import Owners
from bot.engine.rules import OPERATOR, OWNER, SECURITY, TRUSTED_OWNER
from bot.errors import LocksmithError
from bot.model import (
    Actor,
    Address,
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
    to. `note` says which right fell away, and why.
    """

    capacities: frozenset[str] = frozenset()
    about_themselves: bool = False
    refusal: str | None = None
    note: str = ""


#: Whoever runs the command line holds the database and the credentials already.
LOCAL = Standing(frozenset({OPERATOR, SECURITY}))

#: Says whether the tag behind a claim is as it was when the question was made; raises if unread.
TagHolds = Callable[[ProposalRecord, OwnerClaim], bool]


@dataclass(frozen=True, slots=True)
class Standings:
    """Reads standings. Whatever can't be read counts against the actor.

    `named` are the ids that rules name. `subjects` maps people's names to the ARNs of their AWS
    identities, `person` an actor to their name. `trusted_word` tells whether it was the security
    group that handed something over.
    """

    directory: Directory
    owners: Owners
    security_group: tuple[str, ...]
    tag_holds: TagHolds
    trusted_word: Callable[[ProposalRecord], bool]
    arn_of: Callable[[ProposalRecord], str | None]
    person: Callable[[Actor], str]
    subjects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    trusted_sources: frozenset[OwnerSource] = frozenset({OwnerSource.MAPPING, OwnerSource.ACCOUNT})
    strict: bool = False

    def of(self, actor: Actor, proposal: ProposalRecord) -> Standing:
        """What holds of an actor for this question now."""
        if actor.kind == "local" and actor.name:
            return LOCAL
        try:
            member = self._member(actor)
            if isinstance(member, str):
                return Standing(refusal=member)
            capacities, note = self._owning(proposal, member)
            return Standing(
                capacities | self._security(member) | self._named(member),
                self._about_themselves(actor, proposal),
                note=note,
            )
        except DirectoryError as error:
            return _unknown(error)

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

    def unfit(self, actor: Actor) -> str | None:
        """Why someone who approved may decide nothing any more, or None.

        Raises DirectoryError where Slack can't answer.
        """
        if actor.kind != "slack":
            return None
        member = self._member(actor)
        return member if isinstance(member, str) else None

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

    def _owning(self, proposal: ProposalRecord, member: Member) -> tuple[frozenset[str], str]:
        held: set[str] = set()
        notes: list[str] = []
        for claim in self.owners.owns(proposal, member.id):
            word = claim.source is OwnerSource.HANDED_OVER and self.trusted_word(proposal)
            weak = claim.source in (OwnerSource.TAGS, OwnerSource.HANDED_OVER) and not word
            if self.strict and weak:
                notes.append("a claim like that gives no right here")
                continue
            problem = self._changed_tag(proposal, claim)
            if problem:
                notes.append(problem)
                continue
            held.add(OWNER)
            if word or claim.source in self.trusted_sources:
                held.add(TRUSTED_OWNER)
        return frozenset(held), "; ".join(dict.fromkeys(notes))

    def _changed_tag(self, proposal: ProposalRecord, claim: OwnerClaim) -> str:
        if claim.source is not OwnerSource.TAGS:
            return ""
        try:
            holds = self.tag_holds(proposal, claim)
        except LocksmithError:
            return f"the tag {claim.tag} can't be read now, so it gives no right"
        return "" if holds else f"the tag {claim.tag} changed since this was asked"

    def _security(self, member: Member) -> frozenset[str]:
        within = any(self._belongs(member, text) for text in self.security_group)
        return frozenset({SECURITY}) if within else frozenset()

    def _named(self, member: Member) -> frozenset[str]:
        return frozenset(text for text in self.named if self._belongs(member, text))

    def _belongs(self, member: Member, text: str) -> bool:
        """Whether a person is, or is in, what an id or e-mail address of the configuration names.

        Members of a channel count only where it is private and shared with nobody outside.
        """
        address = Address.parse(text)
        match address.kind:
            case AddressKind.USER:
                return member.id == address.value
            case AddressKind.GROUP:
                return member.id in self.directory.group(address.value, fresh=True)
            case AddressKind.CHANNEL:
                channel = self.directory.channel(address.value, fresh=True)
                if channel is None or not channel.confidential or channel.archived:
                    return False
                return member.id in self.directory.channel_members(address.value, fresh=True)
            case AddressKind.EMAIL:
                known = self.directory.by_email(address.value)
                return known is not None and known.id == member.id

    def _about_themselves(self, actor: Actor, proposal: ProposalRecord) -> bool:
        """By `people:` alone: a person and the identity that the question is about."""
        arn = self.arn_of(proposal)
        return arn is not None and arn in self.subjects.get(self.person(actor), ())


def _unknown(error: DirectoryError) -> Standing:
    return Standing(refusal=f"Slack can't be asked who you are, so nothing was decided: {error}")
