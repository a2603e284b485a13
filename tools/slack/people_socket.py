"""What people do that the emulator's control page has no word for: modals, and Home's buttons.

The emulator's page speaks JSON over a web socket. It sends `init` with the whole state first, then
`view` with the stack of open modals at each change, `view_errors` when a bot refuses a submission,
`home` when a Home tab was published, and each message. The stack of modals is one for the whole
workspace, not one for each person.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tools.slack.emulator import Emulator, EmulatorError

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]
_WAIT_SECONDS = 10.0


class PeopleSocket:
    """One page's connection; made by `people_socket`."""

    def __init__(self, connection: ClientConnection, app_id: str) -> None:
        self._connection = connection
        self._app_id = app_id

    def modal(self) -> dict[str, Any]:
        """Wait for a modal to open or change; the topmost."""
        stack: list[dict[str, Any]] = []
        while not stack:
            stack = self._wait("view")["stack"]
        return stack[-1]

    def submit(self, user: str, values: Values) -> dict[str, str] | None:
        """Submit the topmost modal; its errors by block id, or None when it was taken.

        `values` maps block id and action id to what an element holds, such as
        `{"type": "plain_text_input", "value": "…"}`.
        """
        self._send("view_submit", user=user, values=values)
        answer = self._wait("view", "view_errors")
        return answer.get("errors")

    def close_modal(self, user: str) -> None:
        """Close all modals."""
        self._send("view_close", user=user)
        self._wait("view")

    def home(self, user: str) -> dict[str, Any]:
        """Wait until that user's Home tab is published; the view."""
        while (answer := self._wait("home"))["user"] != user:
            continue
        view: dict[str, Any] = answer["view"]
        return view

    def click_home(self, user: str, action: Mapping[str, Any]) -> None:
        """Press a button of the Home tab: its type, block_id, action_id and value."""
        where = {"channel": "", "messageTs": "", "appId": self._app_id}
        self._send("block_action", user=user, action=action, **where)

    def _send(self, kind: str, **words: Any) -> None:
        self._connection.send(json.dumps({"t": kind, **words}))

    def _wait(self, *kinds: str) -> dict[str, Any]:
        end = time.monotonic() + _WAIT_SECONDS
        while (left := end - time.monotonic()) > 0:
            try:
                message: dict[str, Any] = json.loads(self._connection.recv(left))
            except TimeoutError:
                break
            if message["t"] in kinds:
                return message
        raise EmulatorError(f"no {' or '.join(kinds)} within {_WAIT_SECONDS:g} s")


@contextmanager
def people_socket(emulator: Emulator) -> Iterator[PeopleSocket]:
    """A connection until the block ends; what happened before it is not told again."""
    with connect(emulator.people_socket_url) as connection:
        opened = PeopleSocket(connection, emulator.workspace.app.app_id)
        opened._wait("init")
        yield opened
