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

A key in use is rotated in stages, and nothing stops at any of them. First Locksmith makes a second
key and puts its secret into the user's secret in Secrets Manager, `locksmith/USER/access-key`,
which only the principal in `readers`, or the `reader` of the user in the owners' mapping file, may
read; with `public_keys` it is encrypted for that key first. Locksmith shows the secret to nobody
and keeps it nowhere. Where it can't be put there, the new key is deleted again at once, for nobody
knows its secret. Then the owner moves what uses the old key. Once the new one is used and the old
one idle, `superseded-access-key` asks to switch the old one off, and after its grace
`inactive-access-key` asks to delete it.

Where none of these names anyone for the user, where the user has no room for a second key, or where
two keys are in use, people get the exact steps. So they do for users that send mail through Amazon
SES, whose SMTP passwords are computed from the key.

Undo
----
Switches the key on again: one call, and the same key works as before. Not for a user whom AWS put
under quarantine because a key leaked: there the switching-off is final. A new key is deleted again,
unless it was used meanwhile, and its secret becomes what it was.

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
    keys_beside,
    named,
    owned_keys,
    sends_mail,
    used_when,
)
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Severity,
    Snapshot,
    Standards,
)
from remediations._key_steps import deactivation
from remediations.rotation import _standing as standing
from remediations.rotation._handover import HandoverSettings
from remediations.rotation._new_key import new_key


class OldAccessKeySettings(HandoverSettings):
    """How old a key may be, when it counts as idle, and who gets a new one's secret."""

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
        "that was used since is rotated.",
    )


def detect(snapshot: Snapshot, settings: OldAccessKeySettings) -> Iterator[Finding]:
    """One finding per active key that is too old."""
    now = snapshot.taken_at
    for user, key in owned_keys(snapshot):
        if not key.active or not is_older(key.created, settings.days, now):
            continue
        age = count(days_since(key.created, now), "day")
        summary = f"{user.name} has an access key that is {age} old, {used_when(key, now)}"
        evidence = {**key_evidence(key, snapshot), **standing.rotation_evidence(key, snapshot)}
        yield key_finding(CONTROL.id, CONTROL.severity, user, key, summary, evidence)


def plan(finding: Finding, snapshot: Snapshot, settings: OldAccessKeySettings) -> Plan | Manual:
    """Switch an idle key off; make a new key for one in use, or tell people what is to be done."""
    key, subject = key_in(finding, snapshot), finding.subject
    user, others = snapshot.users_by_id[key.user_id], keys_beside(key, snapshot)
    if sends_mail(user):
        return standing.smtp_by_hand(user, key, subject, snapshot)
    if is_older(key_active_at(key), settings.idle_days, snapshot.taken_at):
        return deactivation(finding, snapshot, settings.idle_days, "which is old and idle")
    newer = standing.successor(key, snapshot)
    if newer and len(others) == 1 and not is_older(newer.created, settings.days, snapshot.taken_at):
        return standing.switch_over(key, newer, subject, snapshot)
    if others:
        return standing.no_room(key, others, subject, snapshot)
    handover = settings.handover(user, key, snapshot)
    if isinstance(handover, str):
        return standing.by_hand(key, handover, subject, snapshot)
    return Plan(
        account=snapshot.account,
        subject=subject,
        steps=new_key(key, handover),
        summary=f"Make a new access key for {key.user} beside {named(key)}, which is too old, and "
        f"keep its secret in {handover.secret}",
        breaks=(
            f"Nothing: {named(key)} goes on working until it is idle",
            f"Whoever may change the policy of {handover.secret} can make its secret theirs",
        ),
        whole=True,
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
