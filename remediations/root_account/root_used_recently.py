"""Root user was used recently

Detects
-------
An account whose root user signed in with its password, or one of whose root keys signed a call,
within the window (14 days), as the credential report says. The finding goes by itself once root was
left alone for that long; each further use asks anew, since the steps name the latest one. What an
organization does in a member in a root session of a few minutes (sts:AssumeRoot) is no such use.

Why it matters
--------------
Root is for the few tasks that nothing else can do. Any other use is a habit that keeps an
unlimited credential in somebody's pocket, or somebody who should not be there.

Changes
-------
Nothing: what was done is done. Locksmith lists how to find out who it was and what they did.

Undo
----
None is needed.

When to say no
--------------
When the use was one of the tasks that need root, and whoever keeps root confirms it: exempt it
until the window is over.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
CIS AWS Foundations Benchmark 3.0: 1.7, 5.0: 1.6, 7.0: 2.7
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import Field

from bot.credentials import days_ago, is_older, report_evidence, utc_text
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import account_resource
from remediations.root_account._root import keys

_LINKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html",
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-console.html",
)


class RootUsedRecentlySettings(Settings):
    """What counts as recently."""

    within_days: int = Field(
        default=14,
        ge=1,
        le=365,
        description="Days for which a use of root is reported (our choice; CIS names no number).",
    )


def detect(snapshot: Snapshot, settings: RootUsedRecentlySettings) -> Iterator[Finding]:
    """One finding for the account, about the latest use."""
    uses, now = _uses(snapshot), snapshot.taken_at
    latest = max(uses, key=lambda name: uses[name], default=None)
    if latest is None or is_older(uses[latest], settings.within_days, now):
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/root-use",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"The root user was used {days_ago(uses[latest], now)}: with its {latest}",
        evidence={
            **{f"{name.replace(' ', '_')}_used": utc_text(when) for name, when in uses.items()},
            **report_evidence(snapshot),
        },
    )


def _uses(snapshot: Snapshot) -> Mapping[str, datetime]:
    """When root's password and keys were last used, those that ever were."""
    root = snapshot.credential_report.root
    used = {"password": root.password_last_used if root else None}
    used |= {f"access key {key.slot}": key.last_used for key in keys(snapshot)}
    return {name: when for name, when in used.items() if when is not None}


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: RootUsedRecentlySettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """How to find out what it was; it names the latest use, so that a further one asks anew."""
    latest = utc_text(max(_uses(snapshot).values()))
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="only the people who keep root can say what it was used for",
        steps=(
            "Ask those who keep the root user's credentials whether it was them",
            (
                "In CloudTrail's event history, in us-east-1 and the Regions that you use, filter "
                f"by the user name root and look at what it did around {latest}"
            ),
            (
                "If nobody knows of it, treat it as an incident: change root's password, look at "
                "its MFA devices, keys and mailbox, and let AWS Support know"
            ),
            "If it was a task that needs no root user, give it a role",
            f"Leave root alone; this goes away by itself when {latest} is long enough ago",
        ),
        links=_LINKS,
    )


CONTROL = Control(
    id="root-used-recently",
    title="Root user was used recently",
    topic="root_account",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset({Part.CREDENTIAL_REPORT}),
    settings=RootUsedRecentlySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.7",), "5.0": ("1.6",), "7.0": ("2.7",)},
        nist=("AC-6(2)", "AC-6(9)"),
        pci=("8.2.2",),
    ),
)
