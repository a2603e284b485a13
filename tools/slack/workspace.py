"""The emulator's world: one workspace with its people, channels and one app.

The emulator takes it as a file (`config`), in the shape that local-slack 0.1.8 checks it against.
What it leaves out there is out of its reach: no deactivated people or guests, no user groups, no
other workspaces, no scopes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["socket", "http"]
TEAM_ID = "T0HARBOUR"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace; `name` is the handle."""

    id: str
    name: str
    real_name: str
    email: str
    tz: str = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel with the ids of its members."""

    id: str
    name: str
    members: tuple[str, ...]
    private: bool = False


@dataclass(frozen=True, slots=True)
class App:
    """The bot as Slack knows it."""

    name: str = "Locksmith"
    app_id: str = "A0LOCKSMITH"
    user_id: str = "U0LOCKSMITH"
    bot_token: str = "xoxb-emulated-bot"  # noqa: S105 - opens nothing but an emulator
    app_token: str = "xapp-emulated-app"  # noqa: S105 - opens nothing but an emulator
    signing_secret: str = "e0" * 16


@dataclass(frozen=True, slots=True)
class Workspace:
    """Who and what is there at the start, and after a reset."""

    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    name: str = "Harbourlight"
    domain: str = "harbourlight"
    app: App = field(default_factory=App)

    def person(self, name: str) -> Person:
        """The one with that handle. Raises KeyError for nobody's."""
        return {each.name: each for each in self.people}[name]

    def channel(self, name: str) -> Channel:
        """The one of that name. Raises KeyError for none."""
        return {each.name: each for each in self.channels}[name]

    def config(self, mode: Mode, request_url: str | None) -> str:
        """The emulator's file; `request_url` is where mode `http` posts to."""
        delivery: Mapping[str, Any] = (
            {"mode": "socket"}
            if mode == "socket"
            else {"mode": "events", "requestUrl": request_url}
        )
        return json.dumps(
            {
                "workspace": {"name": self.name, "domain": self.domain, "teamId": TEAM_ID},
                "apps": [
                    {
                        "appId": self.app.app_id,
                        "botUserId": self.app.user_id,
                        "botName": self.app.name,
                        "botToken": self.app.bot_token,
                        "appToken": self.app.app_token,
                        "signingSecret": self.app.signing_secret,
                        **delivery,
                    }
                ],
                "users": [
                    {
                        "id": each.id,
                        "name": each.name,
                        "real_name": each.real_name,
                        "email": each.email,
                        "tz": each.tz,
                    }
                    for each in self.people
                ],
                "channels": [
                    {
                        "id": each.id,
                        "name": each.name,
                        "is_private": each.private,
                        "members": [*each.members, self.app.user_id],
                    }
                    for each in self.channels
                ],
            }
        )


def _employee(name: str) -> Person:
    """Somebody of the simulated company, whose users carry such addresses as their owners."""
    first, last = name.split(".")
    return Person(
        id=f"U0{first}{last}".upper(),
        name=name,
        real_name=f"{first} {last}".title(),
        email=f"{name}@harbourlight.example",
    )


AMARA, JONAS, PRIYA, TOMASZ, CHEN = (
    _employee(name)
    for name in ("amara.okafor", "jonas.lindqvist", "priya.raman", "tomasz.nowak", "chen.wei")
)

#: The simulated company's own: two administrators, who are the security group, and three more.
HARBOURLIGHT = Workspace(
    people=(AMARA, JONAS, PRIYA, TOMASZ, CHEN),
    channels=(
        Channel("C0GENERAL", "general", (AMARA.id, JONAS.id, PRIYA.id, TOMASZ.id, CHEN.id)),
        Channel("C0IAMSECURITY", "iam-security", (AMARA.id, JONAS.id), private=True),
    ),
)
