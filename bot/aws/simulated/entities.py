"""What AWS keeps about an IAM entity beyond what moto does: ids, times, boundaries, root."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass, field
from datetime import datetime

from moto.iam.models import AccessKey, SigningCertificate, User

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ACCOUNT_OFFSET = 0x8000000000  # the first id of the numbering that carries the account in it


def unique_id(prefix: str, account_id: str, source: random.Random, length: int = 21) -> str:
    """An IAM unique id: a prefix that says the kind, the account, and chance.

    Prefixes: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    An access key id has 20 characters, every other id 21. The characters after the prefix carry
    the account number, so a tool that decodes them finds the right account.
    """
    number = int(account_id)
    account = base64.b32encode((number // 2 + _ACCOUNT_OFFSET).to_bytes(5, "big")).decode()
    half = _ALPHABET[16:] if number % 2 else _ALPHABET[:16]
    fixed = prefix + account + source.choice(half)
    return fixed + "".join(source.choices(_ALPHABET, k=length - len(fixed)))


def account_of_id(any_id: str) -> str | None:
    """The account that a unique id or access key id carries; None for one of the older numbering.

    Nothing else in the id tells: what has this account in it need not exist.
    """
    coded, half = any_id[4:12], any_id[12:13]
    if len(coded) < 8 or not half or not set(coded + half) <= set(_ALPHABET):
        return None
    number = int.from_bytes(base64.b32decode(coded), "big") - _ACCOUNT_OFFSET
    account = number * 2 + (half in _ALPHABET[16:])
    return f"{account:012}" if number >= 0 and account < 10**12 else None


class SimulatedUser(User):
    """moto's user, with the password's dates and the permissions boundary it lacks."""

    def __init__(self, account_id: str, region_name: str, name: str, path: str | None) -> None:
        super().__init__(account_id, region_name, name, path)
        self.permissions_boundary_arn: str | None = None
        self.password_created: datetime | None = None
        self.password_changed: datetime | None = None

    def is_created(self) -> bool:
        """Part of moto's contract for what CloudFormation makes; a seeded user isn't."""
        return True

    @property
    def permissions_boundary(self) -> dict[str, str] | None:
        """The boundary as GetUser shows it, or None."""
        if self.permissions_boundary_arn is None:
            return None
        return {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": self.permissions_boundary_arn,
        }


@dataclass(slots=True)
class RootUser:
    """The account's root user, which no IAM call shows but the summary and the report do."""

    created: datetime
    password: bool = True
    password_changed: datetime | None = None
    password_last_used: datetime | None = None
    mfa: bool = True
    devices: list[str] = field(default_factory=list)
    keys: list[AccessKey] = field(default_factory=list)
    certificates: list[SigningCertificate] = field(default_factory=list)


@dataclass(slots=True)
class AccessJob:
    """A last-accessed report that was ordered; `polls` answers are still to say IN_PROGRESS."""

    arn: str
    created: datetime
    polls: int
    actions: bool = False


@dataclass(slots=True)
class ServiceSpecificCredential:
    """A user's credential for one service, such as CodeCommit or a Bedrock API key."""

    id: str
    user_name: str
    service_name: str
    service_user_name: str
    created: datetime
    status: str = "Active"
    expires: datetime | None = None
