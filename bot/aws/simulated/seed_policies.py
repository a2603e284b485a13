"""How the company keeps its policies: one document on several roles, and on several groups, a copy
of one of AWS's, and beside each something that only looks like it.
"""

from __future__ import annotations

from bot.aws.simulated.aws_policies import document_of
from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import document, narrow, statement

#: A home-made copy of one of AWS's policies, one that is about a single queue, and one that is
#: nearly another of AWS's.
COPIES = ("queue-watchers", "booking-watchers", "table-watchers")
_SHARED_BY_ROLES = "nightly-export"
_SHARED_BY_GROUPS = "team-exchange"


def keep_policies(account: AccountBuilder) -> None:
    """The same inline policy on two roles and on two groups; the third has its own."""
    for role in ("backup-vendor", "partner-report-reader"):
        account.inline(_SHARED_BY_ROLES, narrow("s3", "exports"), role=role)
    account.inline(_SHARED_BY_ROLES, narrow("s3", "exports-of-its-own"), role="monitoring-vendor")
    for group in ("data", "payments"):
        account.inline(_SHARED_BY_GROUPS, narrow("s3", "exchange"), group=group)
    account.inline(_SHARED_BY_GROUPS, narrow("s3", "exchange-of-the-web"), group="web")
    _copies(account)
    _of_aws(account)
    _logins(account)


def _logins(account: AccountBuilder) -> None:
    """Logins to every warehouse for one role, and to a single one for another."""
    action, name = "redshift:GetClusterCredentials", "warehouse-login"
    account.inline(name, document(statement("Allow", action, "*")), role="monitoring-vendor")
    one = "arn:aws:redshift:eu-west-1:*:dbuser:bookings/reports"
    account.inline(name, document(statement("Allow", action, one)), role="backup-vendor")


def _copies(account: AccountBuilder) -> None:
    made, copied = account.ago(days=500), document_of("AmazonSQSReadOnlyAccess")
    actions = copied["Statement"][0]["Action"]
    one_queue = document(statement("Allow", actions, "arn:aws:sqs:*:*:bookings"))
    tables = document_of("AmazonDynamoDBReadOnlyAccess")
    more = statement("Allow", "dynamodb:UpdateTimeToLive", "*")
    nearly = {**tables, "Statement": [*tables["Statement"], more]}
    for name, text in zip(COPIES, (copied, one_queue, nearly), strict=True):
        account.attach(account.policy(name, text, created=made), role="monitoring-vendor")


def _of_aws(account: AccountBuilder) -> None:
    """A policy that AWS has retired, and one that it widened lately; another one long ago."""
    successor = document_of("AWSLambda_ReadOnlyAccess")
    more = statement("Allow", ["s3:Get*", "s3:List*"], "*")
    retired = {**successor, "Statement": [*successor["Statement"], more]}
    account.retired_policy("AWSLambdaReadOnlyAccess", retired, role="monitoring-vendor")
    before = document(statement("Allow", "sqs:ListQueues", "*"))
    for name, days in (("AmazonSQSReadOnlyAccess", 6), ("AmazonEC2ReadOnlyAccess", 200)):
        older = [(account.ago(days=700), before)]
        account.aws_versions(name, changed=account.ago(days=days), older=older)
