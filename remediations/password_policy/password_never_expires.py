"""Passwords never expire

Detects
-------
A password policy without a maximum age, AWS's default included, or with one above the limit (90
days). Not raised where no user has a console password, unless `only_with_passwords` is off.

Why it matters
--------------
A stolen password works until somebody changes it. Several standards still ask for a change every 90
days; NIST SP 800-63B advises against it where nothing points to a theft, so switch this control off
where you follow NIST.

Changes
-------
Sets the maximum age, every other field as it was; where there was no policy, one that asks for no
less than AWS's default. It holds at once: whoever has an older password
must choose a new one at the next sign-in; the finding says how many people that is today. Locksmith
refuses, and lists the steps, while users may not change their own password or while the policy
locks people out after expiry: they could not sign in any more.

Undo
----
Writes every field of the policy that was there before, or deletes the policy where there was none.
Passwords that people had to change meanwhile stay changed.

When to say no
--------------
When you follow NIST SP 800-63B. When programs sign in with a password. Right before holidays.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-17
https://pages.nist.gov/800-63-4/sp800-63b.html
"""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field

from bot.credentials import count, is_older, report_evidence, with_password
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    PasswordPolicy,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations.password_policy._policy import basis, resource, subject, update

_LINK = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html"
)


class PasswordNeverExpiresSettings(Settings):
    """How long a password may live."""

    max_age: int = Field(
        default=90,
        ge=1,
        le=1095,
        description="Days after which a password must be changed (Security Hub IAM.17, PCI DSS 4.0 "
        "8.3.9: 90).",
    )
    only_with_passwords: bool = Field(
        default=True,
        description="Whether to keep quiet while no user has a console password.",
    )


def detect(snapshot: Snapshot, settings: PasswordNeverExpiresSettings) -> Iterator[Finding]:
    """One finding for the account."""
    people = len(with_password(snapshot))
    age = snapshot.password_policy.max_age
    if 0 < age <= settings.max_age or (settings.only_with_passwords and not people):
        return
    expiring = _expiring(snapshot, settings)
    yield Finding(
        control=CONTROL.id,
        subject=subject(snapshot.account),
        resource=resource(snapshot.account),
        severity=CONTROL.severity,
        summary=f"Passwords expire only after {count(age, 'day')}"
        if age
        else "Passwords never expire",
        evidence={
            "max_age": age,
            "should_be": settings.max_age,
            "users_with_password": people,
            "would_expire_today": list(expiring),
            **report_evidence(snapshot),
        },
    )


def _expiring(snapshot: Snapshot, settings: PasswordNeverExpiresSettings) -> tuple[str, ...]:
    """Who would have to choose a new password at the next sign-in."""
    return tuple(
        user.name
        for user, row in with_password(snapshot)
        if is_older(row.password_last_changed or user.created, settings.max_age, snapshot.taken_at)
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: PasswordNeverExpiresSettings
) -> Plan | Manual:
    """Set the maximum age, unless that would lock people out."""
    old = snapshot.password_policy
    hindrance = _hindrance(old, settings.max_age)
    if hindrance:
        return Manual(snapshot.account, finding.subject, *hindrance, (_LINK,))
    new = replace(basis(old), max_age=settings.max_age)
    number = len(_expiring(snapshot, settings))
    hit = {0: "nobody", 1: "1 person"}.get(number, f"{number} people")
    summary = f"Let passwords expire after {count(settings.max_age, 'day')}"
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(update(old, new, summary, Risk.DISRUPTIVE),),
        summary=summary,
        breaks=(f"Must choose a new password at the next sign-in, as of today: {hit}",),
    )


def _hindrance(policy: PasswordPolicy, max_age: int) -> tuple[str, tuple[str, ...]] | None:
    then = f"Set the maximum password age to {count(max_age, 'day')}, or let Locksmith scan again"
    if not policy.users_may_change:
        return (
            "users may not change their own password: whose password expires is locked out",
            ("Allow users to change their own password in the password policy", then),
        )
    if policy.hard_expiry:
        return (
            "after expiry only an administrator may reset: whose password expires is locked out",
            ("Switch “password expiration requires administrator reset” off", then),
        )
    return None


CONTROL = Control(
    id="password-never-expires",
    title="Passwords never expire",
    topic="password_policy",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT, Part.PASSWORD_POLICY}),
    settings=PasswordNeverExpiresSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2(1)", "AC-2(3)", "IA-5(1)"), pci=("8.3.9", "8.3.10.1")),
)
