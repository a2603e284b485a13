"""The use case of a key that someone found: what it is, whose, and what is open about it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from bot.engine.account_tags import account_tags
from bot.engine.enrolling import Enrolling
from bot.engine.entering import Aws
from bot.engine.known_key import Holder, KnownKey, look_up
from bot.engine.views import FindingView
from bot.errors import AwsError
from bot.model import Account, Actor, DirectoryError, FindingStatus, OwnerSource
from bot.store import accounts, handovers

#: The report tells a key's creation to the second; the user's other key differs by more.
_SAME_MOMENT = timedelta(minutes=1)


class Identifying(Enrolling):
    """Looking up access keys by their ids."""

    def identify(self, key_ids: Sequence[str], actor: Actor, what: str) -> list[KnownKey]:
        """What is known of each key, as AWS shows it now; for every colleague.

        What can't be read is said in the answer and never raised. Raises RefusedError, which is
        logged as `what`, for guests, strangers, bots and the deactivated.
        """
        self.require_colleague(actor, what)
        if not key_ids:
            return []
        views = [
            each
            for each in self.findings(status=FindingStatus.OPEN)
            if not each.record.from_files and each.record.finding.resource.key is not None
        ]
        try:
            aws = self._accounts.first()
        except AwsError as error:
            unseen = [KnownKey(each, self._clock()) for each in key_ids]
            known = [each.with_unread("AWS", str(error)) for each in unseen]
            return [self._with_owner(self._completed(each, views)) for each in known]
        look, account = aws.executor.ports.look(), aws.connection.account
        found = look_up(look, account, key_ids, self._clock)
        homes = [self._at_home(each, aws) for each in found]
        about = [(self._completed(key, views), home) for key, home in homes]
        seen = {home.connection.account.id: home for key, home in about if key.resource}
        tags = {account_id: self._tags_of(home) for account_id, home in seen.items()}
        return [
            self._with_owner(key, home.connection.account, tags.get(home.connection.account.id, {}))
            for key, home in about
        ]

    def _at_home(self, key: KnownKey, seen_from: Aws) -> tuple[KnownKey, Aws]:
        """A key of another account of ours, as it is seen there."""
        account_id = key.account_id
        if account_id is None or account_id == seen_from.connection.account.id:
            return key, seen_from
        if account_id not in self._accounts.ids():
            return key, seen_from
        try:
            aws = self._accounts.enter(account_id)
        except AwsError as error:
            return key.with_unread("its account", str(error)), seen_from
        look, account = aws.executor.ports.look(), aws.connection.account
        (found,) = look_up(look, account, [key.key_id], self._clock)
        return found, aws

    def _completed(self, key: KnownKey, views: Sequence[FindingView]) -> KnownKey:
        """The key with what the database has of it."""
        about = tuple(each for each in views if _is_about(each, key))
        account_id = key.account_id or next((each.record.account.id for each in about), None)
        with self._store.read() as tx:
            record = accounts.get_account(tx, account_id) if account_id else None
        if key.holder is Holder.STRANGER and record is not None:
            key = replace(key, holder=Holder.SCANNED)
        scanned_at = record.last_scan_at if record else None
        return replace(key, findings=about, scanned_at=scanned_at)

    def _tags_of(self, home: Aws) -> Mapping[str, str]:
        """The tags of the account where owners are looked up there; none that can't be read."""
        standings = self._confirming.standings
        if standings is not None and standings.owners.looks_at(OwnerSource.ACCOUNT_TAGS):
            with suppress(AwsError):
                look = home.executor.ports.look()
                return account_tags(home.connection.account.id, look.answer)
        return {}

    def _with_owner(
        self,
        key: KnownKey,
        account: Account | None = None,
        of_account: Mapping[str, str] = MappingProxyType({}),
    ) -> KnownKey:
        """The owner by what AWS says now; where it says nothing, by the question about the key."""
        if self._confirming.standings is None or key.is_temporary:
            return key
        owners, resource = self._confirming.standings.owners, key.resource
        asked = next((each.proposal for each in key.findings if each.proposal), None)
        try:
            if resource is not None and key.user is not None and account is not None:
                with self._store.read() as tx:
                    words = handovers.handovers(tx, account.id)
                owned = owners.of_thing(resource, account, key.user.tags, words, of_account)
                return replace(key, owned=owned)
            return replace(key, owned=owners.resolve(asked)) if asked else key
        except DirectoryError as error:
            return key.with_unread("its owner", f"Slack can't be asked: {error}")


def _is_about(view: FindingView, key: KnownKey) -> bool:
    """Whether a finding is about this key; one not named yet is known by its user and its age."""
    reference = view.record.finding.resource.key
    if reference is None or reference.key_id is not None:
        return reference is not None and reference.key_id == key.key_id
    if key.user is None or key.created is None or reference.user_id != key.user.unique_id:
        return False
    return abs(reference.created - key.created) < _SAME_MOMENT
