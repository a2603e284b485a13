"""The clients of Slack's Web API, each with the patience of what it is used for."""

import logging
from dataclasses import dataclass

from slack_sdk import WebClient

from bot.config.slack import SlackSettings
from bot.errors import ConfigError

#: Seconds until an answer counts as lost, where nobody waits for it.
PATIENCE = 10
#: The same on the way to an acknowledgement, which Slack wants within three seconds.
HASTE = 2

#: What slack_sdk and slack_bolt write to: nothing comes out. They would tell of payloads and
#: bodies; what goes wrong there, we say ourselves in a line of our own.
SILENT = logging.getLogger("bot.slack.silent")
SILENT.setLevel(logging.CRITICAL)
SILENT.disabled = True


@dataclass(frozen=True, slots=True)
class Clients:
    """`background` takes its time, `hasty` is for before an acknowledgement, both with the bot's
    token; `sockets` has the app's, None without one. `emulated` is set where Slack is an emulator.
    """

    background: WebClient
    hasty: WebClient
    sockets: WebClient | None
    emulated: bool


def make_clients(settings: SlackSettings) -> Clients:
    """Clients for these settings; nothing is asked yet. Raises ConfigError without a bot token."""
    if settings.bot_token is None:
        raise ConfigError(
            "slack.bot_token is missing",
            hint="Set LOCKSMITH_SLACK__BOT_TOKEN, or LOCKSMITH_SLACK__BOT_TOKEN_FILE.",
        )
    return Clients(
        background=_client(settings.bot_token, settings.base_url, PATIENCE),
        hasty=_client(settings.bot_token, settings.base_url, HASTE),
        sockets=(
            _client(settings.app_token, settings.base_url, HASTE) if settings.app_token else None
        ),
        # The settings let plain http be for emulators on this machine only.
        emulated=settings.base_url.startswith("http://"),
    )


def _client(token: str, base_url: str, seconds: int) -> WebClient:
    """A client that never repeats a call: slack_sdk's own would post a second time."""
    return WebClient(
        token=token, base_url=base_url, timeout=seconds, retry_handlers=[], logger=SILENT
    )
