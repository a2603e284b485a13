"""What an answer through a response_url, or in the acknowledgement of a command, does."""

from typing import Any

from tests.slack.double import limits
from tests.slack.double.blocks import with_ids
from tests.slack.double.messages import Message
from tests.slack.double.refusals import Refused
from tests.slack.double.response_urls import ResponseUrl
from tests.slack.double.workspace import Workspace


def _original(workspace: Workspace, url: ResponseUrl) -> Message:
    for message in (*workspace.messages, *workspace.ephemerals):
        if (message.channel, message.ts) == (url.channel, url.message_ts):
            return message
    raise Refused("message_not_found")


def respond(workspace: Workspace, url: ResponseUrl, body: dict[str, Any]) -> None:
    """Replace or delete the message it came from, or post one: to that person, by default."""
    if body.get("delete_original"):
        workspace.remove(_original(workspace, url))
        return
    text, blocks = body.get("text") or "", body.get("blocks") or []
    limits.check_message(blocks)
    if not text and not blocks:
        raise Refused("no_text")
    if body.get("replace_original") and url.message_ts is not None:
        original = _original(workspace, url)
        original.edit(text, with_ids(blocks, workspace.serial()), workspace.ts())
        return
    everyone = body.get("response_type") == "in_channel"
    workspace.post(
        workspace.channels[url.channel], text, blocks,
        only_for=None if everyone else url.user, thread_ts=body.get("thread_ts"),
    )  # fmt: skip


def use(workspace: Workspace, path: str, body: dict[str, Any]) -> None:
    """Answer through the response_url with that path; each use counts, a refused one too."""
    url = workspace.response_urls.get(path)
    problem = "invalid_url" if url is None else url.problem(workspace.clock())
    if url is None or problem is not None:
        raise Refused(problem or "invalid_url")
    url.used += 1
    respond(workspace, url, body)
