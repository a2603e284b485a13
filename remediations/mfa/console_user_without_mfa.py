"""Person who signs in without MFA

Detects
-------
Users with a console password and no MFA device of any kind: no passkey or security key, no
authenticator app, no hardware token. A device that was enrolled since the credential report was
written is seen where it is virtual. Users whom Locksmith fenced already and break-glass users are
left alone. Users without a password, such as programs, can't sign in and don't count, nor does
root, which is no user.

Why it matters
--------------
Whoever has the password has the account: phished, guessed, reused from a site that leaked. A second
factor is what most takeovers of console users fail at.

Changes
-------
Nobody can enrol a device for somebody else, so Locksmith puts the inline policy
`Locksmith-DenyUntilMfa` on the user. A session without MFA then can do one thing only: enrol a
device for this user, which the policy also allows, and change an initial password. With a device,
and signed in with it, the person has all their rights again; `mfa-fence-no-longer-needed` then
takes the policy away. Access keys go on working, unless `include_keys` is set. Just before,
Locksmith looks that the password is still there and that there is still no device.

Whoever knows the password could enrol as well. So `Locksmith-ConsoleFence` is put instead, which
denies everything to console sessions, enrolling too, until someone has made sure who comes and
takes it back: on a password with which nobody signed in for `dormant_days` (45), and on one with
which somebody first signed in from another network within `new_place_days` (14). Networks are told
by CloudTrail's record of sign-ins (`cloudtrail:LookupEvents`), the newest 200 of each Region where
they stand, read once where anybody is found here at all; `known_networks` are new to nobody. What
could not be read is in the evidence, and then no place counts as new.

Undo
----
Takes the policy away: one call. A device that the person enrolled in the meantime stays. The
finding is held then: no rule fences the user again until someone asks for it.

When to say no
--------------
When the person should sign in through Identity Center instead and the password can simply go. When
a program signs in as this user. When the person has no way to be told: tell them first.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-5
CIS AWS Foundations Benchmark 3.0: 1.10, 5.0: 1.9, 7.0: 2.10
"""

from collections.abc import Iterator

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
from remediations._subjects import resource_of
from remediations.mfa._enrolment import (
    EnrolmentSettings,
    evidence_of,
    hold_back,
    subject_of,
    without_mfa,
)


class ConsoleUserWithoutMfaSettings(EnrolmentSettings):
    """Whom the fence holds back, and who may enrol by themselves."""


def detect(snapshot: Snapshot, settings: ConsoleUserWithoutMfaSettings) -> Iterator[Finding]:
    """One finding per person who can sign in with a password alone."""
    for user, row in without_mfa(snapshot, settings):
        yield Finding(
            control=CONTROL.id,
            subject=subject_of(user),
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} can sign in to the console without MFA",
            evidence=evidence_of(user, row, snapshot, settings),
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: ConsoleUserWithoutMfaSettings
) -> Plan | Manual:
    """Put a fence on the user."""
    return hold_back(finding, snapshot, settings)


CONTROL = Control(
    id="console-user-without-mfa",
    title="Person who signs in without MFA",
    topic="mfa",
    severity=Severity.HIGH,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset(
        {Part.VIRTUAL_MFA, Part.PASSWORD_USE, Part.ACCOUNT_SUMMARY, Part.SIGN_INS}
    ),
    settings=ConsoleUserWithoutMfaSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.10",), "5.0": ("1.9",), "7.0": ("2.10",)},
        fsbp=("IAM.5",),
        nist=("AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"),
        pci=("8.4.2",),
    ),
)
