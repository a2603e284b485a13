"""What stands in each Region of an account: who looks there, and what runs there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

#: Analyzers that look at what outsiders reach; the others look at what lies unused, or inside.
EXTERNAL_ACCESS = frozenset({"ACCOUNT", "ORGANIZATION"})


@dataclass(frozen=True, slots=True)
class Analyzer:
    """An IAM Access Analyzer; `kind` and `status` in AWS's words, such as ACCOUNT and ACTIVE."""

    name: str
    arn: str
    kind: str
    status: str

    @property
    def watches_outsiders(self) -> bool:
        """Whether it looks, or is about to look, at what outsiders reach."""
        return self.kind in EXTERNAL_ACCESS and self.status in ("ACTIVE", "CREATING")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of this account; `log_target` is where S3 writes who used it, empty for nowhere.

    `block` are the settings that keep the public out, by AWS's names; None where it has none.
    `public_policy` and `public_acl` are what would let the public in if nothing kept it out; they
    and `block` are only read where it matters. `account_block` are the account's own such settings,
    which hold for all its buckets, and `account_unread` says why they could not be read; they are
    only asked about where the bucket lets the public in.
    """

    name: str
    region: str
    log_target: str = ""
    block: Mapping[str, bool] | None = None
    public_policy: bool = False
    public_acl: bool = False
    account_block: Mapping[str, bool] = field(default_factory=dict)
    account_unread: str = ""

    @property
    def ways_in(self) -> tuple[str, ...]:
        """By what the public reaches it, as far as is known: its policy, its ACL, or nothing.

        Of the four settings, the two others only refuse new policies and ACLs.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        """
        on = {key for each in (self.block or {}, self.account_block) for key in each if each[key]}
        policy = self.public_policy and "RestrictPublicBuckets" not in on
        acl = self.public_acl and "IgnorePublicAcls" not in on
        return (*(("policy",) if policy else ()), *(("ACL",) if acl else ()))

    @property
    def arn(self) -> str:
        """Its ARN in the commercial partition, which names it as well as any."""
        return f"arn:aws:s3:::{self.name}"


#: What AWS Config calls the things of IAM.
IAM_TYPES = ("AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User")


@dataclass(frozen=True, slots=True)
class ConfigRecorder:
    """A Region's AWS Config recorder; `definition` is what it is told, as JSON text.

    `recording` says whether it runs, `failed` that its last delivery failed, `channel` the name of
    its delivery channel, empty where it has none and so can't run, and `bucket` where that writes.
    """

    name: str
    recording: bool
    failed: bool
    channel: str
    definition: str
    bucket: str = ""

    @property
    def iam_types(self) -> frozenset[str]:
        """The things of IAM that it records.

        https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html
        """
        told = json.loads(self.definition).get("recordingGroup") or {}
        everything = frozenset(IAM_TYPES)
        named = frozenset(told.get("resourceTypes") or ())
        if (told.get("recordingStrategy") or {}).get("useOnly") == "EXCLUSION_BY_RESOURCE_TYPES":
            left_out = (told.get("exclusionByResourceTypes") or {}).get("resourceTypes") or ()
            return everything - frozenset(left_out)
        if told.get("allSupported"):
            return everything if told.get("includeGlobalResourceTypes") else frozenset()
        return everything & named


@dataclass(frozen=True, slots=True)
class Distribution:
    """A CloudFront distribution; `logs` says whether anything logs what is asked of it."""

    id: str
    arn: str
    domain: str
    enabled: bool
    logs: bool


@dataclass(frozen=True, slots=True)
class UnusedAccess:
    """What an analyzer for unused access says of a user or role; `kind` is AWS's findingType.

    `days` is for how long the analyzer lets access lie unused. `unused` are the actions as it calls
    them, by service, None for all of one; `key_id` is the key that it is about. `unread` is why
    these are not known; elsewhere it is empty.
    """

    id: str
    analyzer: str
    kind: str
    resource: str
    found: datetime
    days: int | None = None
    unused: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    key_id: str = ""
    unread: str = ""
