"""Sends one write, once, and says what is known of it from the answer alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore import xform_name
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from bot.aws.connection import AwsConnection
from bot.aws.gate import WriteRefusedError
from bot.aws.reading import NOT_FROM_AWS, plain
from bot.engine.looking import compiled
from bot.model import Call, Json, Step

#: botocore raises these before anything leaves this machine, and so does our own gate.
_NEVER_SENT = (
    ParamValidationError,
    NoCredentialsError,
    PartialCredentialsError,
    WriteRefusedError,
)
#: On a delete this may mean that it is gone already: only a look tells.
_ASK_THE_WORLD = frozenset({"NoSuchEntity", "NoSuchEntityException", "ResourceNotFoundException"})
_REQUEST_TIMED_OUT = 408


class Reply(StrEnum):
    """What came of one call: AWS did it, certainly did not, has no such thing, or nobody knows."""

    DONE = "done"
    REFUSED = "refused"
    GONE = "gone"
    LOST = "lost"


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What AWS answered; its body may hold a secret, so it shows nothing of itself.

    `early` is whether it was refused, by an answer that the call says to come too early.
    """

    reply: Reply
    body: Mapping[str, Any]
    request_id: str | None = None
    error: str | None = None
    early: bool = False

    def outputs(self, step: Step) -> dict[str, Json]:
        """What the body gives of the step's outputs."""
        if not self.body:
            return {}
        answer = {key: value for key, value in self.body.items() if key != "ResponseMetadata"}
        given = {
            name: compiled(output.path).search(answer) for name, output in step.outputs.items()
        }
        return {name: plain(value) for name, value in given.items() if value is not None}


def send(connection: AwsConnection, call: Call) -> Answer:
    """One call, one attempt. Only AWS's own word counts as a refusal; the rest is lost."""
    client = connection.writer(call.service, call.region, call.root_of)
    method = getattr(client, xform_name(call.operation))
    try:
        with connection.writing(call):
            body = method(**call.params)
    except ClientError as error:
        return _refused_or_lost(error, call)
    except _NEVER_SENT as error:
        return Answer(Reply.REFUSED, {}, None, f"never sent: {error}")
    except BotoCoreError as error:
        return Answer(Reply.LOST, {}, None, f"no answer: {type(error).__name__}: {error}")
    except NOT_FROM_AWS:  # said without its text, which may hold a secret that AWS answered
        return Answer(Reply.LOST, {}, None, "the answer is not one that AWS gives")
    return Answer(Reply.DONE, body, _request_id(body))


def _refused_or_lost(error: ClientError, call: Call) -> Answer:
    """A 4xx with AWS's own code is a refusal; a 5xx may have been applied all the same."""
    said = error.response.get("Error", {})
    code, message = str(said.get("Code", "")), str(said.get("Message", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    certain = 400 <= status < 500 and status != _REQUEST_TIMED_OUT and not code.isdigit()
    reply = Reply.REFUSED if code and certain else Reply.LOST
    if reply is Reply.REFUSED and code in _ASK_THE_WORLD:
        reply = Reply.GONE
    early = reply is not Reply.LOST and any(
        each.is_said_by(code, message) for each in call.too_early
    )
    return Answer(reply, {}, _request_id(error.response), str(error), early)


def _request_id(response: Mapping[str, Any]) -> str | None:
    given = response.get("ResponseMetadata", {}).get("RequestId")
    return str(given) if given else None
