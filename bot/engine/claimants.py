"""Gathers what every source says of the owners of what a scan found, before questions are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.aws.connection import AwsConnection
from bot.engine.creators import Creators
from bot.engine.owners import OwnerRules, claims
from bot.engine.proposing import ClaimsOf
from bot.engine.tags import tags_of
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

        def of(finding: Finding, handovers: Mapping[str, Handover]) -> tuple[OwnerClaim, ...]:
            return claims(
                finding,
                snapshot.account,
                tags_of(finding, snapshot),
                self.rules,
                handovers,
                made_by.get(finding.resource.unique_id, ()),
            )

        return of
