"""Who is in which group, as a snapshot has it."""

from collections import defaultdict
from collections.abc import Mapping

from bot.model import Snapshot, User

#: The most people whom one plan moves; who is left over comes with the next question.
AT_ONCE = 25


def members_by_group(snapshot: Snapshot) -> Mapping[str, tuple[User, ...]]:
    """The members of each group that has any, by the group's name, in the order of their names."""
    found: dict[str, list[User]] = defaultdict(list)
    for user in sorted(snapshot.users, key=lambda user: user.name):
        for group in user.groups:
            found[group].append(user)
    return {group: tuple(users) for group, users in found.items()}
