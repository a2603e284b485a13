"""auth.test, apps.*, team.info, users.* and usergroups.*: who is here."""

from typing import Any

from tests.slack.double.methods import Asked, method
from tests.slack.double.people import User
from tests.slack.double.rates import TIER_2, TIER_3, TIER_4
from tests.slack.double.refusals import Refused


@method("auth.test", tier=None, kind="any")
def auth_test(asked: Asked) -> dict[str, Any]:
    """Whose token this is."""
    workspace = asked.workspace
    if asked.token.kind == "app":
        return {"app_id": workspace.app_id, "app_name": "Locksmith"}
    return {
        "url": f"https://{workspace.domain}.slack.com/", "team": workspace.team_name,
        "user": workspace.users[workspace.bot_user].name, "team_id": workspace.team_id,
        "user_id": workspace.bot_user, "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }  # fmt: skip


@method("apps.connections.open", "connections:write", tier=None, kind="app")
def connections_open(asked: Asked) -> dict[str, Any]:
    """Where to connect a socket. Slack's "1+ a minute" would forbid reconnecting: no limit."""
    return {"url": asked.workspace.new_socket()}


@method("team.info", "team:read", tier=TIER_3)
def team_info(asked: Asked) -> dict[str, Any]:
    """The workspace."""
    workspace = asked.workspace
    return {
        "team": {"id": workspace.team_id, "name": workspace.team_name, "domain": workspace.domain}
    }


def _shown(asked: Asked, user: User) -> dict[str, Any]:
    if not user.visible:
        raise Refused("user_not_visible")
    with_email = "users:read.email" in asked.token.scopes
    return {"user": user.as_slack(asked.workspace.clock(), with_email=with_email)}


@method("users.info", "users:read", tier=TIER_4)
def users_info(asked: Asked) -> dict[str, Any]:
    """A user; the e-mail address only with `users:read.email`."""
    return _shown(asked, asked.workspace.user(asked.args.text("user", "user_not_found")))


@method("users.lookupByEmail", "users:read.email", tier=TIER_3)
def lookup_by_email(asked: Asked) -> dict[str, Any]:
    """The user of the workspace with that address. Deactivated ones aren't found."""
    email = asked.args.text("email", "users_not_found").lower()
    for user in asked.workspace.users.values():
        if (user.email or "").lower() == email and not user.deleted and not user.is_stranger:
            return _shown(asked, user)
    raise Refused("users_not_found")


def _paid(asked: Asked) -> None:
    if not asked.workspace.paid:
        raise Refused("plan_upgrade_required")


@method("usergroups.list", "usergroups:read", tier=TIER_2)
def usergroups_list(asked: Asked) -> dict[str, Any]:
    """All user groups."""
    _paid(asked)
    return {
        "usergroups": [
            group.as_slack(with_users=asked.args.flag("include_users"))
            for group in asked.workspace.groups.values()
            if asked.args.flag("include_disabled") or not group.disabled
        ]
    }


@method("usergroups.users.list", "usergroups:read", tier=TIER_2)
def usergroups_users_list(asked: Asked) -> dict[str, Any]:
    """Who is in a user group."""
    _paid(asked)
    group = asked.workspace.groups.get(asked.args.text("usergroup", "no_such_subteam"))
    if group is None or (group.disabled and not asked.args.flag("include_disabled")):
        raise Refused("no_such_subteam")
    return {"users": list(group.members)}
