"""A second company in a simulated account: it does everything as AWS recommends it."""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import document, narrow, statement, trust
from bot.aws.simulated.seed_clean_use import keep_in_use
from bot.aws.simulated.seed_clean_watch import watch

_OFFICE = "198.51.100.0/24"
_LONG_AGO = 400
_MINE = "arn:aws:iam::*:user/${aws:username}"
_ENROLMENT = [
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "iam:ChangePassword",
    "sts:GetSessionToken",
]
#: What AWS's documentation shows for people who manage their own MFA.
MFA_OR_NOTHING = document(
    {
        "Sid": "NothingButEnrolmentWithoutMfa",
        "Effect": "Deny",
        "NotAction": _ENROLMENT,
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    },
    statement("Allow", _ENROLMENT, [_MINE, "arn:aws:iam::*:mfa/*"]),
)
#: What AWS's documentation shows for people who work from an office.
_FROM_OFFICE = {
    "Sid": "NothingFromElsewhere",
    **statement("Deny", "*", "*"),
    "Condition": {
        "NotIpAddress": {"aws:SourceIp": [_OFFICE]},
        "Bool": {"aws:ViaAWSService": "false"},
    },
}
_FILES, _EVENTS = "harbourlight-trail-files", "trail-events"
_SHUT = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
_VENDOR = "464622532012"
_EVERYONE_WITHOUT_TLS = {
    "Principal": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
#: What the company says in its configuration: whose accounts it knows …
CLEAN_KNOWN = {"vendors": {_VENDOR: "Cost Watch"}}
#: … and who its administrators are.
CLEAN_CONTROLS: dict[str, dict[str, object]] = {
    "full-admin-policy": {"administrators": ["arn:aws:iam::*:group/administrators"]},
    "access-analyzer-missing": {"enabled": True},
    "access-without-source-ip-or-org-condition": {"enabled": True, "networks": [_OFFICE]},
    "alarm-nobody-hears": {"enabled": True},
    "bucket-without-access-logging": {"enabled": True},
    "config-recorder-off": {"enabled": True},
    "config-recorder-without-iam-types": {"enabled": True},
    "distribution-without-logging": {"enabled": True},
    "needed-action-denied": {"enabled": True},
    "security-event-without-alarm": {"enabled": True},
    "bucket-policy-without-secure-transport": {"enabled": True},
    "public-bucket-policy-or-acl": {"enabled": True},
    "queue-or-topic-policy-without-secure-transport": {"enabled": True},
    "stale-group-membership": {"enabled": True},
    "trail-bucket-public": {"enabled": True},
    "trail-bucket-without-access-logging": {"enabled": True},
    "trail-not-encrypted": {"enabled": True},
    "trail-not-in-cloudwatch-logs": {"enabled": True},
    "unused-access-analyzer-findings": {"enabled": True},
    "unused-action-permissions": {"enabled": True},
    "unused-service-permissions": {"enabled": True},
}


def fill_clean(account: AccountBuilder) -> None:
    """Fill an empty account with administrators, people, programs and roles as they should be."""
    account.root(mfa=True, mfa_kind="hardware", keys=0, certificates=0)
    account.password_policy(max_age=90)
    _watchers(account)
    made = account.ago(days=_LONG_AGO)
    from_office = document(*MFA_OR_NOTHING["Statement"], _FROM_OFFICE)
    enrol_first = account.policy("mfa-or-nothing", from_office, created=made)
    _administrators(account, enrol_first)
    _developers(account, enrol_first)
    _programs(account)
    _roles(account)
    keep_in_use(account, _ENROLMENT)


def _watchers(account: AccountBuilder) -> None:
    """A trail that is encrypted and watched, and in each Region an analyzer and a recorder."""
    group = f"arn:aws:logs:us-east-1:{account.account_id}:log-group:{_EVENTS}:*"
    key = account.kms_key("0a1b2c3d-0000-4000-8000-00000000c1ea")
    account.trail(
        "everything", multi_region=True, validation=True, bucket=_FILES, key=key, log_group=group
    )
    account.bucket(_FILES, block=_SHUT, logs_to=f"{_FILES}-uses", policy=_over_tls(_FILES))
    account.bucket(f"{_FILES}-uses", block=_SHUT, policy=_over_tls(f"{_FILES}-uses"))
    on_call = account.topic("on-call")
    _publish_over_tls(account, on_call)
    watch(account, _EVENTS, on_call)
    for region in sorted(account.iam.regions):
        account.analyzer("outsiders", region=region)
        account.config_recorder(region=region)


def _administrators(account: AccountBuilder, enrol_first: str) -> None:
    """Two of them, in a group that lets nobody work without MFA, and with nothing to lose."""
    account.group("administrators")
    account.attach("AdministratorAccess", group="administrators")
    account.attach(enrol_first, group="administrators")
    for name in ("ines.keller", "omar.haddad"):
        _person(account, name, "administrators")


def _developers(account: AccountBuilder, enrol_first: str) -> None:
    """A group with what its people need, and a key of one that is young and in use."""
    account.group("developers")
    work = document(*narrow("s3", "artefacts")["Statement"], _FROM_OFFICE)
    made = account.ago(days=_LONG_AGO)
    account.attach(account.policy("developers", work, created=made), group="developers")
    account.attach(enrol_first, group="developers")
    for name in ("liam.costa", "mei.tremblay", "sofia+contractor,eu@harbourlight.example"):
        _person(account, name, "developers")


def _person(account: AccountBuilder, name: str, group: str) -> None:
    account.user(
        name,
        path="/people/",
        created=account.ago(days=500),
        groups=[group],
        tags={"owner": f"{name.partition('+')[0]}@harbourlight.example"},
    )
    account.password(name, changed=account.ago(days=20), last_used=account.ago(days=1))
    account.mfa(name, kind="fido")


def _programs(account: AccountBuilder) -> None:
    """Programs outside of AWS, which have to have a key each."""
    account.group("invoice-mailers")
    account.attach(
        account.policy(
            "invoice-mailer", narrow("sqs", "invoices"), created=account.ago(days=_LONG_AGO)
        ),
        group="invoice-mailers",
    )
    for name in ("invoice-mailer-north", "invoice-mailer-south"):
        tags = {"owner": "ines.keller@harbourlight.example"}
        account.user(name, created=account.ago(days=300), groups=["invoice-mailers"], tags=tags)
        account.key(name, created=account.ago(days=40), last_used=account.ago(days=1))


def _roles(account: AccountBuilder) -> None:
    """A role for a program on an instance, one that a vendor may assume, and one of AWS's own."""
    account.role("orders-api", created=account.ago(days=200), last_used=account.ago(days=1))
    account.inline("orders", narrow("dynamodb", "orders"), role="orders-api")
    account.role(
        "cost-watcher",
        trust=trust(
            {"AWS": f"arn:aws:iam::{_VENDOR}:root"},
            {"StringEquals": {"sts:ExternalId": "harbourlight-5f1c9a"}},
        ),
        created=account.ago(days=200),
        last_used=account.ago(days=1),
        attached=["AWSBillingReadOnlyAccess"],
    )
    account.role(
        "incident-support",
        trust=trust({"AWS": f"arn:aws:iam::{account.account_id}:root"}),
        created=account.ago(days=300),
        last_used=account.ago(days=70),
        attached=["AWSSupportAccess"],
    )
    _conditions(account)
    account.service_linked_role("support.amazonaws.com", "AWSServiceRoleForSupport")


def _conditions(account: AccountBuilder) -> None:
    """A state machine of this account alone, which hands one role to one service for a while."""
    account.role(
        "nightly",
        trust=trust(
            {"Service": "states.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": account.account_id}},
        ),
        created=account.ago(days=200),
        last_used=account.ago(days=1),
    )
    passing = {
        **statement("Allow", "iam:PassRole", "arn:aws:iam::*:role/orders-api"),
        "Condition": {
            "StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"},
            "DateLessThan": {"aws:CurrentTime": f"{account.ago(days=-60):%Y-%m-%dT%H:%M:%SZ}"},
        },
    }
    account.inline("temporary-orders", document(passing), role="nightly")


def _over_tls(bucket: str) -> dict[str, object]:
    """What AWS's documentation shows for buckets that are used over TLS alone."""
    arn = f"arn:aws:s3:::{bucket}"
    return document({**statement("Deny", "s3:*", [arn, f"{arn}/*"]), **_EVERYONE_WITHOUT_TLS})


def _publish_over_tls(account: AccountBuilder, topic: str) -> None:
    """The same for a topic that the account may publish to."""
    own = {"AWS": f"arn:aws:iam::{account.account_id}:root"}
    account.topic_policy(
        topic,
        document(
            {**statement("Allow", "sns:Publish", topic), "Principal": own},
            {**statement("Deny", "sns:Publish", topic), **_EVERYONE_WITHOUT_TLS},
        ),
    )
