"""What of an analyzer's findings about one user or role still stands, as findings of ours."""

from collections.abc import Iterator

from bot.credentials import key_evidence, key_finding, password_evidence
from bot.model import Finding, Json, Principal, Resource, Role, Severity, Snapshot, User
from remediations._fence import is_fenced
from remediations._fence_documents import UNUSED_DOCUMENT, UNUSED_FENCE
from remediations._subjects import resource_of
from remediations.least_privilege._analyzed import (
    KEY,
    PASSWORD,
    RIGHTS,
    ROLE,
    Told,
    about,
    days_of,
    evidence,
    excess,
)
from remediations.least_privilege._holders import said
from remediations.least_privilege._idle_role import idle_roles, signs
from remediations.unused_credentials._idle import idle_keys, idle_passwords

CONTROL_ID, SEVERITY = "unused-access-analyzer-findings", Severity.LOW


def of_rights(one: Principal, snapshot: Snapshot) -> Iterator[Finding]:
    """One finding for each policy that is this one's alone, and one for all others together."""
    told = about(one, RIGHTS, snapshot)
    if not told:
        return
    found = excess(one, told, snapshot)
    for each in found:
        if each.theirs:
            yield _finding(
                each.subject,
                each.policy.resource,
                f"{each.policy.label} allows {said(one)} what Access Analyzer says it never used "
                f"in {days_of(told)} days",
                told,
                unused=[*sorted(each.trimmed.removed)],
                **each.policy.evidence(snapshot),
            )
    others = [each for each in found if not each.theirs]
    if others or any(each.found.unread or not each.found.unused for each in told):
        yield _finding(
            f"{one.id}/unused-access",
            resource_of(one),
            f"Access Analyzer says of {said(one)}: rights that nobody used",
            told,
            policies=[*sorted(each.policy.label for each in others)],
        )


def _finding(
    subject: str, resource: Resource, summary: str, told: tuple[Told, ...], **more: Json
) -> Finding:
    facts: dict[str, Json] = {**evidence(told), **more}
    return Finding(CONTROL_ID, subject, resource, SEVERITY, summary, facts)


def of_role(role: Role, snapshot: Snapshot) -> Iterator[Finding]:
    """A role that nobody used, nor since the analyzer looked."""
    told = about(role, ROLE, snapshot)
    if not told or is_fenced(role, UNUSED_FENCE, UNUSED_DOCUMENT):
        return
    for idle, since in idle_roles(snapshot, days_of(told), ()):
        if idle.id == role.id:
            what = f"Access Analyzer says that nobody used {said(role)} in {days_of(told)} days"
            facts = signs(role, since, snapshot)
            yield _finding(f"{role.id}/role", resource_of(role), what, told, **facts)


def of_credentials(user: User, snapshot: Snapshot) -> Iterator[Finding]:
    """The user's keys and password that nobody used, nor since the analyzer looked."""
    said_so = f"which Access Analyzer says that {user.name} never used"
    told = about(user, KEY, snapshot)
    named = {each.found.key_id for each in told}
    for owner, key in idle_keys(snapshot, days_of(told)) if told else ():
        # A key that isn't named yet may be the one; nor does AWS always say which one it means.
        if owner.id == user.id and (key.key_id is None or key.key_id in named or "" in named):
            facts = {**key_evidence(key, snapshot), **evidence(told)}
            summary = f"An access key, {said_so} in {days_of(told)} days"
            yield key_finding(CONTROL_ID, SEVERITY, user, key, summary, facts)
    told = about(user, PASSWORD, snapshot)
    for owner, row in idle_passwords(snapshot, days_of(told)) if told else ():
        if owner.id == user.id:
            summary = f"A console password, {said_so} in {days_of(told)} days"
            facts = password_evidence(user, row, snapshot)
            yield _finding(f"{user.id}/password", resource_of(user), summary, told, **facts)
