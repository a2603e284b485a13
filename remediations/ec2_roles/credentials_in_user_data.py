"""Credentials in the user data of an instance

Detects
-------
Instances, running or stopped, whose user data have an access key's id, a secret access key, a
session token or a private key in them, packed or not. AWS's own examples don't count, nor do
passwords, which look like anything else. The text is looked at and forgotten: neither it nor what
was found in it is shown, stored or logged, only which kinds of credentials there are.

It is off unless you enable it: it takes AWS one call for each instance.

Why it matters
--------------
User data is no secret. Every program on the instance can fetch it without any right, so can whoever
may describe the instance, and it is copied into templates and images.

Changes
-------
Nothing by itself: the credentials have to be taken for known, and new ones must reach the programs
in another way. It lists the steps.

Undo
----
Nothing was changed.

When to say no
--------------
When they are none: made up for a test, or long switched off.

References
----------
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Resource,
    Settings,
    Severity,
    Snapshot,
    Standards,
)

_LINK = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html"


class CredentialsInUserDataSettings(Settings):
    """Whether to look."""

    enabled: bool = Field(
        default=False, description="Off by default: it takes one call for each instance."
    )


def detect(snapshot: Snapshot, settings: CredentialsInUserDataSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per instance."""
    for region, spotted in sorted(snapshot.user_data.items()):
        for each in spotted:
            instance = each.arn.rpartition("/")[2]
            yield Finding(
                control=CONTROL.id,
                subject=f"{instance}/user-data",
                resource=Resource("instance", each.name, each.arn, instance),
                severity=CONTROL.severity,
                summary=f"The user data of {each.name} have credentials in them: "
                + ", ".join(each.kinds),
                evidence={"region": region, "kinds": [*each.kinds]},
            )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: CredentialsInUserDataSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """How to get rid of them."""
    instance, region = finding.resource.unique_id, finding.evidence["region"]
    return Manual(
        snapshot.account,
        finding.subject,
        "credentials that lay in user data are known, and what takes their place people decide",
        (
            (
                "Look at them yourself: aws ec2 describe-instance-attribute --attribute userData "
                f"--instance-id {instance} --region {region}"
            ),
            "Give the instance a role with what its programs need, or let them fetch a secret",
            (
                "Switch the credentials off, as for any that leaked, and look who else used them: "
                "`locksmith identify` tells whose an access key is"
            ),
            (
                "Take them out of the user data, for which the instance must be stopped, and out "
                "of the launch template that they came from"
            ),
            "Let Locksmith look again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="credentials-in-user-data",
    title="Credentials in the user data of an instance",
    topic="ec2_roles",
    severity=Severity.HIGH,
    risk=None,
    needs=frozenset({Part.USER_DATA}),
    settings=CredentialsInUserDataSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("IA-5(7)",), pci=("8.6.2",)),
)
