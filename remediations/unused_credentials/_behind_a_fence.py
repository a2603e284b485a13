"""What the controls on what stands behind a fence for long share: who is looked at, since when."""

from datetime import datetime

from bot.credentials import count
from bot.model import Finding, Manual, Snapshot, User, is_quarantine
from bot.policy import CONTAINMENT_FENCE

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html"


def is_looked_into(user: User) -> bool:
    """Whether the user is contained or under quarantine: what is left of them is evidence."""
    contained = any(policy.name == CONTAINMENT_FENCE for policy in user.inline)
    return contained or any(map(is_quarantine, user.attached))


def stands(since: datetime | None) -> str:
    """Since when a fence stands, for a summary."""
    return "since nobody knows when" if since is None else f"since {since:%Y-%m-%d}"


def unrecorded(
    finding: Finding, user: User, snapshot: Snapshot, fence: str, grace_days: int, by_hand: str
) -> Manual:
    """Advice where Locksmith's database doesn't tell since when the fence stands."""
    grace = count(grace_days, "day")
    return Manual(
        snapshot.account,
        finding.subject,
        f"Locksmith has no record of putting {fence} on {user.name}, so it could have been less "
        f"than {grace} ago",
        (
            (
                f"Look when {fence} was put on {user.name}: the event PutUserPolicy in CloudTrail, "
                "whose event history goes back 90 days: aws cloudtrail lookup-events --region "
                "us-east-1 --lookup-attributes AttributeKey=EventName,AttributeValue=PutUserPolicy"
            ),
            f"Ask whoever answers for {user.name} whether anybody still needs it",
            f"If it has stood for more than {grace}: {by_hand}; this can't be undone",
            "Let Locksmith look again",
        ),
        (_LINK,),
    )
