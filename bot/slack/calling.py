"""One call of Slack's Web API, and what is known afterwards when it didn't work."""

import http.client
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.errors import SlackError

#: Slack takes this token never again: https://docs.slack.dev/reference/methods/auth.test#errors
FATAL = frozenset({
    "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
    "not_allowed_token_type", "link_disabled", "org_login_required", "ekm_access_denied",
})  # fmt: skip
#: With these, some of it may have been done ("without encountering a catastrophic error").
_MAYBE_DONE = frozenset({"internal_error", "fatal_error", "service_unavailable"})
_SLOW_DOWN = frozenset({"ratelimited", "rate_limited"})
#: When Slack doesn't say how long to wait.
_RETRY_AFTER = 30.0
_CODE = re.compile(r"[a-z][a-z0-9_]{1,80}")


class CallError(SlackError):
    """A call did not work, as far as is known.

    `code` is Slack's word for it, None where Slack said none. `unanswered` means that it may have
    been carried out all the same. `retry_after` is how many seconds Slack wants to be left alone.
    """

    def __init__(
        self,
        method: str,
        cause: str,
        *,
        code: str | None = None,
        unanswered: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"Slack's {method} did not work: {cause}")
        self.method = method
        self.code = code
        self.unanswered = unanswered
        self.retry_after = retry_after

    @property
    def is_fatal(self) -> bool:
        """Whether Slack will never again take the token."""
        return self.code in FATAL

    @property
    def is_refusal(self) -> bool:
        """Whether Slack understood, said no, and would say so again."""
        return not (self.code is None or self.unanswered or self.retry_after)


def call(method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
    """Call a method of a WebClient, once: `call(client.users_info, user="U…")`.

    Raises CallError for everything that is not a clear yes; neither it nor what it came from
    says anything of tokens or texts.
    """
    name = name_of(method)
    try:
        answer = method(**arguments)
    except SlackApiError as error:
        raise _refused(name, error.response) from None
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(name, error) from None
    except (SlackClientError, ValueError, AttributeError, TypeError) as error:
        # slack_sdk lets these out where an answer isn't the JSON it expects.
        cause = f"the answer could not be read ({type(error).__name__})"
        raise CallError(name, cause, unanswered=True) from None
    if not isinstance(answer.data, dict):
        raise CallError(name, "the answer is not JSON", unanswered=True)
    return answer


def name_of(method: Callable[..., SlackResponse]) -> str:
    """Slack's name of a WebClient's method: `chat.update`."""
    return method.__name__.replace("_", ".")


def _refused(name: str, answer: SlackResponse) -> CallError:
    data: Mapping[str, Any] = answer.data if isinstance(answer.data, dict) else {}
    said = data.get("error")
    code = said if isinstance(said, str) and _CODE.fullmatch(said) else None
    if answer.status_code == 429 or code in _SLOW_DOWN:
        seconds = _seconds(answer.headers)
        return CallError(
            name, f"too many calls; wait {seconds:g} s", code="ratelimited", retry_after=seconds
        )
    if code is None or answer.status_code != 200:
        return CallError(name, f"HTTP status {answer.status_code}", unanswered=True)
    return CallError(name, _said(code, data), code=code, unanswered=code in _MAYBE_DONE)


def _said(code: str, data: Mapping[str, Any]) -> str:
    needed = data.get("needed")
    if code == "missing_scope" and isinstance(needed, str):
        return f"missing_scope (the app needs {needed[:200]})"
    return code


def _seconds(headers: Mapping[str, str]) -> float:
    found = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(found) if found.isascii() and found.isdecimal() else _RETRY_AFTER


def _unreachable(name: str, error: Exception) -> CallError:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return CallError(name, "no answer in time", unanswered=True)
    # Before a connection stood, nothing can have been asked.
    never_sent = isinstance(
        cause, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError
    )
    words = f"Slack can't be reached ({type(cause).__name__})"
    return CallError(name, words, unanswered=not never_sent)
