"""Whether anybody but root administers an account: users who get in, and roles people come by."""

from collections.abc import Iterator

from bot.model import InlinePolicy, Part, Principal, Role, Snapshot, User
from bot.policy import Answer, Document, full_administration_of, parse_document

_Rights = tuple[frozenset[str], frozenset[str], str | None]
_WORKS = frozenset({Answer.YES, Answer.CONDITIONAL})


def administrator(snapshot: Snapshot) -> str | None:
    """The ARN of a user or role that surely administers, if only with MFA; None if none does.

    Users without password and active key don't count, nor roles that only services and web
    identities assume, nor Locksmith's own. Boundaries are weighed, organization policies are not
    known here. Raises PolicyDocumentError where a text that matters can't be read.
    """
    known: dict[_Rights, bool] = {}
    for principal in _comers(snapshot):
        rights = _rights(principal, snapshot)
        if rights not in known:
            known[rights] = _administers(rights, snapshot)
        if known[rights]:
            return principal.arn
    return None


def _comers(snapshot: Snapshot) -> Iterator[Principal]:
    own = snapshot.protection.is_own
    yield from (role for role in snapshot.roles if _is_for_people(role) and not own(role.arn))
    yield from (user for user in snapshot.users if _has_door(user, snapshot) and not own(user.arn))


def _has_door(user: User, snapshot: Snapshot) -> bool:
    """By the credential report; a user that it doesn't know yet is taken to get in."""
    row = snapshot.report_rows.get(user.arn)
    return row is None or row.password_enabled is True or any(key.active for key in row.keys)


def _is_for_people(role: Role) -> bool:
    trust = parse_document(role.trust, where=f"the trust of {role.name}")
    return any(
        principal.type in ("AWS", "*") or ":saml-provider/" in principal.value
        for statement in trust.statements
        if statement.effect == "Allow"
        for principal in statement.principals
    )


def _rights(principal: Principal, snapshot: Snapshot) -> _Rights:
    attached, inline = set(principal.attached), list(principal.inline)
    for name in principal.groups if isinstance(principal, User) else ():
        group = snapshot.groups_by_name.get(name)
        if group:
            attached |= set(group.attached)
            inline += group.inline
    return frozenset(attached), frozenset(map(_text, inline)), principal.boundary


def _text(policy: InlinePolicy) -> str:
    return policy.text


def _administers(rights: _Rights, snapshot: Snapshot) -> bool:
    attached, inline, boundary = rights
    documents = [_of_policy(arn, snapshot) for arn in sorted(attached)]
    documents += [parse_document(text, where="an inline policy") for text in sorted(inline)]
    bound = _of_policy(boundary, snapshot) if boundary else None
    account = snapshot.account
    found = full_administration_of(
        documents, bound, account_id=account.id, partition=account.partition
    )
    return found.answer in _WORKS


def _of_policy(arn: str, snapshot: Snapshot) -> Document:
    policy = snapshot.policies_by_arn.get(arn)
    return parse_document(policy.default.text if policy else "", where=arn)


#: The parts that this looks at.
NEEDS = frozenset(
    {
        Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES,
        Part.CREDENTIAL_REPORT,
    }
)  # fmt: skip
