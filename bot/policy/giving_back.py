"""A document with some of what an earlier one allowed, on the earlier one's own terms."""

from collections.abc import Collection
from typing import Any

from bot.policy.decision import applies_to_action
from bot.policy.document import Document


def with_actions_of(
    document: Document, earlier: Document, actions: Collection[str]
) -> dict[str, Any]:
    """The document, and behind it each Allow of `earlier` about the actions, cut down to those.

    Resources and conditions are the earlier ones, word for word, so that nothing is allowed that
    neither allowed. What is Deny in either is not looked at: who asks compares.
    """
    content = document.as_json()
    listed = content["Statement"]
    items: list[dict[str, Any]] = listed if isinstance(listed, list) else [listed]
    content["Statement"] = [*items, *_given(earlier, sorted(actions))]
    return content


def _given(earlier: Document, actions: list[str]) -> list[dict[str, Any]]:
    listed = earlier.as_json()["Statement"]
    items: list[dict[str, Any]] = listed if isinstance(listed, list) else [listed]
    given = []
    for statement in earlier.statements:
        ours = [action for action in actions if applies_to_action(statement, action)]
        if statement.effect == "Allow" and ours:
            item = items[statement.index]
            rest = {key: value for key, value in item.items() if key not in _REPLACED}
            given.append(rest | {"Action": ours})
    return given


# A Sid is unique within its document.
_REPLACED = ("Sid", "Action", "NotAction")
