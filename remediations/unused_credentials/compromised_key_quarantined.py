"""User whom AWS put under quarantine because a key leaked

Detects
-------
Users to whom a policy of AWS's called `AWSCompromisedKeyQuarantine…` is attached. AWS attaches it
by itself when it sees one of the user's keys in public, opens a support case and writes to the
account's address. A policy of your own that has such a name is none.

Why it matters
--------------
Somebody else has had the key, and may still have it. The quarantine denies only a list of actions
that intruders like; everything else goes on working for whoever has the key: reading data, and
assuming roles.

Changes
-------
Nothing by itself: containing a user stops whatever uses the user, and a person decides that. Only
the security group is asked, since the owner may be who got in. The first step is to contain the
user, which denies everything and switches every credential off; the rest is AWS's own case.
Locksmith never detaches AWS's policy, nor switches a key of such a user on again.

Undo
----
`locksmith undo` takes a containment back, once two people of the security group approved that.

When to say no
--------------
When the case is closed: the leaked key is deleted, what it did is known, and only the policy was
left behind. Then detach the policy as AWS's case says, and this is over.

References
----------
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
https://repost.aws/knowledge-center/potential-account-compromise
"""

from collections.abc import Iterator
from shlex import quote

from bot.model import (
    Control,
    Finding,
    InlinePolicy,
    Manual,
    Part,
    Plan,
    Settings,
    Severity,
    Snapshot,
    Standards,
    User,
    is_quarantine,
)
from bot.policy import CONTAINMENT_FENCE, is_containment
from remediations._subjects import resource_of

_LINKS = (
    "https://repost.aws/knowledge-center/potential-account-compromise",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
)


class CompromisedKeyQuarantinedSettings(Settings):
    """There is nothing to choose: AWS says that a key leaked, or it doesn't."""


def detect(snapshot: Snapshot, settings: CompromisedKeyQuarantinedSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per user under quarantine, break-glass users too."""
    for user in snapshot.users:
        policies = _quarantines(user)
        if not policies:
            continue
        contained = _is_contained(user)
        state = "and the user is contained" if contained else "and the user is not contained"
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/quarantine",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"AWS put {user.name} under quarantine because a key leaked, {state}",
            evidence={"quarantined_by": [*policies], "contained": contained},
        )


def _quarantines(user: User) -> list[str]:
    return sorted(arn for arn in user.attached if is_quarantine(arn))


def _is_contained(user: User) -> bool:
    return any(_is_fence(policy) for policy in user.inline)


def _is_fence(policy: InlinePolicy) -> bool:
    return policy.name == CONTAINMENT_FENCE and is_containment(policy.text)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: CompromisedKeyQuarantinedSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """What the security group does: contain, then follow AWS's case."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    name = quote(user.name)
    contain = (
        f"Contain the user now, which shuts every door at once: locksmith contain {quote(user.arn)}"
    )
    case = (
        "Open the support case that AWS made in this account, and answer it when you are done",
        (
            f"Look what the keys of {user.name} did since they leaked, and what they made (users, "
            "keys, roles, instances): aws cloudtrail lookup-events --lookup-attributes "
            f"AttributeKey=Username,AttributeValue={name}"
        ),
        (
            f"Give what needs it a new key or, better, a role; then delete the leaked key: "
            f"aws iam delete-access-key --user-name {name} --access-key-id KEY"
        ),
        (
            "Only then detach AWS's policy; Locksmith never does: aws iam detach-user-policy "
            f"--user-name {name} --policy-arn {_quarantines(user)[0]}"
        ),
        "Let Locksmith look again",
    )
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason=f"AWS put {user.name} under quarantine because a key leaked, and people must decide",
        steps=case if _is_contained(user) else (contain, *case),
        links=_LINKS,
    )


CONTROL = Control(
    id="compromised-key-quarantined",
    title="User whom AWS put under quarantine because a key leaked",
    topic="unused_credentials",
    severity=Severity.CRITICAL,
    risk=None,
    needs=frozenset({Part.USERS}),
    settings=CompromisedKeyQuarantinedSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2(13)", "IR-4"), pci=("8.6.3",)),
    asks_security=True,
)
