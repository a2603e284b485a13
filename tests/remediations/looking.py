"""Snapshots of a simulated account, as a scan with every key named takes them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from bot import registry
from bot.aws.belongings import read_belongings
from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.key_uses import with_key_uses
from bot.aws.keys import merge_listed, name_keys
from bot.aws.last_access import read_last_access, read_service_use
from bot.aws.policy_denials import read_policy_denials
from bot.aws.policy_use import read_policy_uses
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder
from bot.aws.user_lists import with_user_lists
from bot.engine.policy_reports import with_holders, with_inline
from bot.model import Part, Protection, RootCustody, Snapshot


def custody(account: AccountBuilder) -> RootCustody:
    """Who confirmed that root is well kept: two people lately, unless a test says otherwise.

    Locksmith knows that from its database, which tests of controls have none of.
    """
    confirmed = vars(account).get("confirmed", (account.ago(days=5), account.ago(days=9)))
    return RootCustody(asked=True, confirmed=confirmed)


#: What controls look at that are on at first; the rest takes calls to every Region.
USUAL = frozenset[Part]().union(
    *(
        each.needs | each.plan_needs
        for each in registry.discover().values()
        if each.settings().enabled
    )
)


def fences(account: AccountBuilder) -> Mapping[tuple[str, str], datetime]:
    """When Locksmith put its fences, by user or role and policy: from its database as well.

    A test notes them in `account.fences`, by the names of users and roles.
    """
    noted: Mapping[tuple[str, str], datetime] = vars(account).get("fences", {})
    ids = {role.name: role.id for role in account.iam.roles.values()}
    ids |= {user.name: user.id for user in account.iam.users.values()}
    return {(ids[name], fence): at for (name, fence), at in noted.items() if name in ids}


class Looker:
    """Looks at one account over one connection, as often as asked, for `more` than is usual too."""

    def __init__(self, account: AccountBuilder, more: frozenset[Part] = frozenset()) -> None:
        self._account = account
        self._needs = USUAL | more
        self._connection = connect(read_attempts=1)

    def __enter__(self) -> Self:
        self._connection.__enter__()
        return self

    @property
    def connection(self) -> AwsConnection:
        """What it looks through."""
        return self._connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.__exit__(kind, error, trace)

    def look(self, protection: Protection | None = None, *, named: bool = True) -> Snapshot:
        """Everything that a scan sees now, with a new credential report."""
        account = self._account
        account.forget_report()
        snapshot = take_snapshot(
            self._connection,
            self._needs,
            clock=lambda: account.now,
            protection=protection or Protection(),
            progress=lambda _: None,
            pause=lambda _: None,
        )
        known = {Part.ROOT_CUSTODY: custody(account), Part.FENCES: fences(account)}
        snapshot = replace(snapshot, parts={**snapshot.parts, **known})
        snapshot = with_user_lists(self._connection, snapshot, self._needs, 10_000)
        assert not snapshot.unavailable, snapshot.unavailable
        access = read_last_access(
            self._connection,
            [user for user in snapshot.users if user.groups],
            budget=10_000,
            now=account.now,
            pause=lambda _: None,
        )
        users = {user.id: user.name for user in snapshot.users}
        ssh = {key.user_id for key in snapshot.ssh_keys}
        service = {credential.user for credential in snapshot.service_credentials}
        use = read_service_use(
            self._connection,
            [each for each in snapshot.users if each.id in ssh or each.name in service],
            budget=10_000,
            pause=lambda _: None,
        )
        more = {
            Part.LAST_ACCESS: access,
            Part.SERVICE_USE: use,
            Part.BELONGINGS: read_belongings(self._connection, users, most=len(users)),
        }
        snapshot = replace(snapshot, parts={**snapshot.parts, **more})
        if Part.KEY_USES in self._needs:
            snapshot = with_key_uses(self._connection, snapshot, 10_000)
        snapshot = self._with_policy_reports(snapshot)
        if not named:
            return snapshot
        names = name_keys(
            self._connection,
            [(user.name, user.id) for user in snapshot.users],
            budget=10_000,
            snapshot=snapshot,
            clock=lambda: account.now,
        )
        return merge_listed(snapshot, names.listed)

    def _with_policy_reports(self, snapshot: Snapshot) -> Snapshot:
        policies, now = snapshot.customer_policies, self._account.now
        more: dict[Part, object] = {}
        if Part.POLICY_USE in self._needs:
            held = [policy for policy in policies if policy.attachments]
            more[Part.POLICY_USE] = read_policy_uses(
                self._connection,
                held,
                with_inline(snapshot),
                budget=10_000,
                now=now,
                pause=lambda _: None,
            )
        if Part.POLICY_DENIALS in self._needs:
            more[Part.POLICY_DENIALS] = read_policy_denials(
                self._connection,
                policies,
                snapshot.roles,
                with_holders(vars(self._account).get("narrowed", ()), snapshot),
                budget=10_000,
                now=now,
            )
        return replace(snapshot, parts={**snapshot.parts, **more})


def look(
    account: AccountBuilder,
    protection: Protection | None = None,
    *,
    named: bool = True,
    more: frozenset[Part] = frozenset(),
) -> Snapshot:
    """One look."""
    with Looker(account, more) as looker:
        return looker.look(protection, named=named)
