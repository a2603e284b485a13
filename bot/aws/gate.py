"""What an AWS client may send: a reader reads, a writer makes exactly the call that was announced,
and one for anchors notes them down.

The rules sit inside the clients, so that no code path goes around them.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from bot.aws.root_sessions import AUDIT, DELETE, task_policy
from bot.errors import PlanError, RefusedError
from bot.model import Call

_READ_PREFIXES = ("Get", "List", "Describe", "Lookup", "Generate", "Simulate")
#: They are called Get but hand out credentials, or secrets that are nobody's business here.
_ISSUES_CREDENTIALS = frozenset(
    {
        "sts:GetSessionToken",
        "sts:GetFederationToken",
        "secretsmanager:GetSecretValue",
        "secretsmanager:BatchGetSecretValue",
    }
)
#: What anchors take besides reads. None changes what is there: a bucket with Object Lock keeps
#: every version.
_KEEPS = frozenset({"s3:PutObject", "logs:PutLogEvents", "kms:Sign"})
#: All that is ever done as root of a member.
ROOT_WRITES = frozenset(
    {
        "iam:DeleteAccessKey",
        "iam:DeleteSigningCertificate",
        "iam:DeleteLoginProfile",
        "iam:DeactivateMFADevice",
    }
)
#: They have no parameter for whom they mean: always whoever signs.
_ACTS_ON_CALLER = frozenset({"iam:ChangePassword"})
#: Left out or empty, IAM takes the signer: "disable Bob's key" would disable our own.
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
_PRINCIPALS = ("UserName", "RoleName", "GroupName")


class WriteRefusedError(RefusedError):
    """A call was not the one that the executor announced, or says too little. It wasn't sent."""


class Announcement:
    """One call that the executor is about to make; it lets one through, once."""

    def __init__(self, connection: object, call: Call) -> None:
        self.connection = connection
        self.call = call
        self._made = False
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether this is the first call under this announcement."""
        with self._lock:
            first, self._made = not self._made, True
        return first


_announced: ContextVar[Announcement | None] = ContextVar("announced", default=None)


@contextmanager
def announce(connection: object, call: Call) -> Iterator[None]:
    """Let exactly `call` through the writers of `connection`, once, inside this block.

    Raises PlanError when one announcement is made inside another.
    """
    if _announced.get() is not None:
        raise PlanError("a write was announced inside another one")
    token = _announced.set(Announcement(connection, call))
    try:
        yield
    finally:
        _announced.reset(token)


def is_read(service: str, operation: str) -> bool:
    """Whether an operation only reads. GenerateCredentialReport counts: it changes nothing."""
    return operation.startswith(_READ_PREFIXES) and f"{service}:{operation}" not in (
        _ISSUES_CREDENTIALS
    )


def reader_gate(service: str, count: Callable[[str], None]) -> Callable[..., None]:
    """A botocore handler that counts each call and refuses all but reads."""

    def check(model: Any, **_: Any) -> None:
        name = f"{service}:{model.name}"
        if not is_read(service, model.name):
            raise WriteRefusedError(
                f"{name} is not a read, and this is a reading client; it was not sent",
                hint="This is a bug: only the executor writes.",
            )
        count(name)

    return check


def keeper_gate(service: str, count: Callable[[str], None]) -> Callable[..., None]:
    """A botocore handler for anchors: counts each call, refuses all but reads and `_KEEPS`."""

    def check(model: Any, params: dict[str, Any], **_: Any) -> None:
        name = f"{service}:{model.name}"
        if name not in _KEEPS and not is_read(service, model.name):
            raise WriteRefusedError(
                f"{name} is not needed for anchors; it was not sent",
                hint="This is a bug: only the executor writes.",
            )
        if name == "s3:PutObject" and not params.get("ObjectLockMode"):
            raise WriteRefusedError(f"{name} without Object Lock was not sent")
        count(name)

    return check


def writer_gate(
    connection: object,
    service: str,
    region: str | None,
    own_name: tuple[str, str] | None,
    count: Callable[[str], None],
    *,
    root_of: str | None = None,
) -> Callable[..., None]:
    """A botocore handler that lets through what was announced, and nothing that lacks a principal.

    `own_name` is the parameter and the value that mean the caller itself: never written to. With
    `root_of` the caller is root of that member, and only what takes its own credentials passes.
    """

    def check(model: Any, params: dict[str, Any], **_: Any) -> None:
        name = f"{service}:{model.name}"
        announced = _announced.get()
        if announced is None or announced.connection is not connection:
            raise WriteRefusedError(
                f"{name} was not announced by the executor; it was not sent",
                hint="This is a bug: only the executor writes.",
            )
        sent = Call(service, model.name, params, region, root_of, announced.call.too_early)
        if sent != announced.call:
            raise WriteRefusedError(
                f"{name} differs from the announced {announced.call.service}:"
                f"{announced.call.operation}; it was not sent",
                hint="This is a bug: a write must equal the journalled call.",
            )
        if root_of is not None:
            _check_root(name, params)
        elif service == "iam":
            _check_principal(name, model, params, own_name)
        if not announced.take():
            raise WriteRefusedError(f"{name} was already made once; it was not sent again")
        count(name)

    return check


def root_opener_gate(partition: str, count: Callable[[str], None]) -> Callable[..., None]:
    """A botocore handler that lets through sts:AssumeRoot for the two tasks there are, alone."""
    tasks = {task_policy(partition, task) for task in (AUDIT, DELETE)}

    def check(model: Any, params: dict[str, Any], **_: Any) -> None:
        task = (params.get("TaskPolicyArn") or {}).get("arn")
        if model.name != "AssumeRoot" or task not in tasks:
            raise WriteRefusedError(
                f"sts:{model.name} with {task} is no session of root to look or to delete; it was "
                "not sent",
                hint="This is a bug: nothing else is ever needed of root.",
            )
        count("sts:AssumeRoot")

    return check


def _check_root(name: str, params: dict[str, Any]) -> None:
    blank = [key for key, value in params.items() if not _says(value)]
    if name not in ROOT_WRITES or "UserName" in params or blank:
        raise WriteRefusedError(
            f"{name} is not what takes a root user's own credential; it was not sent",
            hint="This is a bug in the plan: as root, only root's own credentials are deleted.",
        )


def _check_principal(
    name: str, model: Any, params: dict[str, Any], own_name: tuple[str, str] | None
) -> None:
    members = model.input_shape.members if model.input_shape else {}
    missing = [
        member for member in members if member in _PRINCIPALS and not _says(params.get(member))
    ]
    empty = [
        key
        for key, value in params.items()
        if key.endswith(("Name", "Id", "Arn", "Number")) and not _says(value)
    ]
    if name in _ACTS_ON_CALLER or missing or empty:
        what = ", ".join([*missing, *empty]) or "whom it means"
        raise WriteRefusedError(
            f"{name} lacks {what}: AWS would act on the caller itself; it was not sent",
            hint="This is a bug in the plan: every write names its principal.",
        )
    # IAM's names are unique without regard to case.
    if own_name and str(params.get(own_name[0], "")).casefold() == own_name[1].casefold():
        raise WriteRefusedError(f"{name} would change Locksmith's own identity; it was not sent")


def _says(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
