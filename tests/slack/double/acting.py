"""What people do in Slack: click, choose, submit, close, command, open Home."""

import copy
from collections.abc import Callable
from typing import Any

from tests.slack.double import limits, payloads
from tests.slack.double.blocks import Element, elements
from tests.slack.double.delivering import Delivering
from tests.slack.double.delivery import Delivery
from tests.slack.double.inputs import Filled, answer_of, fill
from tests.slack.double.messages import Message
from tests.slack.double.modals import View
from tests.slack.double.people import Channel, User
from tests.slack.double.responding import respond
from tests.slack.double.response_urls import ResponseUrl
from tests.slack.double.views import push_modal
from tests.slack.double.workspace import Workspace


def _ignore(_: Delivery) -> None:
    """Slack does nothing with the answer."""


class Acting:
    """The hands of everybody in the workspace.

    Each method does what Slack's own client would, asserts what that client wouldn't let happen,
    and returns the delivery with its answer. `wait=False` returns before the answer.
    """

    workspace: Workspace
    delivering: Delivering
    url: str

    def click(
        self,
        user: User | str,
        channel: Channel | str,
        ts: str,
        action_id: str,
        value: str | None = None,
        *,
        stale: bool = False,
        wait: bool = True,
    ) -> Delivery:
        """Press a button of a message as it is now; `stale`, of one as it once was."""
        with self.workspace.lock:
            payload = self._on_message(user, channel, ts, (action_id, value), None, stale=stale)
        return self._interact(payload, _ignore, wait=wait)

    def choose(
        self,
        user: User | str,
        channel: Channel | str,
        ts: str,
        action_id: str,
        choice: Any,
        *,
        stale: bool = False,
        wait: bool = True,
    ) -> Delivery:
        """Choose in a menu or picker of a message: an option's value or text, a date, an id."""
        with self.workspace.lock:
            payload = self._on_message(user, channel, ts, (action_id, None), choice, stale=stale)
        return self._interact(payload, _ignore, wait=wait)

    def _on_message(
        self,
        user: User | str,
        channel: Channel | str,
        ts: str,
        wanted: tuple[str, str | None],
        choice: Any,
        *,
        stale: bool,
    ) -> dict[str, Any]:
        person, place = self._person(user), self._place(channel)
        message = self._seen(person, place, ts, stale=stale)
        versions = [(message.text, message.blocks), *(reversed(message.earlier) if stale else ())]
        for text, blocks in versions:
            found = _matching(list(elements(blocks)), *wanted)
            if found:
                shown = copy.copy(message)
                shown.text, shown.blocks = text, blocks
                break
        else:
            raise AssertionError(f"no {wanted} on {message.words()!r}")
        element = _only(found, *wanted)
        answer = {} if element.type == "button" else answer_of(element, choice)
        return payloads.on_message(
            self.workspace, person, place, shown, element, answer,
            self._response_url(person, place, ts),
        )  # fmt: skip

    def modal_click(
        self, user: User | str, action_id: str, value: str | None = None, *, wait: bool = True
    ) -> Delivery:
        """Press a button in the modal on top."""
        return self._in_view(self._top(user), (action_id, value), None, wait=wait)

    def modal_choose(
        self, user: User | str, action_id: str, choice: Any, *, wait: bool = True
    ) -> Delivery:
        """Choose in a menu of the modal on top that tells the bot at once."""
        return self._in_view(self._top(user), (action_id, None), choice, wait=wait)

    def home_click(
        self, user: User | str, action_id: str, value: str | None = None, *, wait: bool = True
    ) -> Delivery:
        """Press a button in App Home."""
        return self._in_view(self._home(user), (action_id, value), None, wait=wait)

    def home_choose(
        self, user: User | str, action_id: str, choice: Any, *, wait: bool = True
    ) -> Delivery:
        """Choose in a menu of App Home."""
        return self._in_view(self._home(user), (action_id, None), choice, wait=wait)

    def _in_view(
        self, view: View, wanted: tuple[str, str | None], choice: Any, *, wait: bool
    ) -> Delivery:
        with self.workspace.lock:
            element = _only(_matching(view.elements(), *wanted), *wanted)
            answer = {} if element.type == "button" else answer_of(element, choice)
            if answer and element.type != "overflow":
                view.values.setdefault(element.block_id, {})[element.action_id] = answer
            person = self._person(view.user)
            payload = payloads.on_view(self.workspace, person, view, element, answer)
        return self._interact(payload, _ignore, wait=wait)

    def submit(
        self,
        user: User | str,
        values: Filled | None = None,
        view: View | None = None,
        *,
        wait: bool = True,
    ) -> Delivery:
        """Fill in the modal on top and press submit; an old copy of it if `view` is given."""
        with self.workspace.lock:
            shown = view or self._top(user)
            assert shown.parts.get("submit"), f"{shown.title!r} has no submit button"
            shown.values = fill(shown.elements(), shown.values, values or {})
            shown.errors, shown.trouble = {}, False
            payload = payloads.view_submission(self.workspace, self._person(user), shown)
        delivery = self._interact(payload, self._submitted(shown), wait=wait)
        if wait and not delivery.ok:
            shown.trouble = True
        return delivery

    def _submitted(self, view: View) -> Callable[[Delivery], None]:
        """What Slack does with the answer to a submission: without a word, it closes the modal."""

        def settle(delivery: Delivery) -> None:
            body, stack = delivery.body or {}, self.workspace.modals.get(view.user, [])
            action = body.get("response_action")
            if action is None:
                stack[:] = [one for one in stack if one.id != view.id]
            elif action == "clear":
                stack.clear()
            elif action == "errors":
                inputs = {one.block_id for one in view.elements() if one.in_input}
                view.errors = dict(body["errors"])
                if not view.errors or not set(view.errors) <= inputs:
                    delivery.problem = f"errors for {sorted(view.errors)}, inputs {sorted(inputs)}"
            else:
                limits.check_view(body.get("view"), "modal")
                if action == "push":
                    push_modal(self.workspace, view.user, body["view"])
                else:
                    self.workspace.show(view, body["view"])

        return settle

    def close_view(
        self, user: User | str, *, all_: bool = False, wait: bool = True
    ) -> Delivery | None:
        """Close the modal on top, or all; None if the bot didn't ask to be told."""
        with self.workspace.lock:
            view, stack = self._top(user), self.workspace.modals[self._person(user).id]
            stack[:] = [] if all_ or view.parts.get("clear_on_close") else stack[:-1]
            if not view.parts.get("notify_on_close"):
                return None
            payload = payloads.view_closed(self.workspace, self._person(user), view, all_=all_)
        return self._interact(payload, _ignore, wait=wait)

    def command(
        self,
        user: User | str,
        name: str,
        text: str = "",
        channel: Channel | str | None = None,
        *,
        wait: bool = True,
    ) -> Delivery:
        """Type a slash command, in the direct message with the bot unless `channel` is given."""
        with self.workspace.lock:
            person = self._person(user)
            place = self.workspace.dm(person.id) if channel is None else self._place(channel)
            assert name.startswith("/"), name
            assert self._sees(person, place), f"{person.name} doesn't see {place.id}"
            url = self._response_url(person, place, None)
            payload = payloads.command(self.workspace, person, place, name, text, url)

        def settle(delivery: Delivery) -> None:
            if delivery.body and (delivery.body.get("text") or delivery.body.get("blocks")):
                origin = ResponseUrl(place.id, person.id, self.workspace.clock())
                respond(self.workspace, origin, delivery.body)

        return self.delivering.deliver("slash_commands", payload, settle, wait=wait)

    def message_shortcut(
        self,
        user: User | str,
        callback_id: str,
        channel: Channel | str,
        ts: str,
        *,
        wait: bool = True,
    ) -> Delivery:
        """Choose a shortcut in the menu of a message."""
        with self.workspace.lock:
            person, place = self._person(user), self._place(channel)
            message = self._seen(person, place, ts, stale=False)
            payload = payloads.message_shortcut(
                self.workspace, person, place, message, callback_id,
                self._response_url(person, place, ts),
            )  # fmt: skip
        return self._interact(payload, _ignore, wait=wait)

    def open_home(self, user: User | str, *, wait: bool = True) -> Delivery:
        """Open the app's Home tab."""
        with self.workspace.lock:
            person = self._person(user)
            home = self.workspace.homes.get(person.id)
            payload = payloads.home_opened(self.workspace, person, home)
        return self.delivering.deliver("events_api", payload, _ignore, wait=wait)

    def say(
        self, user: User | str, channel: Channel | str, text: str, thread_ts: str | None = None
    ) -> Message:
        """Write a message. The bot isn't told: it subscribes to no message events."""
        with self.workspace.lock:
            person, place = self._person(user), self._place(channel)
            assert person.id in place.members, f"{person.name} isn't in {place.id}"
            message = self.workspace.post(place, text, [], by=person.id, thread_ts=thread_ts)
            return copy.deepcopy(message)

    def redeliver(self, delivery: Delivery, *, wait: bool = True) -> Delivery:
        """Deliver the same envelope, or the same signed bytes, once more."""
        return self.delivering.again(delivery, wait=wait)

    def _interact(
        self, payload: dict[str, Any], settle: Callable[[Delivery], None], *, wait: bool
    ) -> Delivery:
        # A copy: what is on its way doesn't change with what happens meanwhile.
        return self.delivering.deliver("interactive", copy.deepcopy(payload), settle, wait=wait)

    def _person(self, user: User | str) -> User:
        return self.workspace.users[user if isinstance(user, str) else user.id]

    def _place(self, channel: Channel | str) -> Channel:
        return self.workspace.channels[channel if isinstance(channel, str) else channel.id]

    def _sees(self, user: User, channel: Channel) -> bool:
        """Whether Slack shows them the channel: members, and a public one to the whole staff."""
        if user.id in channel.members:
            return True
        guest = user.is_restricted or user.is_ultra_restricted
        ours = user.team_id == self.workspace.team_id
        return not channel.is_private and ours and not guest

    def _seen(self, user: User, channel: Channel, ts: str, *, stale: bool) -> Message:
        """The message with that ts, which `user` must be able to see."""
        assert self._sees(user, channel), f"{user.name} doesn't see {channel.id}"
        known = [*self.workspace.messages, *self.workspace.ephemerals]
        for message in known + (self.workspace.removed if stale else []):
            if message.channel == channel.id and message.ts == ts:
                assert message.ephemeral_for in {None, user.id}, "somebody else's ephemeral"
                return message
        raise AssertionError(f"no message {ts} in {channel.id}")

    def _response_url(self, user: User, channel: Channel, ts: str | None) -> str:
        made = ResponseUrl(channel.id, user.id, self.workspace.clock(), ts)
        return self.url + self.workspace.response_url(made)

    def _top(self, user: User | str) -> View:
        stack = self.workspace.modals.get(self._person(user).id)
        assert stack, f"{self._person(user).name} has no modal open"
        return stack[-1]

    def _home(self, user: User | str) -> View:
        person = self._person(user)
        assert person.id in self.workspace.homes, f"{person.name}'s Home is empty"
        return self.workspace.homes[person.id]


def _matching(found: list[Element], action_id: str, value: str | None) -> list[Element]:
    return [
        one for one in found if one.action_id == action_id and value in (None, one.value)
    ]  # fmt: skip


def _only(found: list[Element], action_id: str, value: str | None) -> Element:
    assert len(found) == 1, f"{len(found)} of {action_id} {value or ''}; give its value"
    return found[0]
