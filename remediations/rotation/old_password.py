"""Console password that was not changed for long

Detects
-------
Console passwords of users that are older than the limit (365 days), where the account's password
policy does not make their owners change them: it sets no age, or a higher one than the limit. Where
the policy would have, AWS asks for a new one at the next sign-in, and nothing is reported. A
password whose change AWS doesn't tell counts from the day on which its user was made. Break-glass
users are not looked at. That passwords never expire in the account is another control's,
`password-never-expires`.

Why it matters
--------------
A password that somebody has learned works until it is changed, and nobody knows who has learned it.

Changes
-------
Nothing: only its owner can choose the new password. The steps say how, and how an administrator
makes AWS ask for it at the next sign-in, which needs nobody to know the old one.

Undo
----
There is nothing to undo.

When to say no
--------------
When your rules follow NIST SP 800-63B, which asks for a change only where a password may be known
to others: switch this control off then.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#rotate-credentials
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_user-change-own.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import (
    count,
    days_ago,
    is_older,
    password_evidence,
    password_used_when,
    with_password,
)
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
from remediations._subjects import resource_of

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html"


class OldPasswordSettings(Settings):
    """How old a password may become."""

    days: int = Field(
        default=365,
        ge=1,
        le=1095,
        description="Days after which a password is old; PCI DSS 4.0 8.3.9 asks for 90 where a "
        "password is the only factor.",
    )


def detect(snapshot: Snapshot, settings: OldPasswordSettings) -> Iterator[Finding]:
    """One finding per password that is too old, and that no policy makes its owner change."""
    limit = snapshot.password_policy.max_age
    for user, row in with_password(snapshot):
        changed = row.password_last_changed or user.created
        asked_by_aws = limit > 0 and is_older(changed, limit, snapshot.taken_at)
        left_out = snapshot.protection.is_break_glass(user.arn)
        if asked_by_aws or left_out or not is_older(changed, settings.days, snapshot.taken_at):
            continue
        when = days_ago(changed, snapshot.taken_at)
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/password-age",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} has a console password that was last changed {when}, "
            f"{password_used_when(user, row, snapshot)}",
            evidence=password_evidence(user, row, snapshot),
        )


def plan(finding: Finding, snapshot: Snapshot, settings: OldPasswordSettings) -> Plan | Manual:
    """Say how its owner changes it, and how that can be made to happen."""
    name = finding.resource.name
    steps = [
        "Sign in to the console, open Security credentials and choose a new password: only you can",
        (
            f"If {name} doesn't: let AWS ask at the next sign-in: aws iam update-login-profile "
            f"--user-name '{name}' --password-reset-required"
        ),
        "Let Locksmith look again; a credential report can be 4 hours old",
    ]
    if not snapshot.password_policy.users_may_change:
        steps.insert(
            0,
            "Users here may not change their passwords: allow it in the password policy first, or "
            "who is asked for a new one is shut out",
        )
    age = count(settings.days, "day")
    return Manual(
        snapshot.account,
        finding.subject,
        f"{name}'s password is older than {age}, and only {name} can choose a new one",
        tuple(steps),
        (_LINK,),
    )


CONTROL = Control(
    id="old-password",
    title="Console password that was not changed for long",
    topic="rotation",
    severity=Severity.LOW,
    risk=None,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT, Part.PASSWORD_POLICY}),
    settings=OldPasswordSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("IA-5(1)", "AC-2"), pci=("8.3.9",)),
)
