"""conversations.*: opening, describing and reading them."""

from typing import Any

from tests.slack.double.messages import Message
from tests.slack.double.methods import Asked, method, page
from tests.slack.double.people import Channel
from tests.slack.double.rates import TIER_3, TIER_4
from tests.slack.double.refusals import Refused

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


def _channel(asked: Asked, right: str) -> Channel:
    """The conversation a call names, if the token has the scope for one of its kind."""
    channel = asked.workspace.channel(asked.args.text("channel", "channel_not_found"))
    asked.token.need(f"{channel.kind}:{right}")
    return channel


@method("conversations.open", "im:write", tier=TIER_3)
def open_dm(asked: Asked) -> dict[str, Any]:
    """Open the direct message with one user, or find it."""
    users = asked.args.text("users", "users_list_not_supplied").split(",")
    if len(users) > 1:
        asked.token.need("mpim:write")
    user = asked.workspace.user(users[0])
    if user.deleted:
        raise Refused("user_disabled")
    if not user.visible or user.is_stranger:
        raise Refused("user_not_visible")
    if user.is_bot:
        raise Refused("cannot_dm_bot")
    before = set(asked.workspace.channels)
    channel = asked.workspace.dm(user.id)
    again = channel.id in before
    shown: dict[str, Any] = {"id": channel.id}
    if asked.args.flag("return_im"):
        shown = channel.as_slack(asked.workspace.bot_user)
    return {"channel": shown} | ({"no_op": True, "already_open": True} if again else {})


@method("conversations.info", *_READ, tier=TIER_3)
def info(asked: Asked) -> dict[str, Any]:
    """Describe a conversation."""
    channel = _channel(asked, "read")
    shown = channel.as_slack(asked.workspace.bot_user)
    if asked.args.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


@method("conversations.members", *_READ, tier=TIER_4)
def members(asked: Asked) -> dict[str, Any]:
    """Who is in a conversation, by page."""
    answer = page(asked, list(_channel(asked, "read").members), "members")
    del answer["has_more"]
    return answer


def _within(asked: Asked, messages: list[Message]) -> list[Message]:
    """Those between `oldest` and `latest`, the ends only if `inclusive`."""
    oldest, latest = asked.args.maybe("oldest"), asked.args.maybe("latest")
    ends = asked.args.flag("inclusive")
    try:
        low, high = float(oldest or 0), float(latest or "inf")
    except ValueError:
        raise Refused("invalid_ts_latest" if latest else "invalid_ts_oldest") from None
    return [
        one
        for one in messages
        if low < float(one.ts) < high or (ends and float(one.ts) in {low, high})
    ]


def _readable(asked: Asked) -> list[Message]:
    """The messages of the conversation that a call names, oldest first."""
    channel = _channel(asked, "history")
    if asked.workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    return sorted(
        (one for one in asked.workspace.messages if one.channel == channel.id),
        key=lambda one: float(one.ts),
    )


def _shown(asked: Asked, messages: list[Message], everything: list[Message]) -> list[Any]:
    shown = []
    for message in messages:
        one = message.as_slack(with_metadata=asked.args.flag("include_all_metadata"))
        replies = [
            reply for reply in everything if reply.is_reply and reply.thread_ts == message.ts
        ]
        if replies:
            one |= {
                "reply_count": len(replies), "latest_reply": replies[-1].ts,
                "reply_users": sorted({reply.user for reply in replies}),
            }  # fmt: skip
        shown.append(one)
    return shown


@method("conversations.history", *_HISTORY, tier=TIER_3)
def history(asked: Asked) -> dict[str, Any]:
    """The messages of a conversation, newest first; replies only in their threads."""
    everything = _readable(asked)
    top = [one for one in everything if not one.is_reply]
    found = list(reversed(_within(asked, top)))
    return page(asked, _shown(asked, found, everything), "messages", most=999)


@method("conversations.replies", *_HISTORY, tier=TIER_3)
def replies(asked: Asked) -> dict[str, Any]:
    """A thread: its first message, then the replies, oldest first."""
    everything, ts = _readable(asked), asked.args.text("ts", "thread_not_found")
    parent = [one for one in everything if one.ts == ts]
    if not parent:
        raise Refused("thread_not_found")
    inside = [one for one in everything if one.is_reply and one.thread_ts == ts]
    found = parent + _within(asked, inside)
    return page(asked, _shown(asked, found, everything), "messages", default=1000)
