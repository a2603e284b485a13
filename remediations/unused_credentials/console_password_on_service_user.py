"""Console password on a user that is a program

Detects
-------
Users that are programs and have a console password. A program is told by its name (`names`, also
those that AWS itself gives to users for SES and Bedrock), by a folder of its path (`paths`), or by
a tag (`tags`); a user whom neither tells is taken for a person. Users whose password Locksmith
fenced off already, and break-glass users, are not looked at.

Why it matters
--------------
A program never signs in to the console. Its password is known to whoever made it, shared by a team,
without MFA because nobody holds the device, and nobody notices when a stranger uses it.

Changes
-------
Puts a fence on the user: the inline policy `Locksmith-ConsoleFence`, which denies everything to
console sessions and to the user's temporary credentials, those already issued included. Access keys
of the user go on working. Nothing is deleted: the password stays and would work again, until
`fenced-console-password` asks about it. Just before, Locksmith looks that the user still has a
password. Roles that the user took on before go on.

Undo
----
Takes the fence away: one call, and the same password works again.

When to say no
--------------
When a person works as this user, until they have one of their own; or when the program calls
GetSessionToken or GetFederationToken with its key: temporary credentials are fenced too.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from pydantic import Field

from bot.credentials import password_evidence, password_used_when, with_password
from bot.model import (
    CONSOLE_FENCE,
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
    User,
)
from remediations import _reads as reads
from remediations._fence import fence, is_shut_out
from remediations._fence_documents import CONSOLE_DOCUMENT
from remediations._subjects import resource_of


class ConsolePasswordOnServiceUserSettings(Settings):
    """How a program is told from a person."""

    names: tuple[str, ...] = Field(
        default=("svc-*", "svc_*", "service-*", "ci-*", "ses-smtp-user.*", "BedrockAPIKey-*"),
        strict=False,
        description="Names of users that are programs, with * and ?, in any case.",
    )
    paths: tuple[str, ...] = Field(
        default=("service", "services", "service-accounts", "programs", "machines"),
        strict=False,
        description="Folders in the path of users that are programs: /programs/billing/ is in one.",
    )
    tags: tuple[str, ...] = Field(
        default=("kind=service", "type=service", "user-type=service"),
        strict=False,
        description="Tags of users that are programs, as key=value, in any case.",
    )


def detect(snapshot: Snapshot, settings: ConsolePasswordOnServiceUserSettings) -> Iterator[Finding]:
    """One finding per program with a password."""
    for user, row in with_password(snapshot):
        told_by = _told_by(user, settings)
        if told_by is None or snapshot.protection.is_break_glass(user.arn):
            continue
        if is_shut_out(user):
            continue
        when = password_used_when(user, row, snapshot)
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/password",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} is a program with a console password, {when}",
            evidence={"program_by": told_by, **password_evidence(user, row, snapshot)},
        )


def _told_by(user: User, settings: ConsolePasswordOnServiceUserSettings) -> str | None:
    """What tells that the user is a program, or None."""
    name = user.name.casefold()
    for pattern in settings.names:
        if fnmatchcase(name, pattern.casefold()):
            return f"its name is like {pattern}"
    folders = user.path.casefold().split("/")
    for folder in settings.paths:
        if folder.casefold().strip("/") in folders:
            return f"its path is {user.path}"
    tags = {f"{key}={value}".casefold(): f"{key}={value}" for key, value in user.tags.items()}
    found = (tags[each.casefold()] for each in settings.tags if each.casefold() in tags)
    return next((f"its tag is {tag}" for tag in found), None)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: ConsolePasswordOnServiceUserSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Put the fence on the user."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    return fence(
        finding,
        user,
        snapshot,
        name=CONSOLE_FENCE,
        document=CONSOLE_DOCUMENT,
        guards=(reads.has_password(user),),
        risk=Risk.DISRUPTIVE,
        summary=f"Fence off the console password of {user.name}, a program; keys go on working",
        breaks=(
            f"Whoever signs in as {user.name} can do nothing until the fence is taken away",
            f"Temporary credentials of {user.name} (GetSessionToken) are refused",
            f"Sessions of roles that {user.name} assumed before stay open up to 12 hours",
        ),
    )


CONTROL = Control(
    id="console-password-on-service-user",
    title="Console password on a user that is a program",
    topic="unused_credentials",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.PASSWORD_USE, Part.ACCOUNT_SUMMARY}),
    settings=ConsolePasswordOnServiceUserSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "AC-6", "IA-2"), pci=("8.6.1",)),
    supersedes=frozenset({"unused-console-password", "console-user-without-mfa"}),
)
