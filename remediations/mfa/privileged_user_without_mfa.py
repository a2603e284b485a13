"""Privileged person who signs in without MFA

Detects
-------
Users with a console password, no MFA device of any kind, and rights that make them privileged: in
a session without MFA they may use one of `sensitive_actions` (handing out rights, passing roles,
stopping the trail, deleting encryption keys) on whatever there is of its kind, or take on a role
that may. What counts is what all their policies, groups and the permissions boundary allow
together, not the name of a group. Whoever has such rights with MFA only, by a condition, is none
of these, nor who may act on their own user alone. Organization policies are not known here. Users
whom Locksmith fenced and break-glass users are left alone, and so are users without a password.

Why it matters
--------------
One password is all that stands between a stranger and everything that this user may do, and this
user may give the stranger more.

Changes
-------
The same as for `console-user-without-mfa`, which yields to this one: the inline policy
`Locksmith-DenyUntilMfa` denies sessions without MFA everything but enrolling a device for this
user, and `mfa-fence-no-longer-needed` takes it away once a device is there. Access keys go on
working, unless `include_keys` is set. A password that lay idle for `dormant_days` (45), or was
used from a network that is new to it, gets `Locksmith-ConsoleFence` instead, which does not leave
enrolling open. The guard against lock-out counts a fenced administrator as gone: two others must
stay.

Undo
----
Takes the policy away: one call. A device that the person enrolled in the meantime stays.

When to say no
--------------
When this person is needed within the hour and has no device at hand. When a program signs in as
this user. Break-glass users belong into `protected.break_glass`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#enable-mfa-for-privileged-users
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
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
from bot.policy import Proof
from remediations._privileges import Privileges, PrivilegeSettings
from remediations._subjects import resource_of
from remediations.mfa._enrolment import (
    EnrolmentSettings,
    evidence_of,
    hold_back,
    subject_of,
    without_mfa,
)


class PrivilegedUserWithoutMfaSettings(EnrolmentSettings, PrivilegeSettings):
    """Who is privileged, whom the fence holds back, and who may enrol by themselves."""


def detect(snapshot: Snapshot, settings: PrivilegedUserWithoutMfaSettings) -> Iterator[Finding]:
    """One finding per person whose password alone opens sensitive rights."""
    privileges = Privileges(snapshot, Proof.PASSWORD, settings.sensitive_actions)
    for user, row in without_mfa(snapshot, settings):
        power = privileges.of(user)
        if not power:
            continue
        yield Finding(
            control=CONTROL.id,
            subject=subject_of(user),
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} is privileged and can sign in to the console without MFA",
            evidence={**power.evidence(), **evidence_of(user, row, snapshot, settings)},
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: PrivilegedUserWithoutMfaSettings
) -> Plan | Manual:
    """Put a fence on the user."""
    return hold_back(finding, snapshot, settings)


CONTROL = Control(
    id="privileged-user-without-mfa",
    title="Privileged person who signs in without MFA",
    topic="mfa",
    severity=Severity.CRITICAL,
    risk=Risk.DISRUPTIVE,
    needs=frozenset(
        {
            Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES,
            Part.CREDENTIAL_REPORT,
        }
    ),
    plan_needs=frozenset(
        {Part.VIRTUAL_MFA, Part.PASSWORD_USE, Part.ACCOUNT_SUMMARY, Part.SIGN_INS}
    ),
    settings=PrivilegedUserWithoutMfaSettings,
    detect=detect,
    plan=plan,
    supersedes=frozenset({"console-user-without-mfa"}),
    standards=Standards(
        cis={"3.0": ("1.10",), "5.0": ("1.9",), "7.0": ("2.10",)},
        fsbp=("IAM.5",),
        nist=("AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(6)", "IA-2(8)"),
        pci=("8.4.1", "8.4.2"),
    ),
)  # fmt: skip
