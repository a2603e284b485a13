"""What is known of an access key by its id: as AWS shows it now, and what could not be read.

sts:GetAccessKeyInfo tells the account of any key, a stranger's too, but not that the key exists;
iam:GetAccessKeyLastUsed tells whose it is, for keys of our own account.
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.aws.authorization import moment
from bot.aws.reading import UNREACHABLE, ReadFailedError
from bot.engine.looking import Look
from bot.engine.owners import Owned
from bot.engine.views import FindingView
from bot.errors import AwsError
from bot.model import Account, Call, KeyReference, Resource, is_quarantine

#: Keys of sessions begin so; all others are long-lived.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_TEMPORARY = "ASIA"


class Holder(StrEnum):
    """Whose account a key is of: ours, one that was scanned too, any other's, or not known."""

    OURS = "ours"
    SCANNED = "scanned"
    STRANGER = "stranger"
    UNKNOWN = "unknown"


class Presence(StrEnum):
    """Whether our account has the key: it does, it does not, or that could not be told."""

    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read (`whose it is`), and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class KeyUser:
    """The user of a key. Where only the name could be read, `arn` and `unique_id` are empty."""

    name: str
    unique_id: str = ""
    arn: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LastUse:
    """When a key was last used, as AWS says; `at` None means never, as far as AWS knows."""

    at: datetime | None = None
    service: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """Everything that is known of one key, looked up at `seen_at`.

    `ours` is the account that was asked, None where AWS could not be. `status` is AWS's word;
    it, `used` and `user` are None where they could not be read, or the key is not ours.
    `quarantined` means that AWS itself knows a key of the user as leaked. `scanned_at` is how old
    `findings` are.
    """

    key_id: str
    seen_at: datetime
    ours: str | None = None
    account_id: str | None = None
    holder: Holder = Holder.UNKNOWN
    presence: Presence = Presence.UNKNOWN
    user: KeyUser | None = None
    status: str | None = None
    created: datetime | None = None
    used: LastUse | None = None
    quarantined: bool = False
    unread: tuple[Unread, ...] = ()
    owned: Owned | None = None
    findings: tuple[FindingView, ...] = ()
    scanned_at: datetime | None = None

    @property
    def is_temporary(self) -> bool:
        """Whether it is a session's, of which only the account can be known."""
        return self.key_id.startswith(_TEMPORARY)

    @property
    def resource(self) -> Resource | None:
        """The key as findings name it, where enough is known of it."""
        if self.user is None or not self.user.arn or self.created is None:
            return None
        reference = KeyReference(
            self.user.name, self.user.unique_id, None, self.created, self.key_id
        )
        name = f"{self.user.name}/{self.key_id}"
        return Resource("access-key", name, self.user.arn, self.key_id, reference)

    def with_unread(self, what: str, why: str) -> "KnownKey":
        """The same with one more thing that could not be read."""
        return replace(self, unread=(*self.unread, Unread(what, why)))


def look_up(
    look: Look, account: Account, key_ids: Sequence[str], clock: Callable[[], datetime]
) -> list[KnownKey]:
    """What AWS shows of keys to somebody in `account`. Nothing is raised for what can't be read.

    It answers with the holder OURS, STRANGER or UNKNOWN: whether a stranger's account was scanned
    is not AWS's to say. A service that can't be reached is not tried again for the next key.
    """
    asking = _Asking(look)
    return [_looked_up(asking, account, each, clock()) for each in key_ids]


def _looked_up(asking: "_Asking", account: Account, key_id: str, now: datetime) -> KnownKey:
    asking.unread.clear()
    key = KnownKey(key_id, now, ours=account.id)
    info = asking.of("which account it belongs to", _sts(key_id))
    number = str((info or {}).get("Account") or "")
    if number:
        holder = Holder.OURS if number == account.id else Holder.STRANGER
        key = replace(key, account_id=number, holder=holder)
    if not key.is_temporary and key.holder is not Holder.STRANGER:
        key = _within(asking, key)
    return replace(key, unread=tuple(asking.unread))


def _within(asking: "_Asking", key: KnownKey) -> KnownKey:
    """What IAM shows of a key that is ours, or may be."""
    before = len(asking.unread)
    answer = asking.of("whose it is", _iam("GetAccessKeyLastUsed", AccessKeyId=key.key_id))
    if len(asking.unread) > before:
        return key
    if answer is None:
        return replace(key, presence=Presence.GONE)
    key = replace(key, account_id=key.ours, holder=Holder.OURS, used=_last_use(answer))
    name = answer.get("UserName")
    if not name:
        asking.unread.append(Unread("whose it is", "AWS names no user: it may be the root user's"))
        return replace(key, presence=Presence.THERE)
    return _of_user(asking, replace(key, presence=Presence.THERE), str(name))


def _of_user(asking: "_Asking", key: KnownKey, name: str) -> KnownKey:
    user = KeyUser(name)
    shown = asking.of("who the user is", _iam("GetUser", UserName=name))
    found: Any = (shown or {}).get("User") or {}
    if found:
        tags = {str(each["Key"]): str(each["Value"]) for each in found.get("Tags") or ()}
        user = KeyUser(name, str(found["UserId"]), str(found["Arn"]), tags)
    policies = asking.of(
        "whether AWS knows it as leaked", _iam("ListAttachedUserPolicies", UserName=name)
    )
    attached = (policies or {}).get("AttachedPolicies") or ()
    quarantined = any(is_quarantine(str(each.get("PolicyArn"))) for each in attached)
    return _state(asking, replace(key, user=user, quarantined=quarantined))


def _state(asking: "_Asking", key: KnownKey) -> KnownKey:
    """Whether it is on and how old it is; a key that is listed no more was deleted meanwhile."""
    before = len(asking.unread)
    name = key.user.name if key.user else ""
    listed = asking.of("whether it is active, and its age", _iam("ListAccessKeys", UserName=name))
    if len(asking.unread) > before:
        return key
    keys = (listed or {}).get("AccessKeyMetadata") or ()
    mine = next((each for each in keys if each.get("AccessKeyId") == key.key_id), None)
    if mine is None:
        return replace(key, presence=Presence.GONE)
    return replace(key, status=str(mine["Status"]), created=moment(mine["CreateDate"]))


def _last_use(answer: Mapping[str, Any]) -> LastUse:
    used = answer.get("AccessKeyLastUsed") or {}
    when = used.get("LastUsedDate")
    return LastUse(
        moment(when) if when else None, _known(used.get("ServiceName")), _known(used.get("Region"))
    )


def _known(word: str | None) -> str | None:
    return None if word in (None, "N/A") else word


def _sts(key_id: str) -> Call:
    return Call("sts", "GetAccessKeyInfo", {"AccessKeyId": key_id})


def _iam(operation: str, **params: str) -> Call:
    return Call("iam", operation, dict(params))


@dataclass(slots=True)
class _Asking:
    """Asks AWS, and keeps what could not be read."""

    look: Look
    unread: list[Unread] = field(default_factory=list)
    _silent: dict[str, str] = field(default_factory=dict)

    def of(self, what: str, call: Call) -> Any:
        """The answer; None where the thing isn't there, or where `unread` has grown."""
        if call.service in self._silent:
            self.unread.append(Unread(what, self._silent[call.service]))
            return None
        try:
            return self.look.answer(call)
        except AwsError as error:
            why = _why(error)
            self.unread.append(Unread(what, why))
            if not isinstance(error, ReadFailedError) or error.code == UNREACHABLE:
                self._silent[call.service] = why
            return None


def _why(error: AwsError) -> str:
    if not isinstance(error, ReadFailedError):
        return str(error)
    if error.code == UNREACHABLE:
        return f"AWS could not be reached for {error.operation}"
    said = f"AWS answered {error.code} to {error.operation}"
    if "denied" not in error.code.casefold():
        return said
    gone = error.operation == "iam:GetAccessKeyLastUsed"
    also = ", which it may also answer for a key that is gone" if gone else ""
    return f"{said}: Locksmith may lack {error.grant}{also}"
