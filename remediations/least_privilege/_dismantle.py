"""Takes a fenced role apart: its rights come off first, then the fence, then the role goes."""

from collections.abc import Iterator

from bot.errors import PlanError
from bot.model import (
    Expect,
    Finding,
    InlinePolicy,
    Json,
    Manual,
    Plan,
    Risk,
    Role,
    Snapshot,
    Step,
    canonical,
)
from bot.policy import PolicyDocumentError, parse_document
from remediations._fence_documents import UNUSED_FENCE
from remediations._policy_reads import compact, has_attached, has_inline, is_still
from remediations._reads import absent, call
from remediations.least_privilege._idle_role import on_no_instance, trusts, unused_for

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html"


def dismantle(finding: Finding, role: Role, snapshot: Snapshot, days: int) -> Plan | Manual:
    """The plan that deletes the role while nobody uses it, or why people must."""
    try:
        trust = _content(role.trust, f"the trust of {role.name}")
        documents = {policy.name: _content(policy.text, policy.name) for policy in role.inline}
    except (PolicyDocumentError, PlanError) as error:
        return Manual(
            snapshot.account,
            finding.subject,
            f"a document of {role.name} can't be kept exactly: {error}",
            (
                f"Save what the policies and the trust of {role.name} say",
                f"Delete the role {role.name} by hand",
            ),
            (_LINK,),
        )
    guards = (is_still(role), unused_for(role, days), on_no_instance(role))
    steps = (
        *_detached(role, guards),
        *_deleted(role, documents, guards),
        _gone(role, trust, guards),
    )
    return Plan(
        snapshot.account,
        finding.subject,
        steps,
        f"Delete the role {role.name}, which nobody used or missed; this can't be undone",
        (
            f"Nobody can take on {role.name} any more",
            f"Policies elsewhere that name {role.name} won't mean a role made anew by that name",
        ),
    )


def _content(text: str, where: str) -> Json:
    content: Json = parse_document(text, where=where).as_json()
    canonical(content)
    return content


def _detached(role: Role, guards: tuple[Expect, ...]) -> Iterator[Step]:
    for number, arn in enumerate(sorted(role.attached), 1):
        attached = has_attached(role, arn)
        named = {"RoleName": role.name, "PolicyArn": arn}
        yield Step(
            name=f"detach-{number}",
            summary=f"Detach {arn} from the role {role.name}",
            risk=Risk.REVERSIBLE,
            before=(*guards, attached),
            do=call("DetachRolePolicy", **named),
            after=(absent(attached, f"{arn} is still attached to {role.name}"),),
            undo=call("AttachRolePolicy", **named),
        )


def _deleted(role: Role, documents: dict[str, Json], guards: tuple[Expect, ...]) -> Iterator[Step]:
    def fence_last(policy: InlinePolicy) -> tuple[bool, str]:
        return policy.name == UNUSED_FENCE, policy.name

    for number, policy in enumerate(sorted(role.inline, key=fence_last), 1):
        document = documents[policy.name]
        present = has_inline(role, policy.name, document)
        named = {"RoleName": role.name, "PolicyName": policy.name}
        yield Step(
            name=f"delete-{number}",
            summary=f"Delete the inline policy {policy.name} of the role {role.name}",
            risk=Risk.REVERSIBLE,
            before=(*guards, present),
            do=call("DeleteRolePolicy", **named),
            after=(absent(present, f"{policy.name} of {role.name} is still there"),),
            undo=call("PutRolePolicy", **named, PolicyDocument=compact(document)),
        )


def _gone(role: Role, trust: Json, guards: tuple[Expect, ...]) -> Step:
    return Step(
        name="delete-role",
        summary=f"Delete the role {role.name}",
        risk=Risk.IRREVERSIBLE,
        before=(*guards, trusts(role, trust)),
        do=call("DeleteRole", RoleName=role.name),
        after=(absent(is_still(role), f"the role {role.name} is still there"),),
        irreversible_because="AWS keeps no copy of a role; one made anew has another unique id",
    )
