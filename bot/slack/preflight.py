"""What must be right before Locksmith serves Slack; each mistake names what to mend."""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.config.slack import SlackSettings
from bot.errors import ConfigError, SlackError, SlackFatalError
from bot.model import Greeting
from bot.slack.calling import CallError, call
from bot.slack.clients import Clients
from bot.slack.directory import SlackDirectory
from bot.slack.manifest import SCOPES

_log = logging.getLogger(__name__)

_BOT, _APP = "xoxb-", "xapp-"
_KINDS = {
    _BOT: "a bot token",
    _APP: "an app-level token",
    "xoxp-": "a user token",
    "xoxe": "a token that rotates",
}
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
_REINSTALL = (
    "Add them in the app's settings, under OAuth & Permissions, Bot Token Scopes; then install "
    "the app again."
)


def check_secrets(settings: SlackSettings) -> None:
    """Whether the secrets that this mode needs are there and of the right kind; asks nobody.

    Raises ConfigError, which names the setting and says nothing of its value.
    """
    _check_token("bot_token", settings.bot_token, _BOT)
    if settings.mode == "socket":
        _check_token("app_token", settings.app_token, _APP)
        return
    secret = (settings.signing_secret or "").strip()
    if not secret:
        raise _missing("signing_secret", "the signing secret", "mode http")
    if not _SIGNING_SECRET.fullmatch(secret):
        raise ConfigError(
            "slack.signing_secret is not a signing secret: those are 32 digits from 0 to f",
            hint="Copy it from Basic Information, App Credentials, in the app's settings.",
        )


def check(settings: SlackSettings, clients: Clients) -> Greeting:
    """Ask Slack who we are, and whether everything is there that serving needs.

    Raises ConfigError and SlackError with what to mend, SlackFatalError for a token that Slack
    doesn't take.
    """
    check_secrets(settings)
    greeting = greet(clients)
    if settings.mode == "socket":
        _check_socket(clients)
    _check_security(settings, clients, greeting)
    return greeting


def _check_token(name: str, value: str | None, prefix: str) -> None:
    token = (value or "").strip()
    if not token:
        raise _missing(name, f"{_KINDS[prefix]} ({prefix}…)", "`locksmith serve`")
    if token.startswith(prefix):
        return
    kind = next((kind for start, kind in _KINDS.items() if token.startswith(start)), "no token")
    raise ConfigError(
        f"slack.{name} must be {_KINDS[prefix]} ({prefix}…), but it is {kind}",
        hint=f"Mend LOCKSMITH_SLACK__{name.upper()}, or the file that it is read from.",
    )


def _missing(name: str, what: str, where: str) -> ConfigError:
    variable = f"LOCKSMITH_SLACK__{name.upper()}"
    return ConfigError(
        f"slack.{name} is missing or empty: {where} needs {what}",
        hint=f"Set {variable}, or {variable}_FILE to a file that holds it.",
    )


def greet(clients: Clients) -> Greeting:
    """Ask Slack who we are there. Raises SlackError, SlackFatalError for a refused token."""
    try:
        answer = call(clients.background.auth_test)
    except CallError as error:
        raise _not_let_in(error, "slack.bot_token") from None
    found = {name: answer.get(name) for name in ("team_id", "team", "user_id", "url")}
    texts = {name: value for name, value in found.items() if isinstance(value, str) and value}
    if len(texts) < len(found) or answer.get("is_enterprise_install"):
        raise SlackError(
            "Slack doesn't say which workspace slack.bot_token belongs to",
            hint="Install the app in one workspace; installing it for a whole organisation "
            "is not supported.",
        )
    _check_scopes(answer.headers)
    return Greeting(
        texts["team_id"],
        texts["team"],
        texts["user_id"],
        texts["url"],
        str(answer.get("bot_id") or ""),
    )


def _check_scopes(headers: Mapping[str, str]) -> None:
    told = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    if told is None:
        _log.info("Slack doesn't tell the app's scopes; they were not checked.")
        return
    missing = sorted(set(SCOPES) - {scope.strip() for scope in told.split(",")})
    if missing:
        reasons = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
        raise SlackError(f"the app lacks scopes: {reasons}", hint=_REINSTALL)


def _check_socket(clients: Clients) -> None:
    if clients.sockets is None:
        raise _missing("app_token", "an app-level token (xapp-…)", "mode socket")
    try:
        call(clients.sockets.apps_connections_open, app_token=clients.sockets.token)
    except CallError as error:
        if error.code == "missing_scope":
            raise SlackError(
                "slack.app_token lacks the scope connections:write",
                hint="Make an app-level token with it under Basic Information.",
            ) from None
        raise _not_let_in(error, "slack.app_token") from None


def _not_let_in(error: CallError, setting: str) -> SlackError:
    if not error.is_fatal:
        return error
    return SlackFatalError(
        f"Slack doesn't take {setting}: {error.code}",
        hint="Copy the token anew from the app's settings, and look whether the app is installed "
        "and Socket Mode is on.",
    )


def _check_security(settings: SlackSettings, clients: Clients, greeting: Greeting) -> None:
    channel_id = settings.security_channel
    if channel_id is None:
        raise ConfigError(
            "slack.security_channel is not set",
            hint="Set it to the id (C…) of the private channel of your security team, where "
            "questions go whose owner can't be reached, and invite the app there.",
        )
    if not settings.security:
        raise ConfigError(
            "slack.security is empty: nobody could approve what its owner may not",
            hint="Name users (U…), user groups (S…) or a private channel (C…).",
        )
    directory = SlackDirectory(
        clients.background,
        lambda: frozenset({greeting.team_id}),
        clock=_now,
        emulated=clients.emulated,
    )
    channel = directory.channel(channel_id)
    if channel is None:
        raise _unfit(channel_id, "can't be seen", "Invite the app there: /invite @Locksmith.")
    wrong = {
        "is archived": channel.archived,
        "is shared with another workspace": channel.shared,
        "is public": not channel.private,
    }
    for what, is_so in wrong.items():
        if is_so:
            raise _unfit(channel_id, what, "Name a private channel of your workspace alone.")


def _unfit(channel: str, what: str, hint: str) -> ConfigError:
    return ConfigError(f"slack.security_channel: the channel {channel} {what}", hint=hint)


def _now() -> datetime:
    return datetime.now(UTC)
