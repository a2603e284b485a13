"""The tags of what a finding is about: as a scan saw them, and as they are now."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.engine.account_tags import account_tags
from bot.model import Call, Finding, Json, OwnerClaim, OwnerSource, Part, Resource, Snapshot

#: What EC2 keeps tags of.
_OF_EC2 = frozenset({"instance", "launch-template"})


def tags_of(finding: Finding, snapshot: Snapshot) -> Mapping[str, str]:
    """The tags of the user, role, policy, instance or template that a finding is about.

    An access key or a password has those of its user. Those of a policy are known from files only:
    AWS's census leaves them out.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ManagedPolicyDetail.html
    """
    unique_id = finding.resource.unique_id
    if finding.resource.key and Part.USERS in snapshot.parts:
        user = snapshot.users_by_name.get(finding.resource.key.user)
        return user.tags if user else {}
    if Part.USERS in snapshot.parts and unique_id in snapshot.users_by_id:
        return snapshot.users_by_id[unique_id].tags
    if Part.ROLES in snapshot.parts and unique_id in snapshot.roles_by_id:
        return snapshot.roles_by_id[unique_id].tags
    if finding.resource.type in _OF_EC2:
        return _ec2_tags(finding.resource, snapshot)
    policy = snapshot.policies_by_arn.get(finding.resource.arn)
    return policy.tags if policy else {}


def _ec2_tags(resource: Resource, snapshot: Snapshot) -> Mapping[str, str]:
    parts: dict[Part, Mapping[str, Iterable[Any]]] = {
        part: snapshot.parts.get(part, {}) for part in (Part.INSTANCES, Part.LAUNCH_TEMPLATES)
    }
    things = (each for part in parts.values() for here in part.values() for each in here)
    return next((each.tags for each in things if each.id == resource.unique_id), {})


def tags_now(finding: Finding, read: Callable[[Call], Json]) -> Mapping[str, str]:
    """The tags of what a finding is about, as AWS has them now; empty where it is gone.

    So it is where another thing has taken the name since: its unique id differs. Read with GetUser,
    GetRole or GetPolicy, whose answers hold that id beside the tags; the census has none of a
    policy. Raises whatever `read` raises.
    """
    if finding.resource.type in _OF_EC2:
        return _ec2_tags_now(finding.resource, read)
    asked = _question(finding.resource)
    if asked is None:
        return {}
    call, kind, unique_id = asked
    answer: Any = read(call)
    found: Any = (answer or {}).get(kind) or {}
    if found.get(f"{kind}Id") != unique_id:
        return {}
    return {str(each["Key"]): str(each["Value"]) for each in found.get("Tags") or ()}


def _ec2_tags_now(resource: Resource, read: Callable[[Call], Json]) -> Mapping[str, str]:
    """By its id, which EC2 never gives to another thing."""
    of: Json = [{"Name": "resource-id", "Values": [resource.unique_id]}]
    call = Call("ec2", "DescribeTags", {"Filters": of}, resource.arn.split(":")[3])
    answer: Any = read(call)
    return {str(each["Key"]): str(each["Value"]) for each in (answer or {}).get("Tags") or ()}


def tag_of_now(
    finding: Finding, claim: OwnerClaim, account_id: str, read: Callable[[Call], Json]
) -> str | None:
    """What the tag behind a claim says in AWS now, without space around it, or None if it is gone.

    None also for claims of other sources: those have no tag. Raises whatever `read` raises.
    """
    if claim.tag is None:
        return None
    if claim.source is OwnerSource.ACCOUNT_TAGS:
        value = account_tags(account_id, read).get(claim.tag)
    else:
        value = tags_now(finding, read).get(claim.tag)
    return None if value is None else value.strip()


def still_says(
    finding: Finding, claim: OwnerClaim, account_id: str, read: Callable[[Call], Json]
) -> bool:
    """Whether a claim's tag says in AWS now what it said when the question was made.

    True for claims of other sources. Raises whatever `read` raises.
    """
    return claim.tag is None or tag_of_now(finding, claim, account_id, read) == claim.address


def _question(resource: Resource) -> tuple[Call, str, str] | None:
    """The call that shows the tags, the name of its answer, and whose unique id it must show."""
    if resource.key is not None:
        return Call("iam", "GetUser", {"UserName": resource.key.user}), "User", resource.key.user_id
    match resource.type:
        case "user":
            call = Call("iam", "GetUser", {"UserName": resource.name})
            return call, "User", resource.unique_id
        case "role":
            call = Call("iam", "GetRole", {"RoleName": resource.name})
            return call, "Role", resource.unique_id
        case "policy":
            call = Call("iam", "GetPolicy", {"PolicyArn": resource.arn})
            return call, "Policy", resource.unique_id
        case _:
            return None
