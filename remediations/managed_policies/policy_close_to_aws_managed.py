"""Policy that is nearly one of AWS's

Detects
-------
Managed policies of yours that somebody holds and whose rights are the same as those of one of AWS's
policies for at least 90 of 100 actions, resources and conditions counted. Copies that are equal are
`policy-duplicates-aws-managed`. Not raised for a policy that is about named resources where AWS's
is about all, since that is what a policy of your own is for; nor where a Deny is in one of them, or
for documents that grant everything. AWS's texts are those in use in this account, or else a dated
copy; only in AWS's commercial partition.

Why it matters
--------------
Where the difference is an accident, AWS's policy does the same work and is kept up to date. Where
it is on purpose, it is worth a sentence in the policy's description.

Changes
-------
Nothing: only people know whether the difference is meant. The card lists it: what yours allows
beyond AWS's, and what AWS's allows beyond yours.

Undo
----
None is needed.

When to say no
--------------
When the difference is on purpose: name the policy in `left_alone`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    ManagedPolicy,
    Manual,
    Part,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import PolicyDocumentError, parse_document
from remediations._subjects import is_named, resource_of
from remediations.least_privilege._documents import full_access
from remediations.managed_policies._likeness import shown
from remediations.managed_policies._nearest import nearest

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"


class PolicyCloseToAwsManagedSettings(Settings):
    """How much alike two policies must be."""

    likeness: int = Field(
        default=90,
        ge=50,
        le=100,
        description="Of 100 actions that either allows, so many must be allowed alike.",
    )
    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of policies whose difference is on purpose, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: PolicyCloseToAwsManagedSettings) -> Iterator[Finding]:
    """One finding per policy of one's own."""
    for policy in snapshot.customer_policies:
        if policy.attachments and not is_named(policy.name, settings.left_alone):
            yield from _close(policy, snapshot, settings)


def _close(
    policy: ManagedPolicy, snapshot: Snapshot, settings: PolicyCloseToAwsManagedSettings
) -> Iterator[Finding]:
    text = policy.default.text
    try:
        document = parse_document(text, where=policy.name)
    except PolicyDocumentError:
        return
    if full_access(text, policy.name, snapshot.account):
        return
    found = nearest(document, settings.likeness, snapshot)
    if found is None:
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{policy.id}/likeness",
        resource=resource_of(policy),
        severity=CONTROL.severity,
        summary=f"{policy.name} is nearly AWS's {found.twin.name}",
        evidence={
            "nearly": found.twin.arn,
            "alike_percent": found.percent,
            "only_yours_allows": shown(found.difference.lost),
            "only_aws_allows": shown(found.difference.gained),
            "text": found.twin.known,
        },
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: PolicyCloseToAwsManagedSettings,  # noqa: ARG001 - every control's signature
) -> Manual:
    """What to decide, and what to do then."""
    name, arn = finding.resource.name, finding.evidence["nearly"]
    return Manual(
        snapshot.account,
        finding.subject,
        f"whether the difference between {name} and {arn} is on purpose only people know",
        (
            f"See all of it: locksmith policy compare {finding.resource.arn} {arn}",
            f"If it is on purpose, name {name} in `left_alone`",
            f"If not, attach {arn} to whoever has {name}, then detach {name}",
            "Let Locksmith scan again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="policy-close-to-aws-managed",
    title="Policy that is nearly one of AWS's",
    topic="managed_policies",
    severity=Severity.INFO,
    risk=None,
    needs=frozenset({Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}),
    settings=PolicyCloseToAwsManagedSettings,
    detect=detect,
    plan=plan,
)
