"""Seeds groups, policies, attachments, boundaries and roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from moto.iam.models import Group, ManagedPolicy, PolicyVersion, Role

from bot.aws.simulated import aws_policies
from bot.aws.simulated.builder_core import BuilderCore, Document, tag_list, text_of
from bot.aws.simulated.clock import moto_time

TRUST_EC2: Mapping[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class PermissionsBuilder(BuilderCore):
    """Who may do what."""

    def group(
        self,
        name: str,
        *,
        members: Iterable[str] = (),
        path: str = "/",
        attached: Iterable[str] = (),
        created: datetime | None = None,
    ) -> str:
        """A group; returns the ARN. `attached` are policy ARNs or names of AWS's policies."""
        group = Group(self.account_id, self.iam.region_name, name, path)
        group.id = self.iam.new_id("AGPA")
        group.create_date = self._moment(created)
        self.iam.groups[name] = group
        for user in members:
            self.member(user, name)
        for policy in attached:
            self.attach(policy, group=name)
        return group.arn

    def member(self, user: str, group: str) -> None:
        """Put a user into a group."""
        users = self.iam.get_group(group).users
        entity = self.iam.get_user(user)
        if entity not in users:
            users.append(entity)

    def policy(
        self,
        name: str,
        document: Document,
        *,
        path: str = "/",
        tags: Mapping[str, str] | None = None,
        created: datetime | None = None,
        older_versions: Sequence[Document] = (),
    ) -> str:
        """A customer managed policy; returns the ARN.

        With `older_versions` (oldest first) `document` is the newest version and the default; all
        of them were made when the policy was.
        """
        texts = [text_of(version) for version in (*older_versions, document)]
        policy = ManagedPolicy(  # type: ignore[abstract]  # moto makes it too
            name,
            account_id=self.account_id,
            region=self.iam.region_name,
            document=texts[0],
            path=path,
            tags={tag["Key"].lower(): tag for tag in tag_list(tags)},
        )
        policy.id = self.iam.new_id("ANPA")
        policy.create_date = policy.update_date = self._moment(created)
        policy.versions[0].create_date = policy.create_date
        self.iam.managed_policies[policy.arn] = policy
        for text in texts[1:]:
            self.iam.create_policy_version(policy.arn, text, set_as_default=True)
        for version in policy.versions:
            version.create_date = policy.create_date
        policy.update_date = policy.create_date
        return policy.arn

    def aws_policy(self, name: str) -> str:
        """The ARN of an AWS-managed policy, by its name alone."""
        if name.startswith("arn:"):
            return name
        policy = aws_policies.build(name, self.account_id, self.iam.region_name)
        if policy is None:
            raise ValueError(f"AWS has no managed policy called {name!r} in moto's catalogue")
        self.iam.find_policy(policy.arn)
        return policy.arn

    def attach(
        self,
        policy: str,
        *,
        user: str | None = None,
        group: str | None = None,
        role: str | None = None,
    ) -> str:
        """Attach a managed policy (an ARN, or the name of AWS's) to one principal; its ARN."""
        principal = self._principal(user, group, role)
        found = self.iam.get_policy(self.aws_policy(policy))
        if found.arn not in principal.managed_policies:
            found.attach_to(principal)
        return found.arn

    def retired_policy(
        self,
        name: str,
        document: Document,
        *,
        user: str | None = None,
        group: str | None = None,
        role: str | None = None,
    ) -> str:
        """A policy of AWS's that AWS lets nobody attach any more, still on one principal; its ARN.

        It works on where it is: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-deprecated.html
        """
        policy = aws_policies.retired(
            name, text_of(document), self.account_id, self.iam.region_name
        )
        if policy.arn not in self.iam.managed_policies:
            policy.id = self.iam.new_id("ANPA")
            self.iam.managed_policies[policy.arn] = policy
            self.iam.aws_managed_policies.append(policy)
        self.iam.managed_policies[policy.arn].attach_to(self._principal(user, group, role))
        return policy.arn

    def aws_versions(
        self, name: str, *, changed: datetime, older: Sequence[tuple[datetime, Document]]
    ) -> None:
        """Give one of AWS's policies older versions, oldest first, and the day of its newest.

        Each comes with when it was made. They are numbered from v1, as AWS does it.
        """
        policy = self.iam.get_policy(self.aws_policy(name))
        newest = policy.versions[-1]
        versions = [
            PolicyVersion(
                policy.arn, text_of(text), version_id=f"v{number}", create_date=moto_time(made)
            )
            for number, (made, text) in enumerate(older, 1)
        ]
        newest.version_id = policy.default_version_id = f"v{len(versions) + 1}"
        newest.create_date = policy.update_date = moto_time(changed)
        policy.versions = [*versions, newest]

    def inline(
        self,
        name: str,
        document: Document,
        *,
        user: str | None = None,
        group: str | None = None,
        role: str | None = None,
    ) -> None:
        """Put an inline policy on one principal."""
        self._principal(user, group, role).policies[name] = text_of(document)

    def boundary(self, policy: str, *, user: str | None = None, role: str | None = None) -> None:
        """Set a permissions boundary (an ARN, or the name of AWS's policy)."""
        arn = self.aws_policy(policy)
        if user is not None:
            self.iam.simulated_user(user).permissions_boundary_arn = arn
        else:
            self._role_named(role).permissions_boundary_arn = arn

    def role(
        self,
        name: str,
        *,
        trust: Document = TRUST_EC2,
        path: str = "/",
        tags: Mapping[str, str] | None = None,
        created: datetime | None = None,
        last_used: datetime | None = None,
        attached: Iterable[str] = (),
        description: str = "",
    ) -> str:
        """A role; returns the ARN. Its trust lets EC2 assume it unless `trust` says otherwise."""
        role = Role(  # type: ignore[abstract]  # moto makes it too
            account_id=self.account_id,
            partition=self.iam.partition,
            role_id=self.iam.new_id("AROA"),
            name=name,
            assume_role_policy_document=text_of(trust),
            path=path,
            permissions_boundary=None,
            description=description,
            tags=tag_list(tags),
            max_session_duration="3600",
        )
        role.create_date = self._moment(created)
        role.last_used = moto_time(last_used) if last_used else None
        vars(role)["last_used_region"] = self.region if last_used else None
        self.iam.roles[role.id] = role
        for policy in attached:
            self.attach(policy, role=name)
        return role.arn

    def service_linked_role(self, service: str, name: str, *, attached: str | None = None) -> str:
        """A role that a service made: `service_linked_role("support.amazonaws.com", "Support")`."""
        return self.role(
            f"AWSServiceRoleFor{name}",
            trust=_trust({"Service": service}),
            path=f"/aws-service-role/{service}/",
            attached=[attached] if attached else [],
        )

    def identity_center_role(
        self,
        permission_set: str,
        *,
        attached: Iterable[str] = (),
        last_used: datetime | None = None,
    ) -> str:
        """A role that Identity Center made for a permission set, with that policy by default."""
        provider = (
            f"arn:{self.iam.partition}:iam::{self.account_id}:saml-provider/"
            "AWSSSO_f00dfeedbeef0001_DO_NOT_DELETE"
        )
        suffix = "".join(self.iam.source.choices("0123456789abcdef", k=16))
        return self.role(
            f"AWSReservedSSO_{permission_set}_{suffix}",
            trust=_trust(
                {"Federated": provider}, action=["sts:AssumeRoleWithSAML", "sts:TagSession"]
            ),
            path="/aws-reserved/sso.amazonaws.com/",
            attached=tuple(attached) or (permission_set,),
            last_used=last_used,
        )


def _trust(principal: Mapping[str, str], action: str | list[str] = "sts:AssumeRole") -> Document:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": dict(principal), "Action": action}],
    }
