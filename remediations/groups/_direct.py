"""Findings on what users hold themselves instead of through a group."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from bot.credentials import SES_POLICY
from bot.model import (
    Account,
    Finding,
    InlinePolicy,
    Json,
    Severity,
    User,
    is_quarantine,
)
from bot.policy import PolicyDocumentError, parse_document
from remediations._fence_documents import is_a_fence
from remediations._subjects import resource_of

#: What a user may hold without anyone having given it: it comes with a password reset.
FROM_AWS = ("IAMUserChangePassword",)


def attached_directly(user: User, left_alone: Iterable[str]) -> tuple[str, ...]:
    """The ARNs of the managed policies that the user was given; AWS's quarantine is none of them.

    `left_alone` are patterns of policies' names that don't count.
    """
    patterns = tuple(left_alone)
    return tuple(
        arn
        for arn in sorted(user.attached)
        if not is_quarantine(arn)
        and not any(fnmatchcase(arn.rpartition("/")[2], name) for name in patterns)
    )


def inline_directly(user: User, account: Account) -> tuple[InlinePolicy, ...]:
    """The user's inline policies by name, without Locksmith's fences and what SES's console puts.

    By that one controls know whose keys send mail, so it stays where it is.
    """
    counted = (
        policy
        for policy in user.inline
        if not is_a_fence(policy, user, account) and not _lets_send_mail(policy)
    )
    return tuple(sorted(counted, key=lambda policy: policy.name))


def _lets_send_mail(policy: InlinePolicy) -> bool:
    """Whether this is SES's own policy, which allows nothing else; a name proves nothing."""
    if policy.name != SES_POLICY:
        return False
    try:
        document = parse_document(policy.text, where=policy.name)
    except PolicyDocumentError:
        return False
    return all(
        one.effect == "Allow"
        and bool(one.actions)
        and all(action.casefold().startswith("ses:") for action in one.actions)
        for one in document.statements
    )


def direct_policies(
    control: str, user: User, kind: str, policies: list[str], left_alone: list[str]
) -> Finding:
    """The finding that a user holds `policies` of this `kind` (attached, inline) themselves."""
    many = "policies" if len(policies) > 1 else "policy"
    what = {"attached": f"managed {many} attached", "inline": f"inline {many}"}[kind]
    evidence: dict[str, Json] = {
        "policies": policies,
        "left_alone": left_alone,
        "groups": list(user.groups),
    }
    return Finding(
        control=control,
        subject=f"{user.id}/{kind}-policies",
        resource=resource_of(user),
        severity=Severity.LOW,
        summary=f"{user.name} has {len(policies)} {what} directly instead of through a group",
        evidence=evidence,
    )
