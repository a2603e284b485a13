"""A small account in memory that answers at once: what AWS holds, and what people do to it there.

It knows users, their keys and passwords, groups and managed policies, and nothing else of IAM.
Whatever it is asked that it does not know fails the test that asked. `test_quick_account.py` holds
it against the simulated account.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

ACCOUNT_ID = "123456789012"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass
class QuickKey:
    """An access key. `changed` is when it was made, or last switched on or off."""

    id: str
    created: datetime
    changed: datetime
    active: bool = True
    last_used: datetime | None = None


@dataclass
class QuickUser:
    """A user; the id is the account's own and never given twice."""

    name: str
    id: str
    created: datetime
    tags: dict[str, str] = field(default_factory=dict)
    password: datetime | None = None
    keys: list[QuickKey] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """The ARN."""
        return f"arn:aws:iam::{ACCOUNT_ID}:user/{self.name}"


@dataclass
class QuickGroup:
    """A group, its members by name, and its managed policies."""

    name: str
    id: str
    created: datetime
    members: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """The ARN."""
        return f"arn:aws:iam::{ACCOUNT_ID}:group/{self.name}"


@dataclass
class QuickPolicy:
    """A managed policy with its one version."""

    arn: str
    id: str
    created: datetime
    document: str

    @property
    def name(self) -> str:
        """What stands behind the last slash."""
        return self.arn.rpartition("/")[2]


@dataclass
class State:
    """Everything there is, by name; policies by ARN."""

    users: dict[str, QuickUser] = field(default_factory=dict)
    groups: dict[str, QuickGroup] = field(default_factory=dict)
    policies: dict[str, QuickPolicy] = field(default_factory=dict)
    report: tuple[str, datetime] | None = None

    def groups_of(self, user: str) -> list[QuickGroup]:
        """The groups that a user is in."""
        return [each for each in self.groups.values() if user in each.members]

    def holders(self, arn: str) -> int:
        """How many users and groups have a managed policy."""
        everyone = (*self.users.values(), *self.groups.values())
        return sum(arn in each.attached for each in everyone)

    def key(self, key_id: str) -> tuple[QuickUser, QuickKey] | None:
        """A key and whose it is."""
        return next(
            ((user, key) for user in self.users.values() for key in user.keys if key.id == key_id),
            None,
        )


class QuickAccount:
    """The account, on the test's clock.

    `lag` is for how long reads show what was so before a change of ours, as AWS's do for a while.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.state = State()
        self.lag = timedelta()
        self._shown: tuple[State, datetime] | None = None
        self._given = 0
        self.policy(ADMINISTRATOR, _EVERYTHING)

    @property
    def now(self) -> datetime:
        """The time by the account's clock; AWS shows whole seconds."""
        return self.clock().astimezone(UTC).replace(microsecond=0)

    @property
    def shown(self) -> State:
        """What reads show now."""
        if self._shown is not None and self.clock() < self._shown[1]:
            return self._shown[0]
        self._shown = None
        return self.state

    def before_our_change(self) -> None:
        """Let reads show, for a while, what is so at this moment."""
        if self.lag:
            self._shown = deepcopy(self.shown), self.clock() + self.lag

    def settle(self) -> None:
        """Let every change show."""
        self._shown = None

    @contextmanager
    def unveiled(self) -> Iterator[None]:
        """Inside this block reads show what is so, whatever they show to others."""
        shown, self._shown = self._shown, None
        try:
            yield
        finally:
            self._shown = shown

    def new_id(self, prefix: str) -> str:
        """An id that was never given before."""
        self._given += 1
        return f"{prefix}{self._given:016d}"

    # What people do, past the API. All of it shows at once.

    def policy(self, arn: str, document: Any) -> str:
        """A managed policy; returns the ARN."""
        made = QuickPolicy(arn, self.new_id("ANPA"), self.now, json.dumps(document))
        self.state.policies[arn] = made
        return arn

    def user(self, name: str, **more: Any) -> QuickUser:
        """A user."""
        made = QuickUser(name, self.new_id("AIDA"), more.pop("created", self.now), **more)
        self.state.users[name] = made
        return made

    def group(self, name: str, *policies: str) -> QuickGroup:
        """A group with policies."""
        made = QuickGroup(name, self.new_id("AGPA"), self.now, attached=list(policies))
        self.state.groups[name] = made
        return made

    def key(
        self,
        user: str,
        *,
        created: datetime | None = None,
        last_used: datetime | None = None,
        active: bool = True,
        changed: datetime | None = None,
    ) -> str:
        """An access key; returns the id."""
        when = created or self.now
        made = QuickKey(self.new_id("AKIA"), when, changed or when, active, last_used)
        self.state.users[user].keys.append(made)
        return made.id

    def turn(self, key_id: str, *, active: bool) -> None:
        """Someone switches a key on or off."""
        self.settle()
        found = self.state.key(key_id)
        if found and found[1].active is not active:
            found[1].active, found[1].changed = active, self.now

    def use(self, key_id: str) -> None:
        """Someone uses a key that is on."""
        self.settle()
        found = self.state.key(key_id)
        if found and found[1].active:
            found[1].last_used = self.now

    def remove(self, name: str) -> None:
        """Someone deletes a user."""
        self.settle()
        self.state.users.pop(name, None)
        for group in self.state.groups.values():
            if name in group.members:
                group.members.remove(name)

    def make_again(self, name: str) -> None:
        """Someone deletes a user and makes another one of the same name, with the same rights.

        Even the old keys' ids come back, which AWS never does: only the user's id tells.
        """
        was = self.state.users.get(name)
        if was is None:
            return
        groups = [each.name for each in self.state.groups_of(name)]
        self.remove(name)
        made = self.user(name, created=was.created, tags=dict(was.tags), password=was.password)
        made.keys, made.attached = was.keys, was.attached
        for group in groups:
            self.state.groups[group].members.append(name)
