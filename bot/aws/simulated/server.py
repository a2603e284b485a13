"""Serves a simulated account on a loopback port, to this process and any other."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import boto3
from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.organizations.models import organizations_backends
from moto.sts.models import sts_backends
from werkzeug.serving import BaseWSGIServer, make_server

from bot.aws.service_models import core_session
from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import SimulatedClock, moto_time
from bot.aws.simulated.control_panel import ControlPanel
from bot.aws.simulated.dispatching import dispatcher
from bot.aws.simulated.faults import parse_fault
from bot.aws.simulated.fidelity import install
from bot.aws.simulated.in_process import DEFAULT_ACCOUNT
from bot.aws.simulated.root_answers import organization_of
from bot.aws.simulated.seed import OPERATOR_ROLE, fill
from bot.aws.simulated.seed_clean import fill_clean
from bot.aws.simulated.seed_founder import fill_founder
from bot.aws.simulated.traffic import Traffic

_LOOPBACK = "127.0.0.1"
_STOP_WITHIN = 0.05  # seconds until a stopped server notices
_in_use: set[str] = set()


class _QuietHandler(MotoRequestHandler):
    """moto's request handler without a line of log for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the call log has it."""


class SimulatedAccount:
    """A simulated account being served; made by `start`, ended by `stop` or a `with` block.

    `account` is the builder, to look and to change facts behind the API's back. `calls` is what
    the cloud saw. `fault` orders trouble.
    """

    def __init__(
        self,
        account: AccountBuilder,
        server: BaseWSGIServer,
        traffic: Traffic,
        keys: dict[str, str],
    ) -> None:
        self.account = account
        self.account_id = account.account_id
        self.endpoint_url = f"http://{_LOOPBACK}:{server.port}"
        self.traffic = traffic
        self.calls = traffic.calls
        self._server = server
        self._keys = keys
        self._clients: dict[str, Any] = {}
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": _STOP_WITHIN}, daemon=True
        )
        self._thread.start()

    def environment(self) -> dict[str, str]:
        """The variables that make any AWS tool talk to this account and to nothing else.

        The credentials are those of a session of the role `LocksmithOperator` in it. Leave out
        AWS_PROFILE: a profile that doesn't exist stops the tools.
        """
        return {
            **self._keys,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.account.region,
            "AWS_DEFAULT_REGION": self.account.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def session(self) -> boto3.Session:
        """A boto3 session whose clients talk to this account, whatever the environment says."""
        return _EndpointSession(
            self.endpoint_url,
            aws_access_key_id=self._keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self._keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self._keys["AWS_SESSION_TOKEN"],
            region_name=self.account.region,
        )

    def client(self, service: str = "iam") -> Any:
        """The one boto3 client of a service in this account."""
        if service not in self._clients:
            session: Any = self.session()
            self._clients[service] = session.client(service)
        return self._clients[service]

    def fault(self, operation: str, what: str, *, nth: int = 1, times: int | None = 1) -> None:
        """Order trouble: `fault("iam:UpdateAccessKey", "drop_after")`; see `faults.Fault`."""
        self.traffic.faults.order(parse_fault(operation, what, nth=nth, times=times))

    def stop(self) -> None:
        """Stop serving and forget the account. Doing it again is harmless."""
        if self.account_id not in _in_use:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        _forget(self.account_id)
        _in_use.discard(self.account_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _EndpointSession(boto3.Session):
    """A boto3 session with an endpoint of its own; boto3 only takes one from the environment."""

    def __init__(self, endpoint_url: str, **more: Any) -> None:
        super().__init__(botocore_session=core_session(), **more)
        self._endpoint_url = endpoint_url

    def client(self, service_name: str, **more: Any) -> Any:  # type: ignore[override]
        """boto3's own, with the endpoint unless the call names another."""
        plain: Any = super().client
        return plain(service_name, **{"endpoint_url": self._endpoint_url, **more})


def start(
    users: int = 25,
    seed: int = 42,
    now: datetime | None = None,
    *,
    port: int = 0,
    latency: float = 0.0,
    account_id: str = DEFAULT_ACCOUNT,
    clean: bool = False,
    founder: bool = False,
) -> SimulatedAccount:
    """Serve an account filled with a believable company, on a free loopback port by default.

    `users` 0 leaves it empty but for the operator's role; `clean` adds a company that does
    everything as AWS recommends it, beside no other users, and `founder` one that only its root
    user administers. With `now` the account's clock stands
    still there. `latency` is slept before each call, in seconds. Raises RuntimeError when this
    process serves an account of that number already: moto keeps one memory per process.
    """
    install()
    if account_id in _in_use:
        raise RuntimeError(f"account {account_id} is being served already; give another account_id")
    _forget(account_id)
    account = AccountBuilder(account_id, SimulatedClock(now))
    fill(account, users=0 if clean or founder else users, seed=seed)
    if clean:
        fill_clean(account)
    if founder:
        fill_founder(account)
    traffic = Traffic(dispatcher(), account_id=account_id, latency=latency)
    server = make_server(
        _LOOPBACK,
        port,
        ControlPanel(traffic, account),
        threaded=True,
        request_handler=_QuietHandler,
    )
    _in_use.add(account_id)
    return SimulatedAccount(account, server, traffic, _operator_keys(account))


def _operator_keys(account: AccountBuilder) -> dict[str, str]:
    sts = sts_backends[account.account_id][account.iam.partition]
    session = sts.assume_role(
        region_name=account.region,
        role_session_name="simulated",
        role_arn=account.iam.get_role(OPERATOR_ROLE).arn,
        policy="",
        duration=3600,
        external_id="",
    )
    # moto would stamp the role with the real time at every call; the account has its own clock.
    session.access_key.role_arn = None
    account.iam.get_role(OPERATOR_ROLE).last_used = moto_time(account.now)
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
    }


def _forget(account_id: str) -> None:
    organization = organization_of(account_id)
    for member in organization.accounts if organization and organization.org else ():
        organizations_backends.master_accounts.pop(member.id, None)
        if member.id != account_id:
            _forget(member.id)
    table: Any = BackendDict
    opened = table._instances  # noqa: SLF001 - moto has no public list of them
    for backends in list(opened):
        if account_id in backends:
            backends[account_id].reset()
            del backends[account_id]
