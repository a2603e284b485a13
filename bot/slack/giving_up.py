"""What Slack's refusals of a message mean for people, and what to do about them."""

_UNSEEN = "Locksmith can't see the channel; invite the app with /invite @Locksmith"
_GONE = "this person can't be written to any more"
_BUG = "Slack refused how Locksmith wrote it, which is a bug of Locksmith's"
_FIXED = "what was posted can't be edited any more; the buttons on it decide by the present state"

#: By Slack's code: what is said of a message that will never be taken.
_WORDS = {
    "channel_not_found": _UNSEEN,
    "not_in_channel": _UNSEEN,
    "is_archived": "the channel is archived; name another one",
    "restricted_action": "only some people may post in this channel; let the app, too",
    "restricted_action_read_only_channel": "nobody may post in this channel; name another one",
    "restricted_action_thread_only_channel": "only replies may be posted here; name another one",
    "restricted_action_non_threadable_channel": "no replies may be posted here; name another one",
    "messages_tab_disabled": "switch on the Messages tab in the app's settings, under App Home",
    "user_disabled": f"{_GONE}: the account is deactivated",
    "user_not_found": f"{_GONE}: there is no such user",
    "users_not_found": f"{_GONE}: there is no such user",
    "user_not_visible": f"{_GONE}: the app can't see this user",
    "cannot_dm_bot": "this is a bot, not a person",
    "invalid_user_combination": "this is no person that the app can write to",
    "message_not_found": "someone deleted the message in Slack",
    "cant_update_message": _FIXED,
    "edit_window_closed": f"{_FIXED}; allow the app to edit messages at any time",
    "is_inactive": _FIXED,
    "invalid_blocks": _BUG,
    "invalid_blocks_format": _BUG,
    "msg_blocks_too_long": _BUG,
    "msg_too_long": _BUG,
    "no_text": _BUG,
    "metadata_too_large": _BUG,
    "invalid_metadata_format": _BUG,
    "invalid_metadata_schema": _BUG,
}


def why_never(code: str) -> str | None:
    """Why Slack will never take the message, and what to do; None where it might yet."""
    words = _WORDS.get(code)
    return None if words is None else f"{words} ({code})"


def is_bug(code: str) -> bool:
    """Whether the message itself is at fault, and so Locksmith."""
    return _WORDS.get(code) == _BUG
