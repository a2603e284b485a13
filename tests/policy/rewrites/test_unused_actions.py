"""Taking out what nobody used: the rewrite that people see the most of."""

from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import compare, expand, parse_document
from bot.policy.trimming import without_actions
from tests.policy.oracle import as_list, glob
from tests.policy.rewrites.examples import tried
from tests.policy.rewrites.judging import BLOCKS, CONTEXTS, Change, Context, judge
from tests.policy.strategies import ACTIONS, documents

DOCUMENTS = documents(blocks=BLOCKS)


def _known(pattern: str) -> tuple[str, ...]:
    found = expand(pattern)
    return tuple(sorted(found)) if isinstance(found, frozenset) else ()


_SAMPLES = (*_known("s3:*"), *_known("iam:*"), *_known("ec2:Run*"), *_known("account:*"))
_GOING = st.sets(st.sampled_from([*ACTIONS, "s3:*", "iam:*", "ec2:*"]), max_size=6)


def _goes(chosen: set[str], action: str) -> bool:
    service = action.partition(":")[0]
    return action in chosen or f"{service}:*" in chosen


@tried(0.28, 2000)
@given(content=DOCUMENTS, chosen=_GOING, context=CONTEXTS)
def test_never_wider_and_nothing_lost_but_what_is_named(
    part: int, content: dict[str, Any], chosen: set[str], context: Context
) -> None:
    """The plan names what `removed` holds, nothing of that was to stay, and all of it is gone."""
    document = parse_document(content, where="p")
    result = without_actions(document, lambda action: _goes(chosen, action))
    assert all(_goes(chosen, action) for action in result.removed)
    after = () if result.document is None else (result.document,)
    change = Change((content,), after, loses=lambda asked: asked.action in result.removed)
    written = _patterns(after) - _patterns((content,))
    touched = [each for each in _SAMPLES if any(_matches(one, each) for one in written)]
    assert not any(_goes(chosen, each) for each in touched)
    judge(change, (context,), *touched)


def _patterns(contents: Iterable[dict[str, Any]]) -> set[str]:
    """What the Allows of documents name."""
    return {
        pattern
        for content in contents
        for one in as_list(content["Statement"])
        if one["Effect"] == "Allow"
        for pattern in as_list(one.get("Action", []))
    }


def _matches(pattern: str, action: str) -> bool:
    return glob(pattern.lower(), action.lower())


@settings(max_examples=10)
@given(content=DOCUMENTS, chosen=_GOING)
def test_plans_can_prove_it(content: dict[str, Any], chosen: set[str]) -> None:
    """The comparison that plans rest on comes to the same."""
    document = parse_document(content, where="p")
    result = without_actions(document, lambda action: _goes(chosen, action))
    after = [] if result.document is None else [parse_document(result.document, where="p")]
    assert compare([document], after).never_wider
