"""The Bolt app: every listener acknowledges at once, and the work is done in threads of our own.

What decides something is written down before it is acknowledged: whoever was told that it was
received can count on it, also where this process ends meanwhile. Slack waits three seconds at most.
https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
"""

import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NoReturn

from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot.errors import LocksmithError, RefusedError, StoreError, UsageError
from bot.slack.blocks.escape import Markup, say
from bot.slack.blocks.modals import word_modal
from bot.slack.blocks.refusal import refusal
from bot.slack.clients import SILENT
from bot.slack.gist import lacks_code
from bot.slack.showing import waiting
from bot.slack.unfinished import BUTTON, COMMAND, FORM, Unfinished
from bot.store.heard import Heard

_log = logging.getLogger(__name__)
_LISTENERS = 50
_ONCE_MORE = Markup(
    "Locksmith could not answer you at once. One-time codes are kept nowhere: "
    "if the message still asks, approve once more."
)
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
    #: The buttons that decide something; all modals do.
    deciding: frozenset[str] = frozenset()
    #: Whether what was typed after a command decides something.
    decides: Callable[[Body], bool] = lambda _body: False

    def resumed(self, left: Heard) -> tuple[Callable[[], Markup | None], Tell]:
        """What deals with something that another process left, and what tells what came of it."""
        if left.kind == FORM and lacks_code(left.body):
            return (lambda: _ONCE_MORE), self.show
        if left.kind == FORM:
            fill = self.modals.get(left.name, _outdated)
            return (lambda: fill(left.body)), self.show
        known, tell = (
            (self.buttons, self.tell) if left.kind == BUTTON else (self.commands, self.reply)
        )
        act = known.get(left.name, _outdated)

        def do() -> None:
            act(left.body)

        return do, tell


def listen(
    ours: Ours,
    hearing: Hearing,
    pool: ThreadPoolExecutor,
    windows: ThreadPoolExecutor,
    unfinished: Unfinished,
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
    work = Work(pool, unfinished)
    for name, act in hearing.modals.items():
        app.view(name)(_modal(name, act, hearing.show, work))
    for name, do in hearing.buttons.items():
        hands = Work(windows, unfinished) if name in hearing.opening else work
        noted = _Noted(BUTTON, name) if name in hearing.deciding else None
        app.action(name)(_acknowledged(do, hearing.tell, hands, noted))
    for name, do in hearing.commands.items():
        noted = _Noted(COMMAND, name, hearing.decides)
        app.command(name)(_acknowledged(do, hearing.reply, work, noted))
    for name, do in hearing.events.items():
        app.event(name)(_acknowledged(do, _nobody, work))
    for name, do in hearing.shortcuts.items():
        app.shortcut(name)(_acknowledged(do, hearing.reply, work))
    app.action(re.compile(".*"))(_acknowledged(_outdated, hearing.tell, work))
    app.view(re.compile(".*"))(lambda ack: ack(response_action="update", view=word_modal(*_OLD)))
    app.view_closed(re.compile(".*"))(lambda ack: ack())
    return app


@dataclass(frozen=True, slots=True)
class _Noted:
    """As what something is written down before it is acknowledged, where `decides` says so."""

    kind: str
    name: str
    decides: Callable[[Body], bool] = lambda _body: True


def _acknowledged(do: Handler, tell: Tell, work: "Work", noted: _Noted | None = None) -> Listener:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        def act() -> None:
            do(body)

        number = work.note(noted, body)
        ack()
        work.submit(act, lambda text: tell(body, text), number)

    return listener


def _modal(name: str, act: Callable[[Body], Markup], show: Tell, work: "Work") -> Listener:
    """Shows at once that it works, and then what came of it."""

    def listener(ack: Ack, body: dict[str, Any]) -> None:
        number = work.note(_Noted(FORM, name), body)
        ack(response_action="update", view=waiting(body))
        work.submit(lambda: act(body), lambda text: show(body, text), number)

    return listener


def _nobody(_body: Body, _text: Markup) -> None:
    """Events are answered by nobody; what failed stands in the log."""


def _outdated(_body: Body) -> NoReturn:
    raise UsageError("this button is not of this release; look at the newest message")


def dispatch(app: App) -> Callable[[Mapping[str, str], str], tuple[int, dict[str, str], str]]:
    """Takes the headers and the body of a verified request; gives status, headers and body."""

    def handle(headers: Mapping[str, str], body: str) -> tuple[int, dict[str, str], str]:
        answer: BoltResponse = app.dispatch(BoltRequest(body=body, headers=dict(headers)))
        first = {name: values[0] for name, values in answer.headers.items() if values}
        return answer.status, first, answer.body or ""

    return handle


@dataclass(frozen=True, slots=True)
class Work:
    """Runs what was acknowledged, and tells people what went wrong in a kind word."""

    pool: ThreadPoolExecutor
    unfinished: Unfinished

    def note(self, noted: _Noted | None, body: Body) -> int | None:
        """Write down what decides; its number, or None. Raises StoreError: then nobody is told."""
        if noted is None or not noted.decides(body):
            return None
        return self.unfinished.note(noted.kind, noted.name, body)

    def submit(
        self,
        do: Callable[[], Markup | None],
        tell: Callable[[Markup], object],
        number: int | None = None,
        *,
        anew: bool = False,
    ) -> None:
        """Do this later; `tell` is given the sentence that it returns, or why it failed.

        `number` is that under which it was written down. `anew` says that a process before this
        one may have done it already.
        """

        def run() -> None:
            try:
                text = _outcome(do, anew=anew)
            except StoreError as error:
                _log.warning("Not decided yet: %s", error)
                text = refusal(error)
                if number is not None:
                    self.unfinished.comes_again(number)
                    text = say("{why} It is tried again within a minute.", why=text)
                _tell(tell, text)
                return
            if text is not None:
                _tell(tell, text)
            if number is not None:
                self.unfinished.dealt_with(number)

        self.pool.submit(run)

    def take_over(self, hearing: Hearing) -> int:
        """Deal with what was left by processes that are gone, and with what comes again."""

        def resume(left: Heard) -> None:
            do, tell = hearing.resumed(left)
            self.submit(do, lambda text: tell(left.body, text), left.number, anew=True)

        return self.unfinished.take_over(resume)


def _tell(tell: Callable[[Markup], object], text: Markup) -> None:
    try:
        tell(text)
    except LocksmithError as error:
        _log.warning("Nobody could be told what came of a click: %s", error)
    except Exception as error:  # noqa: BLE001 - its text may hold what people wrote
        _log.error("Telling what came of a click failed: %s", type(error).__name__)


def _outcome(do: Callable[[], Markup | None], *, anew: bool) -> Markup | None:
    """What to tell of it. Raises StoreError where nothing could be decided or refused."""
    try:
        return do()
    except StoreError:
        raise
    except LocksmithError as error:
        level = logging.INFO if isinstance(error, RefusedError) else logging.WARNING
        _log.log(level, "Refused or failed: %s", error)
        why = refusal(error)
        if not anew:
            return why
        return say("Locksmith could not answer you at once. {why}", why=why)
    except Exception as error:  # noqa: BLE001 - its text may hold what people wrote
        _log.error("A click failed: %s", type(error).__name__)
        return Markup("That went wrong. The message shows what was decided; the log has the cause.")
