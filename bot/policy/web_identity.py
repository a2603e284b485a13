"""Trust in identity providers: which roles anyone who has an account there may assume.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.policy.decision import applies_to_action
from bot.policy.document import Condition, Document, Principal, Statement

_ACTION = "sts:AssumeRoleWithWebIdentity"
_PROVIDER = re.compile(r"arn:[^:]*:iam::\d{12}:oidc-provider/(.+)", re.DOTALL)
#: Providers that AWS knows by name, without one of the account's own; what tells customers apart.
_BUILT_IN = {
    "cognito-identity.amazonaws.com": ("aud", "sub"),
    "accounts.google.com": ("aud", "oaud", "sub"),
    "www.amazon.com": ("app_id", "user_id"),
    "graph.facebook.com": ("app_id", "id"),
}
_GITHUB = "token.actions.githubusercontent.com"
#: One issuer for all of their customers: without a subject, any of those gets in.
SHARED = frozenset(
    {
        _GITHUB,
        "gitlab.com",
        "app.terraform.io",
        "agent.buildkite.com",
        "api.pulumi.com/oidc",
        "oidc.codefresh.io",
        *_BUILT_IN,
    }
)
_GITHUB_CLAIMS = ("job_workflow_ref", "repository", "repository_id", "enterprise_id", "actor_id")
_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
_NEGATED = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike"})
# What stands before the first wildcard must end a name: `repo:us*` is `repo:us-not/…` as well.
_WHOLE_NAME = re.compile(r"[^:/]+:[^:/]+[:/].*|[^:/]+/.*", re.DOTALL)
_POD = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class AnySubject:
    """An Allow for whoever a provider vouches for; `claim` is the condition key that would tell."""

    statement: Statement
    principal: Principal
    provider: str
    claim: str

    @property
    def is_shared(self) -> bool:
        """Whether the provider has other customers behind the same issuer."""
        return self.provider in SHARED


def any_subjects(document: Document) -> tuple[AnySubject, ...]:
    """The OIDC providers of which any identity may assume the role of this trust policy.

    A condition counts if it must hold and names whom it lets in: not with IfExists or ForAllValues,
    and not with a pattern that others can meet by choosing a name. So does a Deny for all others.
    """
    denies = [one for one in document.statements if one.effect == "Deny" and _is_about(one)]
    return tuple(
        found
        for statement in document.statements
        if statement.effect == "Allow" and _is_about(statement)
        for found in _any_in(statement)
        if not any(_turns_others_away(deny, found) for deny in denies)
    )


def _is_about(statement: Statement) -> bool:
    return applies_to_action(statement, _ACTION)


def _any_in(statement: Statement) -> Iterator[AnySubject]:
    for principal in statement.principals:
        provider = _provider(principal)
        if provider and not any(_names(one, provider, _OPERATORS) for one in statement.conditions):
            claim = f"{provider}:{_claims(provider)[0]}"
            yield AnySubject(statement, principal, provider, claim)


def _provider(principal: Principal) -> str:
    if principal.type != "Federated":
        return ""
    found = _PROVIDER.fullmatch(principal.value)
    return found.group(1) if found else principal.value if principal.value in _BUILT_IN else ""


def _claims(provider: str) -> tuple[str, ...]:
    more = _GITHUB_CLAIMS if provider == _GITHUB else ()
    return _BUILT_IN.get(provider, ("sub", *more))


def _names(condition: Condition, provider: str, operators: frozenset[str]) -> bool:
    """Whether a condition names identities of the provider that nobody else can become."""
    if condition.operator.lower().removeprefix("foranyvalue:") not in operators:
        return False
    place, _, claim = condition.key.lower().rpartition(":")
    if place != provider.lower() or claim not in _claims(provider):
        return False
    return bool(condition.values) and all(_is_specific(one, provider) for one in condition.values)


def _is_specific(value: str, provider: str) -> bool:
    literal = re.split(r"[*?]|\$\{", value, maxsplit=1)[0]
    if literal == value:
        return bool(value)
    if provider in SHARED:
        return bool(_WHOLE_NAME.fullmatch(literal))
    return bool(literal.removeprefix(_POD)) and not _POD.startswith(literal)


def _turns_others_away(deny: Statement, found: AnySubject) -> bool:
    everyone = any(one.value == "*" for one in deny.principals)
    return (
        (everyone or found.principal in deny.principals)
        and bool(deny.conditions)
        and all(_names(one, found.provider, _NEGATED) for one in deny.conditions)
    )
