"""Access key that is used from an instance

Detects
-------
Access keys of users, active and used in the last 30 days, of which CloudTrail's event history has a
call that came from the public address of one of the account's instances. Looked at are the newest
50 events of each key, in the Region where it was last used. A key that is used through a NAT
gateway, a proxy or an endpoint of the VPC comes from another address and is not seen; an address
that moved from one instance to another names the one that has it now. Break-glass users and
Locksmith's own are not looked at.

It is off unless you enable it: it takes AWS two calls for each key. Where
`inventory.listing_budget` is too small for all of them none is looked at, and the scan says so.

Why it matters
--------------
The key lies on the instance, where a role would do: no key to keep, to rotate or to lose.

Changes
-------
Nothing by itself: the program must stop to use the key first. It lists the steps, of which
Locksmith does two when asked: giving the instance a role (`instance-without-profile`), and
switching the key off.

Undo
----
Nothing was changed.

When to say no
--------------
When people work on that instance with keys of their own, as on a host to jump from.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import utc_text
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import is_left_out, resource_of

_LINK = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"


class AccessKeyUsedFromInstanceSettings(Settings):
    """Whether to look."""

    enabled: bool = Field(
        default=False, description="Off by default: it takes two calls for each key in use."
    )


def detect(snapshot: Snapshot, settings: AccessKeyUsedFromInstanceSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per key."""
    for use in snapshot.key_uses:
        user = snapshot.users_by_id.get(use.user_id)
        if user is None or is_left_out(user, snapshot):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{use.key_id}/used-from-instance",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"The access key {use.key_id} of {user.name} is used from the instance "
            f"{use.instance}",
            evidence={
                "instance": use.instance,
                "region": use.region,
                "last_seen": utc_text(use.at),
            },
        )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: AccessKeyUsedFromInstanceSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """How to do without the key."""
    key_id = finding.subject.partition("/")[0]
    instance, region = finding.evidence["instance"], finding.evidence["region"]
    return Manual(
        snapshot.account,
        finding.subject,
        "the program must stop to use the key before anybody takes it away",
        (
            (
                f"Give {instance} in {region} a role with what the program needs; "
                "`instance-without-profile` offers to, if it has none"
            ),
            (
                f"Take {key_id} out of the program's environment and files there, as those come "
                "before the role"
            ),
            "Look that the program works, and that the key is not used any more",
            f"Switch {key_id} off and delete it: Locksmith asks once it lies idle",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="access-key-used-from-instance",
    title="Access key that is used from an instance",
    topic="ec2_roles",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset({Part.KEY_USES, Part.USERS, Part.INSTANCES, Part.CREDENTIAL_REPORT}),
    settings=AccessKeyUsedFromInstanceSettings,
    detect=detect,
    plan=plan,
    standards=Standards(cis={"3.0": ("1.18",), "5.0": ("1.17",), "7.0": ("2.16",)}, nist=("IA-5",)),
)
