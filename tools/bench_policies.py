"""Measures scans of accounts with many policies, read from files: CPU against their size.

The documents are those that AWS wrote for its own policies, each made another by the names of what
it is about. Users, roles and policies grow together; one more account has the same policies with
few different texts, which shows what equal documents save.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

#: Users; a fifth as many roles, three tenths as many customer policies.
SIZES = (1_250, 2_500, 5_000)
_ACCOUNT = "123456789012"
_SEED = 42
_LONGEST = 6_144  # characters of a customer policy; IAM's quota
_FEW = 50
_TIME = "2024-03-01T09:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Town:
    """An account of a size, as `get-account-authorization-details` tells it."""

    users: int
    documents: int | None = None  # all differ

    @property
    def roles(self) -> int:
        """A fifth as many as users."""
        return self.users // 5

    @property
    def policies(self) -> int:
        """Three tenths as many as users."""
        return self.users * 3 // 10

    @property
    def different(self) -> int:
        """How many documents differ."""
        return self.policies if self.documents is None else self.documents

    def write(self, path: Path) -> None:
        """Write the account to a file."""
        chances = random.Random(_SEED)  # noqa: S311 - the same account each time, no secret
        texts = _texts()
        policies = [
            _policy(
                number,
                _renamed(texts[number % self.different % len(texts)], number % self.different),
            )
            for number in range(self.policies)
        ]
        arns = [each["Arn"] for each in policies]
        details = {
            "UserDetailList": [_user(number, chances, arns) for number in range(self.users)],
            "GroupDetailList": [
                _group(number, chances, arns) for number in range(self.users // 50)
            ],
            "RoleDetailList": [_role(number, chances, arns) for number in range(self.roles)],
            "Policies": policies,
        }
        path.write_text(json.dumps(details))


@dataclass(frozen=True, slots=True)
class Measured:
    """One scan of an account: CPU and wall in seconds, and the most memory it took."""

    town: Town
    cpu: float
    megabytes: float
    wall: float
    findings: int


def towns(sizes: Sequence[int]) -> Iterator[Town]:
    """The accounts to measure, from small to large; at last the large one with few texts."""
    yield from map(Town, sizes)
    yield Town(sizes[-1], documents=_FEW)


def judge(measured: Sequence[Measured]) -> list[tuple[str, bool]]:
    """The goals, each with whether it was met; of three sizes and the one with few texts."""
    if len(measured) < 4:
        return []
    low, middle, high, few = measured[-4:]
    before = (middle.cpu - low.cpu) / (middle.town.users - low.town.users)
    after = (high.cpu - middle.cpu) / (high.town.users - middle.town.users)
    return [
        ("CPU grows no faster than users, roles and policies", after <= 1.5 * before),
        ("equal documents cost less than different ones", few.cpu < 0.75 * high.cpu),
    ]


def section(measured: Sequence[Measured]) -> list[str]:
    """What the page says of it."""
    return [
        "## Accounts with many policies",
        "",
        "Scans of files, so that no account's answers are in the figures. Every policy is a",
        "document that AWS wrote for one of its own, about other resources. In the last row the",
        f"same number of policies has {_FEW} texts: equal documents are analysed once.",
        "",
        "| users | roles | policies | different texts | own CPU | peak memory | wall | findings |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|",
        *(
            f"| {each.town.users:,} | {each.town.roles:,} | {each.town.policies:,} "
            f"| {each.town.different:,} "
            f"| {each.cpu:.1f} s | {each.megabytes:.0f} MB | {each.wall:.1f} s "
            f"| {each.findings:,} |"
            for each in measured
        ),
        "",
    ]


def _texts() -> list[dict[str, Any]]:
    known: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    documents = [each["Document"] for _, each in sorted(known.items())]
    fit = [each for each in documents if len(json.dumps(each)) < _LONGEST]
    random.Random(_SEED).shuffle(fit)  # noqa: S311 - the same order each time, no secret
    return fit


def _renamed(document: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A document of its own: about one team's resources, where the other names all."""
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return {
        **document,
        "Statement": [
            {**each, "Resource": f"arn:aws:*:*:{_ACCOUNT}:team-{number}-*"}
            if each.get("Resource") == "*" and each["Effect"] == "Allow"
            else each
            for each in listed
        ],
    }


def _policy(number: int, document: Mapping[str, Any]) -> dict[str, Any]:
    version = {
        "VersionId": "v1",
        "IsDefaultVersion": True,
        "CreateDate": _TIME,
        "Document": document,
    }
    return {
        "PolicyName": f"team-{number}",
        "PolicyId": f"ANPA{number:017}",
        "Arn": f"arn:aws:iam::{_ACCOUNT}:policy/team-{number}",
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "IsAttachable": True,
        "CreateDate": _TIME,
        "UpdateDate": _TIME,
        "PolicyVersionList": [version],
    }


def _attached(chances: random.Random, arns: list[str], most: int) -> list[dict[str, str]]:
    chosen = chances.sample(arns, chances.randint(0, most))
    return [{"PolicyName": arn.rsplit("/", 1)[1], "PolicyArn": arn} for arn in chosen]


def _user(number: int, chances: random.Random, arns: list[str]) -> dict[str, Any]:
    return {
        "Path": "/",
        "UserName": f"person-{number}",
        "UserId": f"AIDA{number:017}",
        "Arn": f"arn:aws:iam::{_ACCOUNT}:user/person-{number}",
        "CreateDate": _TIME,
        "GroupList": [f"team-{number % 25}"],
        "AttachedManagedPolicies": _attached(chances, arns, 1),
        "UserPolicyList": [],
        "Tags": [],
    }


def _group(number: int, chances: random.Random, arns: list[str]) -> dict[str, Any]:
    return {
        "Path": "/",
        "GroupName": f"team-{number}",
        "GroupId": f"AGPA{number:017}",
        "Arn": f"arn:aws:iam::{_ACCOUNT}:group/team-{number}",
        "CreateDate": _TIME,
        "GroupPolicyList": [],
        "AttachedManagedPolicies": _attached(chances, arns, 4),
    }


def _role(number: int, chances: random.Random, arns: list[str]) -> dict[str, Any]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    return {
        "Path": "/",
        "RoleName": f"work-{number}",
        "RoleId": f"AROA{number:017}",
        "Arn": f"arn:aws:iam::{_ACCOUNT}:role/work-{number}",
        "CreateDate": _TIME,
        "AssumeRolePolicyDocument": trust,
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": _attached(chances, arns, 2),
        "Tags": [],
        "RoleLastUsed": {},
    }
