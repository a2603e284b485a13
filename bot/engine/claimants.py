"""Gathers what every source says of the owners of what a scan found, before questions are made."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.aws.connection import AwsConnection
from bot.aws.reading import read
from bot.engine.account_tags import account_tags
from bot.engine.creators import Creators
from bot.engine.owner_claims import OwnerRules, claims
from bot.engine.proposing import ClaimsOf
from bot.engine.tags import tags_now, tags_of
from bot.errors import AwsError
from bot.model import Finding, OwnerClaim, OwnerSource, Snapshot
from bot.store.handovers import Handover


@dataclass(frozen=True, slots=True)
class Claimants:
    """The claims on what was found; without `creators` CloudTrail isn't asked."""

    rules: OwnerRules
    creators: Creators | None = None

    def __call__(
        self, connection: AwsConnection, snapshot: Snapshot, findings: Sequence[Finding]
    ) -> ClaimsOf:
        """Who owns what a finding is about, as it is known when its question is made."""
        asks_cloudtrail = OwnerSource.CREATOR in self.rules.sources
        made_by = (
            self.creators.of(connection, snapshot, findings)
            if self.creators is not None and asks_cloudtrail
            else {}
        )

        of_policies = self._tags_of_policies(connection, findings)
        of_account = self._tags_of_account(connection) if findings else {}

        def of(finding: Finding, handovers: Mapping[str, Handover]) -> tuple[OwnerClaim, ...]:
            return claims(
                finding.resource,
                snapshot.account,
                of_policies.get(finding.resource.arn) or tags_of(finding, snapshot),
                self.rules,
                handovers,
                made_by.get(finding.resource.unique_id, ()),
                of_account,
            )

        return of

    def _tags_of_account(self, connection: AwsConnection) -> Mapping[str, str]:
        """Tags of the account; none where its organisation can't be asked from here."""
        if OwnerSource.ACCOUNT_TAGS not in self.rules.sources:
            return {}
        with suppress(AwsError):
            return account_tags(connection.account.id, lambda call: read(connection, call))
        return {}

    def _tags_of_policies(
        self, connection: AwsConnection, findings: Sequence[Finding]
    ) -> Mapping[str, Mapping[str, str]]:
        """Tags of policies by ARN, one call each; one that can't be read names nobody."""
        if OwnerSource.TAGS not in self.rules.sources:
            return {}
        found: dict[str, Mapping[str, str]] = {}
        for finding in findings:
            if finding.resource.type == "policy" and finding.resource.arn not in found:
                with suppress(AwsError):
                    found[finding.resource.arn] = tags_now(
                        finding, lambda call: read(connection, call)
                    )
        return found
