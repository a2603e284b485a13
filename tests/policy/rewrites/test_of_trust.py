"""Rewrites of trust policies: closed to strangers, cut down, under a further condition."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Account
from bot.policy import (
    CannotTell,
    Condition,
    Tightening,
    any_subjects,
    closed_trust,
    deleted_principals,
    foreign_principals,
    named_accounts,
    open_principals,
    parse_document,
    tightened,
    without_principals,
)
from remediations.delegation._asked_subjects import asking_for_subjects
from remediations.delegation._closing import Closed, Terms, closed
from tests.policy.oracle import Caller, as_list, assumes
from tests.policy.rewrites.examples import tried
from tests.policy.trust_strategies import (
    EC2,
    FOREIGN,
    GITHUB,
    OWN,
    PARTNER,
    SUBJECT,
    trust_documents,
)

Json = dict[str, Any]
DELETED = "AROAEXAMPLEEXAMPLE123"


def _callers() -> tuple[Caller, ...]:
    """Everybody there is here, with each of what they may bring."""
    found = [Caller(service=EC2, context=each) for each in ({}, {"aws:sourceaccount": (OWN,)})]
    found += [
        Caller(federated=GITHUB, context={SUBJECT: (f"repo:{whose}/web:ref:refs/heads/main",)})
        for whose in ("ours", "theirs")
    ]
    brought = product(("", "agreed", "guessed"), ("", "o-mine", "o-theirs"))
    for secret, organization in brought:
        for account in (OWN, PARTNER, FOREIGN, "888877776666"):
            for arn in (f"role/{'deploy' if account == OWN else 'work'}", "user/mallory"):
                arn = f"arn:aws:iam::{account}:{arn}"
                context = {"aws:principalaccount": (account,), "aws:principalarn": (arn,)}
                context |= {"sts:externalid": (secret,)} if secret else {}
                context |= {"aws:principalorgid": (organization,)} if organization else {}
                found.append(Caller(arn=arn, account=account, context=context))
    return tuple(found)


CALLERS = _callers()
ACTIONS = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
#: Whether the plan says that a caller is refused an action.
Loses = Callable[[Caller, str], bool]
Cut = Callable[[st.DataObject, Json], "tuple[Json, Loses] | None"]


def parsed(content: Json) -> Any:
    return parse_document(content, where="role r")


def _without(content: Json, gone: Mapping[int, set[str]]) -> Json:
    """The document whose Allows, by their place, have some principals less; or all, for none."""
    kept = []
    for index, item in enumerate(as_list(content["Statement"])):
        named = item.get("Principal")
        if index not in gone:
            kept.append(item)
        elif isinstance(named, dict) and gone[index]:
            left = {
                kind: [one for one in as_list(values) if one not in gone[index]]
                for kind, values in named.items()
            }
            kept.append(item | {"Principal": left})
    return content | {"Statement": kept}


def _by_a_star(content: Json) -> Loses:
    """Whoever is outside and came in by `*` alone."""
    allows = [one for one in parsed(content).statements if one.effect == "Allow"]
    others = _without(content, {one.index: {"*"} for one in allows if one.principals})
    return lambda caller, action: caller.account != OWN and not assumes(others, caller, action)


def closed_by_itself(data: st.DataObject, content: Json) -> tuple[Json, Loses] | None:
    """`*` becomes the own account; or what was open needs a condition from now on."""
    secret = Condition("StringEquals", "sts:ExternalId", ("agreed",))
    ours = Condition("StringEquals", "aws:PrincipalOrgID", ("o-mine",))
    condition = data.draw(st.sampled_from([None, secret, ours]))
    after = closed_trust(parsed(content), OWN, trusted_accounts=(PARTNER,), condition=condition)
    if isinstance(after, CannotTell):
        return None
    assert open_principals(parsed(after), OWN, trusted_accounts=(PARTNER,)) == ()
    if condition is None:
        return after, _by_a_star(content)
    key = condition.key.lower()
    return after, lambda caller, _action: caller.context.get(key) != condition.values


def closed_as_planned(data: st.DataObject, content: Json) -> tuple[Json, Loses] | None:
    """By all that the configuration knows; whom it hits is said in as many words."""
    secrets = data.draw(st.sampled_from([{}, {FOREIGN: "agreed"}]))
    terms = Terms((PARTNER,), secrets, data.draw(st.sampled_from(["", "o-mine"])))
    found = closed(parsed(content), Account(OWN), terms)
    if not isinstance(found, Closed):
        return None
    said = " ".join(found.refused)

    def told(caller: Caller, _action: str) -> bool:
        if "outside this account" in said and caller.account != OWN:
            return True
        of_ours = caller.context.get("aws:principalorgid") == ("o-mine",)
        if "outside the organization" in said and not of_ours:
            return True
        if f"Account {caller.account} is refused until" in said:
            return caller.context.get("sts:externalid") != ("agreed",)
        return f"Account {caller.account} is refused unless" in said and not of_ours

    return dict(found.document), told


def without_strangers(data: st.DataObject, content: Json) -> tuple[Json, Loses] | None:
    """Accounts that nobody here knows are taken out; the others come in as before."""
    known = data.draw(st.sampled_from([(PARTNER,), ()]))
    document = parsed(content)
    found = foreign_principals(document, OWN, trusted_accounts=known)
    gone = {each.account for each in found}
    if any("*" in one.principal and not {*named_accounts(one.statement)} <= gone for one in found):
        return None  # left to people: one condition names accounts of both kinds
    unwanted = {(each.statement.index, each.principal) for each in found}
    after = without_principals(document, lambda where, who: (where.index, who.value) in unwanted)
    assert foreign_principals(parsed(after), OWN, trusted_accounts=known) == ()
    return after, lambda caller, _action: caller.account in gone


def without_the_deleted(data: st.DataObject, content: Json) -> tuple[Json, Loses] | None:
    """An id of nobody goes; nobody comes in more or less for it."""
    items = as_list(content["Statement"])
    place = data.draw(st.integers(0, len(items) - 1))
    named = items[place].get("Principal")
    if not isinstance(named, dict):
        return None
    listed = [*as_list(named["AWS"]), DELETED]
    items[place] = items[place] | {"Principal": named | {"AWS": listed}}
    document = parsed(content | {"Statement": items})
    gone = deleted_principals(document)
    after = without_principals(document, lambda _, who: who.value in gone)
    assert DELETED not in str(after)
    return after, lambda _caller, _action: False


def under_a_condition(data: st.DataObject, content: Json) -> tuple[Json, Loses] | None:
    """Some principals need to bring something more; the others, and what they bring, stay."""
    condition = data.draw(
        st.sampled_from(
            [
                Condition("StringEquals", "sts:ExternalId", ("agreed",)),
                Condition("StringEquals", "aws:SourceAccount", (OWN,)),
                Condition("StringLike", SUBJECT, ("repo:ours/*",)),
            ]
        )
    )
    chosen: dict[int, set[str]] = {}
    for one in parsed(content).statements:
        if one.effect == "Allow" and one.principals:
            names = st.sets(st.sampled_from([each.value for each in one.principals]))
            chosen[one.index] = data.draw(names)
    changes = {
        index: Tightening(condition, principals=frozenset(names)) for index, names in chosen.items()
    }
    after = tightened(parsed(content), changes)
    if isinstance(after, CannotTell):
        return None
    others = _without(content, chosen)

    def unmet(caller: Caller, action: str) -> bool:
        brought = caller.context.get(condition.key.lower(), ("",))[0]
        met = brought in condition.values or brought.startswith("repo:ours/")
        return not met and not assumes(others, caller, action)

    return after, unmet


def of_our_subjects(_data: st.DataObject, content: Json) -> tuple[Json, Loses] | None:
    """Whom a provider vouches for comes in only as a subject of ours, statement by statement."""
    ours = {SUBJECT.removesuffix(":sub"): ("repo:ours/*",)}
    found = any_subjects(parsed(content))
    after = asking_for_subjects(parsed(content), found, ours)
    if isinstance(after, str) or not found:
        return None
    assert not any_subjects(parsed(dict(after)))
    theirs = CALLERS[3]
    assert theirs.context[SUBJECT][0].startswith("repo:theirs/")
    return dict(after), lambda caller, _action: caller == theirs


CUTS: list[Cut] = [
    of_our_subjects,
    closed_by_itself,
    closed_as_planned,
    without_strangers,
    without_the_deleted,
    under_a_condition,
]


@pytest.mark.parametrize("cut", CUTS, ids=lambda each: each.__name__)
@tried(0.04, 100)
@given(data=st.data(), content=trust_documents())
def test_nobody_comes_in_more_and_nobody_less_but_whom_it_names(
    part: int, cut: Cut, data: st.DataObject, content: Json
) -> None:
    done = cut(data, content)
    if done is None:
        return
    after, loses = done
    for caller in CALLERS:
        for action in ACTIONS:
            before, now = assumes(content, caller, action), assumes(after, caller, action)
            assert before or not now, f"{caller} comes in only afterwards"
            told = now or not before or loses(caller, action)
            assert told, f"{caller} is refused, and nothing says so"
