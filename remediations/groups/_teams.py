"""Which team a user belongs to, by a tag."""

from bot.model import User


def team_of(user: User, team_tag: str) -> str:
    """What the user's tag says, without space around it; empty where there is none.

    IAM keeps the case of tag keys but takes two that differ in case only for one.
    """
    tags = {key.casefold(): value for key, value in user.tags.items()}
    return tags.get(team_tag.casefold(), "").strip()
