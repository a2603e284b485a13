"""Makes a group of administrators who need MFA, and puts people into it."""

from bot.model import Expect, Finding, Json, Manual, Operator, Plan, Risk, Snapshot, Step, User
from remediations._membership import join
from remediations._policy_reads import compact, inline_by_name, is_still
from remediations._quotas import quota
from remediations._reads import absent, call
from remediations._too_early import NEW_GROUP, patient

#: The group's name and path, and the policy in it.
GROUP, PATH = "administrators", "/locksmith/"
POLICY = "administration-with-mfa"

#: Everything, to whoever signed in with MFA: requests with long-lived keys have no such sign.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
DOCUMENT: dict[str, Json] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "AdministrationWithMfa",
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    ],
}


def appoint(finding: Finding, users: tuple[User, ...], snapshot: Snapshot) -> Plan | Manual:
    """The plan that makes these users administrators behind MFA, or why it can't be made."""
    hindrance = _hindrance(users, snapshot)
    if hindrance:
        why, what = hindrance
        return Manual(snapshot.account, finding.subject, why, (what, "Let Locksmith scan again"))
    names = ", ".join(user.name for user in users)
    granted = inline_by_name("Group", GROUP, POLICY, DOCUMENT)
    joins = (
        join(user, GROUP, (_made(), _with_mfa(user), granted), f"join-{number}", made=True)
        for number, user in enumerate(users, 1)
    )
    return Plan(
        snapshot.account,
        finding.subject,
        (_create(users), _grant(), *joins),
        f"Make {names} administrators, while they are signed in with MFA",
        (f"{names} may do everything in account {snapshot.account.id} from then on",),
    )


def _hindrance(users: tuple[User, ...], snapshot: Snapshot) -> tuple[str, str] | None:
    if any(group.name.casefold() == GROUP for group in snapshot.groups):
        return f"there is a group {GROUP} already", f"Look what {GROUP} is for, and rename it"
    allowed = quota(snapshot, "GroupsPerUserQuota")
    full = [user.name for user in users if len(user.groups) >= allowed]
    if full:
        who = ", ".join(full)
        return f"{who} would be in more groups than AWS allows", f"Take {who} out of a group"
    return None


def _made() -> Expect:
    read = call("GetGroup", GroupName=GROUP)
    return Expect(read, "Group.Path", Operator.EQUALS, PATH, f"{GROUP} is not there")


def _with_mfa(user: User) -> Expect:
    read = call("ListMFADevices", UserName=user.name)
    why = f"{user.name} has no MFA device any more"
    return Expect(read, "MFADevices[0].SerialNumber", Operator.PRESENT, None, why)


def _nobody() -> Expect:
    read = call("GetGroup", GroupName=GROUP)
    return Expect(read, "Users[0].UserName", Operator.ABSENT, None, f"somebody is in {GROUP}")


def _create(users: tuple[User, ...]) -> Step:
    still = tuple(is_still(user) for user in users)
    return Step(
        name="create-group",
        summary=f"Make the group {GROUP}",
        risk=Risk.REVERSIBLE,
        before=(*still, absent(_made(), f"a group {GROUP} exists by now")),
        do=call("CreateGroup", GroupName=GROUP, Path=PATH),
        after=(_made(), _nobody()),
        undo=call("DeleteGroup", GroupName=GROUP),
    )


def _grant() -> Step:
    granted = inline_by_name("Group", GROUP, POLICY, DOCUMENT)
    named = {"GroupName": GROUP, "PolicyName": POLICY}
    return Step(
        name="grant",
        summary=f"Allow {GROUP} everything, to those who signed in with MFA",
        risk=Risk.REVERSIBLE,
        before=(_made(), _nobody(), absent(granted, f"{GROUP} has a policy {POLICY} by now")),
        do=patient(call("PutGroupPolicy", **named, PolicyDocument=compact(DOCUMENT)), *NEW_GROUP),
        after=(granted, _nobody()),
        undo=call("DeleteGroupPolicy", **named),
    )
