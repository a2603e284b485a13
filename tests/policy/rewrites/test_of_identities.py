"""Rewrites of what people and roles have: narrower forms, conditions, fences, moves."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.model import Account, User
from bot.policy import (
    CannotTell,
    Condition,
    Document,
    Tightening,
    compare,
    denied_from_elsewhere,
    denied_without_mfa,
    ends_at,
    grants_full_administration,
    parse_document,
    tightened,
    until,
    with_actions_of,
    without_full_administration,
    without_statements,
)
from bot.policy.containment import containment_document
from bot.policy.narrowing import POWER_USER_KEEPS
from remediations import _fence_documents as fences
from remediations._documents import exact
from remediations._policy_reads import compact
from tests.policy.oracle import as_list, glob, permitted
from tests.policy.rewrites.examples import tried
from tests.policy.rewrites.judging import (
    BLOCKS,
    CONTEXTS,
    EC2,
    ECS,
    HOME,
    NEXT,
    NOW,
    Asked,
    Change,
    Context,
    Json,
    judge,
)
from tests.policy.strategies import ACCOUNT, ACTIONS, RESOURCES, documents

DOCUMENTS = documents(blocks=BLOCKS)
SOME = st.sets(st.sampled_from(ACTIONS), min_size=1, max_size=4)
#: What a rewrite draws, and the change that it makes; None where it is left to people.
Rewriting = Callable[[st.DataObject, Json], Change | None]


def parsed(content: Json) -> Document:
    return parse_document(content, where="a policy")


def changed(content: Json, after: Json | CannotTell, loses: Callable[[Asked], bool]) -> Change:
    assume(not isinstance(after, CannotTell))
    return Change((content,), (after,), loses)


def cut_to_power_user(data: st.DataObject, content: Json) -> Change | None:
    """Nothing but IAM, Organizations and Account Management is lost, and of those not all."""
    wide = data.draw(st.sampled_from([{"Action": "*"}, {"Action": ["s3:*", "*:*"]}, *_ALL_BUT]))
    block = data.draw(st.sampled_from(BLOCKS))
    all_ = {"Effect": "Allow", "Resource": "*", **wide} | ({"Condition": block} if block else {})
    whole = content | {"Statement": [all_, *as_list(content["Statement"])]}
    after = without_full_administration(parsed(whole))
    if isinstance(after, CannotTell):
        return None
    assert grants_full_administration(parsed(after)) is None

    def of_identities(asked: Asked) -> bool:
        service = asked.action.partition(":")[0]
        kept = asked.action in POWER_USER_KEEPS
        return service in ("iam", "organizations", "account") and not kept

    return Change((whole,), (after,), of_identities)


_ALL_BUT: list[Json] = [{"NotAction": "s3:*"}, {"NotAction": ["iam:List*", "ec2:run*"]}]


def under_a_condition(data: st.DataObject, content: Json) -> Change | None:
    """Some Allows, or some of their actions, from now on under a condition; with older values."""
    condition, meets = data.draw(st.sampled_from(_CONDITIONS))
    there = data.draw(st.sampled_from(_THERE))
    first, *rest = as_list(content["Statement"])
    content = content | {"Statement": [first | ({"Condition": there} if there else {}), *rest]}
    allows = [one for one in parsed(content).statements if one.effect == "Allow"]
    changes, meant = {}, list[str]()
    for one in allows:
        chosen = data.draw(st.sets(st.sampled_from(one.actions))) if one.actions else set()
        changes[one.index] = Tightening(condition, actions=frozenset(chosen))
        meant += chosen or one.actions or ["*"]
    after = tightened(parsed(content), changes)

    def unmet(asked: Asked) -> bool:
        hit = any(glob(each.lower(), asked.action.lower()) for each in meant)
        return hit and not meets(asked.context)

    return None if isinstance(after, CannotTell) else Change((content,), (after,), unmet)


#: What a statement asks for already, in the same words or others.
_THERE: list[Json] = [
    {},
    {"StringEquals": {"iam:PassedToService": ECS}},
    {"stringequals": {"IAM:PassedToService": [EC2, ECS]}},
    {"StringLike": {"iam:PassedToService": ["lambda.*", "ec2.*"]}},
]
_CONDITIONS: list[tuple[Condition, Callable[[Context], bool]]] = [
    (
        Condition("StringEquals", "iam:PassedToService", (EC2,)),
        lambda context: context.get("iam:passedtoservice") == (EC2,),
    ),
    (
        Condition("StringLike", "iam:PassedToService", ("ec2.*", ECS)),
        lambda context: context.get("iam:passedtoservice") in ((EC2,), (ECS,)),
    ),
    (until(datetime(2025, 6, 1, tzinfo=UTC)), lambda context: context["aws:currenttime"] != (NOW,)),
]


def without_mfa(data: st.DataObject, content: Json) -> Change:
    """The named actions are refused to whoever proves no MFA, and nothing else is."""
    actions = data.draw(SOME)
    after = denied_without_mfa(parsed(content), sorted(actions))
    return changed(content, after, lambda asked: asked.action in actions and _unproven(asked))


def _unproven(asked: Asked) -> bool:
    return asked.context.get("aws:multifactorauthpresent") != ("true",)


def from_elsewhere(data: st.DataObject, content: Json) -> Change:
    """Requests from other addresses are refused, but not those that a service makes."""
    networks = data.draw(st.sampled_from([["10.0.0.0/8"], ["192.0.2.0/24", "10.1.0.0/16"]]))
    after = denied_from_elsewhere(parsed(content), networks)

    def outside(asked: Asked) -> bool:
        ours = asked.context["aws:sourceip"] == (HOME,)
        return not ours and asked.context.get("aws:viaawsservice") == ("false",)

    return changed(content, after, outside)


def what_has_lapsed(_data: st.DataObject, content: Json) -> Change | None:
    """What could be used until a day that is past is lost to requests of before that day alone."""
    now = datetime.fromisoformat(NEXT)
    ended = [
        one.index
        for one in parsed(content).statements
        if one.effect == "Allow" and (end := ends_at(one)) is not None and end < now
    ]
    if not ended:
        return None
    after = without_statements(parsed(content), ended)
    kept = [after] if after["Statement"] else []
    return Change((content,), tuple(kept), lambda asked: asked.context["aws:currenttime"] != (NOW,))


def given_back(data: st.DataObject, content: Json) -> Change:
    """Only the named actions, as an earlier document allowed them; what plans prove is so."""
    earlier, actions = data.draw(DOCUMENTS), data.draw(SOME)
    after = with_actions_of(parsed(content), parsed(earlier), actions)
    then = [one for one in as_list(earlier["Statement"]) if one["Effect"] == "Allow"]
    allowed = [{"Statement": then}]

    def again(asked: Asked) -> bool:
        one = ((asked.action,), (asked.resource,))
        return asked.action in actions and bool(permitted(allowed, *one, asked.caller))

    if compare([parsed(earlier), parsed(content)], [parsed(after)]).never_wider:
        contexts = data.draw(st.lists(CONTEXTS, max_size=1))
        judge(Change((earlier, content), (after,), loses=lambda _asked: True), contexts)
    return Change((content,), (after,), gives=again)


ALICE = User("alice", "AIDAALICE", RESOURCES[0], "/", datetime(2026, 1, 1, tzinfo=UTC))
BOOK = Account(ACCOUNT)
#: What the fence until MFA gives: the first four on the user alone.
ENROLLING = (
    *("iam:GetUser", "iam:GetMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice"),
    *("iam:ListVirtualMFADevices", "iam:CreateVirtualMFADevice"),
)


def _enrols(asked: Asked) -> bool:
    own = asked.resource == ALICE.arn and asked.action in ENROLLING[:4]
    return own or asked.action == "iam:ListVirtualMFADevices"


def fenced(data: st.DataObject, content: Json) -> Change:
    """A fence beside what somebody has: it refuses what it says, and gives enrolling at most."""
    keys = data.draw(st.booleans())
    cut = [(each, RESOURCES[0]) for each in sorted(data.draw(SOME))]
    by_key = fences.mfa_document(ALICE, BOOK, include_keys=keys)
    fence, loses, gives = data.draw(
        st.sampled_from(
            [
                (by_key, _unproven, _enrols),
                (fences.keys_document(ALICE), _unproven, _never),
                (fences.CONSOLE_DOCUMENT, lambda a: "aws:tokenissuetime" in a.context, _never),
                (fences.escalation_document(cut), lambda asked: asked[:2] in cut, _never),
                *((each, lambda _asked: True, _never) for each in _EVERYTHING),
            ]
        )
    )
    return Change((content,), (content, fence), loses, gives)


def _never(_asked: Asked) -> bool:
    return False


_EVERYTHING = (
    fences.INACTIVE_DOCUMENT,
    fences.UNUSED_DOCUMENT,
    fences.SHARED_DOCUMENT,
    containment_document(datetime(2026, 1, 1, tzinfo=UTC)),
)


def moved(data: st.DataObject, content: Json) -> Change:
    """From inline to managed, from a user to a group, or into another order: all as it was."""
    other = data.draw(DOCUMENTS)
    text = json.dumps(content, indent=data.draw(st.sampled_from([None, 2])))
    sent = json.loads(compact(exact(text, "an inline policy")))
    return Change((content, other), (other, sent))


REWRITES: list[Rewriting] = [
    cut_to_power_user,
    under_a_condition,
    without_mfa,
    from_elsewhere,
    what_has_lapsed,
    given_back,
    fenced,
    moved,
]


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda each: each.__name__)
@tried(0.04, 100)
@given(data=st.data(), content=DOCUMENTS, contexts=st.lists(CONTEXTS, min_size=1, max_size=2))
def test_never_wider_and_nothing_lost_but_what_is_named(
    part: int, rewrite: Rewriting, data: st.DataObject, content: Json, contexts: list[Context]
) -> None:
    """And where the plan gives something on purpose, nothing but that."""
    change = rewrite(data, content)
    if change is not None:
        judge(change, contexts, *ENROLLING)


@given(content=DOCUMENTS, context=CONTEXTS)
def test_the_judge_sees_both(content: Any, context: Context) -> None:
    """A document for nothing, or nothing for it, is a change unless it allowed nothing."""
    allows = permitted((content,), ACTIONS, RESOURCES, Asked("", "", context).caller)
    for change in (Change((content,), ()), Change((), (content,))):
        if allows:
            with pytest.raises(AssertionError):
                judge(change, [context])
        else:
            judge(change, [context])
