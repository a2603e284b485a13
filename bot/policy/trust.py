"""Role trust policies: who outside the account may take on the role with nothing to narrow it.

Service and federated principals aren't open in this sense; they have rules of their own.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.policy.decision import applies_to_action
from bot.policy.document import Document, Principal, Statement
from bot.policy.trust_conditions import named_accounts, narrows_allow, narrows_by_deny

_ASSUME = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_ACCOUNT_ID = re.compile(r"\d{12}")
_ARN_ACCOUNT = re.compile(r"arn:[^:]*:(?:iam|sts)::([^:]*):.+", re.DOTALL)
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{8,}")


class Openness(StrEnum):
    """Whom an open statement lets in."""

    ANYONE = "anyone"
    FOREIGN_ACCOUNT = "foreign account"


@dataclass(frozen=True, slots=True)
class OpenTrust:
    """An Allow that lets `principal` assume the role unconditionally.

    `principal` is its text in the document (`*`, an account id, an ARN; "everyone but …" for a
    NotPrincipal); `account` is the foreign account's id, or "" if anyone may.
    """

    statement: Statement
    openness: Openness
    principal: str
    account: str = ""


def open_principals(
    document: Document, account_id: str, *, trusted_accounts: Collection[str] = ()
) -> tuple[OpenTrust, ...]:
    """The principals that may assume the role of this trust policy with no narrowing condition.

    `account_id` is the role's own account; `trusted_accounts` are others known as one's own, such
    as the organisation's. Deny statements of the document that take a principal back, or narrow
    it, are counted. CIS and FSBP have no number for this; AWS: "The confused deputy problem",
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    own = frozenset((account_id, *trusted_accounts))
    return tuple(
        found
        for statement in _allows(document)
        if not narrows_allow(statement)
        for found in _open_in(statement, own)
        if not _is_taken_back(document, found, own)
    )


def foreign_principals(
    document: Document, account_id: str, *, trusted_accounts: Collection[str] = ()
) -> tuple[OpenTrust, ...]:
    """The principals of other accounts that may assume the role, under whatever conditions.

    `*` is one where a condition names the accounts (`aws:PrincipalAccount`, `aws:PrincipalArn`).
    Other arguments, and what Deny statements take back, as in `open_principals`.
    """
    own = frozenset((account_id, *trusted_accounts))
    return tuple(
        found
        for statement in _allows(document)
        for found in (*_foreign_in(statement, own), *_foreign_by_condition(statement, own))
        if not _is_taken_back(document, found, own)
    )


def _allows(document: Document) -> Iterator[Statement]:
    for statement in document.statements:
        if statement.effect == "Allow" and _lets_assume(statement):
            yield statement


def _is_taken_back(document: Document, found: OpenTrust, own: Collection[str]) -> bool:
    denies = (one for one in document.statements if one.effect == "Deny" and _lets_assume(one))
    return any(_takes_back(deny, found, own) for deny in denies)


def _foreign_in(statement: Statement, own: Collection[str]) -> Iterator[OpenTrust]:
    for found in _open_in(statement, own):
        if found.account:
            yield found


def _foreign_by_condition(statement: Statement, own: Collection[str]) -> Iterator[OpenTrust]:
    for principal in statement.principals:
        if is_anyone(principal):
            for account in named_accounts(statement):
                if account not in own:
                    openness = Openness.FOREIGN_ACCOUNT
                    yield OpenTrust(statement, openness, principal.value, account)


def deleted_principals(document: Document) -> tuple[str, ...]:
    """Unique ids (AIDA…, AROA…) that stand where AWS once showed an ARN: the identity is gone.

    AWS refuses such a text ("Invalid principal in policy"), so a document that has one can't be
    written back as it is, and an edit of it can't be undone exactly.
    """
    return tuple(
        principal.value
        for statement in document.statements
        for principal in (*statement.principals, *statement.not_principals)
        if principal.type == "AWS" and _UNIQUE_ID.fullmatch(principal.value)
    )


def foreign_account(principal: Principal, own: Collection[str]) -> str:
    """The account id behind an AWS principal if it isn't one of `own`; "" if it is, or is none."""
    account = _account(principal)
    return account if account and account not in own else ""


def is_anyone(principal: Principal) -> bool:
    """Whether a principal is `*`, or names no single account where it should."""
    if principal.type not in ("AWS", "*"):
        return False
    account = _account(principal)
    return "*" in principal.value if not account else not _ACCOUNT_ID.fullmatch(account)


def is_open(principal: Principal, own: Collection[str]) -> bool:
    """Whether a principal is anyone, or of an account that isn't one of `own`."""
    return is_anyone(principal) or bool(foreign_account(principal, own))


def _account(principal: Principal) -> str:
    if principal.type != "AWS":
        return ""
    if _ACCOUNT_ID.fullmatch(principal.value):
        return principal.value
    found = _ARN_ACCOUNT.fullmatch(principal.value)
    return found.group(1) if found else ""


def _lets_assume(statement: Statement) -> bool:
    return any(applies_to_action(statement, action) for action in _ASSUME)


def _open_in(statement: Statement, own: Collection[str]) -> Sequence[OpenTrust]:
    if _names_everyone(statement.not_principals):
        return []
    if statement.not_principals:
        names = ", ".join(principal.value for principal in statement.not_principals)
        return [OpenTrust(statement, Openness.ANYONE, f"everyone but {names}")]
    return [
        OpenTrust(statement, Openness.ANYONE, principal.value)
        if is_anyone(principal)
        else OpenTrust(statement, Openness.FOREIGN_ACCOUNT, principal.value, account)
        for principal in statement.principals
        if is_open(principal, own)
        for account in (foreign_account(principal, own),)
    ]


def _names_everyone(principals: Sequence[Principal]) -> bool:
    # Only the bare star surely is everyone; AWS takes no other wildcard here.
    return any(one.type in ("AWS", "*") and one.value == "*" for one in principals)


def _takes_back(deny: Statement, found: OpenTrust, own: Collection[str]) -> bool:
    """Whether an unconditional or narrowing Deny leaves nothing open of what was found."""
    if deny.conditions and not narrows_by_deny(deny):
        return False
    if not _denies_all_ways(deny, found.statement):
        return False
    if deny.not_principals:
        return not any(is_open(one, own) for one in deny.not_principals)
    if _names_everyone(deny.principals):
        return True
    return bool(found.account) and any(
        principal.value in (found.principal, found.account)
        or (principal.value.endswith(":root") and _account(principal) == found.account)
        for principal in deny.principals
    )


def _denies_all_ways(deny: Statement, allow: Statement) -> bool:
    """Whether `deny` takes in every way of assuming the role that `allow` offers."""
    offered = (action for action in _ASSUME if applies_to_action(allow, action))
    return all(applies_to_action(deny, action) for action in offered)
