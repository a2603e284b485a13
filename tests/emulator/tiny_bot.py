"""A few lines of Bolt, to see that the rig carries a bot: it asks, opens a modal and edits."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.routing import Route

from tools.slack.emulator import EVENTS_PATH, Emulator

QUESTION = "Turn off the key?"
DENY = {
    "type": "button",
    "action_id": "deny",
    "style": "danger",
    "text": {"type": "plain_text", "text": "Deny"},
    "value": "p-1",
}
REASON = {
    "type": "input",
    "block_id": "reason",
    "label": {"type": "plain_text", "text": "Reason"},
    "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
}


def said(text: str) -> dict[str, Any]:
    """A section."""
    return {"type": "section", "text": {"type": "plain_text", "text": text}}


def question() -> list[dict[str, Any]]:
    """What it asks."""
    return [said(QUESTION), {"type": "actions", "block_id": "review", "elements": [DENY]}]


def client_of(emulator: Emulator, token: str) -> WebClient:
    """Slack's client for the emulator."""
    return WebClient(token, base_url=emulator.api_url)


def tiny_app(emulator: Emulator) -> App:
    """The bot: Deny opens a modal whose reason, unless it is `no`, is written on the message."""
    app = App(
        client=client_of(emulator, emulator.workspace.app.bot_token),
        signing_secret=emulator.workspace.app.signing_secret,
    )

    @app.action("deny")
    def deny(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        where = f"{body['channel']['id']} {body['message']['ts']}"
        title, send = ({"type": "plain_text", "text": text} for text in ("Deny", "Send"))
        view = {"type": "modal", "callback_id": "denied", "title": title, "submit": send}
        client.views_open(
            trigger_id=body["trigger_id"],
            view={**view, "private_metadata": where, "blocks": [REASON]},
        )

    @app.view("denied")
    def denied(ack: Any, body: Any, client: WebClient) -> None:
        reason = body["view"]["state"]["values"]["reason"]["text"]["value"]
        if reason == "no":
            ack(response_action="errors", errors={"reason": "Say more."})
            return
        ack()
        channel, ts = body["view"]["private_metadata"].split()
        text = f"Denied by {body['user']['name']}: {reason}"
        client.chat_update(channel=channel, ts=ts, text=text, blocks=[said(text)])

    @app.command(re.compile("/tiny"))
    def command(ack: Any, respond: Any, body: Any) -> None:
        ack()
        respond(f"You said {body['text']}")

    @app.event("app_home_opened")
    def home(event: Any, client: WebClient) -> None:
        view = {"type": "home", "blocks": [said("Your queue is empty.")]}
        client.views_publish(user_id=event["user"], view=view)

    return app


@contextmanager
def connected(emulator: Emulator, entrance: socket.socket) -> Iterator[WebClient]:
    """The bot running as the emulator wants it; `entrance` is the socket of its HTTP server."""
    app = tiny_app(emulator)
    running = _socket_mode(app, emulator) if emulator.mode == "socket" else _http(app, entrance)
    with running:
        yield app.client


@contextmanager
def _socket_mode(app: App, emulator: Emulator) -> Iterator[None]:
    token = emulator.workspace.app.app_token
    handler = SocketModeHandler(app, token, web_client=client_of(emulator, token))
    handler.connect()
    try:
        yield
    finally:
        handler.close()


@contextmanager
def _http(app: App, entrance: socket.socket) -> Iterator[None]:
    handler = SlackRequestHandler(app)

    async def take(request: Any) -> Any:
        return await handler.handle(request)

    routes = [Route(EVENTS_PATH, take, methods=["POST"])]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [entrance]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
