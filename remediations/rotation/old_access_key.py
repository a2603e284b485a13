"""Access key that is too old

Detects
-------
Active access keys of users that were made longer ago than the limit (90 days). Until a key is
named, its age comes from the credential report, which tells the last change of the key: a key that
was switched off and on counts as younger until Locksmith has named it.

Why it matters
--------------
The older a key, the more places have a copy of it and the fewer people know which. Rotation makes
stolen copies worthless, and proves that nobody depends on a key that nobody can find.

Changes
-------
A key that was idle past the margin (30 days) is switched off, after a look that it is still so.
A key in use is not touched: taking it away would stop what uses it. Locksmith lists the exact
steps of a rotation, which a person takes with the program's owner, and looks again.

Undo
----
Switches the key on again: one call, and the same key works as before. Not for a user whom AWS put
under quarantine because a key leaked: there the switching-off is final.

When to say no
--------------
When a program uses the key more seldom than the margin, or when its secret is built into a device
or a vendor's settings and a date for its replacement is agreed: exempt it until then.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-3
CIS AWS Foundations Benchmark 3.0: 1.14, 5.0: 1.13, 7.0: 2.12
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import (
    count,
    days_since,
    is_older,
    key_active_at,
    key_evidence,
    key_finding,
    key_in,
    named,
    owned_keys,
    quarantines,
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
from remediations._key_steps import deactivate, deactivation_breaks

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html"


class OldAccessKeySettings(Settings):
    """How old a key may be, and when it counts as idle."""

    days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days after which a key is too old (CIS 5.0 1.13, Security Hub IAM.3: 90).",
    )
    idle_days: int = Field(
        default=30,
        ge=1,
        le=400,
        description="Days without use after which Locksmith offers to switch an old key off; one "
        "that was used since is rotated by a person.",
    )


def detect(snapshot: Snapshot, settings: OldAccessKeySettings) -> Iterator[Finding]:
    """One finding per active key that is too old."""
    now = snapshot.taken_at
    for user, key in owned_keys(snapshot):
        if not key.active or not is_older(key.created, settings.days, now):
            continue
        age = count(days_since(key.created, now), "day")
        summary = f"{user.name} has an access key that is {age} old, {used_when(key, now)}"
        evidence = key_evidence(key, snapshot)
        yield key_finding(CONTROL.id, CONTROL.severity, user, key, summary, evidence)


def plan(finding: Finding, snapshot: Snapshot, settings: OldAccessKeySettings) -> Plan | Manual:
    """Switch an idle key off; a key in use is for people to rotate."""
    key = key_in(finding, snapshot)
    if not is_older(key_active_at(key), settings.idle_days, snapshot.taken_at):
        return Manual(
            snapshot.account,
            finding.subject,
            f"{named(key)} of {key.user} was in use within {count(settings.idle_days, 'day')}: "
            "switching it off would stop what uses it",
            _rotation(key),
            (_LINK,),
        )
    leaked = bool(quarantines(key, snapshot))
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(deactivate(key, settings.idle_days, leaked=leaked),),
        summary=f"Deactivate {named(key)} of {key.user}, which is old and idle",
        breaks=deactivation_breaks(key, leaked=leaked),
    )


def _rotation(key: AccessKey) -> tuple[str, ...]:
    user, key_id = key.user, key.shown_id
    look = f"aws iam get-access-key-last-used --access-key-id {key_id}"
    off = f"aws iam update-access-key --user-name {user} --access-key-id {key_id} --status Inactive"
    return (
        (
            f"See that {user} has one key only, since AWS allows two; settle another one first: "
            f"aws iam list-access-keys --user-name {user}"
        ),
        (
            "Make the new key; put its secret, which AWS shows once, where the program reads it: "
            f"aws iam create-access-key --user-name {user}"
        ),
        f"Wait until the new key is used and {key_id} is not: {look}",
        f"Switch the old key off, and on again should anything break: {off}",
        "Let Locksmith look again",
    )


CONTROL = Control(
    id="old-access-key",
    title="Access key that is too old",
    topic="rotation",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.KEY_NAMES}),
    settings=OldAccessKeySettings,
    detect=detect,
    plan=plan,
    idle_setting="idle_days",
    standards=Standards(
        cis={"3.0": ("1.14",), "5.0": ("1.13",), "7.0": ("2.12",)},
        fsbp=("IAM.3",),
        nist=("AC-2(1)", "AC-2(3)", "AC-3(15)"),
        pci=("8.3.9", "8.6.3"),
    ),
)
