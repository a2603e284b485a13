"""The Bolt app: every listener acknowledges at once, and the work is done in threads of our own.

An exception right after an acknowledgement would lose it, and Slack waits three seconds at most.
https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
"""

import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot.errors import LocksmithError, RefusedError, UsageError
from bot.slack.blocks.escape import Markup
from bot.slack.blocks.modals import word_modal
from bot.slack.blocks.refusal import refusal
from bot.slack.clients import SILENT
from bot.slack.showing import waiting

_log = logging.getLogger(__name__)
_LISTENERS = 50
_OLD = ("Locksmith", Markup("This form is of another release; open it anew."))

Body = Mapping[str, Any]
Handler = Callable[[Body], object]
#: Tells whoever sent a payload a sentence, in private.
Tell = Callable[[Body, Markup], object]
Listener = Callable[[Ack, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Ours:
    """Who the app is in its workspace; what `auth.test` said at start."""

    team_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str

    def authorized(self) -> AuthorizeResult:
        """The same answer for every request: one workspace, one token."""
        return AuthorizeResult(
            enterprise_id=None,
            team_id=self.team_id,
            bot_token=self.bot_token,
            bot_id=self.bot_id,
            bot_user_id=self.bot_user_id,
        )


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who handles what is heard: buttons by action id, modals by callback id, and so on.

    A modal's handler gives the sentence that stands in its place then. `tell` answers buttons,
    `show` modals, `reply` commands and shortcuts.
    """

    tell: Tell
    show: Tell
    reply: Tell
    buttons: Mapping[str, Handler] = field(default_factory=dict)
    modals: Mapping[str, Callable[[Body], Markup]] = field(default_factory=dict)
    commands: Mapping[str, Handler] = field(default_factory=dict)
    events: Mapping[str, Handler] = field(default_factory=dict)
    shortcuts: Mapping[str, Handler] = field(default_factory=dict)
    #: The buttons that first of all open a window.
    opening: frozenset[str] = frozenset()


def listen(
    ours: Ours, hearing: Hearing, pool: ThreadPoolExecutor, windows: ThreadPoolExecutor
) -> App:
    """An app that acknowledges whatever it hears, and has it handled in `pool`.

    Slack lets a window be opened for three seconds, so that is done in `windows`, where nobody
    waits behind what asks AWS. Requests over HTTP were verified before they come here.
    """

    def authorize() -> AuthorizeResult:  # Bolt fills in arguments by their names, `self` too
        return ours.authorized()

    app = App(
        authorize=authorize,
        logger=SILENT,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=True,
        listener_executor=ThreadPoolExecutor(_LISTENERS, thread_name_prefix="bolt"),
    )
    work = _Work(pool)
    for name, act in hearing.modals.items():
        app.view(name)(_modal(act, hearing.show, work))
    for name, do in hearing.buttons.items():
        hands = _Work(windows) if name in hearing.opening else work
        app.action(name)(_acknowledged(do, hearing.tell, hands))
    for name, do in hearing.commands.items():
        app.command(name)(_acknowledged(do, hearing.reply, work))
    for name, do in hearing.events.items():
        app.event(name)(_acknowledged(do, _nobody, work))
    for name, do in hearing.shortcuts.items():
        app.shortcut(name)(_acknowledged(do, hearing.reply, work))
    app.action(re.compile(".*"))(_acknowledged(_outdated, hearing.tell, work))
    app.view(re.compile(".*"))(lambda ack: ack(response_action="update", view=word_modal(*_OLD)))
    app.view_closed(re.compile(".*"))(lambda ack: ack())
    return app


def _acknowledged(do: Handler, tell: Tell, work: "_Work") -> Listener:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        def act() -> None:
            do(body)

        ack()
        work.submit(act, lambda text: tell(body, text))

    return listener


def _modal(act: Callable[[Body], Markup], show: Tell, work: "_Work") -> Listener:
    """Shows at once that it works, and then what came of it."""

    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack(response_action="update", view=waiting(body))
        work.submit(lambda: act(body), lambda text: show(body, text))

    return listener


def _nobody(_body: Body, _text: Markup) -> None:
    """Events are answered by nobody; what failed stands in the log."""


def _outdated(_body: Body) -> None:
    raise UsageError("this button is not of this release; look at the newest message")


def dispatch(app: App) -> Callable[[Mapping[str, str], str], tuple[int, dict[str, str], str]]:
    """Takes the headers and the body of a verified request; gives status, headers and body."""

    def handle(headers: Mapping[str, str], body: str) -> tuple[int, dict[str, str], str]:
        answer: BoltResponse = app.dispatch(BoltRequest(body=body, headers=dict(headers)))
        first = {name: values[0] for name, values in answer.headers.items() if values}
        return answer.status, first, answer.body or ""

    return handle


@dataclass(frozen=True, slots=True)
class _Work:
    """Runs what was acknowledged, and tells people what went wrong in a kind word."""

    pool: ThreadPoolExecutor

    def submit(self, do: Callable[[], Markup | None], tell: Callable[[Markup], object]) -> None:
        """Do this later; `tell` is given the sentence that it returns, or why it failed."""

        def run() -> None:
            text = _outcome(do)
            if text is None:
                return
            try:
                tell(text)
            except LocksmithError as error:
                _log.warning("Nobody could be told what came of a click: %s", error)
            except Exception as error:  # noqa: BLE001 - its text may hold what people wrote
                _log.error("Telling what came of a click failed: %s", type(error).__name__)

        self.pool.submit(run)


def _outcome(do: Callable[[], Markup | None]) -> Markup | None:
    try:
        return do()
    except LocksmithError as error:
        level = logging.INFO if isinstance(error, RefusedError) else logging.WARNING
        _log.log(level, "Refused or failed: %s", error)
        return refusal(error)
    except Exception as error:  # noqa: BLE001 - its text may hold what people wrote
        _log.error("A click failed: %s", type(error).__name__)
        return Markup("That went wrong. The message shows what was decided; the log has the cause.")
