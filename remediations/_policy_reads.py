"""What controls on policies look at in AWS: who holds which policy, and what is in it."""

import json

from bot.model import Call, Expect, Group, Json, Operator, Role, User
from remediations._reads import call, quoted

#: Whatever policies can be attached to or live in.
Holder = User | Group | Role


def kind_of(holder: Holder) -> str:
    """AWS's word for a holder as its operations have it: User, Group or Role."""
    return type(holder).__name__


def of_holder(verb: str, noun: str, holder: Holder, **params: Json) -> Call:
    """A call on a holder: `of_holder("Attach", "Policy", role, …)` is AttachRolePolicy."""
    kind = kind_of(holder)
    return Call("iam", f"{verb}{kind}{noun}", {f"{kind}Name": holder.name, **params})


def is_still(holder: Holder) -> Expect:
    """The holder of this name is still the one that was seen."""
    kind = kind_of(holder)
    read = of_holder("Get", "", holder)
    why = f"{holder.name} is another {kind.lower()} now"
    return Expect(read, f"{kind}.{kind}Id", Operator.EQUALS, holder.id, why)


def has_attached(holder: Holder, arn: str) -> Expect:
    """The managed policy is attached to the holder."""
    return attached_by_name(kind_of(holder), holder.name, arn)


def attached_by_name(kind: str, name: str, arn: str) -> Expect:
    """The managed policy is attached to the User, Group or Role of this name."""
    read = call(f"ListAttached{kind}Policies", **{f"{kind}Name": name})
    path = f"AttachedPolicies[?PolicyArn=={quoted(arn)}].PolicyArn | [0]"
    return Expect(read, path, Operator.EQUALS, arn, f"{arn} is not attached to {name}")


def has_inline(holder: Holder, policy: str, document: Json) -> Expect:
    """The holder's inline policy holds this document."""
    return inline_by_name(kind_of(holder), holder.name, policy, document)


def inline_by_name(kind: str, name: str, policy: str, document: Json) -> Expect:
    """The inline policy of the User, Group or Role of this name holds this document."""
    read = call(f"Get{kind}Policy", **{f"{kind}Name": name, "PolicyName": policy})
    why = f"the document of {policy} of {name} is another one"
    return Expect(read, "PolicyDocument", Operator.EQUALS, document, why)


def is_attachable(arn: str) -> Expect:
    """AWS lets the policy be attached: it refuses to for the ones it deprecated."""
    read = call("GetPolicy", PolicyArn=arn)
    why = f"AWS lets nobody attach {arn} any more"
    return Expect(read, "Policy.IsAttachable", Operator.EQUALS, value=True, why=why)


def compact(document: Json) -> str:
    """A document's JSON as it is sent: in its own order, without white space."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
