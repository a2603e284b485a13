"""Fence until MFA that is no longer needed

Detects
-------
Users with an MFA device of any kind on whom `Locksmith-DenyUntilMfa` still stands, just as
Locksmith puts it. A virtual device is seen at the next scan, any other once AWS writes a new
credential report, up to four hours later. A policy of that name that somebody changed is not
looked at: it is reported by the controls that put it. Users whom other fences hold back are left
alone.

Why it matters
--------------
The fence has done its work, and a Deny that nobody remembers is a riddle for whoever looks for the
reason of a refusal later. And somebody has just enrolled a device with nothing but a password:
whoever owns this user, and the security team, should know of it while the fence still stands. If it
wasn't the person, deny this and contain the user.

Changes
-------
Takes the inline policy `Locksmith-DenyUntilMfa` away. Nothing else changes: the device stays, and
AWS asks for it at each sign-in. Just before, Locksmith looks that the policy is the one it put and
that there is a device. Until then the person works as usual, signed in with the device. A rule may
do this by itself, as docs/unattended.md shows.

Where somebody first signed in from another network within `new_place_days` (14), the finding is
high, and people make sure whose the device is before the fence goes: no rule acts then.

Undo
----
Puts the same policy back: one call.

When to say no
--------------
When the person whose user this is did not enrol a device: then somebody else has the password. Say
so, and contain the user with `locksmith contain`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
"""

from collections.abc import Iterator

from bot.credentials import people, report_evidence
from bot.model import (
    MFA_FENCE,
    Control,
    Finding,
    InlinePolicy,
    Json,
    Manual,
    Part,
    Plan,
    Risk,
    Severity,
    Snapshot,
    Step,
    User,
)
from bot.policy import parse_document
from remediations import _reads as reads
from remediations._fence_documents import is_shut_out, mfa_fences
from remediations._policy_reads import compact
from remediations._subjects import resource_of
from remediations.mfa._enrolment import enrolled_devices
from remediations.mfa._places import PlaceSettings, new_place


class MfaFenceNoLongerNeededSettings(PlaceSettings):
    """Whose device is not believed at once."""


def detect(snapshot: Snapshot, settings: MfaFenceNoLongerNeededSettings) -> Iterator[Finding]:
    """One finding per user who has both the fence and a device."""
    enrolled = enrolled_devices(snapshot)
    for user, row in people(snapshot):
        virtual = enrolled.get(user.arn, [])
        if not mfa_fences(user, snapshot.account) or not (row.mfa_active or virtual):
            continue
        if is_shut_out(user, snapshot.account):
            continue
        place = new_place(user, row, snapshot, settings, idle_days=None)
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/mfa-fence",
            resource=resource_of(user),
            severity=Severity.HIGH if place else CONTROL.severity,
            summary=f"{user.name} has an MFA device now, and the fence until MFA still stands",
            evidence={
                **(place.evidence() if place else {}),
                "virtual_devices": [*virtual],
                **report_evidence(snapshot),
            },
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: MfaFenceNoLongerNeededSettings
) -> Plan | Manual:
    """Take the fence away, where the device is surely the person's own."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    if new_place(user, snapshot.report_rows[user.arn], snapshot, settings, idle_days=None):
        return _to_be_made_sure(finding, user, snapshot)
    (policy,) = mfa_fences(user, snapshot.account)
    document, named = _content(policy), {"UserName": user.name, "PolicyName": policy.name}
    step = Step(
        name="unfence",
        summary=f"Delete the inline policy {policy.name} of {user.name}",
        risk=Risk.REVERSIBLE,
        before=(
            reads.user_is(user),
            reads.with_mfa(user),
            reads.inline_is(user, policy.name, document),
        ),
        do=reads.call("DeleteUserPolicy", **named),
        after=(reads.inline_absent(user, policy.name),),
        undo=reads.call("PutUserPolicy", **named, PolicyDocument=compact(document)),
    )
    summary = f"Take away {user.name}'s fence until MFA, since an MFA device is there"
    return Plan(snapshot.account, finding.subject, (step,), summary)


def _to_be_made_sure(finding: Finding, user: User, snapshot: Snapshot) -> Manual:
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason=(
            f"somebody signed in as {user.name} from a network that is new to this user, and only "
            "the person can tell whose the MFA device is"
        ),
        steps=(
            (
                f"Ask the person behind {user.name}, by another way than mail, whether they signed "
                "in from there and enrolled the device"
            ),
            f"If they did not, contain the user: locksmith contain {user.name}",
            (
                f"If they did, delete the inline policy {MFA_FENCE} of {user.name}, or name the "
                "network in known_networks"
            ),
            "Let Locksmith scan again",
        ),
    )


def _content(policy: InlinePolicy) -> Json:
    content: Json = parse_document(policy.text, where=policy.name).as_json()
    return content


CONTROL = Control(
    id="mfa-fence-no-longer-needed",
    title="Fence until MFA that is no longer needed",
    topic="mfa",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.VIRTUAL_MFA, Part.SIGN_INS}),
    settings=MfaFenceNoLongerNeededSettings,
    detect=detect,
    plan=plan,
    security_hears="whoever knew the password alone could enrol this device",
)
