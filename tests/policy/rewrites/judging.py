"""A change of somebody's policies, and the judge: every request, before and after."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.policy.oracle import Caller, permitted
from tests.policy.strategies import ACTIONS, RESOURCES, Block

Json = dict[str, Any]
Context = Mapping[str, tuple[str, ...]]

EC2, ECS = "ec2.amazonaws.com", "ecs.amazonaws.com"
OLD, NOW, NEXT = "2025-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00", "2027-01-01T00:00:00Z"
HOME, CAFE = "10.1.2.3", "203.0.113.7"

#: Conditions that requests meet or not, as they stand in a document.
BLOCKS: tuple[Block, ...] = (
    *({} for _ in range(8)),
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:TokenIssueTime": "false"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-mine"}},
    {"StringNotLikeIfExists": {"aws:PrincipalOrgID": ["o-m*", "o-other"]}},
    {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}},
    {"NotIpAddress": {"aws:SourceIp": "10.1.0.0/16"}, "Bool": {"aws:ViaAWSService": "false"}},
    {"StringEquals": {"iam:PassedToService": [EC2, ECS]}},
    {"StringLike": {"iam:PassedToService": "ec*"}},
    {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    {"StringLike": {"iam:PassedToService": ["lambda.*", "ec2.*"]}},
    {"StringNotEquals": {"iam:PassedToService": EC2}},
    {"DateLessThan": {"aws:CurrentTime": OLD}},
    {"DateLessThan": {"aws:CurrentTime": NEXT}, "StringLike": {"iam:PassedToService": "*"}},
)


def one_of(*values: str) -> st.SearchStrategy[tuple[str, ...] | None]:
    """A key's value in a request, or none."""
    return st.sampled_from([None, *((each,) for each in values)])


#: What AWS knows of a request; each has an address and a time.
CONTEXTS: st.SearchStrategy[Context] = st.fixed_dictionaries(
    {
        "aws:sourceip": st.sampled_from([(HOME,), (CAFE,)]),
        "aws:currenttime": st.sampled_from([(NOW,), ("2024-01-01T00:00:00+00:00",)]),
        "aws:multifactorauthpresent": one_of("true", "false"),
        "aws:tokenissuetime": one_of(NOW),
        "aws:principalorgid": one_of("o-mine", "o-other"),
        "aws:viaawsservice": one_of("true", "false"),
        "iam:passedtoservice": one_of(EC2, ECS, "lambda.amazonaws.com"),
    }
).map(lambda found: {key: value for key, value in found.items() if value is not None})


class Asked(NamedTuple):
    """One request of somebody's."""

    action: str
    resource: str
    context: Context

    @property
    def caller(self) -> Caller:
        """Whoever makes it, as far as the context says."""
        return Caller(context=self.context)


def nothing(_asked: Asked) -> bool:
    return False


@dataclass(frozen=True)
class Change:
    """Documents before and after, whether a loss is named, and what is given on purpose."""

    before: tuple[Any, ...]
    after: tuple[Any, ...]
    loses: Callable[[Asked], bool] = nothing
    gives: Callable[[Asked], bool] = nothing


def judge(change: Change, contexts: Iterable[Context], *more: str) -> None:
    """Every action here (and `more`) on every resource here, in each context."""
    actions = (*ACTIONS, *more)
    for context in contexts:
        caller = Caller(context=context)
        old = permitted(change.before, actions, RESOURCES, caller)
        new = permitted(change.after, actions, RESOURCES, caller)
        for action, resource in new - old:
            asked = Asked(action, resource, context)
            assert change.gives(asked), f"{asked} is allowed only afterwards"
        for action, resource in old - new:
            asked = Asked(action, resource, context)
            assert change.loses(asked), f"{asked} is refused, and nothing says so"
