"""People may work from any address

Detects
-------
Off at first; switch it on once `networks` says from where your people work, for without networks it
finds nothing. Then: policies of your own, and inline ones, whose holders are all people (users with
a console password, directly or through a group), and that allow something from everywhere. A
statement says from where if it has a condition on `aws:SourceIp`, `aws:VpcSourceIp`,
`aws:SourceVpc` or `aws:SourceVpce`, or on the caller's organization (`aws:PrincipalOrgID`,
`aws:PrincipalOrgPaths`); a Deny for all other addresses counts for the whole policy. Policies that
roles or programs hold are left out: what they run on has no address of its own.

Why it matters
--------------
A key or a password that was copied is used from somewhere else. Where the policy names your
networks, it is worth nothing there.

Changes
-------
The policy gets one statement more: a Deny of everything that it allows for requests from other
addresses than `networks`, but for those that an AWS service makes on the caller's behalf
(`aws:ViaAWSService`). Everything else stays word for word. A managed policy gets a new version and
keeps the old one; an inline one is overwritten. Whoever travels, works at home without the VPN, or
comes through a VPC endpoint (whose requests have private addresses) is refused.

Undo
----
The old version is put in force again and the new one deleted; the old text is written back.

When to say no
--------------
When somebody works from changing addresses, or through VPC endpoints. Give them MFA instead.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-policy-conditions
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
"""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.credentials import people, report_evidence
from bot.model import (
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import Statement, denied_from_elsewhere, must_name, named_sources
from remediations._subjects import is_named
from remediations.policy_conditions._rewrite import rewrite
from remediations.policy_conditions._written import Written, users_of, written, written_at


def _network(text: str) -> str:
    network = ip_network(text)
    if not network.prefixlen:
        raise ValueError("that is every address there is")
    return text


class AccessWithoutSourceIpOrOrgConditionSettings(Settings):
    """From where people work."""

    enabled: bool = False
    networks: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        default=(),
        strict=False,
        description="Your networks as the Internet sees them (192.0.2.0/24).",
    )
    policies: tuple[str, ...] = Field(
        default=("*",),
        strict=False,
        description="Names, with * and ?, of policies that are to be for these networks alone.",
    )


def detect(
    snapshot: Snapshot, settings: AccessWithoutSourceIpOrOrgConditionSettings
) -> Iterator[Finding]:
    """One finding per policy whose holders are all people."""
    if not settings.networks:
        return
    with_password = {user.id for user, row in people(snapshot) if row.password_enabled}
    for policy in written(snapshot):
        if not is_named(policy.name, settings.policies):
            continue
        users = users_of(policy, snapshot)
        if not users or any(user.id not in with_password for user in users):
            continue
        found = _from_everywhere(policy)
        if found:
            shown: list[Json] = [each.label for each in found]
            yield Finding(
                control=CONTROL.id,
                subject=policy.subject,
                resource=policy.resource,
                severity=CONTROL.severity,
                summary=f"{policy.label} lets people work from any address",
                evidence={
                    "statements": shown,
                    "networks": [*settings.networks],
                    **policy.evidence(snapshot),
                    **report_evidence(snapshot),
                },
            )


def _from_everywhere(policy: Written) -> tuple[Statement, ...]:
    """The Allow statements that don't say from where."""
    statements = policy.document.statements
    if any(named_sources(each) for each in statements if each.effect == "Deny"):
        return ()
    return tuple(
        each
        for each in statements
        if each.effect == "Allow" and not named_sources(each) and not _is_for_own(each)
    )


def _is_for_own(statement: Statement) -> bool:
    """Whether a statement is limited to callers of an organization."""
    return any(must_name(statement, key) for key in ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths"))


def plan(
    finding: Finding, snapshot: Snapshot, settings: AccessWithoutSourceIpOrOrgConditionSettings
) -> Plan | Manual:
    """Deny what the policy allows to requests from other addresses."""
    policy = written_at(finding.resource, finding.subject, snapshot)
    networks = ", ".join(settings.networks)
    return rewrite(
        finding,
        policy,
        denied_from_elsewhere(policy.document, settings.networks),
        snapshot,
        summary=f"Refuse what {policy.label} allows to whoever comes from outside {networks}",
        breaks=(
            f"Whoever comes from outside {networks} is refused what {policy.label} allows",
            "Requests through VPC endpoints have private addresses, and are refused too",
        ),
    )


CONTROL = Control(
    id="access-without-source-ip-or-org-condition",
    title="People may work from any address",
    topic="policy_conditions",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset(
        {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.CREDENTIAL_REPORT}
    ),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=AccessWithoutSourceIpOrOrgConditionSettings,
    detect=detect,
    plan=plan,
)
