"""Instance without an instance profile

Detects
-------
EC2 instances, running or stopped, that have no instance profile and so no role. Where an access key
was seen in use on one (`access-key-used-from-instance`, if it is enabled), its severity is high.
Regions that can't be read are named by the scan; terminated instances don't count.

It is off unless you enable it: it reads every Region.

Why it matters
--------------
A program that needs AWS and has no role gets a key, which stays on the disk, in backups and in
images, until somebody finds it. A role's credentials come by themselves and last hours.

Changes
-------
Gives the instance the instance profile that the settings name. Where they name none, Locksmith
makes a role that only EC2 assumes and that may do nothing, with its instance profile, and gives
that: once programs need something, give it to the role. A running instance goes on running.
EC2 does not know a new profile at once: Locksmith asks again, with growing pauses, for as long as
`verification.patience_seconds` says, and takes all back if it is refused then.
Programs that have keys go on using those: environment and files come before the role. As it may
give programs rights, two people approve, and no rule carries it out.

An instance of an Auto Scaling group is replaced by one without the profile: the plan warns, and the
group's launch template must change too (`launch-template-without-instance-profile`).

Undo
----
Takes the profile away from the instance, and deletes the profile and the role that were made.
Credentials that a program fetched meanwhile last up to six hours.

When to say no
--------------
When nothing on the instance ever calls AWS, and nobody should be able to from there.

References
----------
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html
CIS AWS Foundations Benchmark 3.0: 1.18, 5.0: 1.17, 7.0: 2.16
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Call,
    Control,
    Expect,
    Finding,
    Instance,
    Json,
    KeyUse,
    Manual,
    Operator,
    Output,
    Part,
    Plan,
    Risk,
    Severity,
    Snapshot,
    Standards,
    Step,
)
from remediations._too_early import NEW_PROFILE, patient
from remediations.ec2_roles._instances import instance_resource, instances_of
from remediations.ec2_roles._profiles import (
    LAG,
    PROFILE_NEEDS,
    Chosen,
    ProfileSettings,
    choose,
    without_profile,
)

_LINK = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"


class InstanceWithoutProfileSettings(ProfileSettings):
    """Whether to look, at what, and which profile is given."""

    enabled: bool = Field(default=False, description="Off by default: it reads every Region.")
    left_out: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of instances that need no role, by their tag Name or id; * and ? are "
        "wildcards.",
    )


def detect(snapshot: Snapshot, settings: InstanceWithoutProfileSettings) -> Iterator[Finding]:
    """One finding per instance."""
    for instance in instances_of(snapshot, settings.left_out):
        if instance.profile:
            continue
        used = _keys_on(instance, snapshot)
        seen = f", and {len(used)} access keys were used from it" if used else ""
        yield Finding(
            control=CONTROL.id,
            subject=f"{instance.id}/profile",
            resource=instance_resource(instance, snapshot),
            severity=Severity.HIGH if used else CONTROL.severity,
            summary=f"{instance.name} has no instance profile{seen}",
            evidence={
                "region": instance.region,
                "state": instance.state,
                "auto_scaling_group": instance.group or None,
                "keys_used": [each.key_id for each in used],
            },
        )


def _keys_on(instance: Instance, snapshot: Snapshot) -> list[KeyUse]:
    uses: tuple[KeyUse, ...] = snapshot.parts.get(Part.KEY_USES, ())
    return [each for each in uses if each.instance == instance.id]


def plan(
    finding: Finding, snapshot: Snapshot, settings: InstanceWithoutProfileSettings
) -> Plan | Manual:
    """Give it the profile of the settings, or a new one without rights."""
    instance = next(
        each
        for each in instances_of(snapshot, settings.left_out)
        if each.id == finding.resource.unique_id
    )
    chosen = choose(snapshot, settings)
    if isinstance(chosen, str):
        return without_profile(finding, snapshot, chosen, _LINK)
    warnings = [LAG] if chosen.steps else []
    if instance.group:
        warnings.append(
            f"The Auto Scaling group {instance.group} will replace the instance by one without the "
            "profile: change its launch template too"
        )
    return Plan(
        snapshot.account,
        finding.subject,
        (*chosen.steps, _associate(instance, chosen)),
        f"Give {instance.name} {chosen.said}",
        tuple(warnings),
        whole=bool(chosen.steps),
    )


def _associate(instance: Instance, chosen: Chosen) -> Step:
    of: Json = [{"Name": "instance-id", "Values": [instance.id]}]
    read = Call("ec2", "DescribeIamInstanceProfileAssociations", {"Filters": of}, instance.region)
    there = "State=='associated' || State=='associating'"
    path = f"IamInstanceProfileAssociations[?{there}].IamInstanceProfile.Arn | [0]"
    given: dict[str, Json] = {
        "InstanceId": instance.id,
        "IamInstanceProfile": {"Arn": chosen.arn},
    }
    associate = Call("ec2", "AssociateIamInstanceProfile", given, instance.region)
    return Step(
        name="associate",
        summary=f"Give {instance.id} the instance profile {chosen.name}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"{instance.id} has one by now"),),
        do=patient(associate, *NEW_PROFILE) if chosen.steps else associate,
        after=(Expect(read, path, Operator.EQUALS, chosen.arn, "it has not this profile"),),
        undo=Call(
            "ec2",
            "DisassociateIamInstanceProfile",
            {"AssociationId": {"$output": "associate.id"}},
            instance.region,
        ),
        outputs={"id": Output("IamInstanceProfileAssociation.AssociationId")},
    )


CONTROL = Control(
    id="instance-without-profile",
    title="Instance without an instance profile",
    topic="ec2_roles",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.INSTANCES}),
    plan_needs=PROFILE_NEEDS,
    settings=InstanceWithoutProfileSettings,
    adds_rights=True,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.18",), "5.0": ("1.17",), "7.0": ("2.16",)},
        nist=("AC-3",),
        pci=("7.2.1", "7.2.2"),
    ),
)
