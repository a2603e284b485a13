"""chat.*: posting, editing and taking back messages."""

from typing import Any

from tests.slack.double import limits
from tests.slack.double.blocks import with_ids
from tests.slack.double.messages import Message
from tests.slack.double.methods import Asked, method
from tests.slack.double.people import Channel
from tests.slack.double.rates import TIER_3, TIER_4
from tests.slack.double.refusals import Refused

LONGEST_POST, LONGEST_UPDATE = 40_000, 4000


def channel_for_posting(asked: Asked) -> Channel:
    """The channel a message goes to: by id, by `#name`, or the direct message of a user's id."""
    workspace, name = asked.workspace, asked.args.text("channel", "channel_not_found")
    if name in workspace.users:
        if workspace.users[name].is_bot:
            raise Refused("cannot_dm_bot")
        return workspace.dm(name)
    named = {f"#{one.name}": one.id for one in workspace.channels.values() if not one.is_im}
    return workspace.channel(named.get(name, name))


def _may_post(asked: Asked, channel: Channel) -> None:
    if channel.is_archived:
        raise Refused("is_archived")
    if channel.is_im and not asked.workspace.messages_tab:
        raise Refused("messages_tab_disabled")
    inside = asked.workspace.bot_user in channel.members
    if not inside and "chat:write.public" not in asked.token.scopes:
        raise Refused("not_in_channel")
    if channel.posting_restricted:
        raise Refused("restricted_action")


def _thread(asked: Asked, channel: Channel) -> str | None:
    """The thread a message goes into. Stricter than Slack, which posts beside a missing one."""
    thread_ts = asked.args.maybe("thread_ts")
    if thread_ts is None:
        return None
    try:
        parent = asked.workspace.message(channel.id, thread_ts)
    except Refused:
        raise Refused("thread_not_found") from None
    if parent.is_reply:
        raise Refused("cannot_reply_to_message")
    return thread_ts


def _content(asked: Asked) -> tuple[str | None, list[dict[str, Any]] | None]:
    """Text and blocks, checked; None for what wasn't given."""
    text, blocks = asked.args.maybe("text"), asked.args.json("blocks", "invalid_blocks_format")
    if blocks is not None:
        limits.check_message(blocks)
    if text is None and not blocks:
        raise Refused("no_text")
    return text, blocks


def _metadata(asked: Asked) -> dict[str, Any] | None:
    metadata: dict[str, Any] | None = asked.args.json("metadata", "invalid_metadata_format")
    if metadata is not None:
        limits.check_metadata(metadata)
    return metadata


@method("chat.postMessage", "chat:write", tier=None)
def post_message(asked: Asked) -> dict[str, Any]:
    """Post; a deactivated user's direct message takes it too, and nobody reads it."""
    channel = channel_for_posting(asked)
    _may_post(asked, channel)
    text, blocks = _content(asked)
    message = asked.workspace.post(
        channel, (text or "")[:LONGEST_POST], blocks or [],
        thread_ts=_thread(asked, channel), metadata=_metadata(asked),
    )  # fmt: skip
    shown = message.as_slack(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


@method("chat.postEphemeral", "chat:write", tier=TIER_4)
def post_ephemeral(asked: Asked) -> dict[str, Any]:
    """Show a message to one member of a channel, until they reload."""
    channel = asked.workspace.channel(asked.args.text("channel", "channel_not_found"))
    user = asked.workspace.user(asked.args.text("user", "user_not_found"))
    _may_post(asked, channel)
    if user.id not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = _content(asked)
    message = asked.workspace.post(
        channel, text or "", blocks or [], only_for=user.id, thread_ts=_thread(asked, channel)
    )
    return {"message_ts": message.ts}


def _own(asked: Asked, otherwise: str) -> Message:
    """The bot's own message that a call names."""
    channel = asked.workspace.channel(asked.args.text("channel", "channel_not_found"))
    message = asked.workspace.message(channel.id, asked.args.text("ts", "message_not_found"))
    if message.bot_id != asked.workspace.bot_id:
        raise Refused(otherwise)
    return message


@method("chat.update", "chat:write", tier=TIER_3)
def update(asked: Asked) -> dict[str, Any]:
    """Edit an own message. Without `blocks` the old ones stay, buttons and all."""
    message = _own(asked, "cant_update_message")
    text, blocks = _content(asked)
    if len(text or "") > LONGEST_UPDATE:
        raise Refused("msg_too_long")
    metadata = _metadata(asked)
    kept = message.blocks if blocks is None else with_ids(blocks, asked.workspace.serial())
    message.edit(message.text if text is None else text, kept, asked.workspace.ts())
    message.metadata = metadata or message.metadata
    return {
        "channel": message.channel, "ts": message.ts, "text": message.text,
        "message": message.as_slack(with_metadata=True),
    }  # fmt: skip


@method("chat.delete", "chat:write", tier=TIER_3)
def delete(asked: Asked) -> dict[str, Any]:
    """Take an own message back."""
    message = _own(asked, "cant_delete_message")
    asked.workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink", tier=None)
def get_permalink(asked: Asked) -> dict[str, Any]:
    """The address of a message in a browser."""
    channel = asked.workspace.channel(asked.args.text("channel", "channel_not_found"))
    message = asked.workspace.message(
        channel.id, asked.args.text("message_ts", "message_not_found")
    )
    link = f"https://{asked.workspace.domain}.slack.com/archives/{channel.id}/p"
    return {"channel": channel.id, "permalink": link + message.ts.replace(".", "")}
