"""Puts a narrower document in the place of one that grants everything."""

from collections.abc import Iterator

from bot.model import (
    Call,
    Expect,
    InlinePolicy,
    Json,
    ManagedPolicy,
    Operator,
    Output,
    Risk,
    Snapshot,
    Step,
)
from remediations._policy_reads import (
    Holder,
    compact,
    has_inline,
    is_still,
    kind_of,
    of_holder,
)
from remediations._reads import call
from remediations.least_privilege._documents import Narrowing
from remediations.least_privilege._holders import holders_of, said

_NEW: Json = {"$output": "create-version.VersionId"}


def narrow_inline(holder: Holder, policy: InlinePolicy, change: Narrowing) -> tuple[Step, ...]:
    """Overwrite the inline policy; undo puts the exact old text back."""
    was = has_inline(holder, policy.name, change.old)
    return (
        Step(
            name="narrow",
            summary=f"Narrow the inline policy {policy.name} of {said(holder)}",
            risk=Risk.DISRUPTIVE,
            before=(is_still(holder), was),
            do=_put(holder, policy.name, compact(change.new)),
            after=(has_inline(holder, policy.name, change.new),),
            undo=_put(holder, policy.name, compact(change.old)),
        ),
    )


def _put(holder: Holder, name: str, text: str) -> Call:
    return of_holder("Put", "Policy", holder, PolicyName=name, PolicyDocument=text)


def narrow_managed(
    policy: ManagedPolicy, change: Narrowing, snapshot: Snapshot, *, widened: bool = False
) -> tuple[Step, ...]:
    """Make a narrower version, look at it, then make it the default; the old one stays.

    With `widened` it is one that gives something back, so that nothing stops working.
    """
    guards = tuple(_still_as_seen(policy, change, snapshot))
    which = "wider" if widened else "narrower"
    risk = Risk.REVERSIBLE if widened else Risk.DISRUPTIVE
    return (
        _create_version(policy, change, guards, which),
        _set_default(policy, change, guards, which, risk),
    )


def put_back(
    policy: ManagedPolicy, version: str, old: Json, new: Json, snapshot: Snapshot
) -> tuple[Step, ...]:
    """Make an older version, which holds `old`, the one in force in the place of `new`."""
    now = policy.default.id
    guards = tuple(_still_as_seen(policy, Narrowing(new, old), snapshot))
    return (
        Step(
            name="set-default",
            summary=f"Make version {version} of {policy.name} the one in force",
            risk=Risk.DISRUPTIVE,
            before=(
                *guards,
                _document_is(policy, version, old),
                _is_default(policy, now, value=True),
            ),
            do=call("SetDefaultPolicyVersion", PolicyArn=policy.arn, VersionId=version),
            after=(_is_default(policy, version, value=True), _is_default(policy, now, value=False)),
            undo=call("SetDefaultPolicyVersion", PolicyArn=policy.arn, VersionId=now),
        ),
    )


def _create_version(
    policy: ManagedPolicy, change: Narrowing, guards: tuple[Expect, ...], which: str
) -> Step:
    count = len(policy.versions)
    return Step(
        name="create-version",
        summary=f"Store the {which} document as a new version of {policy.name}",
        risk=Risk.REVERSIBLE,
        before=(*guards, _versions(policy, count)),
        do=call(
            "CreatePolicyVersion",
            PolicyArn=policy.arn,
            PolicyDocument=compact(change.new),
            SetAsDefault=False,
        ),
        after=(_versions(policy, count + 1), _is_default(policy, policy.default.id, value=True)),
        undo=call("DeletePolicyVersion", PolicyArn=policy.arn, VersionId=_NEW),
        outputs={"VersionId": Output("PolicyVersion.VersionId")},
    )


def _set_default(
    policy: ManagedPolicy, change: Narrowing, guards: tuple[Expect, ...], which: str, risk: Risk
) -> Step:
    old = policy.default.id
    return Step(
        name="set-default",
        summary=f"Make the {which} version of {policy.name} the one in force",
        risk=risk,
        before=(
            *guards,
            _document_is(policy, _NEW, change.new),
            _is_default(policy, old, value=True),
        ),
        do=call("SetDefaultPolicyVersion", PolicyArn=policy.arn, VersionId=_NEW),
        after=(_is_default(policy, _NEW, value=True), _is_default(policy, old, value=False)),
        undo=call("SetDefaultPolicyVersion", PolicyArn=policy.arn, VersionId=old),
    )


def _still_as_seen(
    policy: ManagedPolicy, change: Narrowing, snapshot: Snapshot
) -> Iterator[Expect]:
    read = call("GetPolicy", PolicyArn=policy.arn)
    why = f"{policy.name} is another policy now"
    yield Expect(read, "Policy.PolicyId", Operator.EQUALS, policy.id, why)
    yield _document_is(policy, policy.default.id, change.old)
    found = holders_of(policy.arn, snapshot)
    held = call(
        "ListEntitiesForPolicy", PolicyArn=policy.arn, PolicyUsageFilter="PermissionsPolicy"
    )
    for kind in ("User", "Group", "Role"):
        ids = sorted(holder.id for holder in found if kind_of(holder) == kind)
        path = f"sort(Policy{kind}s[].{kind}Id)"
        why = f"other {kind.lower()}s hold {policy.name} by now"
        yield Expect(held, path, Operator.EQUALS, ids, why)


def _versions(policy: ManagedPolicy, count: int) -> Expect:
    read = call("ListPolicyVersions", PolicyArn=policy.arn)
    why = f"{policy.name} has other versions by now"
    return Expect(read, "length(Versions)", Operator.EQUALS, count, why)


def _version(policy: ManagedPolicy, version: Json) -> Call:
    return call("GetPolicyVersion", PolicyArn=policy.arn, VersionId=version)


def _document_is(policy: ManagedPolicy, version: Json, document: Json) -> Expect:
    why = f"the document of {policy.name} is another one"
    return Expect(
        _version(policy, version), "PolicyVersion.Document", Operator.EQUALS, document, why
    )


def _is_default(policy: ManagedPolicy, version: Json, *, value: bool) -> Expect:
    why = f"another version of {policy.name} is in force"
    return Expect(
        _version(policy, version), "PolicyVersion.IsDefaultVersion", Operator.EQUALS, value, why
    )
