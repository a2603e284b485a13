"""A second company in a simulated account: it does everything as AWS recommends it."""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import document, narrow, statement, trust

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
_FILES, _EVENTS = "harbourlight-trail-files", "trail-events"
_SHUT = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
_USE_OF_ROOT = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }'
)
_WATCHED_ELSEWHERE = (
    "refused-calls sign-in-without-mfa iam-policies trails failed-sign-ins keys-switched-off "
    "bucket-policies config security-groups network-acls gateways route-tables networks "
    "organization"
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
    "alarm-nobody-hears": {"enabled": True},
    "bucket-without-access-logging": {"enabled": True},
    "config-recorder-off": {"enabled": True},
    "config-recorder-without-iam-types": {"enabled": True},
    "distribution-without-logging": {"enabled": True},
    "security-event-without-alarm": {"enabled": True, "left_out": _WATCHED_ELSEWHERE.split()},
    "bucket-policy-without-secure-transport": {"enabled": True},
    "public-bucket-policy-or-acl": {"enabled": True},
    "queue-or-topic-policy-without-secure-transport": {"enabled": True},
    "trail-bucket-public": {"enabled": True},
    "trail-bucket-without-access-logging": {"enabled": True},
    "trail-not-encrypted": {"enabled": True},
    "trail-not-in-cloudwatch-logs": {"enabled": True},
}


def fill_clean(account: AccountBuilder) -> None:
    """Fill an empty account with administrators, people, programs and roles as they should be."""
    account.root(mfa=True, mfa_kind="hardware", keys=0, certificates=0)
    account.password_policy(max_age=90)
    _watchers(account)
    enrol_first = account.policy("mfa-or-nothing", MFA_OR_NOTHING)
    _administrators(account, enrol_first)
    _developers(account, enrol_first)
    _programs(account)
    _roles(account)


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
    account.watched(_EVENTS, "use-of-root", _USE_OF_ROOT, topics=(on_call,))
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
    account.attach(account.policy("developers", narrow("s3", "artefacts")), group="developers")
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
        account.policy("invoice-mailer", narrow("sqs", "invoices")), group="invoice-mailers"
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
