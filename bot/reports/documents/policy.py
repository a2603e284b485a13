"""What policies allow, as JSON."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from bot.policy import (
    Conditions,
    Difference,
    Explained,
    Relation,
    Resources,
    Right,
    Summary,
)
from bot.reports.documents.document import Document, Part


class PolicySummaryDocument(Document):
    """`locksmith --output json policy summary`."""

    schema_name: Literal["locksmith.policy-summary/1"] = Field(alias="schema")
    policy: str
    everything: bool = Field(description="true: every action of every service.")
    levels: dict[str, dict[str, bool]] = Field(
        description="By service and access level: whether every action of that level is allowed."
    )
    resources: dict[str, dict[str, Resources]] = Field(
        description="By service and access level: on all that the service has, or on some of it; "
        "of everything by the service `*`."
    )
    conditions: dict[str, dict[str, Conditions]] = Field(
        description="By service and access level: whether under conditions only, or in part."
    )
    unknown: list[str] = Field(description="Patterns whose level nobody can tell.")
    notes: list[str]


class RightPart(Part):
    """What one side allows and the other doesn't, for all that is known."""

    actions: list[str]
    resource: str
    why: str
    certain: bool = Field(description="A request was found that only this side lets through.")
    later: bool = Field(description="Only about what AWS adds later; actions are patterns.")


class PolicyComparisonDocument(Document):
    """`locksmith --output json policy compare`."""

    schema_name: Literal["locksmith.policy-comparison/1"] = Field(alias="schema")
    first: str
    second: str
    relation: Relation = Field(description="How the second stands to the first.")
    lost: list[RightPart] = Field(description="Allowed by the first only.")
    gained: list[RightPart] = Field(description="Allowed by the second only.")


class StatementPart(Part):
    """One statement in words."""

    label: str
    sentence: str
    notes: list[str]


class PolicyExplanationDocument(Document):
    """`locksmith --output json policy explain`."""

    schema_name: Literal["locksmith.policy-explanation/1"] = Field(alias="schema")
    policy: str
    statements: list[StatementPart]


def policy_summary_document(name: str, summary: Summary) -> PolicySummaryDocument:
    """A document summed up."""
    return PolicySummaryDocument(
        schema="locksmith.policy-summary/1",
        policy=name,
        everything=summary.everything,
        levels={
            service: {level.value: full for level, full in levels.items()}
            for service, levels in summary.levels.items()
        },
        resources={
            service: {level.value: each.resources for level, each in found.items()}
            for service, found in summary.constraints.items()
        },
        conditions={
            service: {level.value: each.conditions for level, each in found.items()}
            for service, found in summary.constraints.items()
        },
        unknown=list(summary.unknown),
        notes=list(summary.notes),
    )


def policy_comparison_document(
    first: str, second: str, difference: Difference
) -> PolicyComparisonDocument:
    """Two documents compared."""
    return PolicyComparisonDocument(
        schema="locksmith.policy-comparison/1",
        first=first,
        second=second,
        relation=difference.relation,
        lost=[_right(each) for each in difference.lost],
        gained=[_right(each) for each in difference.gained],
    )


def policy_explanation_document(
    name: str, explained: Sequence[Explained]
) -> PolicyExplanationDocument:
    """A document in sentences."""
    return PolicyExplanationDocument(
        schema="locksmith.policy-explanation/1",
        policy=name,
        statements=[
            StatementPart(label=each.label, sentence=each.sentence, notes=list(each.notes))
            for each in explained
        ],
    )


def _right(right: Right) -> RightPart:
    return RightPart(
        actions=list(right.actions),
        resource=right.resource,
        why=right.why,
        certain=right.certain,
        later=right.later,
    )
