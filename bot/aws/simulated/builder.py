"""Fills a simulated account fact by fact, past the API, so that ages and last uses can be set.

Every control's test seeds with it, so the names are those of the domain: `user`, `key`,
`password`, `mfa`, `group`, `policy`, `role`, `trail`, `root`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from moto.account.models import account_backends
from moto.cloudtrail.models import cloudtrail_backends
from moto.iam.models import AccessKey, AccessKeyLastUsed, SigningCertificate
from moto.s3.models import s3_backends

from bot.aws.simulated.builder_people import MfaKind
from bot.aws.simulated.builder_sessions import SessionsBuilder
from bot.aws.simulated.clock import SimulatedClock, moto_time
from bot.aws.simulated.contacts import SimulatedContacts

ContactKind = Literal["SECURITY", "OPERATIONS", "BILLING"]

# What a trail may have and a seeded one doesn't; moto shows None as absent, like AWS.
_TRAIL_WITHOUT: dict[str, Any] = dict.fromkeys(
    ("s3_key_prefix", "sns_topic_name", "cw_log_group_arn", "cw_role_arn", "kms_key_id")
)


class AccountBuilder(SessionsBuilder):
    """One simulated account, to be filled and looked at.

    Methods that make something return what AWS calls it (an ARN, or a key id) and never count
    quotas: an account may already be beyond one. Moments are aware datetimes; where one is left
    out, a thing was made now by the account's clock. `tags` are plain mappings. A new account has
    a root user with a password, MFA and no keys, a contact for security, and nothing else.
    """

    def __init__(
        self, account_id: str, clock: SimulatedClock, *, region: str = "us-east-1"
    ) -> None:
        super().__init__(account_id, clock, region=region)
        self.root()
        self.contact("SECURITY")

    def contact(self, kind: ContactKind, *, present: bool = True) -> None:
        """An alternate contact of the account, or that there is none."""
        contacts = account_backends[self.account_id][self.iam.partition]
        if not isinstance(contacts, SimulatedContacts):
            raise TypeError("the account's contacts were opened before install()")
        contacts.forget(kind)
        if present:
            who = {"name": "On call", "title": "Team", "phone_number": "+49 40 5550100"}
            mailbox = f"{kind.lower()}@harbourlight.example"
            contacts.put_alternate_contact(kind, email_address=mailbox, **who)

    def root(
        self,
        *,
        mfa: bool = True,
        mfa_kind: MfaKind = "fido",
        keys: int = 0,
        key_created: datetime | None = None,
        key_last_used: datetime | None = None,
        certificates: int = 0,
        password: bool = True,
        password_last_used: datetime | None = None,
    ) -> None:
        """What the root user has; AWS shows it in the summary and the credential report only.

        Of its devices only a virtual one is seen, in the list of virtual MFA devices.
        """
        root = self.iam.root
        root.mfa, root.password = mfa, password
        name = "root-account-mfa-device" if mfa_kind == "virtual" else "root"
        root.devices = [self._serial(mfa_kind, name)] if mfa else []
        self.root_mfa_device(present=mfa and mfa_kind == "virtual")
        root.password_last_used = moto_time(password_last_used) if password_last_used else None
        root.keys = [self._root_key(key_created, key_last_used) for _ in range(keys)]
        root.certificates = [self._root_certificate() for _ in range(certificates)]

    def _root_certificate(self) -> SigningCertificate:
        certificate = SigningCertificate(self.iam.new_id("", 24), "root", "not a real certificate")
        certificate.upload_date = self.iam.root.created
        return certificate

    def _root_key(self, created: datetime | None, last_used: datetime | None) -> AccessKey:
        key = AccessKey(  # type: ignore[abstract]  # moto makes it too
            None, prefix="AKIA", account_id=self.account_id
        )
        key.access_key_id = self.iam.new_id("AKIA", 20)
        key.create_date = moto_time(created) if created else self.iam.root.created
        if last_used is not None:
            key.last_used = AccessKeyLastUsed(moto_time(last_used), "sts", self.region)
        return key

    def server_certificate(
        self, name: str, *, expires: datetime, uploaded: datetime | None = None
    ) -> str:
        """A TLS certificate that was uploaded to IAM; returns its ARN."""
        made = self.iam.upload_server_certificate(name, "not a real one", "nor its key", path="/")
        facts = vars(made)
        facts["id"], facts["expires"] = self.iam.new_id("ASCA"), moto_time(expires)
        facts["uploaded"] = self._moment(uploaded)
        return str(made.arn)

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
        key: str | None = None,
        log_group: str | None = None,
    ) -> str:
        """A CloudTrail trail and its bucket; returns the ARN. `logging` says if it was started.

        `key` and `log_group` are ARNs.
        """
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
            **{**_TRAIL_WITHOUT, "kms_key_id": key, "cw_log_group_arn": log_group},
        )
        if logging:
            trail.start_logging()
        return trail.arn

    def forget_report(self) -> None:
        """Make AWS write a new credential report at the next request, as after four hours."""
        self.iam.forget_report()
