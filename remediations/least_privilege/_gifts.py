"""Others to whom somebody could give all rights, and then act as them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.model import Group, Principal, Snapshot, User
from bot.policy import KnownArns
from remediations._rights import Rights
from remediations.least_privilege._powers import Powers

#: New keys or a password of a user's.
SIGN_IN = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")
TRUST = "iam:UpdateAssumeRolePolicy"
BY_AWS = ("/aws-service-role/", "/aws-reserved/")


@dataclass(frozen=True, slots=True)
class Grant:
    """An action on `arn` that gives somebody any right, and the name of what has that ARN."""

    action: str
    arn: str
    name: str


@dataclass(frozen=True, slots=True)
class Gift:
    """A user or role who becomes an administrator by any of `grants`, and what takes them over.

    `takes` are actions on the one who is given; a role may be open to whoever gives besides.
    """

    other: Principal
    grants: tuple[Grant, ...]
    takes: tuple[str, ...]


class Gifts:
    """Knows what the rights of each principal let it give to which other."""

    def __init__(self, snapshot: Snapshot, powers: Powers) -> None:
        self._snapshot = snapshot
        self._powers = powers
        everybody: tuple[Principal, ...] = (*snapshot.users, *snapshot.roles)
        self._others = [one for one in everybody if not one.path.startswith(BY_AWS)]
        self._grants: list[tuple[Grant, ...]] = [tuple(self.to(one)) for one in self._others]
        self._receivers = self._by_grant()
        self._arns = {
            action: KnownArns(arn for at, arn in self._receivers if at == action)
            for action in {action for action, _ in self._receivers}
        }
        self._given: dict[Rights, tuple[Gift, ...]] = {}

    def to(self, one: Principal) -> Iterator[Grant]:
        """What would give the principal any right, if allowed."""
        kind = type(one).__name__
        for verb in ("Attach", "Put"):
            yield Grant(f"iam:{verb}{kind}Policy", one.arn, one.name)
        for giver in self._powers.reader.givers(one):
            if isinstance(giver, Group):
                for verb in ("Attach", "Put"):
                    name = f"the group {giver.name}"
                    yield Grant(f"iam:{verb}GroupPolicy", giver.arn, name)
            for arn in giver.attached:
                policy = self._snapshot.policies_by_arn.get(arn)
                if policy and not policy.by_aws:
                    yield Grant("iam:CreatePolicyVersion", arn, policy.name)

    def by(self, rights: Rights) -> tuple[Gift, ...]:
        """All that somebody with these rights could give, themselves among the others."""
        if rights not in self._given:
            self._given[rights] = tuple(self._by(rights))
        return self._given[rights]

    def _by(self, rights: Rights) -> Iterator[Gift]:
        allowed = {
            action: self._powers.allowed(rights, action, arns)
            for action, arns in self._arns.items()
        }
        reached = {
            place
            for action, arns in allowed.items()
            for arn in arns
            for place in self._receivers[action, arn]
        }
        for place in sorted(reached):
            other = self._others[place]
            if self._powers.would_administer(self._powers.rights(other)):
                takes = SIGN_IN if isinstance(other, User) else (TRUST,)
                yield Gift(
                    other,
                    tuple(each for each in self._grants[place] if each.arn in allowed[each.action]),
                    tuple(take for take in takes if self._powers.may_on(rights, take, other.arn)),
                )

    def _by_grant(self) -> Mapping[tuple[str, str], list[int]]:
        """The places in `_others` of whom each grant is for."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, grants in enumerate(self._grants):
            for grant in grants:
                found[grant.action, grant.arn].append(place)
        return found
