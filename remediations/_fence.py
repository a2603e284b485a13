"""Fences: deny policies that Locksmith puts on a user, and takes away again, whole."""

import json

from bot.model import Expect, Finding, Manual, Part, Plan, Risk, Snapshot, Step, User
from bot.policy import document_size
from remediations import _reads as reads
from remediations._fence_documents import (
    CONSOLE_DOCUMENT,
    CONSOLE_FENCE,
    INACTIVE_DOCUMENT,
    INACTIVE_FENCE,
    Document,
    holds,
)

# Default of GetAccountSummary's quota for one user's inline policies together, in characters.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ROOM = 2048
_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html"


def is_fenced(user: User, name: str, document: Document) -> bool:
    """Whether this very fence stands; one that somebody changed does not count."""
    return any(policy.name == name and holds(policy, document) for policy in user.inline)


def is_shut_out(user: User) -> bool:
    """Whether a fence stands before the whole console, or before everything."""
    return is_fenced(user, CONSOLE_FENCE, CONSOLE_DOCUMENT) or is_fenced(
        user, INACTIVE_FENCE, INACTIVE_DOCUMENT
    )


def fence(
    finding: Finding,
    user: User,
    snapshot: Snapshot,
    *,
    name: str,
    document: Document,
    guards: tuple[Expect, ...],
    risk: Risk,
    summary: str,
    breaks: tuple[str, ...],
) -> Plan | Manual:
    """The plan that puts the fence on the user, if the `guards` hold; advice where it can't."""
    hindrance = _hindrance(user, snapshot, name, document)
    if hindrance:
        return Manual(snapshot.account, finding.subject, *hindrance, (_LINK,))
    text = json.dumps(document, separators=(",", ":"))
    step = Step(
        name="fence",
        summary=f"Put the inline policy {name} on {user.name}",
        risk=risk,
        before=(reads.user_is(user), *guards, reads.inline_absent(user, name)),
        do=reads.call("PutUserPolicy", UserName=user.name, PolicyName=name, PolicyDocument=text),
        after=(reads.inline_is(user, name, document),),
        undo=reads.call("DeleteUserPolicy", UserName=user.name, PolicyName=name),
    )
    return Plan(snapshot.account, finding.subject, (step,), summary, breaks)


def _hindrance(
    user: User, snapshot: Snapshot, name: str, document: Document
) -> tuple[str, tuple[str, ...]] | None:
    if any(policy.name == name for policy in user.inline):
        return (
            f"{user.name} has an inline policy {name} that is not as Locksmith puts it",
            (f"Delete the inline policy {name} of {user.name}", "Let Locksmith scan again"),
        )
    allowed: int = snapshot.parts.get(Part.ACCOUNT_SUMMARY, {}).get("UserPolicySizeQuota", _ROOM)
    used = sum(document_size(policy.text) for policy in user.inline)
    needed = document_size(document)
    if used + needed > allowed:
        return (
            (
                f"the inline policies of {user.name} leave {max(0, allowed - used)} of {allowed} "
                f"characters, and the fence needs {needed}"
            ),
            (
                f"Move inline policies of {user.name} to a group or a managed policy",
                "Let Locksmith scan again",
            ),
        )
    return None
