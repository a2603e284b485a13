"""GetAccountAuthorizationDetails as users, groups, roles and policies: live pages or a file alike.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from sys import intern
from typing import Any, TypeVar

from bot.aws.documents import Documents
from bot.errors import InputError
from bot.model import Group, InlinePolicy, ManagedPolicy, Part, PolicyVersion, Role, User

#: The value of `Filter` that brings each part.
FILTERS: Mapping[Part, str] = {
    Part.USERS: "User",
    Part.GROUPS: "Group",
    Part.ROLES: "Role",
    Part.CUSTOMER_POLICIES: "LocalManagedPolicy",
    Part.AWS_POLICIES: "AWSManagedPolicy",
}

#: The list of the answer that each part is in.
LISTS: Mapping[Part, str] = {
    Part.USERS: "UserDetailList",
    Part.GROUPS: "GroupDetailList",
    Part.ROLES: "RoleDetailList",
    Part.CUSTOMER_POLICIES: "Policies",
    Part.AWS_POLICIES: "Policies",
}

#: So many versions of one of AWS's policies are kept, to see what changed lately.
_VERSIONS_OF_AWS = 5

EntityT = TypeVar("EntityT", User, Group, Role, ManagedPolicy)


class DetailsError(InputError):
    """An entry of the authorization details isn't as AWS writes it; the message names it."""


class AuthorizationDetails:
    """Collects pages. AWS takes no lock between them: who comes twice counts once, as seen last.

    `lists` names the lists that any page had, empty ones included.
    """

    def __init__(self) -> None:
        self._users: dict[str, User] = {}
        self._groups: dict[str, Group] = {}
        self._roles: dict[str, Role] = {}
        self._policies: dict[str, ManagedPolicy] = {}
        self._documents = Documents()
        self.lists: set[str] = set()

    def add(self, page: Mapping[str, Any]) -> None:
        """Add one page. Raises DetailsError, naming the entry that can't be read."""
        self.lists |= page.keys() & set(LISTS.values())
        self._add(page, "UserDetailList", self._user, self._users)
        self._add(page, "GroupDetailList", self._group, self._groups)
        self._add(page, "RoleDetailList", self._role, self._roles)
        self._add(page, "Policies", self._policy, self._policies)

    def part(self, part: Part) -> tuple[User | Group | Role | ManagedPolicy, ...]:
        """The value of one of the parts in FILTERS."""
        match part:
            case Part.USERS:
                return self.users
            case Part.GROUPS:
                return self.groups
            case Part.ROLES:
                return self.roles
            case _:
                by_aws = part is Part.AWS_POLICIES
                return tuple(p for p in self._policies.values() if p.by_aws is by_aws)

    @property
    def users(self) -> tuple[User, ...]:
        """The users seen so far."""
        return tuple(self._users.values())

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups seen so far."""
        return tuple(self._groups.values())

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles seen so far."""
        return tuple(self._roles.values())

    def __len__(self) -> int:
        return len(self._users) + len(self._groups) + len(self._roles) + len(self._policies)

    def _add(
        self,
        page: Mapping[str, Any],
        name: str,
        make: Callable[[Any], EntityT],
        known: dict[str, EntityT],
    ) -> None:
        entries = page.get(name) or []
        if not isinstance(entries, list):
            raise DetailsError(f"{name} is no list", hint="Export the details again.")
        here: dict[str, str] = {}
        for index, entry in enumerate(entries):
            try:
                made = make(entry)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise DetailsError(
                    f"{name}[{index}]{_named(entry)}: {_words(error)}",
                    hint="Export the authorization details again.",
                ) from error
            other = here.setdefault(made.id, made.arn)
            if other != made.arn:
                # One would hide the other, with all that is wrong with it.
                raise DetailsError(
                    f"{name}[{index}]{_named(entry)}: its id {made.id} is that of {other} too",
                    hint="AWS gives an id once: export the authorization details again, unedited.",
                )
            known[made.id] = made

    def _user(self, entry: Mapping[str, Any]) -> User:
        return User(
            name=entry["UserName"],
            id=entry["UserId"],
            arn=entry["Arn"],
            path=intern(entry["Path"]),
            created=moment(entry["CreateDate"]),
            groups=tuple(map(intern, entry.get("GroupList") or ())),
            attached=_attached(entry),
            inline=self._inline(entry.get("UserPolicyList")),
            boundary=_boundary(entry),
            tags=_tags(entry),
        )

    def _group(self, entry: Mapping[str, Any]) -> Group:
        return Group(
            name=intern(entry["GroupName"]),
            id=entry["GroupId"],
            arn=entry["Arn"],
            path=intern(entry["Path"]),
            created=moment(entry["CreateDate"]),
            attached=_attached(entry),
            inline=self._inline(entry.get("GroupPolicyList")),
        )

    def _role(self, entry: Mapping[str, Any]) -> Role:
        used = (entry.get("RoleLastUsed") or {}).get("LastUsedDate")
        return Role(
            name=entry["RoleName"],
            id=entry["RoleId"],
            arn=entry["Arn"],
            path=intern(entry["Path"]),
            created=moment(entry["CreateDate"]),
            trust=self._documents.text(entry["AssumeRolePolicyDocument"]),
            attached=_attached(entry),
            inline=self._inline(entry.get("RolePolicyList")),
            boundary=_boundary(entry),
            tags=_tags(entry),
            last_used=moment(used) if used else None,
            instance_profiles=tuple(
                profile["Arn"] for profile in entry.get("InstanceProfileList") or ()
            ),
        )

    def _policy(self, entry: Mapping[str, Any]) -> ManagedPolicy:
        arn = intern(entry["Arn"])
        by_aws = _keeper(arn) == "aws"
        versions = tuple(
            PolicyVersion(
                id=version["VersionId"],
                text=self._documents.text(version["Document"]),
                is_default=bool(version["IsDefaultVersion"]),
                created=moment(version["CreateDate"]),
            )
            for version in (_newest if by_aws else list)(entry["PolicyVersionList"])
        )
        if not any(version.is_default for version in versions):
            raise ValueError("no version of the policy is the default one")
        return ManagedPolicy(
            arn=arn,
            name=entry["PolicyName"],
            path=intern(entry["Path"]),
            id=entry["PolicyId"],
            by_aws=by_aws,
            versions=versions,
            # Some exporters write null for what they don't know.
            attachments=entry.get("AttachmentCount") or 0,
            boundaries=entry.get("PermissionsBoundaryUsageCount") or 0,
            attachable=entry.get("IsAttachable", True),
            tags=_tags(entry),
        )

    def _inline(self, policies: Iterable[Mapping[str, Any]] | None) -> tuple[InlinePolicy, ...]:
        return tuple(
            InlinePolicy(
                intern(policy["PolicyName"]), self._documents.text(policy["PolicyDocument"])
            )
            for policy in policies or ()
        )


def moment(value: object) -> datetime:
    """A time as boto3 (datetime) or a file (ISO 8601 text with a zone) gives it, in UTC.

    Raises ValueError for anything else.
    """
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise ValueError(f"not a time with its zone: {value!r}")
    return found.astimezone(UTC)


def _keeper(arn: str) -> str:
    """Whose a policy is: "aws", or the account's id."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        raise ValueError(f"not an ARN: {arn!r}")
    return parts[4]


def _newest(versions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The version in force and the few before it: AWS keeps dozens, which nobody can choose."""
    ordered = sorted(versions, key=lambda each: moment(each["CreateDate"]), reverse=True)
    newest = ordered[:_VERSIONS_OF_AWS]
    return [each for each in versions if each["IsDefaultVersion"] or each in newest]


def _attached(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        intern(policy["PolicyArn"]) for policy in entry.get("AttachedManagedPolicies") or ()
    )


def _boundary(entry: Mapping[str, Any]) -> str | None:
    boundary = entry.get("PermissionsBoundary")
    return intern(boundary["PermissionsBoundaryArn"]) if boundary else None


def _tags(entry: Mapping[str, Any]) -> dict[str, str]:
    return {intern(tag["Key"]): tag["Value"] for tag in entry.get("Tags") or ()}


def _named(entry: object) -> str:
    if isinstance(entry, Mapping):
        for key in ("UserName", "GroupName", "RoleName", "PolicyName"):
            if key in entry:
                return f" ({entry[key]})"
    return ""


def _words(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
