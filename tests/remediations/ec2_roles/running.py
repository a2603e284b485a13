"""Snapshots of instances and templates, and of roles with instance profiles."""

import json
from typing import Any

from bot.aws.simulated import AccountBuilder
from bot.model import InlinePolicy, Instance, Part, Role
from tests.remediations.people import ACCOUNT, ago, seen

PROFILE = ACCOUNT.iam_arn("instance-profile/app")
#: Loading EC2 takes moto seconds, so each account of a test has one Region.
HERE = "us-east-1"


def one_region(account: AccountBuilder) -> AccountBuilder:
    """The account with one Region enabled."""
    account.regions(HERE)
    return account


def instance(id_: str = "i-0001", **facts: Any) -> Instance:
    """A running instance without a profile."""
    tags = {"Name": facts.pop("name", "web"), **facts.pop("tags", {})}
    return Instance(**{"id": id_, "region": HERE, "state": "running", "tags": tags, **facts})


def role(name: str = "app", *documents: dict[str, Any], profile: str = "app") -> Role:
    """A role for instances; with a profile unless its name is empty."""
    inline = tuple(InlinePolicy(f"p{n}", json.dumps(each)) for n, each in enumerate(documents))
    profiles = (ACCOUNT.iam_arn(f"instance-profile/{profile}"),) if profile else ()
    return Role(
        name=name,
        id=f"AROA{name.upper()}",
        arn=ACCOUNT.iam_arn(f"role/{name}"),
        path="/",
        created=ago(400),
        trust='{"Version":"2012-10-17","Statement":[]}',
        inline=inline,
        instance_profiles=profiles,
    )


def running(*instances: Instance, roles: tuple[Role, ...] = (), **more: Any) -> Any:
    """A snapshot with these instances."""
    parts = {Part.INSTANCES: {HERE: instances}, Part.ROLES: roles}
    return seen(parts={**parts, **{Part(name): value for name, value in more.items()}})
