"""One AWS account as somebody may see it: its clients, who calls, and how many calls were made."""

import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Self

import boto3
from botocore.config import Config

from bot.aws.endpoints import custom_endpoint, keep_to
from bot.aws.gate import announce, keeper_gate, reader_gate, root_opener_gate, writer_gate
from bot.aws.root_sessions import AUDIT, DELETE, root_session
from bot.errors import ConfigError
from bot.model import Account, Call, Role
from bot.version import __version__

READ_ATTEMPTS = 10


class AwsConnection:
    """The way into one account; made by `bot.aws.sessions.connect`. Safe to share by threads.

    `caller_arn` is who AWS says that we are and `caller_id` its unique id; `region` is where
    regional services are read; `endpoint` is None for AWS itself and the address otherwise;
    `chain` are the identities that our role was assumed from, as AWS names them.
    `calls` counts API calls by name ("iam:ListUsers"): every call and every page of one, reads
    and writes, before it is sent; attempts that botocore repeats by itself count once, and what
    botocore does to find credentials is not seen.
    """

    def __init__(
        self,
        session: boto3.Session,
        *,
        account: Account,
        caller_arn: str,
        caller_id: str,
        region: str,
        endpoint: str | None = None,
        chain: tuple[str, ...] = (),
        read_attempts: int = READ_ATTEMPTS,
    ) -> None:
        self.account = account
        self.caller_arn = caller_arn
        self.caller_id = caller_id
        self.region = region
        self.endpoint = endpoint
        self.chain = chain
        self.calls: Counter[str] = Counter()
        self._session = session
        self._read_attempts = read_attempts
        self._clients: dict[tuple[str, str, str | None, str | None], Any] = {}
        self._roots: dict[tuple[str, str], boto3.Session] = {}
        # botocore doesn't promise that one session makes clients in several threads at once.
        self._lock = threading.Lock()
        self._counting = threading.Lock()

    def reader(self, service: str, region: str | None = None, root_of: str | None = None) -> Any:
        """The one reading client for a service; it refuses whatever isn't a read.

        With `root_of` it reads as root of that member, in a session that may only look.

        Throttling is waited out: adaptive retries, ten attempts in all.
        Raises ConfigError where the service's endpoint differs from the connection's.
        """
        return self._client("reader", service, region, root_of)

    def writer(self, service: str, region: str | None = None, root_of: str | None = None) -> Any:
        """The one writing client for a service: one attempt, and only inside `writing`.

        With `root_of` it writes as root of that member, in a session that may only delete root's
        credentials.

        botocore's retries would apply a write twice when only its answer was lost.
        """
        return self._client("writer", service, region, root_of)

    def keeper(self, service: str, region: str | None = None) -> Any:
        """The one client for anchors of a service: reads, and what `keeper_gate` lets through.

        What it sends may be sent again: a second copy of a note says the same.
        """
        return self._client("keeper", service, region)

    def writing(self, call: Call) -> AbstractContextManager[None]:
        """Inside this block a writer lets exactly `call` through, once.

        Its operation, parameters and region must equal what is sent (WriteRefusedError
        otherwise), and IAM writes must name their user, role or group.
        """
        return announce(self, call)

    def count(self, name: str) -> None:
        """Note one API call."""
        with self._counting:
            self.calls[name] += 1

    def close(self) -> None:
        """Close the clients' connections. A closed connection may be used again."""
        with self._lock:
            clients, self._clients = self._clients, {}
            self._roots.clear()
        for client in clients.values():
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _client(
        self, kind: str, service: str, region: str | None, root_of: str | None = None
    ) -> Any:
        key = (kind, service, region, root_of)
        session = self._session if root_of is None else self._as_root(kind, root_of)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._made(session, kind, service, region, root_of)
            return self._clients[key]

    def _as_root(self, kind: str, member: str) -> boto3.Session:
        """The session as root of a member that reads, or the one that writes."""
        sts = self._client("root-opener", "sts", self.region)
        task = DELETE if kind == "writer" else AUDIT
        with self._lock:
            if (member, task) not in self._roots:
                self._roots[member, task] = root_session(
                    self._session,
                    sts,
                    member,
                    task,
                    partition=self.account.partition,
                    region=self.region,
                )
            return self._roots[member, task]

    def _made(
        self,
        session: Any,
        kind: str,
        service: str,
        region: str | None,
        root_of: str | None,
    ) -> Any:
        is_writer = kind == "writer"
        config = Config(
            retries=(
                {"mode": "standard", "total_max_attempts": 1}
                if is_writer
                else {"mode": "adaptive", "total_max_attempts": self._read_attempts}
            ),
            connect_timeout=10,
            read_timeout=60,
            user_agent_extra=f"locksmith/{__version__}",
        )
        client = session.client(service, region_name=region or self.region, config=config)
        endpoint = custom_endpoint(session, service, client)
        if endpoint != self.endpoint:
            raise ConfigError(
                f"the endpoint of {service} is {endpoint or 'AWS itself'}, that of the other "
                f"services {self.endpoint or 'AWS itself'}",
                hint="Set AWS_ENDPOINT_URL for all services, or for none.",
            )
        if endpoint and service == "s3control":
            keep_to(endpoint, client)
        gate = {
            "reader": lambda: reader_gate(service, self.count),
            "keeper": lambda: keeper_gate(service, self.count),
            "root-opener": lambda: root_opener_gate(self.account.partition, self.count),
            "writer": lambda: writer_gate(
                self, service, region, _own_name(self.caller_arn), self.count, root_of=root_of
            ),
        }[kind]()
        client.meta.events.register("provide-client-params", gate)
        return client


def own_arns(connection: AwsConnection, roles: Iterable[Role] = ()) -> tuple[str, ...]:
    """The ARNs of the bot's own identity and of its trust chain, as IAM writes them.

    For a user that is the caller's ARN. For an assumed role it is the role's, which differs from
    the session's by its path: `roles` (a snapshot's) tell it, found by unique id or name; without
    them the path is taken as `/`.
    """
    known = list(roles)
    role_id = connection.caller_id.partition(":")[0]
    own = [role.arn for role in known if role.id == role_id]
    own = own or [_iam_arn(connection.caller_arn, known)]
    chain = (_iam_arn(arn, known) for arn in connection.chain)
    return tuple(dict.fromkeys((*own, *chain)))


def _iam_arn(arn: str, roles: Iterable[Role]) -> str:
    """The user's or role's ARN for what STS calls a caller."""
    kind, _, rest = arn.split(":", 5)[5].partition("/")
    if kind != "assumed-role":
        return arn
    name = rest.partition("/")[0]
    account = Account.of_arn(arn)
    here = (role.arn for role in roles if role.name == name and Account.of_arn(role.arn) == account)
    return next(here, account.iam_arn(f"role/{name}"))


def _own_name(caller_arn: str) -> tuple[str, str] | None:
    kind, _, rest = caller_arn.split(":", 5)[5].partition("/")
    if kind == "assumed-role":
        return ("RoleName", rest.partition("/")[0])
    return ("UserName", rest.rpartition("/")[2]) if kind == "user" else None
