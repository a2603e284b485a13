"""What a look brings together for its controls: AWS, what is remembered, and whose things are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.key_uses import with_key_uses
from bot.aws.last_access import read_last_access
from bot.aws.policy_denials import KEPT
from bot.aws.reading import with_part
from bot.aws.user_lists import with_user_lists
from bot.engine.naming import with_remembered_keys
from bot.engine.organization_members import ConnectTo, told_by_management
from bot.engine.policy_reports import with_policy_reports
from bot.model import (
    Narrowed,
    OrganizationAccounts,
    Part,
    Protection,
    RootCustody,
    Snapshot,
)
from bot.store import fences, handovers, narrowings
from bot.store.database import Store, Transaction
from bot.store.handovers import Handover

Progress = Callable[[str], None]
#: Who confirmed that an account's root user is in good hands.
CustodyOf = Callable[[Transaction, str], RootCustody]
#: Who may read the secrets of users' new access keys, by unique id.
ReadersIn = Callable[[Snapshot], Mapping[str, str]]
#: Who owns users whom no tag gives an owner, by unique id; asks nobody.
OwnersIn = Callable[[Snapshot, Mapping[str, Handover]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Gathering:
    """Brings together what controls need; the budgets are calls of AWS for each listing.

    `pause` waits between two looks at a report that AWS is still making.
    """

    store: Store
    clock: Callable[[], datetime]
    last_access_budget: int
    listing_budget: int
    pause: Callable[[float], None]
    owners_in: OwnersIn | None = None
    custody_of: CustodyOf | None = None
    readers_in: ReadersIn | None = None
    connect_to: ConnectTo | None = None

    def gather(
        self,
        connection: AwsConnection,
        protection: Protection,
        needs: frozenset[Part],
        progress: Progress,
    ) -> Snapshot:
        """The snapshot with all of these parts, or why they are unavailable.

        Raises CredentialsError where the session ends on the way.
        """
        if self.readers_in is not None and Part.KEY_NAMES in needs:
            needs |= {Part.SECRETS}
        snapshot = take_snapshot(
            connection, needs, clock=self.clock, protection=protection, progress=progress
        )
        snapshot = self._with_members_told(snapshot)
        snapshot = with_user_lists(connection, snapshot, needs, self.listing_budget)
        snapshot = with_remembered_keys(self._with_owners(snapshot), self.store)
        if Part.LAST_ACCESS in needs:
            snapshot = self._with_last_access(connection, snapshot, progress)
        if Part.KEY_USES in needs:
            progress("Looking where access keys were used from")
            snapshot = with_key_uses(connection, snapshot, self.listing_budget)
        snapshot = with_policy_reports(
            connection,
            snapshot,
            needs,
            lambda: self._narrowed(snapshot),
            budget=self.last_access_budget,
            pause=self.pause,
            progress=progress,
        )
        if Part.ROOT_CUSTODY in needs:
            snapshot = self._with_custody(snapshot)
        return self._with_fences(snapshot) if Part.FENCES in needs else snapshot

    def _with_members_told(self, snapshot: Snapshot) -> Snapshot:
        """With what the managing account tells of the organization, where this one may not ask."""
        told: OrganizationAccounts | None = snapshot.parts.get(Part.ORGANIZATION_ACCOUNTS)
        if told is None or self.connect_to is None:
            return snapshot
        asked = told_by_management(told, self.connect_to)
        return replace(snapshot, parts={**snapshot.parts, Part.ORGANIZATION_ACCOUNTS: asked})

    def _with_last_access(
        self, connection: AwsConnection, snapshot: Snapshot, progress: Progress
    ) -> Snapshot:
        members = [user for user in snapshot.parts.get(Part.USERS, ()) if user.groups]
        progress("Reading what members of groups last used")
        return with_part(
            snapshot,
            Part.LAST_ACCESS,
            lambda: read_last_access(
                connection,
                members,
                budget=self.last_access_budget,
                now=snapshot.taken_at,
                pause=self.pause,
            ),
        )

    def _with_custody(self, snapshot: Snapshot) -> Snapshot:
        custody = RootCustody()
        if self.custody_of is not None:
            with self.store.read() as tx:
                custody = self.custody_of(tx, snapshot.account.id)
        return replace(snapshot, parts={**snapshot.parts, Part.ROOT_CUSTODY: custody})

    def _with_fences(self, snapshot: Snapshot) -> Snapshot:
        with self.store.read() as tx:
            put = fences.fences_put(tx, snapshot.account.id)
        return replace(snapshot, parts={**snapshot.parts, Part.FENCES: put})

    def _narrowed(self, snapshot: Snapshot) -> tuple[Narrowed, ...]:
        with self.store.read() as tx:
            return narrowings.narrowed_inline(tx, snapshot.account.id, snapshot.taken_at - KEPT)

    def _with_owners(self, snapshot: Snapshot) -> Snapshot:
        if self.readers_in is not None:
            snapshot = replace(snapshot, readers=self.readers_in(snapshot))
        if self.owners_in is None:
            return snapshot
        with self.store.read() as tx:
            given = handovers.handovers(tx, snapshot.account.id)
        return replace(snapshot, owners=self.owners_in(snapshot, given))
