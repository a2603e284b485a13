"""The gate that every payload for Slack passes in the tests.

No validator knows all of Slack's rules: each of the three misses what another catches, and none
knows those about ids, sizes and markup. So a payload is fine when `slack_sdk.models`,
`slackblocks` and `blockkit` all take it, and our own rules find nothing.
"""

from collections.abc import Collection
from typing import Any

from tests.slack.gate import (
    actions,
    limits,
    mrkdwn,
    with_blockkit,
    with_slack_sdk,
    with_slackblocks,
)
from tests.slack.gate.shape import Surface, misshapen

__all__ = ["Surface", "check"]


def check(
    surface: Surface,
    payload: dict[str, Any],
    *,
    dangerous: Collection[str] = (),
    mentions: Collection[str] | None = None,
) -> list[str]:
    """What Slack would refuse or misread in `payload`; empty when it is fine.

    `payload` is a message's `{"text": …, "blocks": […]}` (other arguments of the call are ignored)
    or a whole view. `dangerous` lists the action ids that must ask before they act. `mentions`
    lists the ids of users, groups and channels that may be mentioned; None allows any.
    A problem starts with who found it: `slack_sdk: …`, `slackblocks: …`, `blockkit: …`, `ours: …`.
    """
    if wrong := misshapen(surface, payload):
        return [f"ours: {wrong}"]
    ours = [
        *limits.problems(surface, payload),
        *mrkdwn.problems(surface, payload, mentions),
        *actions.problems(payload["blocks"], dangerous),
    ]
    return [
        *(f"slack_sdk: {problem}" for problem in with_slack_sdk.problems(surface, payload)),
        *(f"slackblocks: {problem}" for problem in with_slackblocks.problems(surface, payload)),
        *(f"blockkit: {problem}" for problem in with_blockkit.problems(surface, payload)),
        *(f"ours: {problem}" for problem in ours),
    ]
