"""What one principal can do to become more than it is: each single step of an escalation."""

from collections.abc import Iterator
from dataclasses import replace

from bot.model import Principal, Role, Snapshot, User
from bot.policy import Answer
from remediations._rights import Rights, door_of
from remediations.least_privilege._gifts import BY_AWS, SIGN_IN, TRUST, Gift, Gifts
from remediations.least_privilege._lifting import Lift, lifts
from remediations.least_privilege._passing import BEGINNINGS, Passing
from remediations.least_privilege._powers import Powers
from remediations.least_privilege._saml import TAKEOVERS, vouching
from remediations.least_privilege._way import Way


class Ways:
    """Knows the steps of every principal of one snapshot."""

    def __init__(self, snapshot: Snapshot, powers: Powers) -> None:
        self._snapshot = snapshot
        self._powers = powers
        self._gifts = Gifts(snapshot, powers)
        trusts = {role.id: powers.reader.read(role.trust) for role in snapshot.roles}
        self._passing = Passing(snapshot.account, powers, trusts)
        self._doors = {role.id: door_of(role, trusts[role.id]) for role in snapshot.roles}
        self._vouching = {id_: tuple(vouching(trust)) for id_, trust in trusts.items() if trust}
        self._reaching: dict[Rights, bool] = {}

    def assumes(self, one: Principal, role: Role) -> bool:
        """Whether the principal may take on the role, as its trust means it."""
        rights = self._powers.rights(one)
        return one.id != role.id and self._doors[role.id].lets_in(
            one, rights, self._snapshot.account
        )

    def straight(self, one: Principal) -> Iterator[Way]:
        """The steps to all rights without anybody else's."""
        yield from self._self_grants(one)
        yield from self._lifts(one)
        yield from self._versions(one)
        if isinstance(one, User):
            yield from self._joins(one)
        yield from self._others(one)
        yield from self._makes(one)

    def into(self, one: Principal, target: Principal) -> Iterator[Way]:
        """The steps to the rights of another user or role."""
        if not self._may_reach_others(one):
            return
        if isinstance(target, User):
            for action in SIGN_IN:
                if self._may(one, action, target.arn):
                    said = f"{action} for {target.name}"
                    yield Way(action, said, target, ((action, target.arn),))
            return
        if not target.path.startswith(BY_AWS) and self._may(one, TRUST, target.arn):
            yield Way(TRUST, f"{TRUST} of {target.name}", target, ((TRUST, target.arn),))
        yield from self._federated(one, target)
        yield from self._passing.into(one, target)

    def _federated(self, one: Principal, target: Role) -> Iterator[Way]:
        for provider in self._vouching.get(target.id, ()):
            for actions in TAKEOVERS:
                if all(self._may(one, action, provider) for action in actions):
                    named = " and ".join(actions)
                    said = f"{named} {provider.rpartition('/')[2]}, to sign in as {target.name}"
                    yield Way("+".join(actions), said, target, ((actions[-1], provider),))

    def _may_reach_others(self, one: Principal) -> bool:
        """Whether there is any action with which `into` begins: most principals have none."""
        rights = self._powers.rights(one)
        if rights not in self._reaching:
            begin = (*SIGN_IN, TRUST, *BEGINNINGS, *(actions[0] for actions in TAKEOVERS))
            self._reaching[rights] = any(self._powers.about(rights, each) for each in begin)
        return self._reaching[rights]

    # Rights of one's own

    def _self_grants(self, one: Principal) -> Iterator[Way]:
        kind = type(one).__name__
        lifts = [
            f"iam:{verb}{kind}PermissionsBoundary"
            for verb in ("Delete", "Put")
            if one.boundary and self._may(one, f"iam:{verb}{kind}PermissionsBoundary", one.arn)
        ]
        unbound = replace(self._powers.rights(one), boundary=None)
        if lifts and self._powers.administers(unbound) is Answer.YES:
            for action in lifts:
                yield Way(action, f"{action} on itself", None, ((action, one.arn),))
        if not self._powers.would_administer(unbound if lifts else self._powers.rights(one)):
            return
        for grant in self._gifts.to(one):
            if self._may(one, grant.action, grant.arn):
                said = f"{grant.action} on {grant.name}"
                yield Way(grant.action, said, None, ((grant.action, grant.arn),))

    def _lifts(self, one: Principal) -> Iterator[Way]:
        """What denies somebody who has the rights, or may give them to itself, is taken away."""
        rights = self._powers.rights(one)
        denies = (each for document in rights.documents for each in document.statements)
        if not any(each.effect == "Deny" for each in denies):
            return
        for lift in lifts(one, self._powers.reader, self._snapshot.policies_by_arn):
            if self._may(one, lift.action, lift.arn) and self._opens(one, lift):
                said = f"{lift.action} of {lift.said}, which denies it"
                yield Way(lift.action, said, None, ((lift.action, lift.arn),))

    def _opens(self, one: Principal, lift: Lift) -> bool:
        rights = self._powers.reader.of(one, lacking=lift.lacking)
        if not lift.writes:
            return self._powers.administers(rights) is Answer.YES
        already = self._powers.would_administer(self._powers.rights(one))
        return not already and self._powers.would_administer(rights)

    def _versions(self, one: Principal) -> Iterator[Way]:
        action = "iam:SetDefaultPolicyVersion"
        for arn in {arn for giver in self._powers.reader.givers(one) for arn in giver.attached}:
            policy = self._snapshot.policies_by_arn.get(arn)
            if policy is None or policy.by_aws or not self._may(one, action, arn):
                continue
            for version in policy.versions:
                then = self._powers.reader.of(one, {arn: version.text})
                if not version.is_default and self._powers.administers(then) is Answer.YES:
                    said = f"{action} of {policy.name} to {version.id}"
                    yield Way(action, said, None, ((action, arn),))

    def _joins(self, one: User) -> Iterator[Way]:
        action = "iam:AddUserToGroup"
        rights = self._powers.rights(one)
        if self._powers.about(rights, action) is None:
            return
        for group in self._snapshot.groups:
            if group.name in one.groups or not self._may(one, action, group.arn):
                continue
            more = rights.documents | self._powers.reader.granted_by(group)
            if self._powers.administers(replace(rights, documents=more)) is Answer.YES:
                yield Way(action, f"{action} {group.name}", None, ((action, group.arn),))

    # Others, to give all rights to and then act as

    def _others(self, one: Principal) -> Iterator[Way]:
        for gift in self._gifts.by(self._powers.rights(one)):
            if gift.other.id != one.id:
                yield from self._through(one, gift)

    def _through(self, one: Principal, gift: Gift) -> Iterator[Way]:
        other = gift.other
        ends = [(take, f"{take} of {other.name}") for take in gift.takes]
        if isinstance(other, Role) and self.assumes(one, other):
            ends.append(("sts:AssumeRole", f"sts:AssumeRole {other.name}"))
        for grant in gift.grants:
            for end, said in ends:
                method = f"{grant.action}+{end}"
                then = f"{grant.action} on {grant.name}, then {said}"
                yield Way(method, then, None, ((grant.action, grant.arn),))

    def _makes(self, one: Principal) -> Iterator[Way]:
        """A new role or user that nobody bounds, with all rights."""
        for kind, finish in (("Role", ()), ("User", SIGN_IN[:2])):
            make = f"iam:Create{kind}"
            for arn in self._powers.samples(self._powers.rights(one), make):
                grants = [f"iam:{verb}{kind}Policy" for verb in ("Attach", "Put")]
                given = [each for each in grants if self._may(one, each, arn)]
                ends = [each for each in finish if self._may(one, each, arn)]
                if given and (ends or not finish) and self._may(one, make, arn):
                    parts = (make, given[0], *ends[:1])
                    said = f"{', '.join(parts)} for a new {kind.lower()}"
                    yield Way("+".join(parts), said, None)
                    break

    def _may(self, one: Principal, action: str, arn: str) -> bool:
        return self._powers.may_on(self._powers.rights(one), action, arn)
