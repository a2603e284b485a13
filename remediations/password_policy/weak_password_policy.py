"""Weak password policy

Detects
-------
A password policy of the account that asks for less than the chosen profile (strict, which is CIS,
FSBP and PCI together; or AWS's default, CIS, FSBP, NIST 800-63B, PCI) and the settings beside it:
length, kinds of characters, how many old passwords can't be used again. An account without a policy
of its own is judged by AWS's default (8 characters of three kinds). One finding names every weak
field. Not raised where no user
has a console password, unless `only_with_passwords` is off: nobody chooses a password there. How
long a password may live is another control's, `password-never-expires`.

Why it matters
--------------
Short and used-before passwords are guessed and found in lists of stolen ones.

Changes
-------
Writes the whole policy, each weak field raised and every other one as it was; nothing that is
stricter already is weakened, also where the profile asks for less of it. It holds for new
passwords: present ones go on working until they are changed. Just before, Locksmith looks that the
policy is still the one that was seen.

Undo
----
Writes every field of the policy that was there before, or deletes the policy where there was none.

When to say no
--------------
When another tool or a template keeps the policy: change it there. When all people sign in through
Identity Center: the policy doesn't reach them; remove the IAM users' passwords instead.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-7
CIS AWS Foundations Benchmark 3.0: 1.8, 1.9, 5.0: 1.7, 1.8, 7.0: 2.8, 2.9
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import report_evidence, with_password
from bot.model import (
    Control,
    Finding,
    Json,
    Manual,
    Part,
    PasswordPolicy,
    Plan,
    Risk,
    Severity,
    Snapshot,
    Standards,
)
from remediations.password_policy._policy import basis, resource, subject, update
from remediations.password_policy._profiles import KINDS, Wanted, stricter, weak


class WeakPasswordPolicySettings(Wanted):
    """What a password policy must ask for, and when to keep quiet."""

    only_with_passwords: bool = Field(
        default=True,
        description="Whether to keep quiet while no user has a console password.",
    )


def detect(snapshot: Snapshot, settings: WeakPasswordPolicySettings) -> Iterator[Finding]:
    """One finding with every weak field."""
    people = len(with_password(snapshot))
    policy = snapshot.password_policy
    fields = weak(policy, settings)
    if not fields or (settings.only_with_passwords and not people):
        return
    names = ", ".join(name.replace("_", " ") for name in fields)
    which = "The password policy" if policy.exists else "AWS's default password policy"
    yield Finding(
        control=CONTROL.id,
        subject=subject(snapshot.account),
        resource=resource(snapshot.account),
        severity=CONTROL.severity,
        summary=f"{which} is weak: {names}",
        evidence={
            "weak": {name: _said(name, policy, settings) for name in fields},
            "profile": settings.profile,
            "policy_exists": policy.exists,
            "users_with_password": people,
            **report_evidence(snapshot),
        },
    )


def _said(name: str, policy: PasswordPolicy, settings: WeakPasswordPolicySettings) -> Json:
    """What a weak field is and should be, in words."""
    if name in KINDS:
        return "not required, should be required"
    return f"{getattr(policy, name)}, should be {getattr(stricter(policy, settings), name)}"


def plan(
    finding: Finding, snapshot: Snapshot, settings: WeakPasswordPolicySettings
) -> Plan | Manual:
    """Write the whole policy with its weak fields raised."""
    old = snapshot.password_policy
    new = stricter(basis(old), settings)
    names = ", ".join(name.replace("_", " ") for name in weak(old, settings))
    summary = f"Strengthen the password policy: {names}"
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(update(old, new, summary, Risk.REVERSIBLE),),
        summary=summary,
        breaks=("New passwords must meet the policy; present ones go on working",),
    )


CONTROL = Control(
    id="weak-password-policy",
    title="Weak password policy",
    topic="password_policy",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT, Part.PASSWORD_POLICY}),
    settings=WeakPasswordPolicySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.8", "1.9"), "5.0": ("1.7", "1.8"), "7.0": ("2.8", "2.9")},
        fsbp=("IAM.7",),
        nist=("AC-2(1)", "AC-2(3)", "AC-3(15)", "IA-5(1)"),
        pci=("8.3.6", "8.3.7", "8.6.3"),
    ),
    supersedes=frozenset({"password-never-expires"}),
)
