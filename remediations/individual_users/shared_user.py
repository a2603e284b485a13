"""User that several people share

Detects
-------
IAM users that show signs of being shared. A console password and a name that is nobody's, such as
admin, support or team-web. Two active keys that were both used in the last 7 days for different
services or in different Regions, and are both more than 30 days old, since a rotation is over by
then. A password and a key of that age that were both used in the last day, which can be one person
with a terminal and so counts for little. AWS shows only the last use of each. Break-glass users,
Locksmith's own, contained users, users that the fence is on, and those that send mail through
Amazon SES are not looked at.

Why it matters
--------------
What a shared user did, nobody did. When one of them leaves, all must get a new password, and so it
is not changed; and MFA hangs on one person's phone or is off.

Changes
-------
First a person says who takes its place: the names of users of their own, in the tag `replaced-by`
of the shared user, or `identity-center`. Until then Locksmith lists the steps. With the tag there,
the named users join the groups of the shared one, and then it is denied everything by an inline
policy. Its password, keys and groups stay. It gives the named users rights, so two people approve.

Undo
----
Takes the fence away, and the named users out of the groups that they joined by this.

When to say no
--------------
When one person uses it with a terminal and the console, or one program in two Regions: name it in
`left_alone`. When somebody was forgotten in the tag: say who first.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import report_evidence, sends_mail
from bot.model import (
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
from bot.policy import AWS_FENCE, CONTAINMENT_FENCE
from remediations._fence import is_fenced
from remediations._fence_documents import SHARED_DOCUMENT, SHARED_FENCE, is_a_fence
from remediations._subjects import is_left_out, is_named, resource_of
from remediations._tags import tag_value
from remediations.individual_users._replacing import by_hand, replace_by, successors
from remediations.individual_users._signs import Limits, signs_of

_NAMES = (
    "admin", "admin[0-9]", "administrator", "*shared*", "team", "team[-_.]*", "*[-_.]team",
    "everyone", "generic", "common", "guest", "user", "user[0-9]", "test", "test[0-9]",
    "test[-_.]user", "demo", "temp", "dev", "developer", "developers", "devops", "ops", "support",
    "helpdesk", "office", "it",
)  # fmt: skip


class SharedUserSettings(Settings):
    """Which names are nobody's, and what counts as in use together."""

    names: tuple[str, ...] = Field(
        default=_NAMES,
        strict=False,
        description="Names that stand for no one person, with * and ? and [sets]; any case.",
    )
    used_days: int = Field(
        default=7, ge=1, le=90, description="Days within which two keys are both in use."
    )
    overlap_days: int = Field(
        default=30, ge=1, le=400, description="Days for which a new key is no sign."
    )
    daily_days: int = Field(
        default=1, ge=1, le=30, description="Days within which a password and a key are both used."
    )
    left_alone: tuple[str, ...] = Field(
        default=(), strict=False, description="Names of users that may look shared, with * and ?."
    )
    tag: str = Field(
        default="replaced-by",
        min_length=1,
        max_length=128,
        description="The shared user's tag that names the users who take its place.",
    )


def detect(snapshot: Snapshot, settings: SharedUserSettings) -> Iterator[Finding]:
    """One finding per user that shows a sign."""
    limits = Limits(settings.names, settings.used_days, settings.overlap_days, settings.daily_days)
    for user_id, signs in signs_of(snapshot, limits).items():
        user = snapshot.users_by_id[user_id]
        if is_named(user.name, settings.left_alone) or _is_spared(user, snapshot):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/shared",
            resource=resource_of(user),
            severity=min((sign.severity for sign in signs), key=lambda each: each.rank),
            summary=f"{user.name} looks shared: {'; '.join(sign.words for sign in signs)}",
            evidence={
                "signs": [sign.words for sign in signs],
                "groups": list(user.groups),
                "replaced_by": tag_value(user, settings.tag) or None,
                **report_evidence(snapshot),
            },
        )


def _is_spared(user: User, snapshot: Snapshot) -> bool:
    contained = any(
        policy.name == CONTAINMENT_FENCE and is_a_fence(policy, user, snapshot.account)
        for policy in user.inline
    ) or any(arn.endswith(f"/{AWS_FENCE}") for arn in user.attached)
    left_out = contained or is_left_out(user, snapshot) or sends_mail(user)
    return left_out or is_fenced(user, SHARED_FENCE, SHARED_DOCUMENT)


def plan(finding: Finding, snapshot: Snapshot, settings: SharedUserSettings) -> Plan | Manual:
    """Let those take its place whom a person named, or say how they are named."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    who = successors(user, snapshot, settings.tag)
    if who.unfit or not who.named:
        return by_hand(finding, user, who, snapshot, settings.tag)
    return replace_by(finding, user, who, snapshot)


CONTROL = Control(
    id="shared-user",
    title="User that several people share",
    topic="individual_users",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.PASSWORD_USE, Part.ACCOUNT_SUMMARY}),
    settings=SharedUserSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "AC-2(9)", "IA-2", "IA-2(5)"), pci=("8.2.1", "8.2.2")),
    adds_rights=True,
)
