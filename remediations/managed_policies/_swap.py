"""The steps with which rights move from one policy to another; whoever holds them keeps them."""

from bot.model import Account, Expect, InlinePolicy, Json, Operator, Output, Risk, Step, Trace
from remediations._documents import exact
from remediations._policy_reads import (
    Holder,
    compact,
    has_attached,
    has_inline,
    is_attachable,
    is_still,
    of_holder,
)
from remediations._reads import absent, call, quoted
from remediations._too_early import NEW_POLICY, patient
from remediations.least_privilege._holders import said

#: The IAM path of the policies that Locksmith makes.
PATH = "/locksmith/"
_MADE = "create-policy"


def says(arn: str, version: str, document: Json) -> tuple[Expect, ...]:
    """The version of the managed policy is in force and has just this document."""
    read = call("GetPolicyVersion", PolicyArn=arn, VersionId=version)
    why = f"the document of {arn.rpartition('/')[2]} is another one"
    return (
        Expect(read, "PolicyVersion.Document", Operator.EQUALS, document, why),
        in_force(arn, version),
    )


def in_force(arn: str, version: str) -> Expect:
    """This version of the managed policy is the default one."""
    read = call("GetPolicyVersion", PolicyArn=arn, VersionId=version)
    why = f"another version of {arn.rpartition('/')[2]} is in force"
    return Expect(read, "PolicyVersion.IsDefaultVersion", Operator.EQUALS, value=True, why=why)


def create_policy(name: str, document: Json, account: Account, held: tuple[Expect, ...]) -> Step:
    """Make a managed policy of one's own; `held` shows that its document is still in use."""
    arn = account.iam_arn(f"policy{PATH}{name}")
    made = Expect(
        call("GetPolicy", PolicyArn=arn),
        "Policy.DefaultVersionId",
        Operator.EQUALS,
        "v1",
        f"the policy {name} is not as it was made",
    )
    listed = call("ListPolicies", Scope="Local", PathPrefix=PATH)
    ours = f"Policies[?PolicyName=={quoted(name)}]"
    return Step(
        name=_MADE,
        summary=f"Make the policy {name} with that document",
        risk=Risk.REVERSIBLE,
        before=(*held, absent(made, f"a policy {name} exists by now")),
        do=call("CreatePolicy", PolicyName=name, Path=PATH, PolicyDocument=compact(document)),
        after=(made, *says(arn, "v1", document)),
        undo=call("DeletePolicy", PolicyArn=arn),
        outputs={
            "Arn": Output(
                "Policy.Arn", trace=Trace(listed, f"{ours}.{{value: Arn, made: CreateDate}}")
            )
        },
    )


def attach(
    name: str, holder: Holder, arn: str, guards: tuple[Expect, ...], *, made: bool = False
) -> Step:
    """Attach the policy that grants what the holder has; `made` says that this plan made it."""
    attached = has_attached(holder, arn)
    named: Json = {"$output": f"{_MADE}.Arn"} if made else arn
    put = of_holder("Attach", "Policy", holder, PolicyArn=named)
    return Step(
        name=name,
        summary=f"Attach {arn.rpartition('/')[2]} to {said(holder)}",
        risk=Risk.REVERSIBLE,
        before=(
            is_still(holder),
            *guards,
            is_attachable(arn),
            absent(attached, f"{arn} is attached to {holder.name} by now"),
        ),
        do=patient(put, *NEW_POLICY) if made else put,
        after=(attached,),
        undo=of_holder("Detach", "Policy", holder, PolicyArn=named),
    )


def detach(
    name: str,
    holder: Holder,
    arn: str,
    guards: tuple[Expect, ...],
    *,
    risk: Risk = Risk.REVERSIBLE,
    final: str = "",
) -> Step:
    """Detach a managed policy; `guards` show that the holder has what takes its place.

    `final` says why it can't be attached again, where that is so.
    """
    attached = has_attached(holder, arn)
    again = () if final else (is_attachable(arn),)
    return Step(
        name=name,
        summary=f"Detach {arn.rpartition('/')[2]} from {said(holder)}",
        risk=Risk.IRREVERSIBLE if final else risk,
        before=(is_still(holder), *guards, *again, attached),
        do=of_holder("Detach", "Policy", holder, PolicyArn=arn),
        after=(absent(attached, f"{arn} is still attached to {holder.name}"),),
        undo=None if final else of_holder("Attach", "Policy", holder, PolicyArn=arn),
        irreversible_because=final,
    )


def delete_inline(
    name: str, holder: Holder, policy: InlinePolicy, guards: tuple[Expect, ...]
) -> Step:
    """Delete an inline policy; `guards` show that the holder has what takes its place."""
    document = exact(policy.text, f"{policy.name} of {said(holder)}")
    present = has_inline(holder, policy.name, document)
    return Step(
        name=name,
        summary=f"Delete the inline policy {policy.name} of {said(holder)}",
        risk=Risk.REVERSIBLE,
        before=(is_still(holder), *guards, present),
        do=of_holder("Delete", "Policy", holder, PolicyName=policy.name),
        after=(absent(present, f"{policy.name} of {holder.name} is still there"),),
        undo=of_holder(
            "Put", "Policy", holder, PolicyName=policy.name, PolicyDocument=compact(document)
        ),
    )
