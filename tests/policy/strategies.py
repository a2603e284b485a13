"""Hypothesis strategies over the whole grammar of policy documents, as JSON values."""

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


def scalar_or_list(one: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.one_of(one, st.lists(one, min_size=1, max_size=3))


def action_patterns() -> st.SearchStrategy[str]:
    wide = st.sampled_from(["*", "*:*", "**", "iam:*", "IAM:*", "*:?*", "s3:*"])
    return st.one_of(wide, patterns(ACTIONS, recase=True))


def resource_patterns() -> st.SearchStrategy[str]:
    wide = st.sampled_from(["*", "**", "arn:*", "arn:aws:iam::*:*", "arn:aws:iam::*:user/*"])
    return st.one_of(wide, patterns(RESOURCES, recase=False))


def condition_blocks() -> st.SearchStrategy[dict[str, dict[str, str]]]:
    return st.lists(st.sampled_from(CONDITIONS), max_size=2, unique=True).map(
        lambda pairs: {operator: {key: "x"} for operator, key in pairs}
    )


@st.composite
def statements(draw: st.DrawFn, *, conditions: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    action = draw(st.sampled_from(["Action", "Action", "NotAction"]))
    found[action] = draw(scalar_or_list(action_patterns()))
    resource = draw(st.sampled_from(["Resource", "Resource", "NotResource"]))
    found[resource] = draw(scalar_or_list(resource_patterns()))
    block = draw(condition_blocks()) if conditions else {}
    if block:
        found["Condition"] = block
    if draw(st.booleans()):
        found["Sid"] = draw(st.sampled_from(["One", "Two"]))
    return found


@st.composite
def documents(draw: st.DrawFn, *, conditions: bool = True) -> dict[str, Any]:
    listed = draw(st.lists(statements(conditions=conditions), min_size=1, max_size=4))
    single = len(listed) == 1 and draw(st.booleans())
    return {"Version": "2012-10-17", "Statement": listed[0] if single else listed}


def holding() -> st.SearchStrategy[frozenset[tuple[str, str]]]:
    return st.frozensets(st.sampled_from(CONDITIONS))
