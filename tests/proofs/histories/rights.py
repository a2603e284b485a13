"""Who in the firm may do what, by a reading of the documentation of our own."""

from dataclasses import dataclass, field

from tests.engine.fake_directory import TEAM
from tests.proofs.histories.firm import Firm
from tests.proofs.histories.ledger import Question
from tests.proofs.histories.staff import ACTORS, PERSON_OF, SECURITY

#: Whose own user is which.
_SUBJECTS = {"carol": "carol"}


@dataclass
class Rights:
    """What holds of people at this moment.

    `handed` tells to whom a user was handed over, by unique id, and whether security said so.
    """

    firm: Firm
    handed: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def may_approve(self, name: str, question: Question) -> bool:
        """Whether a yes of this person counts now."""
        if ACTORS[name].kind == "local":
            return True
        words = self.firm.words
        myself = _SUBJECTS.get(name) == question.user
        if not self._is_fit(name) or (myself and (words.strict or not words.subject_may_approve)):
            return False
        to, by_security = self.handed.get(question.user_id, ("", False))
        trusted = self.is_security(name) or (to == name and by_security)
        return trusted if question.is_final else trusted or self._owns(name, question)

    def may_keep(self, name: str, question: Question) -> bool:
        """Whether this person may say no, or that a violation stays for a while."""
        if ACTORS[name].kind == "local":
            return True
        if not self._is_fit(name) or _SUBJECTS.get(name) == question.user:
            return False
        return self.is_security(name) or self._owns(name, question)

    def may_hand_over(self, name: str, question: Question) -> bool:
        """Whether this person may say whose something is."""
        if ACTORS[name].kind == "local" or self.is_security(name):
            return True
        return self._is_fit(name) and self._owns(name, question)

    def is_security(self, name: str) -> bool:
        """Whether this person is fit, and in the security group, or an operator."""
        actor = ACTORS[name]
        user = actor.name.rpartition("/")[2]
        in_group = user in self.firm.directory.groups[SECURITY]
        return actor.kind == "local" or (self._is_fit(name) and in_group)

    def _owns(self, name: str, question: Question) -> bool:
        """By someone's word, or by a tag that says so and said so when the question was made."""
        to, by_security = self.handed.get(question.user_id, ("", False))
        if to == name and (by_security or not self.firm.words.strict):
            return True
        email = self.firm.directory.members[ACTORS[name].name.rpartition("/")[2]].email
        user = self.firm.account.state.users.get(question.user)
        tag = user.tags.get("owner") if user else None
        return not self.firm.words.strict and email is not None and email == tag == question.owner

    def _is_fit(self, name: str) -> bool:
        team, _, user = ACTORS[name].name.partition("/")
        known = self.firm.directory.members.get(user)
        if known is None or team != TEAM:
            return False
        return not (known.deactivated or known.bot or known.guest or known.stranger)


def person(kind: str, name: str) -> str:
    """Who someone is, whichever name they act by."""
    return PERSON_OF.get(f"{kind}:{name.rpartition('/')[2]}", f"{kind}:{name}")
