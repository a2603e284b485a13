"""Takes a managed policy that nobody holds apart: its older versions go, then the policy."""

from collections.abc import Iterator

from bot.model import Expect, Json, ManagedPolicy, Operator, PolicyVersion, Risk, Step
from remediations._documents import exact
from remediations._reads import absent, call


def delete(policy: ManagedPolicy) -> Iterator[Step]:
    """Every version that isn't in force, oldest first, then the policy; all of it is final."""
    guards = (policy_is(policy), nobody_holds(policy))
    others = [version for version in policy.versions if not version.is_default]
    for version in sorted(others, key=lambda version: version.created):
        yield _without_version(policy, version, guards)
    yield Step(
        name="delete-policy",
        summary=f"Delete the policy {policy.name}",
        risk=Risk.IRREVERSIBLE,
        before=(*guards, version_holds(policy, policy.default)),
        do=call("DeletePolicy", PolicyArn=policy.arn),
        after=(absent(policy_is(policy), f"the policy {policy.name} is still there"),),
        irreversible_because="AWS keeps no copy of a policy; its text stays in Locksmith's journal",
    )


def _without_version(
    policy: ManagedPolicy, version: PolicyVersion, guards: tuple[Expect, ...]
) -> Step:
    holds = version_holds(policy, version)
    return Step(
        name=f"delete-version-{version.id}",
        summary=f"Delete the version {version.id} of {policy.name}, which is not in force",
        risk=Risk.IRREVERSIBLE,
        before=(*guards, holds),
        do=call("DeletePolicyVersion", PolicyArn=policy.arn, VersionId=version.id),
        after=(absent(holds, f"the version {version.id} of {policy.name} is still there"),),
        irreversible_because="AWS never gives a version's number again; its text stays in "
        "Locksmith's journal",
    )


def policy_is(policy: ManagedPolicy) -> Expect:
    """The policy with this ARN is still the one that was seen."""
    read = call("GetPolicy", PolicyArn=policy.arn)
    why = f"{policy.name} is another policy now"
    return Expect(read, "Policy.PolicyId", Operator.EQUALS, policy.id, why)


def nobody_holds(policy: ManagedPolicy) -> Expect:
    """Nobody has the policy attached or as boundary."""
    read = call("ListEntitiesForPolicy", PolicyArn=policy.arn)
    path = "[PolicyUsers, PolicyGroups, PolicyRoles][] | [0]"
    return Expect(read, path, Operator.ABSENT, None, f"somebody has {policy.name} by now")


def version_holds(policy: ManagedPolicy, version: PolicyVersion) -> Expect:
    """This version of the policy has just this document. Raises as `exact` does."""
    document: Json = exact(version.text, f"{policy.name}, version {version.id}")
    read = call("GetPolicyVersion", PolicyArn=policy.arn, VersionId=version.id)
    why = f"the document of {policy.name}, version {version.id}, is another one"
    return Expect(read, "PolicyVersion.Document", Operator.EQUALS, document, why)
