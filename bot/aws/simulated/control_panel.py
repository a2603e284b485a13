"""The simulated account's own HTTP pages, so that another process can order faults and look.

`GET /simulated/calls` counts and writes · `DELETE /simulated/calls` forget them ·
`POST /simulated/faults` `{"operation", "fault", "nth", "times"}` · `DELETE /simulated/faults` ·
`POST /simulated/latency` `{"seconds"}` · `POST /simulated/clock` `{"advance_seconds"}` ·
`DELETE /simulated/report` forget the cached credential report.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.faults import parse_fault
from bot.aws.simulated.traffic import Environ, StartResponse, Traffic

PREFIX = "/simulated/"
_Page = Callable[[dict[str, Any]], dict[str, Any]]


class ControlPanel:
    """A WSGI application that answers the pages above and leaves the rest to `traffic`."""

    def __init__(self, traffic: Traffic, account: AccountBuilder) -> None:
        self._traffic = traffic
        self._account = account
        self._pages: dict[tuple[str, str], _Page] = {
            ("GET", "calls"): lambda _: traffic.calls.as_json(),
            ("DELETE", "calls"): self._done(traffic.calls.clear),
            ("POST", "faults"): self._order_fault,
            ("DELETE", "faults"): self._done(traffic.faults.clear),
            ("POST", "latency"): self._set_latency,
            ("POST", "clock"): self._advance,
            ("DELETE", "report"): self._done(account.forget_report),
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(PREFIX):
            return self._traffic(environ, start_response)
        page = self._pages.get((environ["REQUEST_METHOD"], path.removeprefix(PREFIX)))
        if page is None:
            return _json(start_response, "404 Not Found", {"error": f"there is no page {path}"})
        length = int(environ.get("CONTENT_LENGTH") or 0)
        try:
            answer = page(json.loads(environ["wsgi.input"].read(length) or b"{}"))
        except (ValueError, KeyError, TypeError) as error:
            return _json(start_response, "400 Bad Request", {"error": f"{error}"})
        return _json(start_response, "200 OK", answer)

    @staticmethod
    def _done(act: Callable[[], None]) -> _Page:
        def page(_: dict[str, Any]) -> dict[str, Any]:
            act()
            return {"ok": True}

        return page

    def _order_fault(self, body: dict[str, Any]) -> dict[str, Any]:
        fault = parse_fault(
            body["operation"], body["fault"], nth=body.get("nth", 1), times=body.get("times", 1)
        )
        self._traffic.faults.order(fault)
        return {"ok": True}

    def _set_latency(self, body: dict[str, Any]) -> dict[str, Any]:
        self._traffic.latency = float(body["seconds"])
        return {"ok": True}

    def _advance(self, body: dict[str, Any]) -> dict[str, Any]:
        moment = self._account.iam.clock.advance(timedelta(seconds=float(body["advance_seconds"])))
        return {"now": moment.isoformat()}


def _json(start_response: StartResponse, status: str, answer: dict[str, Any]) -> Iterable[bytes]:
    body = json.dumps(answer).encode()
    start_response(
        status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]
