"""Keys in every state, each of whose texts can be made hostile at once."""

from dataclasses import replace

from bot.engine.known_key import Holder, KeyUser, KnownKey, LastUse, Presence, Unread
from bot.engine.owners import Owned
from bot.model import OwnerClaim, OwnerSource
from tests.reports.samples import ACCOUNT, KEY_ID, NOW, days_ago, proposal, record, view
from tests.slack.samples import WORDS, finding

STRANGER = "210987654321"


def key_of(words: str = WORDS, *, findings: int = 1) -> KnownKey:
    """A key of ours that is in use, with an owner who is known by a tag."""
    name = "ann" if words is WORDS else words
    found = view(record=record(finding=finding(words)), proposal=proposal())
    return KnownKey(
        KEY_ID,
        NOW,
        ours=ACCOUNT.id,
        account_id=ACCOUNT.id,
        holder=Holder.OURS,
        presence=Presence.THERE,
        user=KeyUser(name, "AIDAANN", f"arn:aws:iam::{ACCOUNT.id}:user/{name}", {"owner": words}),
        status="Active",
        created=days_ago(400),
        used=LastUse(
            days_ago(2),
            "s3" if words is WORDS else words,
            "eu-west-1" if words is WORDS else words,
        ),
        owned=Owned(
            ("UANN",),
            OwnerClaim(OwnerSource.TAGS, "UANN", f"tag owner = {words}", "owner"),
            (f"owner {words} (mapping) is deactivated",),
        ),
        findings=(found,) * findings,
        scanned_at=days_ago(0.5),
    )


def keys(words: str = WORDS) -> dict[str, KnownKey]:
    """A key in each state, by a name for it."""
    one = key_of(words)
    bare = KnownKey(KEY_ID, NOW, ours=ACCOUNT.id)
    why = f"AWS answered AccessDenied to iam:GetAccessKeyLastUsed: {words}"
    nobody = OwnerClaim(OwnerSource.SECURITY, "", "no source knows an owner")
    return {
        "active": one,
        "off": replace(one, status="Inactive", used=LastUse(), findings=()),
        "expired": replace(one, status="Expired", owned=Owned((), nobody), scanned_at=None),
        "quarantined": replace(one, quarantined=True),
        "quarantined-off": replace(one, quarantined=True, status="Inactive"),
        "many-findings": key_of(words, findings=7),
        "unasked": replace(one, findings=(replace(one.findings[0], proposal=None),)),
        "partly-read": replace(
            one,
            status=None,
            created=None,
            owned=None,
            unread=(Unread("whether it is active, and its age", why), Unread("its owner", words)),
        ),
        "gone": replace(
            bare, account_id=ACCOUNT.id, holder=Holder.OURS, presence=Presence.GONE
        ),
        "gone-somewhere": replace(
            bare, presence=Presence.GONE, unread=(Unread("which account it belongs to", why),)
        ),
        "unread": replace(
            bare, account_id=ACCOUNT.id, holder=Holder.OURS, unread=(Unread("whose it is", why),)
        ),
        "root": replace(
            bare,
            account_id=ACCOUNT.id,
            holder=Holder.OURS,
            presence=Presence.THERE,
            unread=(Unread("whose it is", "AWS names no user: it may be the root user's"),),
        ),
        "no-aws": replace(
            bare,
            ours=None,
            unread=(Unread("AWS", f"the AWS session has expired: {words}"),),
            findings=one.findings,
            scanned_at=days_ago(3),
        ),
        "scanned": replace(
            bare, account_id=STRANGER, holder=Holder.SCANNED, scanned_at=days_ago(30)
        ),
        "stranger": replace(bare, account_id=STRANGER, holder=Holder.STRANGER),
        "session": replace(
            bare, key_id=f"ASIA{KEY_ID[4:]}", account_id=ACCOUNT.id, holder=Holder.OURS
        ),
        "session-of-stranger": replace(
            bare, key_id=f"ASIA{KEY_ID[4:]}", account_id=STRANGER, holder=Holder.STRANGER
        ),
        "session-unread": replace(
            bare,
            key_id=f"ASIA{KEY_ID[4:]}",
            unread=(Unread("which account it belongs to", why),),
        ),
    }  # fmt: skip
