"""Fences: deny policies that Locksmith puts on a user or role, and takes away again, whole."""

import json

from bot.model import (
    CONSOLE_FENCE,
    Expect,
    Finding,
    Manual,
    Operator,
    Part,
    Plan,
    Risk,
    Role,
    Snapshot,
    Step,
    User,
)
from bot.policy import document_size
from remediations._fence_documents import (
    CONSOLE_DOCUMENT,
    INACTIVE_DOCUMENT,
    INACTIVE_FENCE,
    Document,
    holds,
)
from remediations._policy_reads import inline_by_name, is_still, kind_of, of_holder
from remediations._reads import absent

# Defaults of GetAccountSummary's quotas for one identity's inline policies together, in characters.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ROOM = {"User": 2048, "Role": 10240}
_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html"


def is_fenced(holder: User | Role, name: str, document: Document) -> bool:
    """Whether this very fence stands; one that somebody changed does not count."""
    return any(policy.name == name and holds(policy, document) for policy in holder.inline)


def is_shut_out(user: User) -> bool:
    """Whether a fence stands before the whole console, or before everything."""
    return is_fenced(user, CONSOLE_FENCE, CONSOLE_DOCUMENT) or is_fenced(
        user, INACTIVE_FENCE, INACTIVE_DOCUMENT
    )


def placed(holder: User | Role, name: str, document: Document) -> Expect:
    """The fence is on the holder, just as Locksmith puts it."""
    found = inline_by_name(kind_of(holder), holder.name, name, dict(document))
    why = f"the inline policy {name} of {holder.name} is not as Locksmith put it"
    return Expect(found.read, found.path, Operator.EQUALS, dict(document), why)


def fence(
    finding: Finding,
    holder: User | Role,
    snapshot: Snapshot,
    *,
    name: str,
    document: Document,
    guards: tuple[Expect, ...],
    risk: Risk,
    summary: str,
    breaks: tuple[str, ...],
) -> Plan | Manual:
    """The plan that puts the fence on the holder, if the `guards` hold; advice where it can't."""
    hindrance = _hindrance(holder, snapshot, name, document)
    if hindrance:
        return Manual(snapshot.account, finding.subject, *hindrance, (_LINK,))
    text = json.dumps(document, separators=(",", ":"))
    stands = placed(holder, name, document)
    step = Step(
        name="fence",
        summary=f"Put the inline policy {name} on {holder.name}",
        risk=risk,
        before=(
            is_still(holder),
            *guards,
            absent(stands, f"{holder.name} has an inline policy {name} already"),
        ),
        do=of_holder("Put", "Policy", holder, PolicyName=name, PolicyDocument=text),
        after=(stands,),
        undo=of_holder("Delete", "Policy", holder, PolicyName=name),
    )
    return Plan(snapshot.account, finding.subject, (step,), summary, breaks)


def _hindrance(
    holder: User | Role, snapshot: Snapshot, name: str, document: Document
) -> tuple[str, tuple[str, ...]] | None:
    if any(policy.name == name for policy in holder.inline):
        return (
            f"{holder.name} has an inline policy {name} that is not as Locksmith puts it",
            (f"Delete the inline policy {name} of {holder.name}", "Let Locksmith scan again"),
        )
    kind = kind_of(holder)
    summary = snapshot.parts.get(Part.ACCOUNT_SUMMARY, {})
    allowed: int = summary.get(f"{kind}PolicySizeQuota", _ROOM[kind])
    used = sum(document_size(policy.text) for policy in holder.inline)
    needed = document_size(document)
    if used + needed > allowed:
        move = "a group or a managed policy" if kind == "User" else "a managed policy"
        return (
            (
                f"the inline policies of {holder.name} leave {max(0, allowed - used)} of {allowed} "
                f"characters, and the fence needs {needed}"
            ),
            (f"Move inline policies of {holder.name} to {move}", "Let Locksmith scan again"),
        )
    return None
