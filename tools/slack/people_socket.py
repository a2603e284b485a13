"""What people do that the emulator's control page has no word for: modals, and Home's buttons.

The emulator's page speaks JSON over a web socket. It sends `init` with the whole state first, then
`view` with the stack of open modals at each change, `view_errors` when a bot refuses a submission,
`home` when a Home tab was published, and each message. The stack of modals is one for the whole
workspace, not one for each person.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tools.slack.emulator import Emulator, EmulatorError

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]
_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of a submission: errors by block id, or the modal that is on top now, if any."""

    errors: Mapping[str, str]
    modal: Mapping[str, Any] | None


class PeopleSocket:
    """One page's connection; made by `people_socket`."""

    def __init__(self, connection: ClientConnection, app_id: str) -> None:
        self._connection = connection
        self._app_id = app_id

    def modal(self, callback_id: str) -> Mapping[str, Any]:
        """Wait until that modal is on top: a bot may show another one first."""
        while True:
            top = _top(self.hear("view"))
            if top is not None and top.get("callback_id") == callback_id:
                return top

    def submit(self, user: str, values: Values) -> Submitted:
        """Submit the topmost modal.

        `values` maps block id and action id to what an element holds, such as
        `{"type": "plain_text_input", "value": "…"}`.
        """
        self._send("view_submit", user=user, values=values)
        answer = self.hear("view", "view_errors")
        if answer["t"] == "view_errors":
            return Submitted(answer["errors"], None)
        return Submitted({}, _top(answer))

    def close_modal(self, user: str) -> None:
        """Close all modals."""
        self._send("view_close", user=user)
        self.hear("view")

    def home(self, user: str) -> Mapping[str, Any]:
        """Wait until that user's Home tab is published; the view."""
        while (answer := self.hear("home"))["user"] != user:
            continue
        view: Mapping[str, Any] = answer["view"]
        return view

    def click_home(self, user: str, action: Mapping[str, Any]) -> None:
        """Press a button of the Home tab: its type, block_id, action_id and value."""
        where = {"channel": "", "messageTs": "", "appId": self._app_id}
        self._send("block_action", user=user, action=action, **where)

    def hear(self, *kinds: str) -> dict[str, Any]:
        """Wait for the next message of one of these kinds. Raises EmulatorError after 10 s."""
        end = time.monotonic() + _WAIT_SECONDS
        while (left := end - time.monotonic()) > 0:
            with suppress(TimeoutError):
                message: dict[str, Any] = json.loads(self._connection.recv(left))
                if message["t"] in kinds:
                    return message
        raise EmulatorError(f"no {' or '.join(kinds)} within {_WAIT_SECONDS:g} s")

    def _send(self, kind: str, **words: Any) -> None:
        """Act, and forget what was told before: it is no answer to this."""
        with suppress(TimeoutError):
            while True:
                self._connection.recv(0)
        self._connection.send(json.dumps({"t": kind, **words}))


def _top(view: Mapping[str, Any]) -> Mapping[str, Any] | None:
    stack: list[Mapping[str, Any]] = view["stack"]
    return stack[-1] if stack else None


@contextmanager
def people_socket(emulator: Emulator) -> Iterator[PeopleSocket]:
    """A connection until the block ends; what happened before it is not told again."""
    with connect(emulator.people_socket_url) as connection:
        opened = PeopleSocket(connection, emulator.workspace.app.app_id)
        opened.hear("init")
        yield opened
