"""Policy that allowed something until a day that is past

Detects
-------
Allow statements, in policies of your own and inline ones, with a condition that the time of the
request is before a moment that is past for more than `days`: `DateLessThan` and the like on
`aws:CurrentTime` or `aws:EpochTime`. Of several alternative dates the latest counts. Deny
statements are not looked at, nor conditions on when a session began (`aws:TokenIssueTime`). Not
raised where the whole policy lapsed and nobody holds it: that is `unattached-customer-policy`'s.

Why it matters
--------------
The statement allows nothing and looks as if it did. Whoever needs the access again moves the date,
or takes the condition out, and nobody asks for what it was once allowed.

Changes
-------
The lapsed statements go, and the rest of the document stays word for word: as a new version in
force, the old one kept, or in the place of the inline policy's text. Where nothing would be left, a
policy is detached from everybody, and an inline one deleted. Nobody loses anything.

Undo
----
The old version is put in force again and the new one deleted; the old text is written back; the
policy is attached again.

When to say no
--------------
When the same access is soon to be allowed again, and the statement is kept as a form to fill in.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-policy-conditions
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import is_older, utc_text
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import Statement, ends_at, without_statements
from remediations.policy_conditions._rewrite import rewrite, take_away
from remediations.policy_conditions._written import Written, written, written_at


class LapsedDateConditionSettings(Settings):
    """How long ago the day must be."""

    days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="Days after its last one, after which a statement that lapsed is reported.",
    )


def detect(snapshot: Snapshot, settings: LapsedDateConditionSettings) -> Iterator[Finding]:
    """One finding per policy with statements that lapsed."""
    for policy in written(snapshot):
        lapsed = _lapsed(policy, snapshot, settings)
        if not lapsed or (len(lapsed) == len(policy.document.statements) and not policy.holders):
            continue
        ended = max(end for each in lapsed if (end := ends_at(each)))
        yield Finding(
            control=CONTROL.id,
            subject=policy.subject,
            resource=policy.resource,
            severity=CONTROL.severity,
            summary=f"{policy.label} has {_said(lapsed)} that lapsed on {ended:%Y-%m-%d}",
            evidence={
                "statements": [each.label for each in lapsed],
                "ended": [utc_text(ends_at(each)) for each in lapsed],
                **policy.evidence(snapshot),
            },
        )


def _said(lapsed: tuple[Statement, ...]) -> str:
    return "a statement" if len(lapsed) == 1 else f"{len(lapsed)} statements"


def _lapsed(
    policy: Written, snapshot: Snapshot, settings: LapsedDateConditionSettings
) -> tuple[Statement, ...]:
    return tuple(
        each
        for each in policy.document.statements
        if each.effect == "Allow"
        and (end := ends_at(each)) is not None
        and is_older(end, settings.days, snapshot.taken_at)
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: LapsedDateConditionSettings
) -> Plan | Manual:
    """Take the lapsed statements out, or the policy away where nothing else is in it."""
    policy = written_at(finding.resource, finding.subject, snapshot)
    lapsed = _lapsed(policy, snapshot, settings)
    if len(lapsed) == len(policy.document.statements):
        summary = f"Take {policy.label} away, which allows nothing any more"
        return take_away(finding, policy, snapshot, summary)
    new = without_statements(policy.document, frozenset(each.index for each in lapsed))
    summary = f"Take {_said(lapsed)} out of {policy.label} that allows nothing any more"
    breaks = ("Nothing: what goes allows nothing",)
    return rewrite(finding, policy, new, snapshot, summary=summary, breaks=breaks)


CONTROL = Control(
    id="lapsed-date-condition",
    title="Policy that allowed something until a day that is past",
    topic="policy_conditions",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=LapsedDateConditionSettings,
    detect=detect,
    plan=plan,
)
