"""The accounts whose identities are no strangers, as far as the configuration says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KnownAccounts:
    """Ids of one's `own` accounts, those that are scanned among them, and of `vendors`.

    `vendors` says whose a third party's account is. `organization_id` is one's own organization's
    (o-…), "" where that is left to AWS to tell.
    """

    own: frozenset[str] = frozenset()
    organization_id: str = ""
    vendors: Mapping[str, str] = field(default_factory=dict)
