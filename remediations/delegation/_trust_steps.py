"""The one step that closes a trust policy, and what people do where there is none."""

from uuid import NAMESPACE_URL, uuid5

from bot.model import (
    Account,
    Call,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Role,
    Snapshot,
    Step,
)
from bot.policy import Document
from remediations._policy_reads import compact, is_still
from remediations._reads import call
from remediations.delegation._closing import Closed, LeftOpen
from remediations.delegation._trust_reads import trust_is

_LINK = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html"
)
_SESSIONS = (
    "Sessions that were issued before stay open until they end, at most for the role's maximum "
    "session duration (1 to 12 hours)"
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_TRUST_SIZE = 2048


def too_long(new: Closed, snapshot: Snapshot) -> bool:
    """Whether AWS would refuse the document; by the account's quota where it was read."""
    summary = snapshot.parts.get(Part.ACCOUNT_SUMMARY, {})
    allowed: int = summary.get("AssumeRolePolicySizeQuota", _TRUST_SIZE)
    return new.size > allowed


def close_trust(finding: Finding, role: Role, account: Account, old: Document, new: Closed) -> Plan:
    """Write the closed document; undo writes the exact old one."""
    step = Step(
        name="close-trust",
        summary=f"Let nobody from outside assume the role {role.name} unconditionally",
        risk=Risk.DISRUPTIVE,
        before=(is_still(role), trust_is(role, old.as_json())),
        do=_update(role, compact(new.document)),
        after=(trust_is(role, new.document),),
        undo=_update(role, compact(old.as_json())),
    )
    summary = f"Close the trust policy of the role {role.name} to outsiders"
    return Plan(account, finding.subject, (step,), summary, (*new.refused, _SESSIONS))


def _update(role: Role, text: str) -> Call:
    return call("UpdateAssumeRolePolicy", RoleName=role.name, PolicyDocument=text)


def agree(finding: Finding, role: Role, account: Account, left: LeftOpen) -> Manual:
    """What people do: find out who comes in, agree with them, and tell the configuration."""
    steps = [
        (
            "See who assumed it: aws cloudtrail lookup-events --lookup-attributes "
            f"AttributeKey=ResourceName,AttributeValue={role.arn} (last 90 days, region by region)"
        )
    ]
    for other in left.accounts:
        steps += [
            f"If account {other} is yours: add it to `trusted_accounts` of this control",
            f"If it is a third party's, write to them: “{_letter(role, other)}”",
            f"Once they send it, add it to `external_ids` of this control under {other}",
        ]
    steps.append(
        f"If nobody needs it, take the statement out: aws iam update-assume-role-policy "
        f"--role-name {role.name} --policy-document file://trust.json"
    )
    return Manual(account, finding.subject, left.reason, tuple(steps), (_LINK,))


def _letter(role: Role, other: str) -> str:
    """A suggestion to send; the id in it is the same every time and no secret, as AWS says."""
    suggested = uuid5(NAMESPACE_URL, f"{role.arn}#{role.id}#{other}")
    return (
        f"We want {role.arn} to be assumed with an external id only. Which one have you made for "
        f"us? If none, please send {suggested} as ExternalId whenever you assume it, and tell us "
        "when you do."
    )
