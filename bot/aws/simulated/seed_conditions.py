"""Policies that lack a condition, each with one beside it that has it."""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.company import document, narrow, statement, trust

#: How many policies and roles the company has for this.
POLICIES, ROLES = 2, 2
_LEADS = "on-call-leads"
_PASS = statement("Allow", "iam:PassRole", "arn:aws:iam::*:role/operations")
_TERMINATE = statement("Allow", "ec2:TerminateInstances", "*")


def seed_conditions(account: AccountBuilder) -> None:
    """Access that was meant for a time, for one service, or for whoever has MFA."""
    _dates(account)
    account.inline("hand-over", document(_PASS), role="partner-collector")
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    account.inline("launch", document({**_PASS, "Condition": to_ec2}), role="cluster-orders")
    account.inline("emergency-stop", document(_TERMINATE), group=_LEADS)
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    account.inline("stop", document({**_TERMINATE, "Condition": with_mfa}), group="payments")
    states = {"Service": "states.amazonaws.com"}
    ours = {"StringEquals": {"aws:SourceAccount": account.account_id}}
    used, created = account.ago(hours=9), account.ago(days=420)
    account.role("nightly-machine", trust=trust(states), created=created, last_used=used)
    account.role("weekly-machine", trust=trust(states, ours), created=created, last_used=used)


def _dates(account: AccountBuilder) -> None:
    """A move of half a year ago and a year's end that is past; one that is still to come."""
    created = account.ago(days=200)
    moving = narrow("s3", "warehouse-move")
    move = account.policy("temporary-warehouse-move", moving, created=created)
    account.attach(move, role="sister-billing")
    rendering = narrow("s3", "templates")
    templates = account.policy("template-renderer", rendering, created=created)
    account.attach(templates, role="sister-billing")
    past, coming = account.ago(days=100), account.ago(days=-100)
    invoices = "arn:aws:s3:::harbourlight-invoices/*"
    years = [
        {
            **statement("Allow", action, invoices),
            "Condition": {"DateLessThan": {"aws:CurrentTime": f"{end:%Y-%m-%dT%H:%M:%SZ}"}},
        }
        for action, end in (("s3:DeleteObject", past), ("s3:PutObject", coming))
    ]
    reading = statement("Allow", "s3:GetObject", invoices)
    account.inline("year-end", document(reading, *years), role="cluster-invoices")
