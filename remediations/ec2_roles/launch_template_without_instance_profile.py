"""Launch template without an instance profile

Detects
-------
EC2 launch templates whose default version names no instance profile. Other versions are not looked
at. Regions that can't be read are named by the scan.

It is off unless you enable it: it reads every Region.

Why it matters
--------------
Every instance that it starts has no role, and an Auto Scaling group starts such instances again and
again, whatever was mended on those that run.

Changes
-------
Makes a new version of the template, which is the default version with the instance profile of the
settings, or with a new one whose role may do nothing yet, and makes it the default. Instances that
run stay as they are. A group that follows `$Default` or `$Latest` uses the new version for its next
instance; one that is told a number does not, and must be changed by hand. As it
may give programs rights, two people approve, and no rule carries it out.

Undo
----
Makes the old version the default again, and deletes the new one, and the profile and role that were
made. Instances that were started meanwhile keep the profile.

When to say no
--------------
When whoever starts instances from it names a profile each time.

References
----------
https://docs.aws.amazon.com/autoscaling/ec2/userguide/us-iam-role.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
CIS AWS Foundations Benchmark 3.0: 1.18, 5.0: 1.17, 7.0: 2.16
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
    Risk,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import is_named
from remediations.ec2_roles._profiles import (
    PROFILE_NEEDS,
    ProfileSettings,
    choose,
    without_profile,
)
from remediations.ec2_roles._template_steps import give_profile

_LINK = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/us-iam-role.html"

_LAG = "EC2 takes some seconds to know a new profile: an instance that starts before may fail"


class LaunchTemplateWithoutInstanceProfileSettings(ProfileSettings):
    """Whether to look, at what, and which profile is given."""

    enabled: bool = Field(default=False, description="Off by default: it reads every Region.")
    left_out: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of templates that need no profile; * and ? are wildcards.",
    )


def detect(
    snapshot: Snapshot, settings: LaunchTemplateWithoutInstanceProfileSettings
) -> Iterator[Finding]:
    """One finding per template."""
    account = snapshot.account
    for region, templates in sorted(snapshot.launch_templates.items()):
        for template in templates:
            if template.profile or is_named(template.name, settings.left_out):
                continue
            arn = f"arn:{account.partition}:ec2:{region}:{account.id}:launch-template/{template.id}"
            yield Finding(
                control=CONTROL.id,
                subject=f"{template.id}/profile",
                resource=Resource("launch-template", template.name, arn, template.id),
                severity=CONTROL.severity,
                summary=f"Instances from the launch template {template.name} have no role",
                evidence={"region": region, "default_version": template.default},
            )


def plan(
    finding: Finding, snapshot: Snapshot, settings: LaunchTemplateWithoutInstanceProfileSettings
) -> Plan | Manual:
    """Make a version with a profile, and make it the default."""
    template = next(
        each
        for templates in snapshot.launch_templates.values()
        for each in templates
        if each.id == finding.resource.unique_id
    )
    chosen = choose(snapshot, settings)
    if isinstance(chosen, str):
        return without_profile(finding, snapshot, chosen, _LINK)
    return Plan(
        snapshot.account,
        finding.subject,
        (*chosen.steps, *give_profile(template, chosen.arn, made=bool(chosen.steps))),
        f"Let instances from {template.name} have {chosen.said}",
        (
            "An Auto Scaling group that is told a version's number goes on using that version",
            *([_LAG] if chosen.steps else []),
        ),
        whole=True,
    )


CONTROL = Control(
    id="launch-template-without-instance-profile",
    title="Launch template without an instance profile",
    topic="ec2_roles",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.LAUNCH_TEMPLATES}),
    plan_needs=PROFILE_NEEDS,
    settings=LaunchTemplateWithoutInstanceProfileSettings,
    adds_rights=True,
    detect=detect,
    plan=plan,
    standards=Standards(cis={"3.0": ("1.18",), "5.0": ("1.17",), "7.0": ("2.16",)}),
)
