"""What the tests of the reading side share: a simulated account, a connection, failing answers."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from bot.aws.connection import AwsConnection
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder, mock_account

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class _Raw:
    """The body of an HTTP answer, as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body


#: How services wrap an error in XML; all others of these tests speak JSON.
_WRAPPED = {
    "iam": "<ErrorResponse>{}</ErrorResponse>",
    "sts": "<ErrorResponse>{}</ErrorResponse>",
    "ec2": "<Response><Errors>{}</Errors></Response>",
    "s3": "{}",
    "s3control": "<ErrorResponse>{}</ErrorResponse>",
}


def error_answer(
    code: str, message: str, status: int = 403, *, service: str = "iam"
) -> AWSResponse:
    """An error as the service sends it."""
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    body = (
        _WRAPPED[service].format(error)
        if service in _WRAPPED
        else json.dumps({"__type": code, "message": message})
    )
    return AWSResponse("https://aws.test", status, {}, _Raw(body.encode()))


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No AWS setting of this machine: no profile, no region, no endpoint, no instance role."""
    for name in (
        "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


@pytest.fixture
def account(clean_environment: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """An empty simulated account whose clock stands at NOW."""
    with mock_account(NOW) as builder:
        yield builder


@pytest.fixture
def connection(account: AccountBuilder) -> Iterator[AwsConnection]:
    """A connection to it, with the single attempt that keeps throttling tests quick."""
    with connect(read_attempts=1) as opened:
        yield opened


@pytest.fixture
def refuse(connection: AwsConnection) -> Callable[..., list[int]]:
    """Make an operation fail on the wire, from its `skip`-th sending on; gives what was sent."""

    def fail(
        service: str,
        operation: str,
        code: str = "AccessDenied",
        message: str = "not authorized",
        *,
        status: int = 403,
        skip: int = 0,
        times: int = 1_000_000,
        region: str | None = None,
    ) -> list[int]:
        sent: list[int] = []

        def answer(**_: Any) -> AWSResponse | None:
            sent.append(len(sent))
            if skip < len(sent) <= skip + times:
                return error_answer(code, message, status, service=service)
            return None

        client = connection.reader(service, region)
        named = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"before-send.{named}.{operation}", answer)
        return sent

    return fail


@pytest.fixture
def now() -> datetime:
    """The one time of these tests."""
    return NOW
