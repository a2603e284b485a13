"""User whom nobody owns

Detects
-------
IAM users made more than 7 days ago that have none of the tags that name an owner (owner, contact,
team), or empty ones. The case of the key doesn't count. Break-glass users and Locksmith's own are
not looked at.

Why it matters
--------------
Nobody can say whether the user is still needed, nobody is told when their key leaks, and every
other finding about them has nobody to be asked. Users like these are never deleted.

Changes
-------
Gives the user the tag `owner`, where an owner is known: from somebody who said so in Slack, from
the mapping file, or because the user's name is an e-mail address. Otherwise people find out, with
the steps that Locksmith lists.

Undo
----
Takes the tag off again.

When to say no
--------------
When the name that is proposed is not who would answer for the user: hand it over instead. When
policies read this tag (aws:PrincipalTag, iam:ResourceTag): see what they allow by it first.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_users.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-25
"""

import re
from collections.abc import Iterator
from shlex import quote

from pydantic import Field

from bot.credentials import days_since, is_older, utc_text
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
from remediations._subjects import is_left_out, resource_of
from remediations._tags import has_tag, is_tag_value, set_tag, tag_value

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_users.html"
_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,.]+")


class UserWithoutOwnerSettings(Settings):
    """Which tags name an owner, and which one is set."""

    days: int = Field(
        default=7, ge=1, le=3650, description="Days after which a user without an owner counts."
    )
    tags: tuple[str, ...] = Field(
        default=("owner", "contact", "team"),
        strict=False,
        description="Tags that name an owner; with `owners.tags` Locksmith asks whom they name.",
    )
    sets: str = Field(
        default="owner", min_length=1, max_length=128, description="The tag that the fix sets."
    )


def detect(snapshot: Snapshot, settings: UserWithoutOwnerSettings) -> Iterator[Finding]:
    """One finding per user without an owner."""
    for user in snapshot.users:
        young = not is_older(user.created, settings.days, snapshot.taken_at)
        if young or is_left_out(user, snapshot):
            continue
        if any(tag_value(user, key) for key in (*settings.tags, settings.sets)):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/owner",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} has no tag that names an owner",
            evidence={
                "tags": sorted(user.tags),
                "created": utc_text(user.created),
                "age_days": days_since(user.created, snapshot.taken_at),
                "groups": list(user.groups),
                "owner_elsewhere": snapshot.owners.get(user.id),
            },
        )


def plan(finding: Finding, snapshot: Snapshot, settings: UserWithoutOwnerSettings) -> Plan | Manual:
    """Tag the user with the owner that is known."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    owner = _owner(user, snapshot)
    if not is_tag_value(owner) or has_tag(user, settings.sets):
        return _by_hand(finding, user, snapshot, settings.sets)
    reads = f"Policies that read the tag {settings.sets} of users see it from then on"
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(set_tag(user, settings.sets, owner),),
        summary=f"Tag {user.name} with its owner {owner}",
        breaks=(reads, f"Locksmith asks {owner} about {user.name} from then on"),
    )


def _owner(user: User, snapshot: Snapshot) -> str:
    known = snapshot.owners.get(user.id, "")
    return known or (user.name if _ADDRESS.fullmatch(user.name) else "")


def _by_hand(finding: Finding, user: User, snapshot: Snapshot, key: str) -> Manual:
    name = quote(user.name)
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason=f"no source knows who owns {user.name}",
        steps=(
            (
                "See who made it, and what it does: aws cloudtrail lookup-events --region "
                f"us-east-1 --lookup-attributes AttributeKey=ResourceName,AttributeValue={name}"
            ),
            f"Ask in its groups and teams who answers for {user.name}",
            (
                f"Say so in Slack (Not mine), or: aws iam tag-user --user-name {name} "
                f"--tags Key={quote(key)},Value=ADDRESS"
            ),
            "Where nobody does, switch its keys off, and delete the user once nothing broke",
        ),
        links=(_LINK,),
    )


CONTROL = Control(
    id="user-without-owner",
    title="User whom nobody owns",
    topic="individual_users",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS}),
    settings=UserWithoutOwnerSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2",), pci=("7.2.4",)),
)
