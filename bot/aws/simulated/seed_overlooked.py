"""What nobody looks at unless asked to, in an account that `fill_unwatched` fills: rights that lie
unused or were taken too far, keys that belong into a role, doors that are open to the public or to
whoever listens. Beside each thing stands one that only looks so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.company import DOMAIN, document, statement

#: From where the company's people work; of which policies that is said.
OFFICE, OPERATING = "198.51.100.0/24", "operate*"
_QUEUES = "arn:aws:sqs:*:*:orders-*"
_FROM_ELSEWHERE = {
    "NotIpAddress": {"aws:SourceIp": [OFFICE]},
    "Bool": {"aws:ViaAWSService": "false"},
}
_WITHOUT_TLS = {"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
_SHUT = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)


def fill_overlooked(account: AccountBuilder) -> None:
    """Add all of it to an account that `fill_unwatched` has filled."""
    _public(account)
    _without_tls(account)
    _unused(account)
    _analyzed(account)
    _taken(account)
    _from_an_instance(account)
    _people(account)
    account.trail("second-trail", multi_region=True, validation=True, logging=False)


def _public(account: AccountBuilder) -> None:
    """Anyone may read the drafts; the same is said of a bucket that is shut."""
    for name, block in (("harbourlight-sketches", None), ("harbourlight-archive", _SHUT)):
        reading = statement("Allow", "s3:GetObject", f"arn:aws:s3:::{name}/*")
        account.bucket(name, policy=document({**reading, "Principal": "*"}), block=block)


def _without_tls(account: AccountBuilder) -> None:
    """Topics and buckets, with the Deny for whoever comes without TLS and without it."""
    own = {"AWS": f"arn:aws:iam::{account.account_id}:root"}
    for name, safe in (("orders", False), ("invoices", True)):
        topic = account.topic(name)
        files = [f"arn:aws:s3:::harbourlight-{name}-files{each}" for each in ("", "/*")]
        refused = [{**statement("Deny", "sns:Publish", topic), **_WITHOUT_TLS}] if safe else []
        publishing = {**statement("Allow", "sns:Publish", topic), "Principal": own}
        account.topic_policy(topic, document(publishing, *refused))
        refused = [{**statement("Deny", "s3:*", files), **_WITHOUT_TLS}] if safe else []
        reading = {**statement("Allow", "s3:GetObject", files[1]), "Principal": own}
        account.bucket(f"harbourlight-{name}-files", policy=document(reading, *refused))


def _unused(account: AccountBuilder) -> None:
    """A role that stopped using a service, one that stopped using an action, and two just not."""
    services, actions = ["s3:GetBucketAcl", "sqs:*"], ["sqs:ListQueues", "sqs:GetQueueUrl"]
    for name, allowed, days in (
        ("report-loader", services, 120),
        ("invoice-loader", services, 89),
        ("queue-sweeper", actions, 120),
        ("queue-reader", actions, 89),
    ):
        made = account.ago(days=400)
        account.role(name, created=made, last_used=account.ago(days=1))
        policy = account.policy(name, document(statement("Allow", allowed, "*")), created=made)
        account.attach(policy, role=name)
        account.use_action(name, allowed[0], at=account.ago(days=2))
        last = "sqs:ListQueues" if allowed is services else allowed[1]
        account.use_action(name, last, at=account.ago(days=days))


def _analyzed(account: AccountBuilder) -> None:
    """The analyzer saw that a role never deletes; of another one it says what is mended by now."""
    made, actions = account.ago(days=400), ["dynamodb:GetItem", "dynamodb:DeleteItem"]
    for name, allowed in (("order-archiver", actions), ("order-viewer", actions[:1])):
        arn = account.role(name, created=made, last_used=account.ago(days=1))
        policy = account.policy(name, document(statement("Allow", allowed, "*")), created=made)
        account.attach(policy, role=name)
        account.use_action(name, actions[0], at=account.ago(days=2))
        account.unused_access(
            "unused-access",
            "UnusedPermission",
            arn,
            rights={"dynamodb": ["DeleteItem"]},
            region=account.region,
        )


def _taken(account: AccountBuilder) -> None:
    """Two programs that had all of SQS until a week ago: one misses something since then."""
    why = "because no identity-based policy allows the action"
    for name, days in (("order-mover", 2), ("order-counter", 20)):
        _program(account, name, account.ago(hours=5))
        policy = account.policy(
            name,
            document(statement("Allow", ["sqs:SendMessage", "sqs:GetQueueUrl"], _QUEUES)),
            created=account.ago(days=300),
            older_versions=[document(statement("Allow", "sqs:*", _QUEUES))],
        )
        newest = account.iam.managed_policies[policy].versions[-1]
        newest.create_date = moto_time(account.ago(days=7))
        account.group(f"{name}s", members=[name], created=account.ago(days=300))
        account.attach(policy, group=f"{name}s")
        account.use_action(name, "sqs:GetQueueUrl", at=account.ago(days=1))
        account.refused("sqs:PurgeQueue", name, why=why, at=account.ago(days=days))


def _from_an_instance(account: AccountBuilder) -> None:
    """One program's key comes from an instance, another one's from the office."""
    one = account.instance("exports", profile="orders-api")
    (found,) = account.client("ec2").describe_instances(InstanceIds=[one])["Reservations"]
    there = str(found["Instances"][0]["PublicIpAddress"])
    for name, address in (("exporter", there), ("office-printer", "198.51.100.7")):
        used = account.ago(hours=3)
        key = _program(account, name, used)
        account.called_from(address, key, at=used)


def _people(account: AccountBuilder) -> None:
    """Operators may work from anywhere, auditors from the office; one operator left the work."""
    read = ["s3:GetObject", "s3:ListBucket"]
    only = {**statement("Deny", read, "*"), "Condition": _FROM_ELSEWHERE}
    _team(account, "operators", [statement("Allow", read, "*")])
    _team(account, "auditors", [statement("Allow", read, "*"), only])
    account.use_service("operators-deputy", "s3", at=account.ago(days=200))


def _team(account: AccountBuilder, team: str, statements: list[dict[str, Any]]) -> None:
    made = account.ago(days=400)
    policy = account.policy(f"operate-{team}", document(*statements), created=made)
    account.group(team, attached=[policy], created=made)
    for name in (f"{team}-lead", f"{team}-deputy"):
        account.user(name, created=made, groups=[team], tags={"owner": f"{name}@{DOMAIN}"})
        account.password(name, changed=account.ago(days=20), last_used=account.ago(days=1))
        account.mfa(name, kind="fido")
        account.use_service(name, "s3", at=account.ago(days=1))


def _program(account: AccountBuilder, name: str, used: datetime) -> str:
    """A user of a program, with a young key in use; its id."""
    account.user(name, created=account.ago(days=300), tags={"owner": f"platform@{DOMAIN}"})
    made = account.ago(days=40)
    return account.key(name, created=made, last_used=used, region=account.region)
