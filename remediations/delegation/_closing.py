"""Closes an open trust policy, principal by principal, or says why a person must."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bot.errors import PlanError
from bot.model import Account, Json, canonical
from bot.policy import (
    CannotTell,
    Condition,
    Document,
    Openness,
    OpenTrust,
    closed_trust,
    deleted_principals,
    open_principals,
    parse_document,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom the configuration knows: accounts, their external ids, the own organization's id."""

    trusted_accounts: Collection[str]
    external_ids: Mapping[str, str]
    organization_id: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The new document, and in words who gets in no more."""

    document: Mapping[str, Json]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """Why only people can close it; `accounts` are those to talk to."""

    reason: str
    accounts: tuple[str, ...] = ()


def closed(document: Document, account: Account, terms: Terms) -> Closed | LeftOpen:
    """The document with everything open closed, as narrowly as the configuration knows how.

    `*` becomes the own account, or anyone of the own organization where its id is configured. A
    foreign account needs its external id from now on, or else to be of the organization.
    """
    gone = deleted_principals(document)
    if gone:
        return LeftOpen(
            f"the document names {', '.join(gone)}, identities that were deleted; AWS doesn't "
            "take such a document back, so a change could not be undone"
        )
    found = open_principals(document, account.id, trusted_accounts=terms.trusted_accounts)
    foreign = tuple(dict.fromkeys(one.account for one in found if one.account))
    agreed = {one: _agreed(one, terms) for one in foreign}
    strangers = tuple(one for one, condition in agreed.items() if condition is None)
    if strangers:
        who = " and ".join(f"account {one}" for one in strangers)
        return LeftOpen(
            f"no external id is agreed on with {who}, which only people can do", strangers
        )
    current = document
    for turn, condition in _turns(found, agreed, terms):
        others = (*terms.trusted_accounts, *(one for one in foreign if one != turn))
        cut = closed_trust(
            current,
            account.id,
            partition=account.partition,
            trusted_accounts=others,
            condition=condition,
        )
        if isinstance(cut, CannotTell):
            return LeftOpen(f"{cut.subject}: {cut.reason}")
        current = parse_document(cut, where="the closed trust policy")
    return _checked(document, current, account, terms, tuple(_refused(found, agreed, terms)))


def _checked(
    old: Document, new: Document, account: Account, terms: Terms, refused: tuple[str, ...]
) -> Closed | LeftOpen:
    if open_principals(new, account.id, trusted_accounts=terms.trusted_accounts):
        return LeftOpen("no condition that Locksmith knows would close it")
    try:
        canonical(old.as_json())
        canonical(new.as_json())
    except PlanError as error:
        return LeftOpen(f"the document can't be compared exactly: {error}")
    return Closed(new.as_json(), refused)


def _agreed(account: str, terms: Terms) -> Condition | None:
    external_id = terms.external_ids.get(account)
    if external_id:
        return Condition("StringEquals", "sts:ExternalId", (external_id,))
    return _organization(terms)


def _organization(terms: Terms) -> Condition | None:
    if not terms.organization_id:
        return None
    return Condition("StringEquals", "aws:PrincipalOrgID", (terms.organization_id,))


def _turns(
    found: tuple[OpenTrust, ...], agreed: Mapping[str, Condition | None], terms: Terms
) -> Iterator[tuple[str, Condition | None]]:
    """Anyone first (as the account ""), then each foreign account with its own condition."""
    if any(one.openness is Openness.ANYONE for one in found):
        yield "", _organization(terms)
    yield from agreed.items()


def _refused(
    found: tuple[OpenTrust, ...], agreed: Mapping[str, Condition | None], terms: Terms
) -> Iterator[str]:
    if any(one.openness is Openness.ANYONE for one in found):
        inside = (
            f"the organization {terms.organization_id}" if terms.organization_id else "this account"
        )
        yield f"Whoever is outside {inside} can't assume the role any more"
    for account, condition in agreed.items():
        if condition is not None and condition.key == "sts:ExternalId":
            yield f"Account {account} is refused until it sends the external id it agreed on"
        else:
            yield f"Account {account} is refused unless it is in {terms.organization_id}"
