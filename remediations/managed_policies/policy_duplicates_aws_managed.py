"""Policy that says what one of AWS's says

Detects
-------
Managed policies of yours that somebody holds, and inline policies of users, groups and roles, that
allow exactly what one of AWS's own policies allows, however both are written: every pattern of
either side is expanded, and resources and conditions are compared. Where there is a Deny, the
statements must be the same one by one, since a Deny also reaches into what other policies give. Not
raised for documents that grant everything (`full-admin-policy` asks about those), for fences of
Locksmith's, nor where it can't be told. AWS's texts are those in use in this account, or else a
dated copy; only in AWS's commercial partition.

Why it matters
--------------
AWS keeps its policies up to date as services grow, and everybody who reads them knows them by name.
A copy has to be read to know what it is, and nobody updates it.

Changes
-------
AWS's policy is attached to each holder first, once Locksmith has looked that its version in force
is the one that was compared; then the policy of yours is detached, or the inline one deleted.
Everybody keeps exactly the rights they have. A policy of yours stays in the account, and is a
question of its own once nobody holds it. 25 holders at once; the rest with the next question.

Undo
----
In reverse: your policy is attached again or the document written back word for word, and AWS's is
detached.

When to say no
--------------
When the rights must stay as they are today: AWS may add to its policies at any time, and yours then
didn't change. `aws-managed-policy-changed` tells when that happens.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.errors import PlanError
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Resource,
    Risk,
    Settings,
    Severity,
    Snapshot,
    is_placed_by_locksmith,
)
from bot.policy import Document, PolicyDocumentError, parse_document
from remediations._documents import exact
from remediations._policy_reads import Holder
from remediations._subjects import is_named, resource_of
from remediations.least_privilege._documents import full_access
from remediations.least_privilege._holders import holder_by_id, holders, holders_of, said
from remediations.managed_policies._aws import AwsText, aws_text, candidates, services_of
from remediations.managed_policies._likeness import are_equal
from remediations.managed_policies._to_aws import replace_inline, replace_policy


class PolicyDuplicatesAwsManagedSettings(Settings):
    """What is left alone."""

    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of policies that may be copies of AWS's, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: PolicyDuplicatesAwsManagedSettings) -> Iterator[Finding]:
    """One finding per policy of one's own, and per inline policy."""
    for policy in snapshot.customer_policies:
        found = holders_of(policy.arn, snapshot)
        # The count lags behind, and what was detached meanwhile has nobody to give AWS's policy to.
        if not found or is_named(policy.name, settings.left_alone):
            continue
        twin = _twin(policy.default.text, policy.name, snapshot)
        if twin:
            resource = resource_of(policy)
            covers = (f"{each.id}/{policy.arn}" for each in found)
            yield _finding(policy.id, resource, policy.name, twin, frozenset(covers))
    for holder in holders(snapshot):
        for inline in holder.inline:
            if is_placed_by_locksmith(inline.name) or is_named(inline.name, settings.left_alone):
                continue
            if _is_aws_business(holder, snapshot):
                continue
            what = f"{inline.name} of {said(holder)}"
            twin = _twin(inline.text, what, snapshot)
            if twin:
                resource = resource_of(holder)
                subject = f"{holder.id}/inline/{inline.name}"
                yield _finding(subject, resource, what, twin, frozenset())


def _is_aws_business(holder: Holder, snapshot: Snapshot) -> bool:
    return snapshot.protection.reason_for(holder.arn) is not None


def _finding(
    subject: str, resource: Resource, what: str, twin: AwsText, covers: frozenset[str]
) -> Finding:
    return Finding(
        control=CONTROL.id,
        subject=subject,
        resource=resource,
        severity=CONTROL.severity,
        summary=f"{what} allows just what AWS's {twin.name} does",
        evidence={"twin": twin.arn, "version": twin.version, "text": twin.known},
        covers=covers,
    )


def _twin(text: str, where: str, snapshot: Snapshot) -> AwsText | None:
    """AWS's policy that says the same; None where none surely does."""
    try:
        document = parse_document(text, where=where)
        exact(text, where)
    except (PolicyDocumentError, PlanError):
        return None
    if full_access(text, where, snapshot.account):
        return None
    return _equal(document, snapshot)


def _equal(document: Document, snapshot: Snapshot) -> AwsText | None:
    for arn in candidates(services_of(document), snapshot):
        found = aws_text(arn, snapshot)
        if found and are_equal(document, found.document):
            return found
    return None


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: PolicyDuplicatesAwsManagedSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Put AWS's policy in the place of the copy."""
    if finding.resource.type == "policy":
        policy = snapshot.policies_by_arn[finding.resource.arn]
        twin = _twin(policy.default.text, policy.name, snapshot)
        if twin:
            return replace_policy(finding, policy, twin, snapshot)
    else:
        holder = holder_by_id(finding.resource.unique_id, snapshot)
        name = finding.subject.removeprefix(f"{holder.id}/inline/")
        inline = next(each for each in holder.inline if each.name == name)
        twin = _twin(inline.text, name, snapshot)
        if twin:
            return replace_inline(finding, holder, inline, twin, snapshot)
    raise PlanError(f"{finding.control}: the snapshot has no copy for {finding.subject}")


CONTROL = Control(
    id="policy-duplicates-aws-managed",
    title="Policy that says what one of AWS's says",
    topic="managed_policies",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset(
        {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}
    ),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=PolicyDuplicatesAwsManagedSettings,
    detect=detect,
    plan=plan,
)
