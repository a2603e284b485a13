"""User whose keys serve another account

Detects
-------
Users with an active access key that are there for somebody in another account: another account's
number of twelve digits stands in their name or path, or in a tag whose key has `account`, `vendor`
or `partner` in it, or their name is one of `names` (`vendor-*`, `third-party-*` …). Nothing else in
IAM tells who holds a key, so users without such a sign are not found. Numbers of this account,
longer or shorter ones, and users whose keys are all inactive are no sign.

Why it matters
--------------
The key lies in files of people whom you don't employ, for as long as nobody changes it, and AWS
shows what it does as if one of yours had done it. A role has no secret to give away: the other
account assumes it, for an hour at a time, with an external id, and your trust policy ends it.

Changes
-------
Nothing by itself, for the others must change what they run. The advice has the role to make in the
user's place: its trust policy with an external id, and the policies to give it.

Undo
----
There is nothing to undo.

When to say no
--------------
When what holds the key can't assume a role (a device, a tool outside of AWS): then make the user's
rights few and change the key often. When the number only looks like an account's.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_cross-account-with-roles.html
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from bot.credentials import count, owned_keys, report_evidence, utc_text
from bot.model import (
    AccessKey,
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Settings,
    Severity,
    Snapshot,
    User,
)
from remediations._subjects import is_left_out, is_named, resource_of
from remediations.delegation._trust_steps import THIRD_PARTIES

_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
_CREATE = "aws iam create-role --role-name for-{} --assume-role-policy-document file://trust.json"
_TELLING = ("account", "vendor", "partner")


class UserForAnotherAccountSettings(Settings):
    """Which users are there for others."""

    names: tuple[str, ...] = Field(
        default=("vendor-*", "*-vendor", "third-party-*", "thirdparty-*"),
        strict=False,
        description="Names, with * and ?, of users that are there for somebody in another account.",
    )


def detect(snapshot: Snapshot, settings: UserForAnotherAccountSettings) -> Iterator[Finding]:
    """One finding per user with an active key that is there for another account."""
    keys: dict[str, list[AccessKey]] = defaultdict(list)
    for user, key in owned_keys(snapshot):
        if key.active:
            keys[user.id].append(key)
    for user in snapshot.users:
        if user.id not in keys or is_left_out(user, snapshot):
            continue
        accounts = _accounts(user, snapshot)
        if accounts or is_named(user.name, settings.names):
            whom = " and ".join(f"account {each}" for each in accounts) or "someone elsewhere"
            used = [key.last_used for key in keys[user.id] if key.last_used]
            yield Finding(
                control=CONTROL.id,
                subject=f"{user.id}/other-account",
                resource=resource_of(user),
                severity=CONTROL.severity,
                summary=f"{user.name} has {count(len(keys[user.id]), 'active key')} for {whom}",
                evidence={
                    "accounts": [*accounts],
                    "key_last_used": utc_text(max(used, default=None)),
                    **report_evidence(snapshot),
                },
            )


def _accounts(user: User, snapshot: Snapshot) -> tuple[str, ...]:
    """Numbers of other accounts that the user's name, path or tags tell."""
    tagged = (
        value
        for key, value in user.tags.items()
        if any(word in key.casefold() for word in _TELLING) and not key.startswith("aws:")
    )
    found = (number for text in (user.path, user.name, *tagged) for number in _NUMBER.findall(text))
    return tuple(dict.fromkeys(number for number in found if number != snapshot.account.id))


def plan(finding: Finding, snapshot: Snapshot, _settings: UserForAnotherAccountSettings) -> Manual:
    """The role to make instead, and the way there."""
    user, account = snapshot.users_by_id[finding.resource.unique_id], snapshot.account
    accounts = _accounts(user, snapshot)
    other = accounts[0] if accounts else "THEIR-ACCOUNT"
    external_id = str(uuid5(NAMESPACE_URL, f"{user.arn}#{user.id}#{other}"))
    trust: Json = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{account.partition}:iam::{other}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }
    steps = (
        *(() if accounts else ("Ask whoever holds the key for the number of their account",)),
        f"Save as trust.json: {json.dumps(trust)}",
        _CREATE.format(other),
        f"Give the role what the user needs of: {_rights(user)}",
        f"Tell them the role's ARN and the external id {external_id} (no secret, but theirs alone)",
        f"Once the keys of {user.name} lie quiet, switch them off, and delete it a month later",
    )
    reason = "only those who hold the key can change what they run to assume a role"
    return Manual(account, finding.subject, reason, steps, (THIRD_PARTIES,))


def _rights(user: User) -> str:
    named = [*user.attached, *(f"its inline policy {each.name}" for each in user.inline)]
    named += [f"the policies of the group {each}" for each in user.groups]
    return ", ".join(named) or "nothing (it has no rights of its own)"


CONTROL = Control(
    id="user-for-another-account",
    title="User whose keys serve another account",
    topic="delegation",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    settings=UserForAnotherAccountSettings,
    detect=detect,
    plan=plan,
)
