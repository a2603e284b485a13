"""Narrower versions of documents, for fixes: never wider than what was there before.

All rewrites work on the JSON as it came and leave every other statement word for word.
"""

from collections.abc import Callable, Collection

from bot.policy.administration import grants_full_administration, is_universal
from bot.policy.cannot_tell import CannotTell
from bot.policy.decision import applies_to_action
from bot.policy.document import Condition, Document, Principal, Statement
from bot.policy.rewriting import Json, Rewrite, as_list, items_of, rewritten, without_keys
from bot.policy.trust import Openness, OpenTrust, is_anyone, is_open, open_principals
from bot.policy.trust_conditions import narrows

# The shape of AWS's PowerUserAccess: everything but identities, organisation and account, and of
# those the few actions that other services' consoles and set-ups need.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/PowerUserAccess.html
POWER_USER_EXCLUDES = ("iam:*", "organizations:*", "account:*")
POWER_USER_KEEPS = (
    "account:GetAccountInformation",
    "account:GetGovCloudAccountInformation",
    "account:GetPrimaryEmail",
    "account:ListRegions",
    "iam:CreateServiceLinkedRole",
    "iam:DeleteServiceLinkedRole",
    "iam:ListRoles",
    "organizations:DescribeEffectivePolicy",
    "organizations:DescribeOrganization",
)


def without_full_administration(document: Document, *, partition: str = "aws") -> Json | CannotTell:
    """The document with each Allow that grants full administration cut to PowerUserAccess's shape.

    The two statements that replace one keep its resources and conditions, and what it did not
    allow stays out, so nothing new is allowed. What stops working: everything in IAM,
    Organizations and Account Management but POWER_USER_KEEPS. A document that grants no full
    administration comes back as it is. CannotTell for an Allow whose patterns only add up to
    nearly everything: no shorter form of it is surely narrower.
    """
    full = grants_full_administration(document, partition=partition)
    replaced = {statement.index: statement for statement in full.statements} if full else {}
    for statement in replaced.values():
        if not is_universal(statement):
            reason = "it lists patterns that add up to nearly everything; a person must shorten it"
            return CannotTell(statement.label, reason)
    return rewritten(document, {i: _power_user(one) for i, one in replaced.items()})


def closed_trust(
    document: Document,
    account_id: str,
    *,
    partition: str = "aws",
    trusted_accounts: Collection[str] = (),
    condition: Condition | None = None,
) -> Json | CannotTell:
    """The trust policy with its open statements closed; every other statement as it was.

    With `condition` (such as StringEquals sts:ExternalId), the open principals keep their place
    under that condition, and others of the same statement stay as they were. Without, `*` becomes
    the own account's root, which leaves the choice to that account's own policies. CannotTell,
    with the reason, where a person must decide: a foreign account or an Allow with NotPrincipal
    and no condition, or a condition that doesn't narrow or that the statement already has.
    """
    if condition is not None and not narrows(condition):
        return CannotTell(condition.key, "the condition narrows nothing")
    root = f"arn:{partition}:iam::{account_id}:root"
    closed: dict[int, Rewrite] = {}
    for found in open_principals(document, account_id, trusted_accounts=trusted_accounts):
        statement = found.statement
        reason = _cannot_close(found) if condition is None else _clash(statement, condition)
        if reason:
            return CannotTell(statement.label, reason)
        if condition is None:
            closed[statement.index] = _with_root(root)
        else:
            own = frozenset((account_id, *trusted_accounts))
            closed[statement.index] = _with_condition(condition, own)
    return rewritten(document, closed)


def without_principals(
    document: Document, unwanted: Callable[[Statement, Principal], bool]
) -> Json:
    """The trust policy without the unwanted AWS principals; every other statement as it was.

    A statement that names nobody any more goes; where it was the last one, a Deny for everyone
    takes its place, for AWS takes no document without a statement. What Deny statements name may
    only be unwanted if it is nobody (a deleted identity), or else this would be wider. What a
    NotPrincipal names stays: without it, that statement would let in more.
    """
    cut: dict[int, Rewrite] = {}
    for statement in document.statements:
        gone = [one.value for one in statement.principals if unwanted(statement, one)]
        if gone:
            cut[statement.index] = _without_named(gone)
    content = rewritten(document, cut)
    if not content["Statement"]:
        content["Statement"] = [_nobody(document)]
    return content


def without_statements(document: Document, gone: Collection[int]) -> Json:
    """The document without the statements of these indexes; the others word for word.

    No wider where those are Allows. AWS takes no document without a statement.
    """
    return rewritten(document, {index: lambda _item: [] for index in gone})


def _without_named(gone: Collection[str]) -> Rewrite:
    def rewrite(item: Json) -> list[Json]:
        named = item["Principal"]
        if not isinstance(named, dict):
            return []
        left = [one for one in as_list(named["AWS"]) if one not in gone]
        others = named | {"AWS": left} if left else without_keys(named, "AWS")
        return [item | {"Principal": others}] if others else []

    return rewrite


def _nobody(document: Document) -> Json:
    first = items_of(document.as_json())[0]
    kept = {key: first[key] for key in ("Sid",) if key in first}
    return kept | {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def _power_user(statement: Statement) -> Rewrite:
    excluded = list(dict.fromkeys((*statement.not_actions, *POWER_USER_EXCLUDES)))
    kept = [action for action in POWER_USER_KEEPS if applies_to_action(statement, action)]

    def rewrite(item: Json) -> list[Json]:
        rest = without_keys(item, "Action", "NotAction")
        broad = rest | {"NotAction": excluded}
        # A Sid is unique within its document, so the second statement goes without.
        few = without_keys(rest, "Sid") | {"Action": kept}
        return [broad, few] if kept else [broad]

    return rewrite


def _with_root(root: str) -> Rewrite:
    def rewrite(item: Json) -> list[Json]:
        named = item["Principal"]
        if not isinstance(named, dict):
            return [item | {"Principal": {"AWS": root}}]
        values = (
            root if is_anyone(Principal("AWS", one)) else one for one in as_list(named["AWS"])
        )
        return [item | {"Principal": named | {"AWS": list(dict.fromkeys(values))}}]

    return rewrite


def _with_condition(condition: Condition, own: Collection[str]) -> Rewrite:
    def rewrite(item: Json) -> list[Json]:
        block = {**item.get("Condition", {})}
        block[condition.operator] = {
            **block.get(condition.operator, {}),
            condition.key: list(condition.values),
        }
        named = item.get("Principal")
        if not isinstance(named, dict):
            return [item | {"Condition": block}]
        opened = [one for one in as_list(named["AWS"]) if is_open(Principal("AWS", one), own)]
        spared = [one for one in as_list(named["AWS"]) if one not in opened]
        others = without_keys(named, "AWS") | ({"AWS": spared} if spared else {})
        if not others:
            return [item | {"Condition": block}]
        narrowed = without_keys(item, "Sid") | {"Principal": {"AWS": opened}, "Condition": block}
        return [item | {"Principal": others}, narrowed]

    return rewrite


def _cannot_close(found: OpenTrust) -> str:
    if found.openness is Openness.FOREIGN_ACCOUNT:
        return (
            f"it trusts account {found.account}, which isn't known as one's own; "
            "add it to the trusted accounts, or agree on an external id with its owner"
        )
    if found.statement.not_principals:
        return "it allows everyone but those it names; a person must say who may instead"
    return ""


def _clash(statement: Statement, condition: Condition) -> str:
    """Two conditions of one operator and key can't stand side by side, and merged they widen."""
    taken = {(one.operator.lower(), one.key.lower()) for one in statement.conditions}
    if (condition.operator.lower(), condition.key.lower()) in taken:
        return f"it already has a {condition.operator} condition on {condition.key}"
    return ""
