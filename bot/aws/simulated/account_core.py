"""The IAM account that the corrections share: its clock, root user, quotas and created entities."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from moto.iam.exceptions import EntityAlreadyExists, LimitExceededException, NotFoundException
from moto.iam.models import (
    AccessKey,
    Group,
    IAMBackend,
    InstanceProfile,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
)

from bot.aws.simulated import aws_policies
from bot.aws.simulated.clock import SimulatedClock, moto_time
from bot.aws.simulated.entities import (
    AccessJob,
    RootUser,
    ServiceSpecificCredential,
    SimulatedUser,
    unique_id,
)

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, named as
# GetAccountSummary names them. 20 policies per role is the newer default, seen in live accounts.
DEFAULT_QUOTAS = {
    "AccessKeysPerUserQuota": 2,
    "AssumeRolePolicySizeQuota": 2048,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 20,
    "AttachedPoliciesPerUserQuota": 10,
    "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10,
    "GroupsQuota": 300,
    "InstanceProfilesQuota": 1000,
    "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144,
    "PolicyVersionsInUseQuota": 10000,
    "RolePolicySizeQuota": 10240,
    "RolesQuota": 1000,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
    "UserPolicySizeQuota": 2048,
    "UsersQuota": 5000,
    "VersionsPerPolicyQuota": 5,
}


class AccountCore(IAMBackend):
    """moto's IAM account with what every correction builds on.

    `quotas` may be changed, as AWS raises them on request. Ids come from `source`, so that a
    seeded account has the same ids every time.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.clock = SimulatedClock()
        self.source = random.Random()  # noqa: S311 - ids of a simulation, not secrets
        self.quotas = dict(DEFAULT_QUOTAS)
        self.root = RootUser(created=moto_time(self.clock.now()))
        # Of the management account: what of central root access is on. Of a member: root sessions
        # by their access key's id, with the task of each.
        self.organization_features: set[str] = set()
        self.root_sessions: dict[str, str] = {}
        self.service_credentials: dict[str, ServiceSpecificCredential] = {}
        self.service_use: dict[tuple[str, str], datetime] = {}
        self.action_use: dict[tuple[str, str], datetime] = {}
        self.access_jobs: dict[str, AccessJob] = {}
        self.access_polls = 0
        self.access_age = timedelta()
        # AWS enables 17 at first; two make tests quick, and every other one answers all the same.
        self.regions: set[str] = {"us-east-1", "eu-west-1"}

    def new_id(self, prefix: str, length: int = 21) -> str:
        """A unique id of this account."""
        return unique_id(prefix, self.account_id, self.source, length)

    def simulated_users(self) -> Iterator[SimulatedUser]:
        """Every user, in the order they were made."""
        for user in self.users.values():
            if isinstance(user, SimulatedUser):
                yield user

    # Lookups

    def get_user(self, name: str) -> User:
        user = self.users.get(name)
        if user is None:
            raise NotFoundException(f"The user with name {name} cannot be found.")
        return user

    def simulated_user(self, name: str) -> SimulatedUser:
        """The user of that name with all that the simulation keeps; NoSuchEntity without one."""
        user = self.get_user(name)
        if not isinstance(user, SimulatedUser):
            raise TypeError(f"user {name} was made before the simulation was installed")
        return user

    def get_group(self, group_name: str) -> Group:
        group = self.groups.get(group_name)
        if group is None:
            raise NotFoundException(f"The group with name {group_name} cannot be found.")
        return group

    def get_role(self, role_name: str) -> Role:
        for role in self.roles.values():
            if role.name == role_name:
                return role
        raise NotFoundException(f"The role with name {role_name} cannot be found.")

    def get_policy(self, policy_arn: str) -> ManagedPolicy:
        policy = self.find_policy(policy_arn)
        if policy is None:
            raise NotFoundException(f"Policy {policy_arn} was not found.")
        return policy

    def find_policy(self, policy_arn: str) -> ManagedPolicy | None:
        """The managed policy with that ARN, fetched from AWS's catalogue when it is AWS's own."""
        if policy_arn in self.managed_policies:
            return self.managed_policies[policy_arn]
        named = aws_policies.policy_name_and_path(policy_arn)
        if named is None:
            return None
        policy = aws_policies.build(named[0], self.account_id, self.region_name)
        if policy is None or policy.arn != policy_arn:
            return None
        policy.id = self.new_id("ANPA")
        self.managed_policies[policy.arn] = policy
        self.aws_managed_policies.append(policy)
        return policy

    # Creation: moto's own, with AWS's ids, the account's clock, and names unique without case

    def create_user(
        self,
        region_name: str,  # noqa: ARG002 - moto passes it; an account has one
        user_name: str,
        path: str = "/",
        tags: list[dict[str, str]] | None = None,
    ) -> User:
        if _same_name(self.users.values(), user_name) is not None:
            raise EntityAlreadyExists(f"User with name {user_name} already exists.")
        self._within("UsersQuota", len(self.users), "UsersPerAccount")
        return self.add_user(user_name, path, tags or [])

    def add_user(
        self, user_name: str, path: str | None, tags: list[dict[str, str]]
    ) -> SimulatedUser:
        """Make a user without looking at the names and the number there are, for a quick seed."""
        user = SimulatedUser(self.account_id, self.region_name, user_name, path)
        user.id = self.new_id("AIDA")
        user.create_date = moto_time(self.clock.now())
        self.tagger.tag_resource(user.arn, tags)
        self.users[user_name] = user
        return user

    def update_user(
        self, user_name: str, new_path: str | None = None, new_user_name: str | None = None
    ) -> None:
        user = self.get_user(user_name)
        if new_user_name:
            other = _same_name(self.users.values(), new_user_name)
            if other is not None and other is not user:
                raise EntityAlreadyExists(f"User with name {new_user_name} already exists.")
        tags = self.tagger.list_tags_for_resource(user.arn)["Tags"]
        self.tagger.delete_all_tags_for_resource(user.arn)
        super().update_user(user.name, new_path, new_user_name)
        self.tagger.tag_resource(user.arn, tags)
        for key in user.access_keys:
            key.user_name = user.name

    def create_group(self, group_name: str, path: str = "/") -> Group:
        if _same_name(self.groups.values(), group_name) is not None:
            raise EntityAlreadyExists(f"Group with name {group_name} already exists.")
        self._within("GroupsQuota", len(self.groups), "GroupsPerAccount")
        group = super().create_group(group_name, path)
        group.id = self.new_id("AGPA")
        group.create_date = moto_time(self.clock.now())
        return group

    def create_role(
        self,
        role_name: str,
        assume_role_policy_document: str,
        path: str,
        permissions_boundary: str | None,
        description: str,
        tags: list[dict[str, str]],
        max_session_duration: str | None,
        linked_service: str | None = None,
    ) -> Role:
        if _same_name(self.roles.values(), role_name) is not None:
            raise EntityAlreadyExists(f"Role with name {role_name} already exists.")
        self._within("RolesQuota", len(self.roles), "RolesPerAccount")
        role = super().create_role(
            role_name,
            assume_role_policy_document,
            path,
            permissions_boundary,
            description,
            tags,
            max_session_duration,
            linked_service,
        )
        del self.roles[role.id]
        role.id = self.new_id("AROA")
        role.create_date = moto_time(self.clock.now())
        self.roles[role.id] = role
        return role

    def create_policy(
        self,
        description: str,
        path: str,
        policy_document: str,
        policy_name: str,
        tags: list[dict[str, str]],
    ) -> ManagedPolicy:
        local = [p for p in self.managed_policies.values() if p not in self.aws_managed_policies]
        if _same_name(local, policy_name) is not None:
            raise EntityAlreadyExists(
                f"A policy called {policy_name} already exists. Duplicate names are not allowed."
            )
        self._within("PoliciesQuota", len(local), "PoliciesPerAccount")
        policy = super().create_policy(description, path, policy_document, policy_name, tags)
        policy.id = self.new_id("ANPA")
        policy.create_date = policy.update_date = moto_time(self.clock.now())
        policy.versions[0].create_date = policy.create_date
        return policy

    def create_policy_version(
        self, policy_arn: str, policy_document: str, set_as_default: bool
    ) -> PolicyVersion:
        version = super().create_policy_version(policy_arn, policy_document, set_as_default)
        version.create_date = moto_time(self.clock.now())
        self.get_policy(policy_arn).update_date = version.create_date
        return version

    def create_instance_profile(
        self,
        name: str,
        path: str,
        role_names: list[str],
        tags: list[dict[str, str]] | None = None,
    ) -> InstanceProfile:
        profile = super().create_instance_profile(name, path, role_names, tags)
        profile.id = self.new_id("AIPA")
        profile.create_date = moto_time(self.clock.now())
        return profile

    # Access keys

    def create_access_key(
        self, user_name: str, prefix: str = "AKIA", status: str = "Active"
    ) -> AccessKey:
        user = self.get_user(user_name)
        self._within("AccessKeysPerUserQuota", len(user.access_keys), "AccessKeysPerUser")
        return self.add_access_key(user.name, status, prefix)

    def add_access_key(self, user_name: str, status: str, prefix: str = "AKIA") -> AccessKey:
        """Make a key whatever the quota says: two calls at once can beat it at AWS too."""
        key = self.get_user(user_name).create_access_key(prefix=prefix, status=status)
        key.access_key_id = self.new_id(prefix, 20)
        key.create_date = moto_time(self.clock.now())
        self.access_keys[key.access_key_id] = key
        return key

    def update_access_key(
        self, user_name: str, access_key_id: str, status: str | None = None
    ) -> AccessKey:
        """Switch a key on or off; the report's "last rotated" is the last change of a key."""
        key = super().update_access_key(user_name, access_key_id, status)
        vars(key)["changed"] = moto_time(self.clock.now())
        return key

    def enable_mfa_device(
        self,
        user_name: str,
        serial_number: str,
        authentication_code_1: str,
        authentication_code_2: str,
    ) -> None:
        super().enable_mfa_device(
            user_name, serial_number, authentication_code_1, authentication_code_2
        )
        now = moto_time(self.clock.now())
        self.get_user(user_name).mfa_devices[serial_number].enable_date = now
        if serial_number in self.virtual_mfa_devices:
            self.virtual_mfa_devices[serial_number].enable_date = now

    def get_access_key_last_used(self, access_key_id: str) -> dict[str, Any]:
        key = self.access_keys.get(access_key_id)
        if key is None or key.user_name is None:
            raise NotFoundException(f"The Access Key with id {access_key_id} cannot be found.")
        return {"user_name": key.user_name, "last_used": key.last_used}

    def _within(self, quota: str, present: int, wire_name: str) -> None:
        if present >= self.quotas[quota]:
            raise LimitExceededException(
                f"Cannot exceed quota for {wire_name}: {self.quotas[quota]}"
            )


def _same_name(entities: Iterable[Any], name: str) -> Any:
    """The entity whose name is the same, whatever its case: AWS allows only one, or None."""
    wanted = name.casefold()
    return next((entity for entity in entities if entity.name.casefold() == wanted), None)
