"""What one principal can do to become more than it is: each single step of an escalation."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.model import Group, Principal, Role, Snapshot, User
from bot.policy import (
    SERVICE_WAYS,
    Answer,
    Document,
    Proof,
    ServiceWay,
    applies_to_action,
    as_passed_to,
    full_administration_of,
    parse_document,
)
from remediations._rights import Rights, RightsReader, lets_in, may
from remediations.least_privilege._lifting import Lift, lifts
from remediations.least_privilege._saml import TAKEOVERS, vouching
from remediations.least_privilege._way import Way, through

_FULL = parse_document(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    where="everything",
)
_SAMPLE = "locksmith-sample"
_SIGN_IN = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")
#: What gives somebody rights, whoever that is.
_GRANTS = (
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
)
_BY_AWS = ("/aws-service-role/", "/aws-reserved/")


class Ways:
    """Knows the steps of every principal of one snapshot; equal rights are judged once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._reader = RightsReader(snapshot, Proof.MFA)
        self._rights: dict[str, Rights] = {}
        self._trusts = {role.id: self._reader.read(role.trust) for role in snapshot.roles}
        self._administering: dict[Rights, Answer] = {}
        self._possible: dict[tuple[Rights, str], bool] = {}
        self._somewhere: dict[tuple[Rights, str], bool] = {}
        self._on_action: dict[tuple[Rights, str], Rights] = {}
        self._grants: dict[str, tuple[tuple[str, str, str], ...]] = {}

    def rights(self, one: Principal) -> Rights:
        """All that the principal has."""
        if one.id not in self._rights:
            self._rights[one.id] = self._reader.of(one)
        return self._rights[one.id]

    def is_known(self, one: Principal) -> bool:
        """Whether a boundary that the principal has could be read."""
        return one.boundary is None or self.rights(one).boundary is not None

    def administers(self, rights: Rights) -> Answer:
        """Whether somebody with these rights is an administrator."""
        if rights not in self._administering:
            account = self._snapshot.account
            self._administering[rights] = full_administration_of(
                rights.documents,
                rights.boundary,
                account_id=account.id,
                partition=account.partition,
            ).answer
        return self._administering[rights]

    def assumes(self, one: Principal, role: Role) -> bool:
        """Whether the principal may take on the role, as its trust means it."""
        trust = self._trusts[role.id]
        if trust is None or one.id == role.id:
            return False
        return lets_in(trust, one, role, self.rights(one), self._snapshot.account)

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
        if isinstance(target, User):
            for action in _SIGN_IN:
                if self._may(one, action, target.arn):
                    said = f"{action} for {target.name}"
                    yield Way(action, said, target, ((action, target.arn),))
            return
        change = "iam:UpdateAssumeRolePolicy"
        if not target.path.startswith(_BY_AWS) and self._may(one, change, target.arn):
            yield Way(change, f"{change} of {target.name}", target, ((change, target.arn),))
        yield from self._federated(one, target)
        for way in SERVICE_WAYS:
            if self._works_as(target, way) and self._has_all(one, way, target):
                yield through(way, target)

    def _federated(self, one: Principal, target: Role) -> Iterator[Way]:
        trust = self._trusts[target.id]
        for provider in vouching(trust) if trust else ():
            for actions in TAKEOVERS:
                if all(self._may(one, action, provider) for action in actions):
                    named = " and ".join(actions)
                    said = f"{named} {provider.rpartition('/')[2]}, to sign in as {target.name}"
                    yield Way("+".join(actions), said, target, ((actions[-1], provider),))

    # Rights of one's own

    def _self_grants(self, one: Principal) -> Iterator[Way]:
        kind = type(one).__name__
        lifts = [
            f"iam:{verb}{kind}PermissionsBoundary"
            for verb in ("Delete", "Put")
            if one.boundary and self._may(one, f"iam:{verb}{kind}PermissionsBoundary", one.arn)
        ]
        unbound = replace(self.rights(one), boundary=None)
        if lifts and self.administers(unbound) is Answer.YES:
            for action in lifts:
                yield Way(action, f"{action} on itself", None, ((action, one.arn),))
        granted = _with(_FULL, unbound if lifts else self.rights(one))
        if self.administers(granted) is not Answer.YES:
            return
        for action, arn, name in self._grants_to(one):
            if self._may(one, action, arn):
                yield Way(action, f"{action} on {name}", None, ((action, arn),))

    def _lifts(self, one: Principal) -> Iterator[Way]:
        """What denies somebody who has the rights, or may give them to itself, is taken away."""
        rights = self.rights(one)
        denies = (each for document in rights.documents for each in document.statements)
        if not any(each.effect == "Deny" for each in denies):
            return
        for lift in lifts(one, self._reader, self._snapshot.policies_by_arn):
            if self._may(one, lift.action, lift.arn) and self._opens(one, lift):
                said = f"{lift.action} of {lift.said}, which denies it"
                yield Way(lift.action, said, None, ((lift.action, lift.arn),))

    def _opens(self, one: Principal, lift: Lift) -> bool:
        rights = self._reader.of(one, lacking=lift.lacking)
        if not lift.writes:
            return self.administers(rights) is Answer.YES
        already = self.administers(_with(_FULL, self.rights(one))) is Answer.YES
        return not already and self.administers(_with(_FULL, rights)) is Answer.YES

    def _grants_to(self, one: Principal) -> Iterator[tuple[str, str, str]]:
        """What would give the principal any right, if allowed."""
        kind = type(one).__name__
        for verb in ("Attach", "Put"):
            yield f"iam:{verb}{kind}Policy", one.arn, one.name
        for giver in self._reader.givers(one):
            if isinstance(giver, Group):
                for verb in ("Attach", "Put"):
                    yield f"iam:{verb}GroupPolicy", giver.arn, f"the group {giver.name}"
            for arn in giver.attached:
                policy = self._snapshot.policies_by_arn.get(arn)
                if policy and not policy.by_aws:
                    yield "iam:CreatePolicyVersion", arn, policy.name

    def _versions(self, one: Principal) -> Iterator[Way]:
        action = "iam:SetDefaultPolicyVersion"
        for arn in {arn for giver in self._reader.givers(one) for arn in giver.attached}:
            policy = self._snapshot.policies_by_arn.get(arn)
            if policy is None or policy.by_aws or not self._may(one, action, arn):
                continue
            for version in policy.versions:
                then = self._reader.of(one, {arn: version.text})
                if not version.is_default and self.administers(then) is Answer.YES:
                    said = f"{action} of {policy.name} to {version.id}"
                    yield Way(action, said, None, ((action, arn),))

    def _joins(self, one: User) -> Iterator[Way]:
        action = "iam:AddUserToGroup"
        for group in self._snapshot.groups if self._possibly(one, action) else ():
            if group.name in one.groups or not self._may(one, action, group.arn):
                continue
            rights = self.rights(one)
            more = rights.documents | self._reader.granted_by(group)
            if self.administers(replace(rights, documents=more)) is Answer.YES:
                yield Way(action, f"{action} {group.name}", None, ((action, group.arn),))

    # Others, to give all rights to and then act as

    def _others(self, one: Principal) -> Iterator[Way]:
        possible = {
            action: self._about(one, action) for action in _GRANTS if self._possibly(one, action)
        }
        if not possible:
            return
        everybody: tuple[Principal, ...] = (*self._snapshot.users, *self._snapshot.roles)
        for other in everybody:
            if other.id != one.id and not other.path.startswith(_BY_AWS):
                yield from self._through_other(one, other, possible)

    def _through_other(
        self, one: Principal, other: Principal, possible: Mapping[str, Rights]
    ) -> Iterator[Way]:
        if other.id not in self._grants:
            self._grants[other.id] = tuple(self._grants_to(other))
        grants = [
            each
            for each in self._grants[other.id]
            if each[0] in possible and may(*each[:2], possible[each[0]])
        ]
        if not grants or self.administers(_with(_FULL, self.rights(other))) is not Answer.YES:
            return
        takes = _SIGN_IN if isinstance(other, User) else ("iam:UpdateAssumeRolePolicy",)
        ends = [
            (take, f"{take} of {other.name}") for take in takes if self._may(one, take, other.arn)
        ]
        if isinstance(other, Role) and self.assumes(one, other):
            ends.append(("sts:AssumeRole", f"sts:AssumeRole {other.name}"))
        for action, arn, name in grants:
            for end, said in ends:
                method = f"{action}+{end}"
                yield Way(method, f"{action} on {name}, then {said}", None, ((action, arn),))

    def _makes(self, one: Principal) -> Iterator[Way]:
        """A new role or user that nobody bounds, with all rights."""
        for kind, finish in (("Role", ()), ("User", _SIGN_IN[:2])):
            make = f"iam:Create{kind}"
            for arn in self._samples(one, make):
                grants = [f"iam:{verb}{kind}Policy" for verb in ("Attach", "Put")]
                given = [each for each in grants if self._may(one, each, arn)]
                ends = [each for each in finish if self._may(one, each, arn)]
                if given and (ends or not finish) and self._may(one, make, arn):
                    parts = (make, given[0], *ends[:1])
                    said = f"{', '.join(parts)} for a new {kind.lower()}"
                    yield Way("+".join(parts), said, None)
                    break

    # Services that work as a role

    def _works_as(self, role: Role, way: ServiceWay) -> bool:
        trust = self._trusts[role.id]
        if trust is None or (way.on_instances and not role.instance_profiles):
            return False
        wanted = "Federated" if way.federated else "Service", way.service
        return any(
            statement.effect == "Allow"
            and any((one.type, one.value) == wanted for one in statement.principals)
            for statement in trust.statements
        )

    def _has_all(self, one: Principal, way: ServiceWay, target: Role) -> bool:
        if not way.passes:
            return all(
                self._possibly(one, each) and self._may(one, each, "*") for each in way.actions
            )
        if not self._possibly(one, "iam:PassRole"):
            return False
        rights = self.rights(one)
        passed = Rights(
            frozenset(as_passed_to(each, way.service) for each in rights.documents),
            rights.boundary and as_passed_to(rights.boundary, way.service),
        )
        return all(self._is_somewhere(one, each) for each in way.actions) and may(
            "iam:PassRole", target.arn, passed
        )

    def _is_somewhere(self, one: Principal, action: str) -> bool:
        key = self.rights(one), action
        if key not in self._somewhere:
            self._somewhere[key] = any(
                self._may(one, action, arn) for arn in self._samples(one, action)
            )
        return self._somewhere[key]

    def _samples(self, one: Principal, action: str) -> Iterator[str]:
        """Resources that whoever makes something could choose, as far as the patterns let them."""
        rights = self.rights(one)
        if not self._possibly(one, action):
            return
        bound = (rights.boundary,) if rights.boundary else ()
        for document in (*bound, *rights.documents):
            for statement in document.statements:
                if statement.effect == "Allow" and applies_to_action(statement, action):
                    for pattern in statement.resources or ("*",):
                        yield pattern.replace("*", _SAMPLE).replace("?", "x")

    # Asking

    def _possibly(self, one: Principal, action: str) -> bool:
        """Whether any statement allows the action on anything: most principals need no more."""
        rights = self.rights(one)
        key = rights, action
        if key not in self._possible:
            self._possible[key] = any(
                statement.effect == "Allow" and applies_to_action(statement, action)
                for document in rights.documents
                for statement in document.statements
            )
        return self._possible[key]

    def _about(self, one: Principal, action: str) -> Rights:
        """The rights without the statements that are not about the action."""
        rights = self.rights(one)
        key = rights, action
        if key not in self._on_action:
            documents = (_on_action(each, action) for each in rights.documents)
            self._on_action[key] = replace(rights, documents=frozenset(documents))
        return self._on_action[key]

    def _may(self, one: Principal, action: str, resource: str) -> bool:
        return self._possibly(one, action) and may(action, resource, self._about(one, action))


def _on_action(document: Document, action: str) -> Document:
    kept = tuple(each for each in document.statements if applies_to_action(each, action))
    return replace(document, statements=kept)


def _with(document: Document, rights: Rights) -> Rights:
    return replace(rights, documents=rights.documents | {document})
