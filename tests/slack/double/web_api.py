"""A call from its arrival to its answer: token, faults, rates, the method, the log."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# The modules of methods put themselves into METHODS.
from tests.slack.double import chat, conversations, directory, views  # noqa: F401
from tests.slack.double.faults import Fault, Faults
from tests.slack.double.methods import METHODS, Args, Asked, Method
from tests.slack.double.rates import Rates
from tests.slack.double.refusals import Refused
from tests.slack.double.tokens import Token
from tests.slack.double.workspace import Workspace

#: Methods that put a message into a channel: one a second.
_POSTS = {"chat.postMessage"}


@dataclass(slots=True)
class Call:
    """One call as it was asked and answered; `answer` is None while and if none was sent."""

    at: datetime
    method: str
    args: dict[str, Any]
    status: int = 0
    answer: dict[str, Any] | None = None
    #: Whether the method ran and changed what it changes, whatever the caller learned of it.
    applied: bool = False

    @property
    def ok(self) -> bool:
        """Whether the caller was told that it worked."""
        return bool(self.answer and self.answer.get("ok"))

    @property
    def error(self) -> str | None:
        """The error the caller was told, if any."""
        return self.answer.get("error") if self.answer else None


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire; `body` None ends the connection without an answer."""

    status: int
    body: dict[str, Any] | None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class WebApi:
    """Answers calls, strictly."""

    workspace: Workspace
    faults: Faults = field(default_factory=Faults)
    rates: Rates = field(default_factory=Rates)
    calls: list[Call] = field(default_factory=list)
    #: Set when the double stops: nobody waits out a delay then.
    stopping: threading.Event = field(default_factory=threading.Event)

    def answer(self, name: str, given: dict[str, Any], bearer: str | None) -> Reply:
        """Answer one call of a method."""
        value = bearer or given.pop("token", None)
        return self._logged(name, given, lambda call: self._answered(call, value))

    def answer_with(self, name: str, given: dict[str, Any], act: Callable[[], None]) -> Reply:
        """Answer a call that isn't a method's and needs no token; a refusal is a 404."""

        def answered(call: Call) -> Reply:
            with self.workspace.lock:
                try:
                    act()
                except Refused as refusal:
                    return Reply(404, refusal.body())
                call.applied = True
                return Reply(200, {"ok": True})

        return self._logged(name, given, answered)

    def _logged(self, name: str, given: dict[str, Any], answered: Callable[[Call], Reply]) -> Reply:
        call = Call(self.workspace.clock(), name, given)
        self.calls.append(call)
        fault = self.faults.take(name)
        if fault.late:
            self.stopping.wait(fault.late)
        reply = self._spoiled(fault) or answered(call)
        if fault.drop is not None:
            return Reply(0, None)
        call.status, call.answer = reply.status, reply.body
        return reply

    def _spoiled(self, fault: Fault) -> Reply | None:
        """The answer of a fault that lets nothing be done, if it is one."""
        if fault.drop == "before":
            return Reply(0, None)
        if fault.retry_after is not None:
            return _slow_down(fault.retry_after)
        if fault.status is not None:
            return Reply(fault.status, {})
        if fault.error is not None:
            return Reply(200, {"ok": False, "error": fault.error})
        return None

    def _answered(self, call: Call, value: str | None) -> Reply:
        headers: dict[str, str] = {}
        with self.workspace.lock:
            try:
                token = self._token(value)
                headers["x-oauth-scopes"] = token.provided
                asked_method = self._method(call.method, token)
                headers["x-accepted-oauth-scopes"] = ",".join(asked_method.scopes)
                wait = self._wait(asked_method, call.args)
                if wait is not None:
                    return _slow_down(wait)
                body = asked_method.run(Asked(self.workspace, Args(call.args), token))
                call.applied = True
                return Reply(200, {"ok": True, **body}, headers)
            except Refused as refusal:
                return Reply(200, refusal.body(), headers)

    def _token(self, value: str | None) -> Token:
        if not value:
            raise Refused("not_authed")
        if value not in self.workspace.tokens:
            raise Refused("invalid_auth")
        token = self.workspace.tokens[value]
        if token.revoked:
            raise Refused("token_revoked")
        return token

    def _method(self, name: str, token: Token) -> Method:
        if name not in METHODS:
            raise Refused("unknown_method", req_method=name)
        found = METHODS[name]
        if found.kind not in {"any", token.kind}:
            raise Refused("not_allowed_token_type")
        token.need(*found.scopes)
        return found

    def _wait(self, asked: Method, args: dict[str, Any]) -> int | None:
        now = self.workspace.clock().timestamp()
        if asked.name in _POSTS:
            channel = str(args.get("channel", ""))
            if channel in self.workspace.users:
                channel = self.workspace.dm(channel).id
            return self.rates.wait(f"{asked.name} {channel}", 1, 1, now)
        if asked.tier is None:
            return None
        return self.rates.wait(asked.name, asked.tier, 60, now)


def _slow_down(seconds: int) -> Reply:
    return Reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(seconds)})
