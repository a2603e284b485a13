"""User in no group

Detects
-------
IAM users that are in no group and have no policy of their own, made more than 7 days ago. What AWS
or Locksmith placed doesn't count: `IAMUserChangePassword`, a quarantine, a fence. A user with
policies of their own is asked about by `policy-attached-to-user` or `inline-policy-on-user`, whose
fix is a group. Break-glass users, Locksmith's own, and those that send mail through Amazon SES are
not looked at.

Why it matters
--------------
Nothing in IAM says what such a user is for. Either nobody needs them, and their password or keys
are a way in that nobody watches, or what they may do stands in the policies of buckets, queues and
keys, where no review of users finds it.

Changes
-------
Nothing: which group is right, or whether the user is needed at all, a person must say. Locksmith
lists the groups of the user's team, and the command for each.

Undo
----
None is needed by Locksmith. Taking the user out of the group again is one call.

When to say no
--------------
When the user works through policies of resources alone, such as a partner's upload to one bucket.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_add-remove-users.html
https://docs.aws.amazon.com/config/latest/developerguide/iam-user-group-membership-check.html
"""

from collections import Counter
from collections.abc import Iterator
from shlex import quote

from pydantic import Field

from bot.credentials import days_since, is_older, sends_mail, utc_text
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
from remediations._subjects import is_left_out, resource_of
from remediations._tags import tag_value
from remediations.groups._direct import FROM_AWS, attached_directly, inline_directly

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_add-remove-users.html"
_MOST_NAMED = 5


class UserInNoGroupSettings(Settings):
    """How long a new user may wait for a group, and how teams are known."""

    days: int = Field(
        default=7, ge=1, le=3650, description="Days after which a user without a group counts."
    )
    left_alone: tuple[str, ...] = Field(
        default=FROM_AWS,
        strict=False,
        description="Names of policies that don't count as rights, with * and ?.",
    )
    team_tag: str = Field(
        default="team",
        min_length=1,
        description="The user's tag that names their team, whose groups are listed.",
    )


def detect(snapshot: Snapshot, settings: UserInNoGroupSettings) -> Iterator[Finding]:
    """One finding per user with neither groups nor policies."""
    for user in snapshot.users:
        young = not is_older(user.created, settings.days, snapshot.taken_at)
        if user.groups or young or is_left_out(user, snapshot) or sends_mail(user):
            continue
        if attached_directly(user, settings.left_alone) or inline_directly(user, snapshot.account):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/groups",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} is in no group and has no policy",
            evidence={
                "created": utc_text(user.created),
                "age_days": days_since(user.created, snapshot.taken_at),
                "team": tag_value(user, settings.team_tag) or None,
            },
        )


def plan(finding: Finding, snapshot: Snapshot, settings: UserInNoGroupSettings) -> Plan | Manual:
    """What a person has to find out, and the commands then."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    name = quote(user.name)
    groups = _groups_of_team(user, snapshot, settings.team_tag)
    join = "aws iam add-user-to-group --user-name {} --group-name {}"
    choices = [f"{join.format(name, quote(group))}" for group in groups]
    known = "Where it is needed, put it into the group of its team"
    unknown = f"Where it is needed, put it into a group: {join.format(name, 'GROUP')}"
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="which group is right, or whether the user is needed at all, a person must say",
        steps=(
            f"Find out what {user.name} is for: aws iam list-user-tags --user-name {name}",
            f"{known}: {' or '.join(choices)}" if choices else unknown,
            "Where nobody needs it, switch its keys off, and delete the user once nothing broke",
            "Let Locksmith scan again",
        ),
        links=(_LINK,),
    )


def _groups_of_team(user: User, snapshot: Snapshot, team_tag: str) -> list[str]:
    """The groups that the others of the team are in, those of most people first."""
    team = tag_value(user, team_tag)
    if not team:
        return []
    others = (other for other in snapshot.users if tag_value(other, team_tag) == team)
    counts = Counter(group for other in others for group in other.groups)
    return sorted(counts, key=lambda group: (-counts[group], group))[:_MOST_NAMED]


CONTROL = Control(
    id="user-in-no-group",
    title="User in no group",
    topic="groups",
    severity=Severity.LOW,
    risk=None,
    needs=frozenset({Part.USERS}),
    settings=UserInNoGroupSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        nist=("AC-2", "AC-2(1)", "AC-3", "AC-6", "AC-6(3)"), pci=("7.2.1", "7.2.2", "8.2.1")
    ),
)
