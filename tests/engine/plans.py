"""Plans as the controls write them, for tests of what carries them out."""

from typing import Any

from bot.model import (
    Account,
    Call,
    Expect,
    Json,
    Operator,
    Output,
    Plan,
    Risk,
    Step,
)

ACCOUNT = Account("123456789012")
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"


def iam(operation: str, **params: Json) -> Call:
    """A call to IAM."""
    return Call("iam", operation, params)


def plan(*steps: Step, subject: str = "AIDA1/thing", account: Account = ACCOUNT) -> Plan:
    """A plan of these steps."""
    return Plan(account, subject, steps, "Put it right", ("something may stop",))


def deactivate_key(user: str, key_id: str) -> Step:
    """Turn an access key off, unless it was used."""
    read = iam("ListAccessKeys", UserName=user)
    path = f"AccessKeyMetadata[?AccessKeyId=='{key_id}'].Status | [0]"
    return Step(
        name="deactivate",
        summary=f"Deactivate {key_id} of {user}",
        risk=Risk.REVERSIBLE,
        before=(
            Expect(read, path, Operator.EQUALS, "Active", "the key is not active any more"),
            Expect(
                iam("GetAccessKeyLastUsed", AccessKeyId=key_id),
                "AccessKeyLastUsed.LastUsedDate || 'never'",
                Operator.OLDER_THAN,
                45,
                "the key was used since",
            ),
        ),
        do=iam("UpdateAccessKey", UserName=user, AccessKeyId=key_id, Status="Inactive"),
        after=(Expect(read, path, Operator.EQUALS, "Inactive", "the key is still active"),),
        undo=iam("UpdateAccessKey", UserName=user, AccessKeyId=key_id, Status="Active"),
    )


def delete_key(user: str, key_id: str) -> Step:
    """Delete an inactive access key; there is no way back."""
    read = iam("ListAccessKeys", UserName=user)
    path = f"AccessKeyMetadata[?AccessKeyId=='{key_id}'].Status | [0]"
    return Step(
        name="delete",
        summary=f"Delete {key_id} of {user}",
        risk=Risk.IRREVERSIBLE,
        before=(Expect(read, path, Operator.EQUALS, "Inactive", "the key is active"),),
        do=iam("DeleteAccessKey", UserName=user, AccessKeyId=key_id),
        after=(Expect(read, path, Operator.ABSENT, None, "the key is still there"),),
        irreversible_because="AWS never shows a secret key again",
    )


def _attached(kind: str, name: str, arn: str, *, holds: bool) -> Expect:
    word = kind.capitalize()
    return Expect(
        iam(f"ListAttached{word}Policies", **{f"{word}Name": name}),
        f"AttachedPolicies[?PolicyArn=='{arn}'].PolicyArn | [0]",
        Operator.EQUALS if holds else Operator.ABSENT,
        arn if holds else None,
        f"{arn} is {'not ' if holds else ''}attached to {name}",
    )


def attach(kind: str, name: str, arn: str, step: str = "attach") -> Step:
    """Attach a managed policy to a user, group or role."""
    return _membership(f"Attach{kind.capitalize()}Policy", kind, name, arn, step, attached=True)


def detach(kind: str, name: str, arn: str, step: str = "detach") -> Step:
    """Detach a managed policy from a user, group or role."""
    return _membership(f"Detach{kind.capitalize()}Policy", kind, name, arn, step, attached=False)


def _membership(
    operation: str, kind: str, name: str, arn: str, step: str, *, attached: bool
) -> Step:
    back = {"Attach": "Detach", "Detach": "Attach"}[operation[:6]] + operation[6:]
    params: dict[str, Json] = {f"{kind.capitalize()}Name": name, "PolicyArn": arn}
    return Step(
        name=step,
        summary=f"{operation} {arn} {name}",
        risk=Risk.REVERSIBLE,
        before=(_attached(kind, name, arn, holds=not attached),),
        do=iam(operation, **params),
        after=(_attached(kind, name, arn, holds=attached),),
        undo=iam(back, **params),
    )


def write(call: Call, undo: Call | None = None) -> Step:
    """Any call, with expectations that only need to be readable: for guards, not for the cloud."""
    read = iam("GetAccountSummary")
    return Step(
        name=call.operation,
        summary=call.operation,
        risk=Risk.REVERSIBLE,
        before=(Expect(read, "SummaryMap.Users", Operator.PRESENT),),
        do=call,
        after=(Expect(read, "SummaryMap.Users", Operator.PRESENT),),
        undo=undo or call,
    )


def new_version(arn: str, document: str, old: Json) -> Step:
    """Make a new default version of a policy; its id comes from the answer."""
    read = iam("GetPolicy", PolicyArn=arn)
    path = "Policy.DefaultVersionId"
    return Step(
        name="narrow",
        summary=f"Narrow {arn}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.EQUALS, old, "another version is the default now"),),
        do=iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True),
        after=(
            Expect(
                read,
                path,
                Operator.EQUALS,
                {"$output": "narrow.version"},
                "the new version is not the default",
            ),
        ),
        undo=iam("SetDefaultPolicyVersion", PolicyArn=arn, VersionId=old),
        outputs={"version": Output("PolicyVersion.VersionId")},
    )


def allow(*actions: str, resource: str = "*", effect: str = "Allow") -> dict[str, Any]:
    """A policy document of one statement."""
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def two_steps() -> Plan:
    """Give carol one policy, then take another away."""
    return plan(attach("user", "carol", READ_ONLY), detach("user", "carol", BILLING))
