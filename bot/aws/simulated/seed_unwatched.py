"""An account that nobody watches, whose programs have no roles: one Region, everything wrong once.

Beside each thing that is wrong stands one that only looks so. Filling it loads moto's EC2.
"""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import document, statement

#: The bucket that may take logs of all services.
LOGS = "harbourlight-logs"
KEY_ID = "0a1b2c3d-0000-4000-8000-0000000000f1"
_FILES = "harbourlight-trail-files"
_WRITERS = ["logging.s3.amazonaws.com", "delivery.logs.amazonaws.com", "config.amazonaws.com"]


def fill_unwatched(account: AccountBuilder) -> None:
    """Fill an empty account: trails and buckets, recorders, distributions, instances, functions."""
    account.regions("us-east-1")
    _logs(account)
    _instances(account)
    _functions(account)


def _logs(account: AccountBuilder) -> None:
    writing = statement("Allow", "s3:PutObject", f"arn:aws:s3:::{LOGS}/*")
    may = [{**writing, "Principal": {"Service": each}} for each in _WRITERS]
    account.bucket(LOGS, policy=document(*may))
    account.trail("company-trail", multi_region=True, validation=True, bucket=_FILES)
    reading = statement("Allow", "s3:GetObject", f"arn:aws:s3:::{_FILES}/*")
    account.bucket(_FILES, policy=document({**reading, "Principal": "*"}))
    account.bucket("harbourlight-orders", logs_to=LOGS)
    account.bucket("harbourlight-drafts")
    account.kms_key(KEY_ID)
    account.analyzer("unused-access", kind="ACCOUNT_UNUSED_ACCESS")
    account.service_linked_role("config.amazonaws.com", "Config")
    account.config_recorder(recording=False, group={"allSupported": True})
    account.distribution("shop")
    account.distribution("documents", logs_to=LOGS)
    account.distribution("shop-of-last-year", enabled=False)


def _instances(account: AccountBuilder) -> None:
    for name, actions in (("orders-api", ["dynamodb:GetItem"]), ("pipeline", ["iam:*", "s3:*"])):
        account.role(name, last_used=account.ago(days=1))
        account.inline("rights", document(statement("Allow", actions, "*")), role=name)
        account.instance_profile(name, name)
        account.instance(name, profile=name)
    account.launch_template("orders", profile="orders-api")
    account.launch_template("web")
    key = account.iam.new_id("AKIA", 20)
    account.instance("web", group="web", user_data=f"#!/bin/sh\nexport AWS_ACCESS_KEY_ID={key}\n")


def _functions(account: AccountBuilder) -> None:
    account.function("invoices", {"SECRET_NAME": "prod/invoices"})
    account.function("mails", {"MAIL_KEY": account.iam.new_id("AKIA", 20)})
