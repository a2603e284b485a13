"""Which instance profile a plan gives: the one that the settings name, or one without rights."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from bot.model import (
    Account,
    Expect,
    Finding,
    Json,
    Manual,
    Operator,
    Part,
    Risk,
    Role,
    Settings,
    Snapshot,
    Step,
)
from remediations._new_roles import make_role
from remediations._reads import call
from remediations._too_early import NEW_ROLE, patient

#: What a plan that gives a profile looks at.
PROFILE_NEEDS = frozenset({Part.ROLES})
#: Said where AWS may not know yet what was made a moment ago.
LAG = (
    "EC2 takes some seconds to know a new profile: it is asked again for a while, and if it still "
    "refuses that one then, all is taken back"
)


class ProfileSettings(Settings):
    """Which profile is given."""

    profile: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9_+=,.@-]{0,128}$",
        description="The name of an instance profile whose role has what programs need; empty: one "
        "that Locksmith makes, which may do nothing until you give it rights.",
    )
    role_name: str = Field(
        default="instance-without-rights",
        pattern=r"^[A-Za-z0-9_+=,.@-]{1,64}$",
        description="The name of the role, and of its instance profile, that are made.",
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """An instance profile, and what it takes to have it."""

    name: str
    arn: str
    steps: tuple[Step, ...]

    @property
    def said(self) -> str:
        """What it gives, in words."""
        if self.steps:
            return f"the new instance profile {self.name}, whose role may do nothing yet"
        return f"the instance profile {self.name}"


def choose(snapshot: Snapshot, settings: ProfileSettings) -> Chosen | str:
    """The profile to give, or why there is none."""
    known = dict(_known(snapshot))
    if settings.profile:
        if settings.profile not in known:
            return f"there is no instance profile {settings.profile} with a role in it"
        return Chosen(settings.profile, known[settings.profile], ())
    name, account = settings.role_name, snapshot.account
    if name in known:
        return Chosen(name, known[name], ())
    if any(role.name.casefold() == name.casefold() for role in snapshot.roles):
        return f"there is a role {name} already, which has no instance profile of its name"
    making = (
        make_role(account, name, "ec2.amazonaws.com", "For instances; give it what they need"),
        _make_profile(account, name),
        _join(name),
    )
    return Chosen(name, account.iam_arn(f"instance-profile/{name}"), making)


def without_profile(finding: Finding, snapshot: Snapshot, reason: str, link: str) -> Manual:
    """What people do where there is no profile to give."""
    wanted = "an instance profile with a role in it, or another role_name"
    return Manual(
        snapshot.account,
        finding.subject,
        reason,
        (f"Set controls.{finding.control}.profile to {wanted}", "Let Locksmith look again"),
        (link,),
    )


def _known(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for role in snapshot.roles:
        for arn in role.instance_profiles:
            yield arn.rpartition("/")[2], arn


def role_of(profile: str, snapshot: Snapshot) -> Role | None:
    """The role in the profile of this ARN."""
    return next((each for each in snapshot.roles if profile in each.instance_profiles), None)


def _make_profile(account: Account, name: str) -> Step:
    read = call("GetInstanceProfile", InstanceProfileName=name)
    arn = account.iam_arn(f"instance-profile/{name}")
    why = f"there is an instance profile {name} by now"
    path = "InstanceProfile.Arn"
    return Step(
        name="make-profile",
        summary=f"Make the instance profile {name}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, why),),
        do=call("CreateInstanceProfile", InstanceProfileName=name),
        after=(Expect(read, path, Operator.EQUALS, arn, f"{name} is not there"),),
        undo=call("DeleteInstanceProfile", InstanceProfileName=name),
    )


def _join(name: str) -> Step:
    read = call("GetInstanceProfile", InstanceProfileName=name)
    path = "InstanceProfile.Roles[].RoleName"
    both: dict[str, Any] = {"InstanceProfileName": name, "RoleName": name}
    empty: Json = []
    return Step(
        name="join",
        summary=f"Put the role {name} into the instance profile",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.EQUALS, empty, f"{name} has a role by now"),),
        do=patient(call("AddRoleToInstanceProfile", **both), *NEW_ROLE),
        after=(Expect(read, path, Operator.EQUALS, [name], f"{name} has not this role"),),
        undo=call("RemoveRoleFromInstanceProfile", **both),
    )
