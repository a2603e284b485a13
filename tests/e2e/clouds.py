"""A simulated account in a process of its own, and what it saw and shall answer, over HTTP."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3

from tests.e2e.forking import ROOT


@dataclass
class Cloud:
    """An account being served; `environment` makes any AWS tool talk to it."""

    account: str
    endpoint: str
    environment: Mapping[str, str]
    _clients: dict[str, Any] = field(default_factory=dict)

    def fault(self, operation: str, what: str, *, nth: int = 1, times: int | None = None) -> None:
        """Order trouble with an operation, from its nth call on."""
        order = {"operation": operation, "fault": what, "nth": nth, "times": times}
        self._ask("POST", "faults", order)

    def heal(self) -> None:
        """No trouble any more, nothing seen so far, no waiting."""
        self._ask("DELETE", "faults")
        self._ask("DELETE", "calls")
        self._ask("POST", "latency", {"seconds": 0})

    def slow(self, seconds: float) -> None:
        """Wait before each answer."""
        self._ask("POST", "latency", {"seconds": seconds})

    def counts(self) -> dict[str, int]:
        """How often each operation was called."""
        counts: dict[str, int] = self._ask("GET", "calls")["counts"]
        return counts

    def writes(self) -> list[str]:
        """The operations that changed, or tried to change, the account."""
        return [each["operation"] for each in self._ask("GET", "calls")["writes"]]

    def client(self, service: str = "iam") -> Any:
        """A boto3 client in this account, whatever the environment says."""
        if service not in self._clients:
            named = {name.lower(): self.environment[name] for name in KEYS}
            self._clients[service] = boto3.client(
                service, region_name="us-east-1", endpoint_url=self.endpoint, **named
            )
        return self._clients[service]

    def keys_of(self, account: str) -> dict[str, str]:
        """The variables of a session in another account."""
        role = f"arn:aws:iam::{account}:role/Somebody"
        given = self.client("sts").assume_role(RoleArn=role, RoleSessionName="e2e")["Credentials"]
        values = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return dict(zip(KEYS, values, strict=True))

    def _ask(self, method: str, page: str, body: Mapping[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=30)
        try:
            connection.request(method, f"/simulated/{page}", json.dumps(body or {}))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        assert response.status == 200, answer
        return answer


KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@contextmanager
def served(environ: Mapping[str, str], *, users: int) -> Iterator[Cloud]:
    """An account with so many users, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.aws.simulated", "--users", str(users)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=dict(environ),
    )
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield Cloud(ready["account_id"], ready["endpoint_url"], ready["environment"])
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()
