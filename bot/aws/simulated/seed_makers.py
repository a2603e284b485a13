"""Who made what is young enough for CloudTrail to tell: the lead administrator, in a session."""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import aware
from bot.aws.simulated.company import DOMAIN
from bot.aws.simulated.event_history import KEPT

MAKER = f"amara.okafor@{DOMAIN}"


def remember_makers(account: AccountBuilder) -> None:
    """Give every user and key of the last 90 days an event that says who made it."""
    roles = (role.name for role in account.iam.roles.values())
    role = next(name for name in roles if name.startswith("AWSReservedSSO_AdministratorAccess"))
    session = f"arn:aws:sts::{account.account_id}:assumed-role/{role}/{MAKER}"
    since = account.now - KEPT
    for user in list(account.iam.users.values()):
        if aware(user.create_date) > since:
            account.made_by(session, user=user.name)
    for key in list(account.iam.access_keys.values()):
        if key.user_name and aware(key.create_date) > since:
            account.made_by(session, key=key.access_key_id)
