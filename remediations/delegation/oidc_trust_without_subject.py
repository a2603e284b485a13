"""Role that anyone at an identity provider may assume

Detects
-------
Roles that identities of an OIDC provider may assume (GitHub Actions, GitLab, Terraform Cloud, an
EKS cluster, Cognito, Google …) while no condition says which: on `…:sub`, or what the provider has
in its place (`cognito-identity.amazonaws.com:aud`, GitHub's `repository_id`). A condition on
`…:aud` alone is none, nor are `IfExists`, `ForAllValues`, and patterns that others can meet by
choosing a name (`*`, `repo:*`, `repo:your-org*`). A Deny for all other subjects counts. Critical
where the provider serves many customers with one issuer, medium where it is your own.

Why it matters
--------------
GitHub signs the same kind of token for every repository in the world. A role that asks only for
GitHub's signature can be assumed from anybody's; one that trusts a whole cluster, by every program
in it.

Changes
-------
The trust policy, and nothing else: the provider's statement gets the condition that the subject is
one of those that `subjects` lists for it (`StringLike`), or that pattern in the place of a wider
one; other principals of the statement stay as they are. Whoever has another subject is refused from
then on; sessions that were issued before stay open until they end. Where `subjects` says nothing of
the provider, people find out who comes in.

Undo
----
The exact old document is written back, where the provider is your own. For providers that serve
many customers AWS takes no trust policy without a subject any more, so there it is for good, and
the finding's evidence keeps the text.

When to say no
--------------
When `subjects` lacks a repository, branch or program that needs the role. When the provider is
yours alone and whoever it vouches for is meant to have the role.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
https://docs.github.com/en/actions/concepts/security/openid-connect
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from bot.model import (
    Account,
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Role,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import AnySubject, any_subjects
from remediations._subjects import resource_of
from remediations.delegation._asked_subjects import asking_for_subjects
from remediations.delegation._trust_steps import (
    SESSIONS,
    rewrite_trust,
    take_out,
    who_assumed,
    why_not_rewritten,
)
from remediations.delegation._trusts import role_evidence, trust_of, trusts

_LINK = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    "id_roles_providers_oidc_secure-by-default.html"
)
_FOR_GOOD = "AWS takes no trust policy any more that lets in all customers of a shared provider"


class OidcTrustWithoutSubjectSettings(Settings):
    """Who is meant to come in from each provider."""

    subjects: Mapping[str, Annotated[tuple[str, ...], Field(strict=False)]] = Field(
        default_factory=dict,
        description="By provider, without https:// (token.actions.githubusercontent.com): the "
        "subjects that are yours, with * and ? (repo:your-org/*).",
    )


def detect(snapshot: Snapshot, _settings: OidcTrustWithoutSubjectSettings) -> Iterator[Finding]:
    """One finding per role."""
    for role, document in trusts(snapshot):
        found = any_subjects(document)
        if found:
            who = " and ".join(dict.fromkeys(each.provider for each in found))
            shared = any(each.is_shared for each in found)
            yield Finding(
                control=CONTROL.id,
                subject=f"{role.id}/trust",
                resource=resource_of(role),
                severity=Severity.CRITICAL if shared else Severity.MEDIUM,
                summary=f"The role {role.name} can be assumed by anyone whom {who} vouches for",
                evidence={
                    "providers": [*dict.fromkeys(each.provider for each in found)],
                    "statements": [*dict.fromkeys(each.statement.label for each in found)],
                    "trust_policy": document.raw,
                    **role_evidence(role),
                },
            )


def plan(
    finding: Finding, snapshot: Snapshot, settings: OidcTrustWithoutSubjectSettings
) -> Plan | Manual:
    """Ask for a subject of yours, or say how people find out who comes in."""
    role, account = snapshot.roles_by_id[finding.resource.unique_id], snapshot.account
    document = trust_of(role)
    found = any_subjects(document)
    new = asking_for_subjects(document, found, settings.subjects)
    reason = new if isinstance(new, str) else why_not_rewritten(document, new, snapshot)
    if reason or isinstance(new, str):
        return _manual(finding, role, account, found, reason)
    step = rewrite_trust(
        role,
        document,
        new,
        name="ask-for-subject",
        summary=f"Let only subjects of yours assume the role {role.name}",
        irreversible_because=_FOR_GOOD if any(each.is_shared for each in found) else "",
    )
    breaks = (
        *(
            f"Whoever comes from {each.provider} is refused unless the subject is one of "
            f"{', '.join(settings.subjects[each.provider])}"
            for each in found
        ),
        SESSIONS,
    )
    summary = f"Let only subjects of yours assume the role {role.name}"
    return Plan(account, finding.subject, (step,), summary, breaks)


def _manual(
    finding: Finding, role: Role, account: Account, found: tuple[AnySubject, ...], reason: str
) -> Manual:
    mine = (
        f"Add those of {each.provider} that are yours to `subjects` of this control, or ask for "
        f"them in {each.statement.label} yourself, by a condition on {each.claim}"
        for each in found
    )
    seen = f"{who_assumed(role)}: userIdentity.userName is the subject"
    steps = (seen, *mine, take_out(role))
    return Manual(account, finding.subject, reason, steps, (_LINK,))


CONTROL = Control(
    id="oidc-trust-without-subject",
    title="Role that anyone at an identity provider may assume",
    topic="delegation",
    severity=Severity.CRITICAL,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.ROLES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=OidcTrustWithoutSubjectSettings,
    detect=detect,
    plan=plan,
)
