"""What the parts of the account builder share: the account, its time, and its principals."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3
from moto.iam.models import Group, Role, User

from bot.aws.service_models import core_session
from bot.aws.simulated.clock import SimulatedClock, moto_time
from bot.aws.simulated.fidelity import iam_account

Document = Mapping[str, Any] | str


class BuilderCore:
    """A simulated account, and the moments and principals in it."""

    def __init__(
        self, account_id: str, clock: SimulatedClock, *, region: str = "us-east-1"
    ) -> None:
        self.account_id = account_id
        self.region = region
        self.iam = iam_account(account_id)
        self.iam.clock = clock
        self.iam.root.created = moto_time(clock.now() - timedelta(days=5 * 365))

    @property
    def now(self) -> datetime:
        """The account's time."""
        return self.iam.clock.now()

    def ago(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        """The moment that long before the account's time."""
        return self.now - timedelta(days=days, hours=hours, minutes=minutes)

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> datetime:
        """Move the account's clock on."""
        return self.iam.clock.advance(timedelta(days=days, hours=hours, seconds=seconds))

    def session(self) -> boto3.Session:
        """A boto3 session with made-up credentials; only useful where moto answers."""
        return _new_session(self.region)

    def client(self, service: str = "iam", region: str | None = None) -> Any:
        """A boto3 client of a service in this account, in its Region or another one."""
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
        return _shared_client(self.region, service, region or self.region, endpoint)

    def _moment(self, given: datetime | None) -> datetime:
        return moto_time(given if given is not None else self.now)

    def _role_named(self, name: str | None) -> Role:
        if name is None:
            raise ValueError("name exactly one principal: user, group or role")
        return self.iam.get_role(name)

    def _principal(
        self, user: str | None, group: str | None, role: str | None
    ) -> User | Group | Role:
        if sum(name is not None for name in (user, group, role)) != 1:
            raise ValueError("name exactly one principal: user, group or role")
        if user is not None:
            return self.iam.get_user(user)
        if group is not None:
            return self.iam.get_group(group)
        return self._role_named(role)


def text_of(document: Document) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def _new_session(region: str) -> boto3.Session:
    return boto3.Session(
        botocore_session=core_session(),
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 - no secret: moto takes any
        region_name=region,
    )


@cache
def _shared_client(home: str, service: str, region: str, _endpoint: str) -> Any:
    """One client for all accounts: moto knows whose it is, and making one takes most of a call."""
    session: Any = _shared_session(home)  # stubs know a client only by a literal name
    return session.client(service, region_name=region)


@cache
def _shared_session(region: str) -> boto3.Session:
    """One session for all clients: reading the service models anew takes 50 ms each time."""
    return _new_session(region)
