"""Hypothesis strategies over the whole grammar of policy documents, as JSON values."""

from itertools import product
from random import Random
from typing import Any

from hypothesis import strategies as st

ACTIONS = (
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:PutRolePolicy",
    "iam:GetUser",
    "iam:ListRoles",
    "iam:CreateServiceLinkedRole",
    "organizations:DescribeOrganization",
    "organizations:LeaveOrganization",
    "account:ListRegions",
    "s3:GetObject",
    "ec2:RunInstances",
    "unheard-of:DoThings",
)
ACCOUNT = "111122223333"
RESOURCES = (
    f"arn:aws:iam::{ACCOUNT}:user/alice",
    f"arn:aws:iam::{ACCOUNT}:user/team/bob",
    f"arn:aws:iam::{ACCOUNT}:role/Deploy",
    f"arn:aws:iam::{ACCOUNT}:policy/p",
    "arn:aws:s3:::bucket/key",
    "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
)
CONDITIONS = (
    ("Bool", "aws:MultiFactorAuthPresent"),
    ("StringEquals", "aws:PrincipalOrgID"),
    ("IpAddress", "aws:SourceIp"),
)


@st.composite
def patterns(draw: st.DrawFn, texts: tuple[str, ...], *, recase: bool) -> str:
    """A text with some stretches turned into wildcards, so that it matches now and then."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, len(text)))
        mark = draw(st.sampled_from(["*", "?", "**", "?*"]))
        text = text[:start] + mark + text[end:]
    if recase:
        text = draw(st.sampled_from([text, text.lower(), text.upper(), text.swapcase()]))
    return text


def action_patterns() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(_WIDE_ACTIONS), patterns(ACTIONS, recase=True))


def resource_patterns() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(_WIDE_RESOURCES), patterns(RESOURCES, recase=False))


_WIDE_ACTIONS = ("*", "*:*", "**", "iam:*", "IAM:*", "*:?*", "s3:*", "iam:*Policy*", "s3:*Object*")
_WIDE_RESOURCES = ("*", "**", "arn:*", "arn:aws:iam::*:*", "arn:aws:iam::*:user/*")


def _pool(wide: tuple[str, ...], texts: tuple[str, ...], *, recase: bool) -> tuple[Any, ...]:
    """Elements to draw whole, the plainest first: a document is then a handful of choices.

    Made once, so that what the patterns mean is looked up once, however many documents have them.
    """
    random = Random(0)
    made = [*wide, *texts, *(_pattern(random, texts, recase) for _ in range(_POOLED))]
    single = sorted(dict.fromkeys(made), key=lambda one: (len(set(one) & set("*?")), one))
    listed = [random.choices(made, k=random.randint(1, 3)) for _ in range(_POOLED)]
    return (*single, *listed)


def _pattern(random: Random, texts: tuple[str, ...], recase: bool) -> str:
    text = random.choice(texts)
    for _ in range(random.randint(0, 2)):
        start = random.randint(0, len(text))
        end = random.randint(start, len(text))
        text = text[:start] + random.choice(["*", "?", "**", "?*"]) + text[end:]
    return random.choice([text, text.lower(), text.upper(), text.swapcase()]) if recase else text


#: How many patterns, and lists of them, of each element there are to draw from.
_POOLED = 300
ACTION_ELEMENTS = _pool(_WIDE_ACTIONS, ACTIONS, recase=True)
RESOURCE_ELEMENTS = _pool(_WIDE_RESOURCES, RESOURCES, recase=False)
Block = dict[str, dict[str, Any]]
#: None, each, and each two of the conditions.
_BLOCKS: tuple[Block, ...] = (
    *({} for _ in CONDITIONS),
    *({operator: {key: "x"}} for operator, key in CONDITIONS),
    *(
        {operator: {key: "x"} for operator, key in (one, other)}
        for place, one in enumerate(CONDITIONS)
        for other in CONDITIONS[place + 1 :]
    ),
)
_SHAPES = tuple(
    (effect, action, resource, sid)
    for sid in ("", "One", "Two")
    for action in ("Action", "Action", "NotAction")
    for resource in ("Resource", "Resource", "NotResource")
    for effect in ("Allow", "Allow", "Deny")
)


def condition_blocks() -> st.SearchStrategy[Block]:
    return st.sampled_from(_BLOCKS)


def statements(
    *, conditions: bool = True, blocks: tuple[Block, ...] = _BLOCKS
) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        _statement,
        st.sampled_from(_SHAPES),
        st.sampled_from(ACTION_ELEMENTS),
        st.sampled_from(RESOURCE_ELEMENTS),
        st.sampled_from(blocks if conditions else ({},)),
    )


def _statement(
    shape: tuple[str, str, str, str], actions: Any, resources: Any, block: Block
) -> dict[str, Any]:
    effect, action, resource, sid = shape
    found: dict[str, Any] = {"Effect": effect, action: actions, resource: resources}
    return found | ({"Condition": block} if block else {}) | ({"Sid": sid} if sid else {})


def documents(
    *, conditions: bool = True, blocks: tuple[Block, ...] = _BLOCKS
) -> st.SearchStrategy[dict[str, Any]]:
    each = statements(conditions=conditions, blocks=blocks)
    listed: st.SearchStrategy[Any] = st.lists(each, min_size=1, max_size=4)
    return st.one_of(listed, each).map(lambda found: {"Version": "2012-10-17", "Statement": found})


def holding() -> st.SearchStrategy[frozenset[tuple[str, str]]]:
    return st.sampled_from(_HOLDING)


_HOLDING = tuple(
    frozenset(one for one, held in zip(CONDITIONS, held, strict=True) if held)
    for held in product((False, True), repeat=len(CONDITIONS))
)
