"""People who sign in as IAM users beside Identity Center

Detects
-------
An account in which Identity Center is in use and people still sign in with passwords of IAM users.
In use means that a role which it made (`AWSReservedSSO_*`, under its own path) was used in the last
90 days; people are users with a console password that was used in the last 90 days. One finding for
the account, with their names as evidence. Break-glass users, Locksmith's own, and users that
`left_alone` names are not counted. Whether somebody also has an Identity Center account can't be
seen from here: that is kept in another account.

Why it matters
--------------
A password in IAM outlives the person's job: whoever leaves is shut out of Identity Center, and
still gets in here. It has no expiry, its own MFA or none, and its own forgotten reset.

Changes
-------
Nothing: who gets which permission set is for people to say. Locksmith lists the steps and looks
again. Passwords that nobody uses any more then come up as unused, and are fenced or deleted.

Undo
----
None is needed by Locksmith.

When to say no
--------------
For people whom your identity provider doesn't know, such as contractors for a few weeks, and for
the users that stay for an outage of Identity Center: make those break-glass ones.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp
https://docs.aws.amazon.com/singlesignon/latest/userguide/get-started-assign-account-access-user.html
CIS AWS Foundations Benchmark 3.0: 1.21, 5.0: 1.20, 7.0: 2.19
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import (
    count,
    is_older,
    password_used_at,
    report_evidence,
    utc_text,
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
    User,
)
from remediations._identity_center import last_used, permission_set, used_roles
from remediations._subjects import account_resource, is_left_out, is_named

_SHOWN = 20
_LINKS = (
    "https://docs.aws.amazon.com/singlesignon/latest/userguide/get-started-assign-account-access-user.html",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp",
)


class HumanUserBesideIdentityCenterSettings(Settings):
    """What counts as in use, and who may stay."""

    days: int = Field(
        default=90, ge=1, le=400, description="Days within which a person signed in here."
    )
    center_days: int = Field(
        default=90, ge=1, le=400, description="Days within which Identity Center was used."
    )
    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of users whose passwords stay, with * and ?.",
    )


def detect(
    snapshot: Snapshot, settings: HumanUserBesideIdentityCenterSettings
) -> Iterator[Finding]:
    """One finding for the account."""
    roles = used_roles(snapshot, settings.center_days)
    people = _people(snapshot, settings) if roles else []
    if not people:
        return
    signs = "signs in as an IAM user" if len(people) == 1 else "sign in as IAM users"
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/people",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"{_said(people)} {signs}, though Identity Center is in use",
        evidence={
            "users": [user.name for user in people[:_SHOWN]],
            "more": max(0, len(people) - _SHOWN),
            "permission_sets": sorted({permission_set(role) for role in roles}),
            "identity_center_last_used": utc_text(last_used(roles)),
            **report_evidence(snapshot),
        },
    )


def _people(snapshot: Snapshot, settings: HumanUserBesideIdentityCenterSettings) -> list[User]:
    found: list[User] = []
    for user, row in with_password(snapshot):
        used = password_used_at(user, row, snapshot)
        if used is None or is_older(used, settings.days, snapshot.taken_at):
            continue
        if not is_left_out(user, snapshot) and not is_named(user.name, settings.left_alone):
            found.append(user)
    return sorted(found, key=lambda user: user.name)


def _said(people: list[User]) -> str:
    return people[0].name if len(people) == 1 else count(len(people), "user")


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: HumanUserBesideIdentityCenterSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """The steps of the migration, which span accounts."""
    account = snapshot.account.id
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="who gets which permission set is decided in Identity Center, by people",
        steps=(
            "For each user of the evidence, find the person in Identity Center, or add them",
            "See what the user may do: aws iam list-groups-for-user --user-name USER",
            f"Assign the person a permission set with those rights in account {account}",
            f"Let the person sign in there and open account {account}; keep the user meanwhile",
            (
                "Once it works, delete the user's password: aws iam delete-login-profile "
                "--user-name USER; keys for terminals become aws configure sso"
            ),
            "Name users that must stay in controls.human-user-beside-identity-center.left_alone",
            "Let Locksmith scan again",
        ),
        links=_LINKS,
    )


CONTROL = Control(
    id="human-user-beside-identity-center",
    title="People who sign in as IAM users beside Identity Center",
    topic="individual_users",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset({Part.USERS, Part.ROLES, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.PASSWORD_USE}),
    settings=HumanUserBesideIdentityCenterSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.21",), "5.0": ("1.20",), "7.0": ("2.19",)},
        nist=("AC-2(1)", "IA-2", "IA-5"),
    ),
)
