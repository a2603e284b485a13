"""Instance whose role administers the account

Detects
-------
Roles that instances have by their instance profile, and that administer the account: by the same
judgement as `root-is-the-only-administrator`, which weighs every policy of the role and its
boundary, not names. Profiles that no instance has are not looked at; organization policies are not
known here.

It is off unless you enable it: it reads every Region.

Why it matters
--------------
Whatever runs on the instance, and whoever gets it to fetch an address, can have the role's
credentials: then the account is theirs.

Changes
-------
Nothing by itself: what programs on the instance need is for people to say. It lists how to find out
what the role used, and how to give the instance a role with just that.

Undo
----
Nothing was changed.

When to say no
--------------
When the instance's work is administering the account, such as running deployments, and nobody else
can get onto it.

References
----------
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data.html
"""

from collections import defaultdict
from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Instance,
    Manual,
    Part,
    Plan,
    Role,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from bot.policy import Answer, Document, full_administration_of, parse_document
from remediations._subjects import resource_of
from remediations.ec2_roles._instances import instances_of
from remediations.ec2_roles._profiles import role_of

_LINK = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"
_SHOWN = 20


class InstanceProfileWithAdminSettings(Settings):
    """Whether to look, and at what."""

    enabled: bool = Field(default=False, description="Off by default: it reads every Region.")
    left_out: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of instances that may administer, by their tag Name or id; * and ? are "
        "wildcards.",
    )


def detect(snapshot: Snapshot, settings: InstanceProfileWithAdminSettings) -> Iterator[Finding]:
    """One finding per role."""
    having: dict[str, list[Instance]] = defaultdict(list)
    for instance in instances_of(snapshot, settings.left_out):
        role = role_of(instance.profile, snapshot) if instance.profile else None
        if role:
            having[role.id].append(instance)
    for role_id, instances in having.items():
        role = snapshot.roles_by_id[role_id]
        answer = _administers(role, snapshot)
        if answer not in (Answer.YES, Answer.CONDITIONAL):
            continue
        maybe = "" if answer is Answer.YES else ", under conditions"
        yield Finding(
            control=CONTROL.id,
            subject=f"{role.id}/instance-profile",
            resource=resource_of(role),
            severity=CONTROL.severity,
            summary=f"{len(instances)} instances have the role {role.name}, which administers the "
            f"account{maybe}",
            evidence={
                "instances": [f"{each.id} in {each.region}" for each in instances[:_SHOWN]],
                "more": max(0, len(instances) - _SHOWN),
                "policies": [*role.attached, *(each.name for each in role.inline)],
            },
        )


def _administers(role: Role, snapshot: Snapshot) -> Answer:
    documents = [_of_policy(arn, snapshot) for arn in role.attached]
    documents += [parse_document(each.text, where=each.name) for each in role.inline]
    boundary = _of_policy(role.boundary, snapshot) if role.boundary else None
    account = snapshot.account
    found = full_administration_of(
        documents, boundary, account_id=account.id, partition=account.partition
    )
    return found.answer


def _of_policy(arn: str, snapshot: Snapshot) -> Document:
    policy = snapshot.policies_by_arn.get(arn)
    return parse_document(policy.default.text if policy else "", where=arn)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: InstanceProfileWithAdminSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """How to find out what the role needs, and to give just that."""
    role = finding.resource
    return Manual(
        snapshot.account,
        finding.subject,
        "what programs on the instance need is for people to say",
        (
            (
                "Look at what the role used: aws iam generate-service-last-accessed-details "
                f"--granularity ACTION_LEVEL --arn {role.arn}"
            ),
            "Make a role with just that, and an instance profile with the role in it",
            (
                "Give it to each instance: aws ec2 replace-iam-instance-profile-association "
                "--association-id ID --iam-instance-profile Name=NAME; an Auto Scaling group's "
                "launch template must change too"
            ),
            "Look that everything works, and let Locksmith look again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="instance-profile-with-admin",
    title="Instance whose role administers the account",
    topic="ec2_roles",
    severity=Severity.HIGH,
    risk=None,
    needs=frozenset({Part.INSTANCES, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}),
    settings=InstanceProfileWithAdminSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-6",)),
)
