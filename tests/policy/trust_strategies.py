"""Hypothesis strategies for trust policies and for the strangers who try them."""

from typing import Any

from hypothesis import strategies as st

from tests.policy.oracle import Caller

OWN = "111122223333"
PARTNER = "444455556666"
FOREIGN = "999988887777"
EC2 = "ec2.amazonaws.com"
GITHUB = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "token.actions.githubusercontent.com:sub"

PRINCIPALS = (
    "*",
    OWN,
    f"arn:aws:iam::{OWN}:root",
    f"arn:aws:iam::{OWN}:role/deploy",
    f"arn:aws:iam::{PARTNER}:root",
    FOREIGN,
    f"arn:aws:iam::{FOREIGN}:root",
    f"arn:aws:iam::{FOREIGN}:user/mallory",
)
VALUES = {
    "sts:ExternalId": ("agreed", "*", "?*", "agreed-*"),
    "aws:PrincipalOrgID": ("o-mine", "o-*", "*"),
    "aws:PrincipalAccount": (OWN, FOREIGN, "1*", "*"),
    "aws:PrincipalArn": (f"arn:aws:iam::{OWN}:role/deploy", "arn:aws:iam::*:user/*", "*"),
    "aws:SourceIp": ("*",),
}
OPERATORS = tuple(
    prefix + name + suffix
    for prefix in ("", "ForAllValues:", "ForAnyValue:")
    for name in (
        "StringEquals",
        "StringLike",
        "StringNotEquals",
        "StringNotLike",
        "ArnLike",
        "ArnNotLike",
        "StringEqualsIgnoreCase",
    )
    for suffix in ("", "IfExists")
)


@st.composite
def condition_blocks(draw: st.DrawFn) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for _ in range(draw(st.integers(0, 2))):
        key = draw(st.sampled_from(sorted(VALUES)))
        operator = draw(st.sampled_from([*OPERATORS, "Null"]))
        if operator == "Null":
            value: Any = draw(st.sampled_from(["true", "false"]))
        else:
            value = draw(st.lists(st.sampled_from(VALUES[key]), min_size=1, max_size=2))
        block.setdefault(operator, {})[key] = value
    return block


@st.composite
def principals(draw: st.DrawFn) -> Any:
    if draw(st.integers(0, 4)) == 0:
        return "*"
    named = draw(st.lists(st.sampled_from(PRINCIPALS), min_size=1, max_size=3, unique=True))
    found: dict[str, Any] = {"AWS": named if len(named) > 1 or draw(st.booleans()) else named[0]}
    more = draw(st.sampled_from([{}, {}, {"Service": EC2}, {"Federated": GITHUB}]))
    return found | more


@st.composite
def trust_statements(draw: st.DrawFn, *, conditions: bool) -> dict[str, Any]:
    actions = ["sts:AssumeRole", "sts:assume*", "*", ["sts:AssumeRole", "sts:TagSession"]]
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    element = draw(st.sampled_from(["Principal", "Principal", "Principal", "NotPrincipal"]))
    found[element] = draw(principals())
    if draw(st.integers(0, 5)) == 0:
        found["NotAction"] = draw(st.sampled_from(["sts:TagSession", "sts:AssumeRole"]))
    else:
        found["Action"] = draw(st.sampled_from(actions))
    block = draw(condition_blocks()) if conditions else {}
    if block:
        found["Condition"] = block
    return found


@st.composite
def trust_documents(draw: st.DrawFn, *, conditions: bool = True) -> dict[str, Any]:
    listed = draw(st.lists(trust_statements(conditions=conditions), min_size=1, max_size=3))
    single = len(listed) == 1 and draw(st.booleans())
    return {"Version": "2012-10-17", "Statement": listed[0] if single else listed}


@st.composite
def strangers(draw: st.DrawFn) -> Caller:
    """A caller from elsewhere, who knows no secret and may set what callers can set."""
    account = draw(st.sampled_from([FOREIGN, "888877776666"]))
    arn = f"arn:aws:iam::{account}:user/mallory"
    context = {"aws:principalaccount": (account,), "aws:principalarn": (arn,)}
    if draw(st.booleans()):
        context["sts:externalid"] = (draw(st.sampled_from(["guessed", "x"])),)
    if draw(st.booleans()):
        context["aws:principalorgid"] = ("o-theirs",)
    if draw(st.booleans()):
        context["aws:sourceip"] = ("203.0.113.7",)
    return Caller(arn=arn, account=account, context=context)
