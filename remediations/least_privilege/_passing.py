"""Steps to a role through a service that works as it."""

from collections.abc import Iterator, Mapping

from bot.model import Account, Principal, Role
from bot.policy import SERVICE_WAYS, Document, ServiceWay, all_of_kind, as_passed_to
from remediations._rights import Rights
from remediations.least_privilege._powers import Powers
from remediations.least_privilege._way import Way, through

_HANDS_OVER = "iam:PassRole"
#: The action without which none of these ways is open, for each of them.
BEGINNINGS = frozenset(_HANDS_OVER if way.passes else way.actions[0] for way in SERVICE_WAYS)
# What they do is in a document; with another one, such as that for patches, nobody gets anywhere.
_BY_DOCUMENT = ("ssm:CreateAssociation", "ssm:SendCommand")
_RUNS_ANYTHING = "arn:{}:ssm:*::document/AWS-RunShellScript"


class Passing:
    """Knows which services work as which role, by its trust; `trusts` are by the role's id."""

    def __init__(
        self, account: Account, powers: Powers, trusts: Mapping[str, Document | None]
    ) -> None:
        self._account = account
        self._powers = powers
        self._trusts = trusts
        self._ways: dict[str, tuple[ServiceWay, ...]] = {}
        self._passed: dict[tuple[Rights, str], Rights] = {}

    def into(self, one: Principal, target: Role) -> Iterator[Way]:
        """Each service through which the principal gets the rights of the role."""
        if target.id not in self._ways:
            self._ways[target.id] = tuple(
                way for way in SERVICE_WAYS if self._works_as(target, way)
            )
        rights = self._powers.rights(one)
        for way in self._ways[target.id]:
            if self._has_all(rights, way, target):
                yield through(way, target)

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

    def _has_all(self, rights: Rights, way: ServiceWay, target: Role) -> bool:
        if not way.passes:
            return all(self._may_to_all(rights, each, way.kind) for each in way.actions)
        if self._powers.about(rights, _HANDS_OVER) is None:
            return False
        return all(
            self._powers.may_somewhere(rights, each) for each in way.actions
        ) and self._powers.may_on(self._as_passed(rights, way.service), _HANDS_OVER, target.arn)

    def _may_to_all(self, rights: Rights, action: str, kind: str) -> bool:
        """Whether they may do it to everything of the kind, or, if it is about others, anywhere."""
        if self._powers.about(rights, action) is None:
            return False
        account = self._account
        pattern = all_of_kind(action, kind, account_id=account.id, partition=account.partition)
        if pattern is None:
            return self._powers.may_somewhere(rights, action)
        runs = _RUNS_ANYTHING.format(account.partition)
        return self._powers.may(rights, action, pattern) and (
            action not in _BY_DOCUMENT or self._powers.may(rights, action, runs)
        )

    def _as_passed(self, rights: Rights, service: str) -> Rights:
        """What the rights say of passing roles to the service."""
        key = rights, service
        if key not in self._passed:
            self._passed[key] = Rights(
                frozenset(as_passed_to(each, service) for each in rights.documents),
                rights.boundary and as_passed_to(rights.boundary, service),
            )
        return self._passed[key]
