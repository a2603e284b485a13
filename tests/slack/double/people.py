"""Who and what is in the workspace: users, user groups and conversations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(slots=True, kw_only=True)
class User:
    """A person or a bot. `team_id` differs from the workspace's for people of other workspaces."""

    id: str
    team_id: str
    name: str
    real_name: str
    email: str | None = None
    tz: str = "Europe/Berlin"
    deleted: bool = False
    is_bot: bool = False
    is_app_user: bool = False
    is_admin: bool = False
    #: A guest: `is_ultra_restricted` as well, of one channel.
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    #: From another workspace, and sharing no conversation with this one.
    is_stranger: bool = False
    is_email_confirmed: bool = True
    #: Whether the bot may see them at all (`user_not_visible`).
    visible: bool = True

    def as_slack(self, now: datetime, *, with_email: bool) -> dict[str, Any]:
        """The user object of users.info: a deactivated one has neither zone nor roles."""
        profile: dict[str, Any] = {
            "real_name": self.real_name, "real_name_normalized": self.real_name,
            "display_name": self.name, "display_name_normalized": self.name, "team": self.team_id,
        }  # fmt: skip
        if with_email and self.email is not None:
            profile["email"] = self.email
        shown: dict[str, Any] = {
            "id": self.id, "team_id": self.team_id, "name": self.name, "deleted": self.deleted,
            "profile": profile, "is_bot": self.is_bot, "is_app_user": self.is_app_user,
            "updated": int(now.timestamp()),
        }  # fmt: skip
        if self.is_stranger:
            shown["is_stranger"] = True
        if self.deleted:
            return shown
        zone = now.astimezone(ZoneInfo(self.tz))
        offset = zone.utcoffset()
        assert offset is not None
        return shown | {
            "real_name": self.real_name, "tz": self.tz, "tz_label": zone.tzname(),
            "tz_offset": int(offset.total_seconds()), "is_admin": self.is_admin,
            "is_owner": False, "is_primary_owner": False, "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_email_confirmed": self.is_email_confirmed,
        }  # fmt: skip


@dataclass(slots=True, kw_only=True)
class UserGroup:
    """A user group (`@iam-security`), called a subteam by the API."""

    id: str
    team_id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)
    disabled: bool = False

    def as_slack(self, *, with_users: bool) -> dict[str, Any]:
        """The object of usergroups.list."""
        shown: dict[str, Any] = {
            "id": self.id, "team_id": self.team_id, "is_usergroup": True, "is_external": False,
            "handle": self.handle, "name": self.name, "description": "",
            "date_delete": int(self.disabled), "user_count": len(self.members),
        }  # fmt: skip
        return shown | {"users": list(self.members)} if with_users else shown


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation: public, private, or a direct message with the bot (`user` is its person)."""

    id: str
    name: str
    team_id: str
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_ext_shared: bool = False
    is_org_shared: bool = False
    is_archived: bool = False
    #: Only some may post (`restricted_action`).
    posting_restricted: bool = False
    user: str | None = None

    @property
    def is_im(self) -> bool:
        """Whether this is a direct message."""
        return self.user is not None

    @property
    def kind(self) -> str:
        """What the scopes for it begin with: `im`, `groups` or `channels`."""
        if self.is_im:
            return "im"
        return "groups" if self.is_private else "channels"

    @property
    def shown_name(self) -> str:
        """The name that payloads carry: private conversations keep theirs to themselves."""
        return {"im": "directmessage", "groups": "privategroup"}.get(self.kind, self.name)

    def as_slack(self, bot_user: str) -> dict[str, Any]:
        """The conversation object of conversations.info."""
        if self.is_im:
            return {
                "id": self.id, "is_im": True, "is_archived": self.is_archived, "user": self.user,
                "is_org_shared": False, "context_team_id": self.team_id, "created": 1,
            }  # fmt: skip
        return {
            "id": self.id, "name": self.name, "is_channel": not self.is_private,
            "is_group": self.is_private, "is_im": False, "is_mpim": False,
            "is_private": self.is_private, "is_archived": self.is_archived, "is_general": False,
            "is_shared": self.is_ext_shared or self.is_org_shared,
            "is_ext_shared": self.is_ext_shared, "is_org_shared": self.is_org_shared,
            "is_pending_ext_shared": False, "is_member": bot_user in self.members,
            "context_team_id": self.team_id, "created": 1,
        }  # fmt: skip
