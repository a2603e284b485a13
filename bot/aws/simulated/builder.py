"""Fills a simulated account fact by fact, past the API, so that ages and last uses can be set.

Every control's test seeds with it, so the names are those of the domain: `user`, `key`,
`password`, `mfa`, `group`, `policy`, `role`, `trail`, `root`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import boto3
from moto.cloudtrail.models import cloudtrail_backends
from moto.iam.models import (
    AccessKey,
    AccessKeyLastUsed,
    Group,
    ManagedPolicy,
    MFADevice,
    Role,
    User,
    VirtualMfaDevice,
)
from moto.s3.models import s3_backends

from bot.aws.simulated import aws_policies
from bot.aws.simulated.clock import SimulatedClock, moto_time
from bot.aws.simulated.entities import ServiceSpecificCredential
from bot.aws.simulated.fidelity import iam_account

Document = Mapping[str, Any] | str
MfaKind = Literal["virtual", "fido", "hardware"]

# What a trail may have and a seeded one doesn't; moto shows None as absent, like AWS.
_TRAIL_WITHOUT: dict[str, Any] = dict.fromkeys(
    ("s3_key_prefix", "sns_topic_name", "cw_log_group_arn", "cw_role_arn", "kms_key_id")
)

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


class AccountBuilder:
    """One simulated account, to be filled and looked at.

    Methods that make something return what AWS calls it (an ARN, or a key id) and never count
    quotas: an account may already be beyond one. Moments are aware datetimes; where one is left
    out, a thing was made now by the account's clock. `tags` are plain mappings.
    """

    def __init__(
        self, account_id: str, clock: SimulatedClock, *, region: str = "us-east-1"
    ) -> None:
        self.account_id = account_id
        self.region = region
        self.iam = iam_account(account_id)
        self.iam.clock = clock
        self.iam.root.created = moto_time(clock.now() - timedelta(days=5 * 365))

    # Time

    @property
    def now(self) -> datetime:
        """The account's time."""
        return self.iam.clock.now()

    def ago(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        """The moment that long before the account's time."""
        return self.now - timedelta(days=days, hours=hours, minutes=minutes)

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> datetime:
        """Move the account's clock on."""
        return self.iam.clock.advance(timedelta(days=days, hours=hours, seconds=seconds))

    # Looking at it

    def session(self) -> boto3.Session:
        """A boto3 session with made-up credentials; only useful where moto answers."""
        return boto3.Session(
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106 - no secret: moto takes any
            region_name=self.region,
        )

    def client(self, service: str = "iam") -> Any:
        """A boto3 client of a service in this account."""
        session: Any = self.session()  # the stubs know a client only by a literal name
        return session.client(service)

    # People and programs

    def user(
        self,
        name: str,
        *,
        tags: Mapping[str, str] | None = None,
        created: datetime | None = None,
        path: str = "/",
        groups: Iterable[str] = (),
        boundary: str | None = None,
    ) -> str:
        """A user; returns the ARN. `groups` must exist; `boundary` is a policy ARN or AWS name."""
        user = self.iam.add_user(name, path, _tag_list(tags))
        user.create_date = self._moment(created)
        for group in groups:
            self.member(name, group)
        if boundary is not None:
            self.boundary(boundary, user=name)
        return user.arn

    def key(
        self,
        user: str,
        *,
        created: datetime | None = None,
        last_used: datetime | None = None,
        status: Literal["Active", "Inactive"] = "Active",
        service: str = "s3",
        region: str = "us-east-1",
    ) -> str:
        """An access key of a user, never used unless `last_used` says so; returns its id."""
        key = self.iam.add_access_key(user, status)
        key.create_date = self._moment(created)
        if last_used is not None:
            self.use_key(key.access_key_id, at=last_used, service=service, region=region)
        return key.access_key_id

    def use_key(
        self,
        key_id: str,
        *,
        at: datetime | None = None,
        service: str = "s3",
        region: str = "us-east-1",
    ) -> None:
        """Record that a key was used, now or at a moment."""
        key = self.iam.access_keys[key_id]
        key.last_used = AccessKeyLastUsed(self._moment(at), service, region)

    def password(
        self,
        user: str,
        *,
        created: datetime | None = None,
        changed: datetime | None = None,
        last_used: datetime | None = None,
        reset_required: bool = False,
    ) -> None:
        """A console password, made with the user unless `created` says otherwise."""
        entity = self.iam.simulated_user(user)
        entity.password = "set"  # noqa: S105 - what it is doesn't matter: nobody can sign in here
        entity.password_created = moto_time(created) if created else entity.create_date
        entity.password_changed = moto_time(changed) if changed else entity.password_created
        entity.password_reset_required = reset_required
        if last_used is not None:
            self.use_password(user, at=last_used)

    def use_password(self, user: str, *, at: datetime | None = None) -> None:
        """Record that a person signed in, now or at a moment."""
        vars(self.iam.simulated_user(user))["password_last_used"] = self._moment(at)

    def mfa(self, user: str, *, kind: MfaKind = "virtual", enabled: datetime | None = None) -> str:
        """An MFA device of a user; returns its serial number."""
        entity = self.iam.simulated_user(user)
        when = self._moment(enabled)
        serial = self._serial(kind, user)
        device = MFADevice(serial, "000000", "000000")
        device.enable_date = when
        entity.mfa_devices[serial] = device
        if kind == "virtual":
            self._virtual_device(entity, user, when)
        return serial

    def _serial(self, kind: MfaKind, name: str) -> str:
        arn = f"arn:{self.iam.partition}:iam::{self.account_id}"
        if kind == "virtual":
            return f"{arn}:mfa/{name}"
        if kind == "fido":
            return f"{arn}:u2f/user/{name}/{self.iam.new_id('')}"
        return f"GAHT{self.iam.source.randrange(10**8):08d}"

    def _virtual_device(self, user: User | None, name: str, enabled: datetime | None) -> None:
        device = VirtualMfaDevice(self.account_id, self.iam.region_name, f"/{name}")
        device.enable_date = enabled
        device.user = user
        if user is not None:
            device.user_attribute = {
                "Path": user.path,
                "UserName": user.name,
                "UserId": user.id,
                "Arn": user.arn,
                "CreateDate": user.create_date,
            }
        self.iam.virtual_mfa_devices[device.serial_number] = device

    def unassigned_mfa(self, name: str) -> None:
        """A virtual MFA device that nobody enrolled."""
        self._virtual_device(None, name, None)

    def service_credential(
        self,
        user: str,
        service: str = "codecommit.amazonaws.com",
        *,
        created: datetime | None = None,
        expires: datetime | None = None,
        status: Literal["Active", "Inactive"] = "Active",
    ) -> str:
        """A credential of a user for one service; returns its id."""
        credential = ServiceSpecificCredential(
            id=self.iam.new_id("ACCA"),
            user_name=user,
            service_name=service,
            service_user_name=f"{user}-at-{self.account_id}",
            created=self._moment(created),
            status=status,
            expires=moto_time(expires) if expires else None,
        )
        self.iam.service_credentials[credential.id] = credential
        return credential.id

    # Groups and policies

    def group(
        self,
        name: str,
        *,
        members: Iterable[str] = (),
        path: str = "/",
        attached: Iterable[str] = (),
    ) -> str:
        """A group; returns the ARN. `attached` are policy ARNs or names of AWS's policies."""
        group = Group(self.account_id, self.iam.region_name, name, path)
        group.id = self.iam.new_id("AGPA")
        group.create_date = moto_time(self.now)
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

        With `older_versions` (oldest first) `document` is the newest version and the default.
        """
        texts = [_text(version) for version in (*older_versions, document)]
        policy = ManagedPolicy(  # type: ignore[abstract]  # moto makes it too
            name,
            account_id=self.account_id,
            region=self.iam.region_name,
            document=texts[0],
            path=path,
            tags={tag["Key"].lower(): tag for tag in _tag_list(tags)},
        )
        policy.id = self.iam.new_id("ANPA")
        policy.create_date = policy.update_date = self._moment(created)
        policy.versions[0].create_date = policy.create_date
        self.iam.managed_policies[policy.arn] = policy
        for text in texts[1:]:
            self.iam.create_policy_version(policy.arn, text, set_as_default=True)
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
        self._principal(user, group, role).policies[name] = _text(document)

    def boundary(self, policy: str, *, user: str | None = None, role: str | None = None) -> None:
        """Set a permissions boundary (an ARN, or the name of AWS's policy)."""
        arn = self.aws_policy(policy)
        if user is not None:
            self.iam.simulated_user(user).permissions_boundary_arn = arn
        else:
            self._role(role).permissions_boundary_arn = arn

    # Roles

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
            assume_role_policy_document=_text(trust),
            path=path,
            permissions_boundary=None,
            description=description,
            tags=_tag_list(tags),
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

    # The account itself

    def root(
        self,
        *,
        mfa: bool = True,
        keys: int = 0,
        key_last_used: datetime | None = None,
        password: bool = True,
        password_last_used: datetime | None = None,
    ) -> None:
        """What the root user has; AWS shows it in the summary and the credential report only."""
        root = self.iam.root
        root.mfa, root.password = mfa, password
        root.password_last_used = moto_time(password_last_used) if password_last_used else None
        root.keys = [self._root_key(key_last_used) for _ in range(keys)]

    def _root_key(self, last_used: datetime | None) -> AccessKey:
        key = AccessKey(  # type: ignore[abstract]  # moto makes it too
            None, prefix="AKIA", account_id=self.account_id
        )
        key.access_key_id = self.iam.new_id("AKIA", 20)
        key.create_date = self.iam.root.created
        if last_used is not None:
            key.last_used = AccessKeyLastUsed(moto_time(last_used), "sts", self.region)
        return key

    def password_policy(
        self,
        *,
        length: int = 14,
        symbols: bool = True,
        numbers: bool = True,
        uppercase: bool = True,
        lowercase: bool = True,
        may_change: bool = True,
        max_age: int = 0,
        reuse: int = 24,
        hard_expiry: bool = False,
    ) -> None:
        """The account's password policy; 0 for `max_age` and `reuse` means none."""
        self.iam.update_account_password_policy(
            allow_change_password=may_change,
            hard_expiry=hard_expiry,
            max_password_age=max_age,
            minimum_password_length=length,
            password_reuse_prevention=reuse,
            require_lowercase_characters=lowercase,
            require_numbers=numbers,
            require_symbols=symbols,
            require_uppercase_characters=uppercase,
        )

    def quota(self, name: str, value: int) -> None:
        """Change a quota, named as GetAccountSummary names it (`PoliciesQuota`)."""
        if name not in self.iam.quotas:
            raise ValueError(f"{name} is no quota; known are {', '.join(sorted(self.iam.quotas))}")
        self.iam.quotas[name] = value

    def trail(
        self,
        name: str,
        *,
        region: str | None = None,
        multi_region: bool = False,
        logging: bool = True,
        validation: bool = False,
        bucket: str | None = None,
    ) -> str:
        """A CloudTrail trail and its bucket; returns the ARN. `logging` says if it was started."""
        bucket = bucket or f"{name}-{self.account_id}"
        buckets = s3_backends[self.account_id][self.iam.partition]
        if bucket not in buckets.buckets:
            buckets.create_bucket(bucket, self.region)
        trails = cloudtrail_backends[self.account_id][region or self.region]
        trail = trails.create_trail(
            name=name,
            bucket_name=bucket,
            is_global=True,
            is_multi_region=multi_region,
            log_validation=validation,
            is_org_trail=False,
            tags_list=[],
            **_TRAIL_WITHOUT,
        )
        if logging:
            trail.start_logging()
        return trail.arn

    def forget_report(self) -> None:
        """Make AWS write a new credential report at the next request, as after four hours."""
        self.iam.forget_report()

    # Inside

    def _moment(self, given: datetime | None) -> datetime:
        return moto_time(given if given is not None else self.now)

    def _role(self, name: str | None) -> Role:
        if name is None:
            raise ValueError("name exactly one principal: user, group or role")
        return self.iam.get_role(name)

    def _principal(
        self, user: str | None, group: str | None, role: str | None
    ) -> User | Group | Role:
        if sum(name is not None for name in (user, group, role)) != 1:
            raise ValueError("name exactly one principal: user, group or role")
        if user is not None:
            return self.iam.get_user(user)
        if group is not None:
            return self.iam.get_group(group)
        return self._role(role)


def _text(document: Document) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def _trust(principal: Mapping[str, str], action: str | list[str] = "sts:AssumeRole") -> Document:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": dict(principal), "Action": action}],
    }
