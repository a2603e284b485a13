"""Which accounts are no strangers: by the configuration, and by AWS's word on the organization."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import model_validator

from bot.model import Account, Json, OrganizationAccounts, Part, Settings, Snapshot
from bot.policy import Statement, named_organizations

#: What once stood with each control, and where it stands for all of them.
_SHARED = {
    "trusted_accounts": "own",
    "organization_id": "organization_id",
    "vendors": "vendors",
}


class TrustSettings(Settings):
    """Nothing of which accounts are known: that is said once, under `known_accounts`."""

    @model_validator(mode="before")
    @classmethod
    def _said_once(cls, given: Any) -> Any:
        for name, shared in _SHARED.items():
            if isinstance(given, Mapping) and name in given:
                raise ValueError(
                    f"{name} is no setting of one control: say it once for all, in "
                    f"`known_accounts.{shared}`"
                )
        return given


@dataclass(frozen=True, slots=True)
class Known:
    """Whom one account knows.

    `own` are one's own accounts, the organization's active ones among them, and those that
    Locksmith comes from; `organization_id` is what the configuration says, `organization` what AWS
    says. `states` are those of the organization's accounts, by id. `unread` is why AWS's list isn't
    known; empty where it is, or where there is no organization.
    """

    own: frozenset[str]
    vendors: Mapping[str, str]
    organization_id: str
    organization: str
    states: Mapping[str, str]
    unread: str

    def is_within(self, statement: Statement) -> bool:
        """Whether a statement is limited to the own organization; to any, while it isn't known."""
        named = named_organizations(statement)
        own = self.organization_id or self.organization
        return bool(named) and (not own or all(each == own for each in named))

    def label(self, account: str) -> str:
        """What to call an account that isn't one's own."""
        state = self.states.get(account)
        if account in self.vendors:
            return f"account {account} ({self.vendors[account]})"
        return (
            f"account {account} ({state} in your organization)" if state else f"account {account}"
        )

    def said(self, accounts: Collection[str]) -> dict[str, Json]:
        """For evidence: what AWS says of these accounts, or why it isn't known."""
        if not accounts:
            return {}
        if self.unread:
            return {"organization": f"its accounts could not be read: {self.unread}"}
        if not self.organization:
            return {"organization": "this account is in none"}
        gone = [f"{each} is {self.states[each]}" for each in accounts if each in self.states]
        told = ", ".join(gone) or "none of them is in it"
        return {"organization": f"{self.organization}: {told}"}


def known_in(snapshot: Snapshot) -> Known:
    """Whom the account of this snapshot knows."""
    configured = snapshot.known_accounts
    told: OrganizationAccounts = snapshot.parts.get(
        Part.ORGANIZATION_ACCOUNTS, OrganizationAccounts(members=None, unread=_why_unread(snapshot))
    )
    members = told.members or ()
    active = {each.id for each in members if each.is_active}
    # The account that Locksmith comes from is nobody's secret: it is entered from there.
    bots = {Account.of_arn(arn).id for arn in snapshot.protection.own}
    return Known(
        own=configured.own | active | bots,
        vendors=configured.vendors,
        organization_id=configured.organization_id,
        organization=told.organization or "",
        states={each.id: each.state for each in members},
        unread=told.unread,
    )


def _why_unread(snapshot: Snapshot) -> str:
    gap = snapshot.unavailable.get(Part.ORGANIZATION_ACCOUNTS)
    if gap is None:
        return "nobody asked AWS"
    return f"{gap.error} (grant {gap.grant})" if gap.grant else gap.error


def look_up(account: str) -> str:
    """The step by which people see whether an account is their organization's."""
    return (
        f"See whether account {account} is your organization's, from its management account: "
        f"aws organizations describe-account --account-id {account}"
    )
