"""The ways into the accounts of the configuration: each is gone once, when it is first needed."""

from collections.abc import Callable
from functools import cached_property

import jmespath

from bot import unattended
from bot.aws.assuming import RoleToAssume
from bot.aws.connection import AwsConnection, own_arns
from bot.aws.reading import ReadFailedError, read
from bot.aws.sessions import connect
from bot.config import AccountSettings, Config
from bot.engine.entering import Accounts, Aws, Enter, KnownAccount, require_account
from bot.engine.executor import Executor
from bot.model import Call, Protection

#: What writes to an account, given who is out of reach there.
WriterOf = Callable[[AwsConnection, Protection], Executor]


class Entrances:
    """Enters accounts with the credentials of this process, and with the roles of `accounts`."""

    def __init__(self, config: Config, writer_of: WriterOf) -> None:
        self._config = config
        self._writer_of = writer_of
        self._entered: dict[str, Aws] = {}

    @cached_property
    def connection(self) -> AwsConnection:
        """The account that the credentials belong to. Raises AwsError."""
        aws = self._config.aws
        return connect(profile=aws.profile, region=aws.region)

    @cached_property
    def own(self) -> Aws:
        """The way into the account that the credentials belong to. Raises AwsError."""
        return self._way_into(self.connection)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts that are worked on. Raises ConfigError for two that are called alike."""
        unattended.refuse_alike(self._config)
        return Accounts(
            lambda: self.own,
            tuple(
                KnownAccount(each.id, self._entering(each), each.name or "", frozenset(each.groups))
                for each in self._config.accounts
            ),
        )

    def close(self) -> None:
        """Close every connection that was opened."""
        for aws in self._entered.values():
            aws.connection.close()
        if "connection" in self.__dict__:
            self.connection.close()

    def _entering(self, account: AccountSettings) -> Enter:
        """What enters one account of the configuration, and gives the same way in afterwards."""

        def enter() -> Aws:
            if account.id not in self._entered:
                self._entered[account.id] = self._entered_anew(account)
            return self._entered[account.id]

        return enter

    def _entered_anew(self, account: AccountSettings) -> Aws:
        if account.role is None:
            return self.own
        aws = self._config.aws
        role = RoleToAssume(account.role, account.external_id)
        connection = connect(profile=aws.profile, region=aws.region, role=role)
        require_account(connection, account.id)  # before anything is read with it
        return self._way_into(connection)

    def _way_into(self, connection: AwsConnection) -> Aws:
        """The way into an account: who is out of reach there, and the one writer."""
        known = protected_by(self._config)
        own = _own_identity(connection)
        protection = Protection(known.break_glass, known.protected, own)
        return Aws(connection, protection, self._writer_of(connection, protection))


def protected_by(config: Config) -> Protection:
    """Who is out of reach by configuration alone."""
    protected = config.protected
    return Protection(break_glass=protected.break_glass, protected=protected.identities)


def _own_identity(connection: AwsConnection) -> tuple[str, ...]:
    """Our own ARN, with the path that a role's session doesn't tell where it can be read."""
    guessed = own_arns(connection)
    name = guessed[0].rpartition("/")[2]
    if ":role/" not in guessed[0]:
        return guessed
    try:
        answer = read(connection, Call("iam", "GetRole", {"RoleName": name}))
    except ReadFailedError:
        return guessed
    arn = jmespath.search("Role.Arn", answer)
    return guessed if arn in (None, *guessed) else (*guessed, arn)
