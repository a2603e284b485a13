"""The accounts that are worked on, and the way into each.

An account that can't be entered holds up no other, and whoever answers for another account than
the one that was meant is not believed.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.aws.connection import AwsConnection
from bot.engine.executor import Executor
from bot.errors import AwsError, NotEnteredError, RefusedError, UsageError
from bot.model import Account, Protection


@dataclass(frozen=True, slots=True)
class Aws:
    """A way into one account: the connection, who is out of reach there, and who may write."""

    connection: AwsConnection
    protection: Protection
    executor: Executor


#: Connects to AWS when it is first needed, and gives the same way in from then on.
Enter = Callable[[], Aws]


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """One account of the configuration: what people call it, its groups, and the way in."""

    id: str
    enter: Enter
    name: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(slots=True)
class Accounts:
    """The accounts of the configuration, or the one that the caller's credentials belong to.

    `own` enters the caller's account; it is the only one where `configured` is empty.
    """

    own: Enter
    configured: Sequence[KnownAccount] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)

    def ids(self) -> tuple[str, ...]:
        """The ids of all of them. Without a configuration AWS tells it, and AwsError is raised."""
        if self.configured:
            return tuple(each.id for each in self.configured)
        return (self.own().connection.account.id,)

    def names(self) -> Mapping[str, str]:
        """What people call each account, by its id; those without a name are left out."""
        return {each.id: each.name for each in self.configured if each.name}

    def id_of(self, named: str) -> str:
        """The id behind an id or a name. Raises UsageError for what isn't among them."""
        for account_id in self.ids():
            if named in (account_id, self.names().get(account_id)):
                return account_id
        known = ", ".join(self.ids())
        raise UsageError(f"account {named} is none of those that are looked at ({known})")

    def only(self) -> str:
        """The one account there is. Raises UsageError where there are several."""
        ids = self.ids()
        if len(ids) > 1:
            raise UsageError(f"there are {len(ids)} accounts: say which one ({', '.join(ids)})")
        return ids[0]

    def enter(self, account_id: str) -> Aws:
        """The way into this account, and certainly into no other.

        Raises NotEnteredError for one of the configuration that can't be entered or answers as
        another; AwsError and RefusedError for the caller's own.
        """
        known = next((each for each in self.configured if each.id == account_id), None)
        if known is None:
            return self._own(account_id)
        try:
            with self._lock_of(account_id):
                aws = known.enter()
        except NotEnteredError:
            raise
        except AwsError as error:
            raise NotEnteredError(
                f"account {account_id} can't be entered: {error}", hint=error.hint
            ) from error
        require_account(aws.connection, account_id)
        return aws

    def enter_account(self, account: Account) -> Aws:
        """The same, also for the partition."""
        aws = self.enter(account.id)
        if aws.connection.account != account:
            raise RefusedError(
                f"this belongs to account {account.id} in {account.partition}, and you are signed "
                f"in to {aws.connection.account.partition}"
            )
        return aws

    def first(self) -> Aws:
        """The first that lets us in, for what every account can tell. Raises AwsError."""
        failed: AwsError | None = None
        for account_id in self.ids():
            try:
                return self.enter(account_id)
            except AwsError as error:
                failed = failed or error
        raise failed or NotEnteredError("there is no account to enter")

    def _own(self, account_id: str) -> Aws:
        if self.configured:
            raise RefusedError(
                f"account {account_id} is not among `accounts`",
                hint="Add it there to work on it again.",
            )
        aws = self.own()
        if aws.connection.account.id != account_id:
            raise RefusedError(
                f"this belongs to account {account_id}, and you are signed in to "
                f"{aws.connection.account.id}",
                hint="Choose the right --profile.",
            )
        return aws

    def _lock_of(self, account_id: str) -> threading.Lock:
        """One account is entered once; that one hangs is no matter for the others."""
        with self._lock:
            return self._locks.setdefault(account_id, threading.Lock())


def require_account(connection: AwsConnection, account_id: str) -> None:
    """Raise NotEnteredError where AWS says that a connection is to another account than meant."""
    if connection.account.id != account_id:
        raise NotEnteredError(
            f"the way into account {account_id} leads to {connection.account.id}",
            hint="Mend `accounts`: its role, or the credentials that are used without one.",
        )
