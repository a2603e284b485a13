"""What controls look at in AWS just before and after each step, as expectations."""

import json
from collections.abc import Iterable

from bot.model import AccessKey, Call, Expect, Json, Operator, User


def call(operation: str, **params: Json) -> Call:
    """A call to IAM."""
    return Call("iam", operation, params)


def quoted(text: str) -> str:
    """A JMESPath literal; paths of ARNs may have quotes, backticks and backslashes in them."""
    if not set(text) & set("'\\"):
        return f"'{text}'"
    return "`" + json.dumps(text).replace("`", "\\u0060") + "`"


def absent(expect: Expect, why: str) -> Expect:
    """The opposite: what this looks at is not there."""
    return Expect(expect.read, expect.path, Operator.ABSENT, None, why)


def user_is(user: User) -> Expect:
    """The user of this name is still this one: names are reused, ids never."""
    read = call("GetUser", UserName=user.name)
    return Expect(read, "User.UserId", Operator.EQUALS, user.id, f"{user.name} is another user now")


def owner_is(key: AccessKey) -> Expect:
    """The user who has this key is still the one it was found with."""
    read = call("GetUser", UserName=key.user)
    why = f"{key.user} is another user now"
    return Expect(read, "User.UserId", Operator.EQUALS, key.user_id, why)


def key_status(key: AccessKey, status: str) -> Expect:
    """The key is there, and Active or Inactive."""
    why = f"the key {key.shown_id} is not {status}"
    return Expect(_keys(key), _of_key(key, "Status"), Operator.EQUALS, status, why)


def key_gone(key: AccessKey) -> Expect:
    """The user has no key of this id."""
    why = f"the key {key.shown_id} is still there"
    return Expect(_keys(key), _of_key(key, "Status"), Operator.ABSENT, None, why)


def another_key_works(key: AccessKey) -> Expect:
    """The user has an active key besides this one."""
    other = f"Status=='Active' && AccessKeyId!={quoted(key.shown_id)}"
    path = f"AccessKeyMetadata[?{other}].AccessKeyId | [0]"
    why = f"{key.user} has no other active key any more"
    return Expect(_keys(key), path, Operator.PRESENT, why=why)


def key_made_before(key: AccessKey, days: int) -> Expect:
    """The key was made more than `days` days ago."""
    why = f"the key {key.shown_id} was made less than {days} days ago"
    return Expect(_keys(key), _of_key(key, "CreateDate"), Operator.OLDER_THAN, days, why)


def key_unused_for(key: AccessKey, days: int) -> Expect:
    """The key was not used within `days` days, as far as AWS knows; it lags some minutes."""
    read = call("GetAccessKeyLastUsed", AccessKeyId=key.shown_id)
    path = "AccessKeyLastUsed.LastUsedDate || 'never'"
    why = f"the key {key.shown_id} was used in the last {days} days"
    return Expect(read, path, Operator.OLDER_THAN, days, why)


def _keys(key: AccessKey) -> Call:
    return call("ListAccessKeys", UserName=key.user)


def _of_key(key: AccessKey, name: str) -> str:
    return f"AccessKeyMetadata[?AccessKeyId=={quoted(key.shown_id)}].{name} | [0]"


def has_password(user: User) -> Expect:
    """The user has a console password."""
    read = call("GetLoginProfile", UserName=user.name)
    why = f"{user.name} has no console password any more"
    return Expect(read, "LoginProfile.UserName", Operator.EQUALS, user.name, why)


def password_unused_for(user: User, days: int) -> Expect:
    """Nobody signed in with the user's password within `days` days."""
    read = call("GetUser", UserName=user.name)
    path = "User.PasswordLastUsed || 'never'"
    return Expect(read, path, Operator.OLDER_THAN, days, f"{user.name} signed in meanwhile")


def without_password(user: User) -> Expect:
    """The user has no console password."""
    return absent(has_password(user), f"{user.name} has a console password by now")


def user_made_before(user: User, days: int) -> Expect:
    """The user was made more than `days` days ago."""
    read = call("GetUser", UserName=user.name)
    why = f"{user.name} was made in the last {days} days"
    return Expect(read, "User.CreateDate", Operator.OLDER_THAN, days, why)


def active_keys_are(user: User, keys: Iterable[AccessKey]) -> Expect:
    """The user's active keys are just these."""
    read = call("ListAccessKeys", UserName=user.name)
    path = "sort(AccessKeyMetadata[?Status=='Active'].AccessKeyId)"
    ids: list[Json] = [*sorted(key.shown_id for key in keys)]
    why = f"{user.name} has other active access keys by now"
    return Expect(read, path, Operator.EQUALS, ids, why)


def password_made_before(user: User, days: int) -> Expect:
    """The user's password was made more than `days` days ago."""
    read = call("GetLoginProfile", UserName=user.name)
    why = f"{user.name} got a new password in the last {days} days"
    return Expect(read, "LoginProfile.CreateDate", Operator.OLDER_THAN, days, why)


def without_mfa(user: User) -> Expect:
    """The user has no MFA device of any kind."""
    read = call("ListMFADevices", UserName=user.name)
    why = f"{user.name} has an MFA device by now"
    return Expect(read, "MFADevices[].SerialNumber", Operator.EQUALS, [], why)


def with_mfa(user: User) -> Expect:
    """The user has an MFA device of some kind."""
    read = call("ListMFADevices", UserName=user.name)
    why = f"{user.name} has no MFA device"
    return Expect(read, "MFADevices[0].SerialNumber", Operator.PRESENT, None, why)


def inline_is(user: User, name: str, document: Json) -> Expect:
    """The user's inline policy of this name holds this document."""
    read = call("GetUserPolicy", UserName=user.name, PolicyName=name)
    why = f"the inline policy {name} of {user.name} is not as Locksmith put it"
    return Expect(read, "PolicyDocument", Operator.EQUALS, document, why)


def inline_absent(user: User, name: str) -> Expect:
    """The user has no inline policy of this name."""
    read = call("GetUserPolicy", UserName=user.name, PolicyName=name)
    why = f"{user.name} has an inline policy {name} already"
    return Expect(read, "PolicyDocument", Operator.ABSENT, None, why)
