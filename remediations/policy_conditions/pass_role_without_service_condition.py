"""Policy that lets roles be handed to any service

Detects
-------
Policies of your own, and inline ones, that allow `iam:PassRole` by name (`iam:Pass*` too) with no
condition on `iam:PassedToService`. A condition with `IfExists` or `ForAllValues` is none; a Deny
for all other services counts. Policies that allow all of IAM, or everything, are another matter:
`full-admin-policy` and `service-wildcard-policy` see those.

Why it matters
--------------
Whoever may pass a role to a service of their choice takes the role's rights: by a function that
runs their code with it, or an instance that they sign in to. Most people need to pass a role to the
one or two services that they work with.

Changes
-------
`iam:PassRole` is allowed for the services that may assume one of the roles it is about, as their
trust policies say today; other actions of the same statement are split off, and stay as they were.
Passing one of those roles as before goes on; a role that trusts another service, made or changed
later, needs that service to be added. A managed policy gets a new version and keeps the old one; an
inline one is overwritten. Where the statement is about no role that a service may assume, or the
roles trust more than ten services, people choose.

Undo
----
The old version is put in force again and the new one deleted; the old text is written back.

When to say no
--------------
When a pipeline makes new roles for new services all the time: list those services in the policy
yourself, or limit it to roles of one path.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
"""

from collections.abc import Iterator, Mapping

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import (
    Condition,
    KnownArns,
    Match,
    Statement,
    Tightening,
    action_covers,
    match_resource,
    matches_action,
    must_name,
    tightened,
)
from remediations.delegation._trusts import services_in, trust_of
from remediations.policy_conditions._rewrite import by_hand, rewrite
from remediations.policy_conditions._written import Written, written, written_at

_PASS, _KEY = "iam:PassRole", "iam:PassedToService"
# A longer list limits little, and nobody reads it.
_MOST = 10
_ROLES = frozenset({Part.ROLES})


def detect(snapshot: Snapshot, _settings: Settings) -> Iterator[Finding]:
    """One finding per policy."""
    for policy in written(snapshot):
        found = _unlimited(policy)
        if found:
            yield Finding(
                control=CONTROL.id,
                subject=policy.subject,
                resource=policy.resource,
                severity=CONTROL.severity,
                summary=f"{policy.label} lets roles be handed to any service",
                evidence={
                    "statements": [each.label for each in found],
                    "roles": sorted({one for each in found for one in each.resources}),
                    **policy.evidence(snapshot),
                },
            )


def _unlimited(policy: Written) -> tuple[Statement, ...]:
    """The statements that allow it by name, for whatever service."""
    statements = policy.document.statements
    if any(each.effect == "Deny" and _refuses_others(each) for each in statements):
        return ()
    return tuple(
        each
        for each in statements
        if each.effect == "Allow" and _named(each) and not must_name(each, _KEY)
    )


def _named(statement: Statement) -> frozenset[str]:
    """The patterns that mean it, but for those for all of IAM or more."""
    return frozenset(
        each
        for each in statement.actions
        if matches_action(each, _PASS) and not action_covers(each, "iam:*")
    )


def _refuses_others(deny: Statement) -> bool:
    """Whether a Deny is for passing roles to all services but some."""
    negated = {"stringnotequals", "stringnotlike", "stringnotequalsignorecase"}
    return (
        any(matches_action(each, _PASS) for each in deny.actions)
        and "*" in deny.resources
        and len(deny.conditions) == 1
        and deny.conditions[0].key.lower() == _KEY.lower()
        and deny.conditions[0].operator.lower().removesuffix("ifexists") in negated
    )


def plan(finding: Finding, snapshot: Snapshot, _settings: Settings) -> Plan | Manual:
    """Name the services that may assume the roles it is about."""
    policy = written_at(finding.resource, finding.subject, snapshot)
    changes: dict[int, Tightening] = {}
    for statement in _unlimited(policy):
        services = sorted(_services(statement, snapshot))
        if not services or len(services) > _MOST:
            which = ", ".join(statement.resources) or "all roles but some"
            reason = (
                f"{len(services)} services may assume a role that {statement.label} is about "
                f"({which}), so that somebody has to choose"
            )
            step = f"Add to {statement.label} a condition: StringEquals {_KEY} with the services"
            return by_hand(finding, policy, snapshot, reason, step)
        condition = Condition("StringEquals", _KEY, tuple(services))
        changes[statement.index] = Tightening(condition, actions=_named(statement))
    named = sorted({one for each in changes.values() for one in each.condition.values})
    return rewrite(
        finding,
        policy,
        tightened(policy.document, changes),
        snapshot,
        summary=f"Let {policy.label} hand roles to {', '.join(named)} alone",
        breaks=(f"Handing a role to a service other than {', '.join(named)} is refused",),
    )


def _services(statement: Statement, snapshot: Snapshot) -> frozenset[str]:
    """The services that may assume a role that the statement is about."""
    services = snapshot.once(_services_by_role, _ROLES)
    return frozenset[str]().union(*map(services.__getitem__, _roles(statement, snapshot)))


def _roles(statement: Statement, snapshot: Snapshot) -> frozenset[str]:
    known = snapshot.once(_known_roles, _ROLES)
    if statement.resources:
        return frozenset[str]().union(*map(known.matched_by, statement.resources))
    return frozenset(
        role.arn
        for role in snapshot.roles
        if all(match_resource(each, role.arn) is not Match.YES for each in statement.not_resources)
    )


def _known_roles(snapshot: Snapshot) -> KnownArns:
    return KnownArns(role.arn for role in snapshot.roles)


def _services_by_role(snapshot: Snapshot) -> Mapping[str, frozenset[str]]:
    return {role.arn: frozenset(services_in(trust_of(role))) for role in snapshot.roles}


CONTROL = Control(
    id="pass-role-without-service-condition",
    title="Policy that lets roles be handed to any service",
    topic="policy_conditions",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=Settings,
    detect=detect,
    plan=plan,
)
