"""The sizes and counts that AWS refuses to exceed and moto doesn't look at.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: whitespace isn't
counted, and an entity's inline policies count together.
"""

from __future__ import annotations

import re

from moto.iam.exceptions import InvalidInput, LimitExceededException, NotFoundException
from moto.iam.models import ManagedPolicy, PolicyVersion, Role

from bot.aws.simulated.attachments import Attachments

_WHITESPACE = re.compile(r"\s+")
_TAGS_PER_ENTITY = 50


def counted_size(document: str) -> int:
    """How many characters of a policy document count towards its quota."""
    return len(_WHITESPACE.sub("", document))


class Quotas(Attachments):
    """Inline and managed policy sizes, groups per user, tags."""

    def put_user_policy(self, user_name: str, policy_name: str, policy_json: str) -> None:
        self._inline_fits(
            "User", user_name, self.get_user(user_name).policies, policy_name, policy_json
        )
        super().put_user_policy(user_name, policy_name, policy_json)

    def put_group_policy(self, group_name: str, policy_name: str, policy_json: str) -> None:
        self._inline_fits(
            "Group", group_name, self.get_group(group_name).policies, policy_name, policy_json
        )
        super().put_group_policy(group_name, policy_name, policy_json)

    def put_role_policy(self, role_name: str, policy_name: str, policy_json: str) -> None:
        self._inline_fits(
            "Role", role_name, self.get_role(role_name).policies, policy_name, policy_json
        )
        super().put_role_policy(role_name, policy_name, policy_json)

    def _inline_fits(
        self, kind: str, owner: str, present: dict[str, str], name: str, document: str
    ) -> None:
        others = sum(counted_size(text) for key, text in present.items() if key != name)
        limit = self.quotas[f"{kind}PolicySizeQuota"]
        if others + counted_size(document) > limit:
            raise LimitExceededException(
                f"Maximum policy size of {limit} bytes exceeded for {kind.lower()} {owner}"
            )

    def create_policy(
        self,
        description: str,
        path: str,
        policy_document: str,
        policy_name: str,
        tags: list[dict[str, str]],
    ) -> ManagedPolicy:
        self._policy_fits(policy_document)
        return super().create_policy(description, path, policy_document, policy_name, tags)

    def create_policy_version(
        self, policy_arn: str, policy_document: str, set_as_default: bool
    ) -> PolicyVersion:
        self._policy_fits(policy_document)
        return super().create_policy_version(policy_arn, policy_document, set_as_default)

    def _policy_fits(self, document: str) -> None:
        self._size_within("PolicySizeQuota", document, "PolicySize")

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
        self._size_within(
            "AssumeRolePolicySizeQuota", assume_role_policy_document, "ACLSizePerRole"
        )
        return super().create_role(
            role_name,
            assume_role_policy_document,
            path,
            permissions_boundary,
            description,
            tags,
            max_session_duration,
            linked_service,
        )

    def update_assume_role_policy(self, role_name: str, policy_document: str) -> None:
        self._size_within("AssumeRolePolicySizeQuota", policy_document, "ACLSizePerRole")
        super().update_assume_role_policy(role_name, policy_document)

    def _size_within(self, quota: str, document: str, wire_name: str) -> None:
        if counted_size(document) > self.quotas[quota]:
            raise LimitExceededException(
                f"Cannot exceed quota for {wire_name}: {self.quotas[quota]}"
            )

    def add_user_to_group(self, group_name: str, user_name: str) -> None:
        user, group = self.get_user(user_name), self.get_group(group_name)
        if user in group.users:
            return
        joined = sum(user in other.users for other in self.groups.values())
        self._within("GroupsPerUserQuota", joined, "GroupsPerUser")
        group.users.append(user)

    def remove_user_from_group(self, group_name: str, user_name: str) -> None:
        user, group = self.get_user(user_name), self.get_group(group_name)
        if user not in group.users:
            raise NotFoundException(f"User {user_name} is not in group {group_name}.")
        group.users.remove(user)

    def tag_user(self, name: str, tags: list[dict[str, str]]) -> None:
        user = self.get_user(name)
        _refuse_system_tags(tags)
        self._tag_verification(tags)
        present = {tag["Key"] for tag in self.tagger.list_tags_for_resource(user.arn)["Tags"]}
        _tags_fit(present | {tag["Key"] for tag in tags}, "TagsPerUser")
        super().tag_user(name, tags)

    def tag_role(self, role_name: str, tags: list[dict[str, str]]) -> None:
        _refuse_system_tags(tags)
        present = {tag["Key"] for tag in self.get_role(role_name).tags}
        _tags_fit(present | {tag["Key"] for tag in tags}, "TagsPerRole")
        super().tag_role(role_name, tags)


def _tags_fit(keys: set[str], wire_name: str) -> None:
    if len(keys) > _TAGS_PER_ENTITY:
        raise LimitExceededException(f"Cannot exceed quota for {wire_name}: {_TAGS_PER_ENTITY}")


def _refuse_system_tags(tags: list[dict[str, str]]) -> None:
    if any(tag["Key"].lower().startswith("aws:") for tag in tags):
        raise InvalidInput("Tags with prefix aws: are reserved and cannot be added by a customer.")
