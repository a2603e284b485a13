"""What people do in Slack while processes are killed, and what they were given to believe.

A click that was acknowledged is remembered with what it promised. One that was not is an error on
somebody's screen: they may click again, or not. Nobody repeats what was acknowledged, so that a
decision that was lost stays lost.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.proofs.reckoning import Said
from tests.slack.desks import wait_for
from tests.slack.double import Delivery, Message, SlackDouble, User

#: How often each button is pressed where it can be.
_LIKED = {"approve": 20, "undo": 20, "deny": 3, "exempt": 2, "snooze": 1}
_NEWEST = 40
_MODAL_SECONDS = 3  # Slack lets no window be opened after that


@dataclass
class Clicking:
    """One thread that acts for these people, one click after the other, until it is stopped.

    `address` chooses where Slack's next request goes, or None where nobody would answer.
    """

    slack: SlackDouble
    people: Sequence[User]
    address: Callable[[], str | None]
    chances: random.Random
    said: list[Said] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)
    trouble: list[BaseException] = field(default_factory=list)
    pause: float = 0.05
    _promised: set[tuple[str, str]] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin to act."""
        self._thread = threading.Thread(target=self._run, name="people")
        self._thread.start()

    def end(self) -> None:
        """Act no more. Raises what stopped it before."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        for error in self.trouble:
            raise error

    def _run(self) -> None:
        try:
            while not self._stop.wait(self.chances.uniform(0, 2 * self.pause)):
                self.act()
        except BaseException as error:  # noqa: BLE001 - raised again by `end`
            self.trouble.append(error)

    def act(self) -> bool:
        """Press one button on one card, if anyone has any; whether one was pressed."""
        address = self.address()
        if address is None:
            return False
        person = self.chances.choice(self.people)
        offered = self._offered(self.slack.dm_channel(person))
        if not offered:
            return False
        weights = [_LIKED[action] for _, action, _ in offered]
        ((card, action, value),) = self.chances.choices(offered, weights)
        self.slack.use_http(address)
        self.tried[action] += 1
        if action in {"approve", "undo"}:
            sent = self._press(person, card, action, value)
            self._remember(sent, Said(action, person.id, _about(value), _digest(value)))
        else:
            self._fill(person, card, action, value)
        return True

    def _offered(self, channel: str) -> list[tuple[Message, str, str]]:
        """The buttons of someone's newest messages that nobody was promised anything about."""
        with self.slack.workspace.lock:
            newest = [each for each in self.slack.workspace.messages if each.channel == channel]
            return [
                (card, button.action_id, button.value or "")
                for card in newest[-_NEWEST:]
                for button in card.buttons()
                if button.action_id in _LIKED
                and (button.action_id, _about(button.value)) not in self._promised
            ]

    def _press(self, person: User, card: Message, action: str, value: str) -> Delivery | None:
        """Press it, unless the card was edited meanwhile."""
        try:
            return self.slack.click(person, card.channel, card.ts, action, value)
        except AssertionError:
            return None

    def _remember(self, sent: Delivery | None, said: Said) -> None:
        if sent is None or not sent.ok:
            return
        self.said.append(said)
        self._promised.add((said.verb, said.about))

    def _fill(self, person: User, card: Message, action: str, value: str) -> None:
        """Open the window of a button, where it comes, and send it off with words of one's own."""
        self.slack.workspace.modals.pop(person.id, None)
        sent = self._press(person, card, action, value)
        if sent is None or not sent.ok or not self._has_form(person):
            return
        words = f"because-{self.chances.randrange(10**12)}"
        values = {"reason": words, **({"days": "7"} if action == "snooze" else {})}
        sent = self.slack.submit(person, values)
        said = Said(action, person.id, _about(value), _digest(value), words)
        self._remember(sent, said)
        if sent.ok:
            self._promised |= {(verb, said.about) for verb in _LIKED}

    def _has_form(self, person: User) -> bool:
        def is_open() -> bool:
            return any(each.parts.get("submit") for each in self.slack.modals(person))

        try:
            wait_for(is_open, "a form", seconds=_MODAL_SECONDS)
        except AssertionError:
            return False
        return True


def _about(value: str | None) -> str:
    """The proposal or execution that a button names."""
    return (value or "").partition(" ")[0]


def _digest(value: str) -> str:
    return value.partition(" ")[2]
