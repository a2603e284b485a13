"""The documents of Locksmith's fences; a policy is one of them by its content, never its name."""

from collections.abc import Iterable, Mapping

from bot.model import CONSOLE_FENCE, MFA_FENCE, Account, InlinePolicy, Json, User
from bot.policy import (
    AWS_FENCE,
    CONTAINMENT_FENCE,
    PolicyDocumentError,
    is_containment,
    just,
    parse_document,
)

Document = Mapping[str, Json]

KEYS_FENCE = "Locksmith-KeysNeedMfa"
SHARED_FENCE = "Locksmith-SharedUser"
INACTIVE_FENCE = "Locksmith-InactiveUser"
UNUSED_FENCE = "Locksmith-UnusedRole"
ESCALATION_FENCE = "Locksmith-NoEscalation"

#: Denies a user everything, whatever the user comes with.
INACTIVE_DOCUMENT: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "InactiveUser", "Effect": "Deny", "Action": "*", "Resource": "*"}],
}

#: Denies a role everything, sessions that are open included.
UNUSED_DOCUMENT: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "UnusedRole", "Effect": "Deny", "Action": "*", "Resource": "*"}],
}

#: A request has a token's issue time only with temporary credentials, such as the console's.
CONSOLE_DOCUMENT: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "UnusedConsolePassword",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"Null": {"aws:TokenIssueTime": "false"}},
        }
    ],
}

#: Whoever used the shared user has a way in of their own by then.
SHARED_DOCUMENT: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "SharedUser", "Effect": "Deny", "Action": "*", "Resource": "*"}],
}

# What a session without MFA needs to enrol a device, as in AWS's own example of such a policy;
# these act on the user alone, making and seeing virtual devices can't be bound to one user.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
_ENROL = (
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ResyncMFADevice",
)
_MAKE, _SEE = "iam:CreateVirtualMFADevice", "iam:ListVirtualMFADevices"
# Stays open besides: signing in with MFA from a terminal, and an initial or expired password.
_OPEN = ("iam:ChangePassword", "iam:GetAccountPasswordPolicy", "sts:GetSessionToken")


def escalation_document(cuts: Iterable[tuple[str, str]]) -> Document:
    """Denies each action on its resource alone, and nothing else."""
    by_resource: dict[str, list[Json]] = {}
    for action, resource in cuts:
        by_resource.setdefault(resource, []).append(action)
    statements: list[Json] = [
        {"Effect": "Deny", "Action": actions, "Resource": just(resource)}
        for resource, actions in by_resource.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def mfa_document(user: User, account: Account, *, include_keys: bool) -> Document:
    """The fence until MFA: enrolling is allowed, everything else needs a session with MFA.

    The key is in the request of temporary credentials only, so `Bool` spares access keys and
    `BoolIfExists` doesn't.
    """
    own, devices = just(user.arn), account.iam_arn("mfa/*")
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "EnrolOwn", "Effect": "Allow", "Action": list(_ENROL), "Resource": own},
            {"Sid": "MakeDevice", "Effect": "Allow", "Action": _MAKE, "Resource": devices},
            {"Sid": "SeeDevices", "Effect": "Allow", "Action": _SEE, "Resource": "*"},
            *_denied(own, "BoolIfExists" if include_keys else "Bool"),
        ],
    }


def keys_document(user: User) -> Document:
    """The fence that stays: access keys need a session with MFA, and sessions without do too."""
    denied = _denied(just(user.arn), "BoolIfExists")
    return {"Version": "2012-10-17", "Statement": list(denied)}


def _denied(own: str, operator: str) -> tuple[dict[str, Json], ...]:
    unproven: dict[str, Json] = {operator: {"aws:MultiFactorAuthPresent": "false"}}
    return (
        {
            "Sid": "DenyUntilMfa",
            "Effect": "Deny",
            "NotAction": sorted((*_ENROL, _MAKE, _SEE, *_OPEN)),
            "Resource": "*",
            "Condition": unproven,
        },
        # An administrator's password alone must not enrol a device for somebody else.
        {
            "Sid": "DenyOthers",
            "Effect": "Deny",
            "Action": list(_ENROL),
            "NotResource": own,
            "Condition": unproven,
        },
    )


def is_a_fence(policy: InlinePolicy, user: User, account: Account) -> bool:
    """Whether this is a fence of this user, just as Locksmith puts it.

    A name proves nothing: whoever may put an inline policy may call it what they like.
    """
    if policy.name == CONSOLE_FENCE:
        return holds(policy, CONSOLE_DOCUMENT)
    if policy.name == INACTIVE_FENCE:
        return holds(policy, INACTIVE_DOCUMENT)
    if policy.name == SHARED_FENCE:
        return holds(policy, SHARED_DOCUMENT)
    if policy.name == CONTAINMENT_FENCE:
        return is_containment(policy.text)
    if policy.name == KEYS_FENCE:
        return holds(policy, keys_document(user))
    if policy.name == ESCALATION_FENCE:
        return _only_denies(policy)
    return policy.name == MFA_FENCE and any(
        holds(policy, mfa_document(user, account, include_keys=keys)) for keys in (False, True)
    )


def _only_denies(policy: InlinePolicy) -> bool:
    """Which steps it denies hangs on how the account was; what only denies gives nobody rights."""
    try:
        found = parse_document(policy.text, where="an inline policy")
    except PolicyDocumentError:
        return False
    return bool(found.statements) and all(
        statement.effect == "Deny" for statement in found.statements
    )


def mfa_fences(user: User, account: Account) -> tuple[InlinePolicy, ...]:
    """The user's fences until MFA, just as Locksmith puts them."""
    return tuple(
        policy
        for policy in user.inline
        if policy.name == MFA_FENCE and is_a_fence(policy, user, account)
    )


def is_shut_out(user: User, account: Account) -> bool:
    """Whether a fence stands that no device opens: before all of the console, or everything."""
    if account.aws_policy_arn(AWS_FENCE) in user.attached:
        return True
    return any(
        policy.name in (CONSOLE_FENCE, CONTAINMENT_FENCE) and is_a_fence(policy, user, account)
        for policy in user.inline
    )


def is_held_until_mfa(user: User, account: Account, *, include_keys: bool) -> bool:
    """Whether a fence stands that holds sessions without MFA back; keys too where that is asked.

    The other fences hold back more: the whole console, all keys without MFA, or everything.
    """
    bare = mfa_document(user, account, include_keys=False)
    return any(
        is_a_fence(policy, user, account) and not (include_keys and holds(policy, bare))
        for policy in user.inline
    )


def holds(policy: InlinePolicy, document: Document) -> bool:
    """Whether the policy holds this very document; what can't be read does not."""
    try:
        found = parse_document(policy.text, where="an inline policy").as_json()
    except PolicyDocumentError:
        return False
    return found == dict(document)
