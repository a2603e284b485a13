"""The authorization details as a file: whose account they are, and which kinds it holds whole."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.aws.authorization import FILTERS, LISTS, AuthorizationDetails, DetailsError
from bot.aws.offline_files import json_of
from bot.errors import InputError
from bot.model import Account, Part, Role, User


def details_of(path: Path) -> AuthorizationDetails:
    """The users, groups, roles and policies of a file. Raises InputError with file and place."""
    data = json_of(path)
    if not any(name in data for name in LISTS.values()):
        raise InputError(
            f"{path}: no authorization details: it has none of "
            f"{', '.join(dict.fromkeys(LISTS.values()))}",
            hint="Export them with `aws iam get-account-authorization-details`.",
        )
    if data.get("IsTruncated") or data.get("NextToken"):
        raise InputError(
            f"{path}: these are only the first of the authorization details",
            hint="Export them without --max-items and --no-paginate.",
        )
    details = AuthorizationDetails()
    try:
        details.add(data)
    except DetailsError as error:
        raise InputError(f"{path}: {error}", hint=error.hint) from error
    return details


def account_of(path: Path, details: AuthorizationDetails) -> Account:
    """The one account that the details' ARNs name. Raises InputError for none or several."""
    accounts = {account_of_arn(path, arn) for arn in _arns(details)}
    if len(accounts) != 1:
        found = ", ".join(sorted(account.id for account in accounts)) or "none"
        raise InputError(
            f"{path}: one account is needed, its ARNs name {found}",
            hint="Give the authorization details of one account.",
        )
    return accounts.pop()


def _arns(details: AuthorizationDetails) -> Iterator[str]:
    for part in FILTERS:
        if part is not Part.AWS_POLICIES:
            yield from (entity.arn for entity in details.part(part))


def account_of_arn(path: Path, arn: str) -> Account:
    """The account of an ARN in a file. Raises InputError where it is none."""
    try:
        return Account.of_arn(arn)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def whole_parts(details: AuthorizationDetails, account: Account) -> dict[Part, Any]:
    """The parts that the file holds whole, as far as it shows: --filter leaves kinds out.

    A kind is missing where its list is, or where others name what it lacks; then every empty
    kind may have been left out too.
    """
    people: list[User | Role] = [*details.users, *details.roles]
    used = {arn for person in people for arn in person.attached}
    used |= {arn for group in details.groups for arn in group.attached}
    used |= {holder.boundary for holder in people if holder.boundary}
    by_aws = {arn for arn in used if account.is_aws_managed(arn)}
    named: Mapping[Part, set[str]] = {
        Part.GROUPS: {name for user in details.users for name in user.groups},
        Part.CUSTOMER_POLICIES: used - by_aws,
        Part.AWS_POLICIES: by_aws,
    }
    found = {part: details.part(part) for part in FILTERS if LISTS[part] in details.lists}
    whole = {
        part: values
        for part, values in found.items()
        if named.get(part, set())
        <= {each.name if part is Part.GROUPS else each.arn for each in values}
    }
    filtered = len(whole) < len(found)
    return {part: values for part, values in whole.items() if values or not filtered}
