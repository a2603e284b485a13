"""Second active access key that is not used

Detects
-------
Users with two active access keys of which one is in use and the other was not used for longer than
the limit (30 days). A key that was never used counts from the day it was made, so that a rotation
under way is left alone: its new key is young, and its old one is used until the new one is. Where
both keys are in use, or neither, this says nothing: others do. Break-glass users are not looked at,
nor are users that send mail through Amazon SES.

Why it matters
--------------
What needs a key has one. The second one only doubles what can leak, and takes the place that the
next rotation needs.

Changes
-------
Switches the idle key off: its status becomes Inactive. The other key is not touched. Just before,
Locksmith looks that the idle key is still Active, old enough, and was not used in the meantime, and
that the other key is still Active. For a user whom AWS put under quarantine because a key leaked,
it is final.

Undo
----
Switches the key on again: one call, and the same key works as before.

When to say no
--------------
When the second key belongs to a program that runs more seldom than the limit. Better still: give
that program a user or a role of its own.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
CIS AWS Foundations Benchmark 3.0: 1.13, 5.0: 1.12; 7.0 dropped it
"""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from bot.credentials import (
    days_ago,
    is_older,
    key_active_at,
    key_evidence,
    key_finding,
    key_in,
    owned_keys,
    sends_mail,
    used_when,
)
from bot.model import (
    AccessKey,
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations import _reads as reads
from remediations._key_steps import deactivation


class SecondActiveKeyUnusedSettings(Settings):
    """How long the second of two keys may lie idle."""

    days: int = Field(
        default=30,
        ge=1,
        le=400,
        description="Days without use after which the second of two active keys is unused, while "
        "the other one is in use (CIS 5.0 1.12 wants one active key at all times).",
    )


def detect(snapshot: Snapshot, settings: SecondActiveKeyUnusedSettings) -> Iterator[Finding]:
    """One finding per idle key beside one in use."""
    now = snapshot.taken_at
    active: dict[str, list[AccessKey]] = {}
    for _user, key in owned_keys(snapshot):
        if key.active:
            active.setdefault(key.user_id, []).append(key)
    for user_id, keys in active.items():
        user = snapshot.users_by_id[user_id]
        in_use = [key for key in keys if _in_use(key, settings.days, now)]
        left_out = snapshot.protection.is_break_glass(user.arn) or sends_mail(user)
        if not in_use or left_out:
            continue
        other = max(in_use, key=key_active_at)
        since = days_ago(key_active_at(other), now)
        for key in keys:
            if not is_older(key_active_at(key), settings.days, now):
                continue
            summary = (
                f"{user.name} has a second active access key, {used_when(key, now)}; "
                f"the other one was used {since}"
            )
            evidence = {**key_evidence(key, snapshot), "key_in_use": other.key_id}
            yield key_finding(CONTROL.id, CONTROL.severity, user, key, summary, evidence)


def _in_use(key: AccessKey, days: int, now: datetime) -> bool:
    return key.last_used is not None and not is_older(key.last_used, days, now)


def plan(
    finding: Finding, snapshot: Snapshot, settings: SecondActiveKeyUnusedSettings
) -> Plan | Manual:
    """Switch the idle key off, while the other one works."""
    return deactivation(
        finding,
        snapshot,
        settings.days,
        "whose other key is the one in use",
        (reads.another_key_works(key_in(finding, snapshot)),),
    )


CONTROL = Control(
    id="second-active-key-unused",
    title="Second active access key that is not used",
    topic="unused_credentials",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.KEY_NAMES}),
    settings=SecondActiveKeyUnusedSettings,
    detect=detect,
    plan=plan,
    idle_setting="days",
    standards=Standards(
        cis={"3.0": ("1.13",), "5.0": ("1.12",)},
        fsbp=("IAM.8",),
        nist=("AC-2", "AC-2(1)", "AC-2(3)", "AC-6"),
        pci=("8.2.6",),
    ),
    supersedes=frozenset({"never-used-access-key", "unused-access-key", "old-access-key"}),
)
