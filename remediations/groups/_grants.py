"""What a user holds directly, and what of it the user's groups grant as well."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import PlanError
from bot.model import Group, InlinePolicy, Json, Snapshot, User, canonical
from bot.policy import Document, PolicyDocumentError, parse_document
from remediations._documents import exact, why_inexact


@dataclass(frozen=True, slots=True)
class Grants:
    """Policies to move: ARNs of managed ones, and inline ones."""

    attached: tuple[str, ...] = ()
    inline: tuple[InlinePolicy, ...] = ()

    @property
    def label(self) -> str:
        """A short name for all of them: the first one's, and how many more there are."""
        names = [*(arn.rpartition("/")[2] for arn in self.attached), *(p.name for p in self.inline)]
        return names[0] if len(names) == 1 else f"{names[0]}-and-{len(names) - 1}-more"


@dataclass(frozen=True, slots=True)
class Covered:
    """A policy that one of the user's groups grants too, so that the user loses nothing.

    `group` is its name; `twin` names the group's inline policy with the same document.
    """

    group: str
    grants: Grants
    twin: str = ""


def content_of(policy: InlinePolicy, owner: str) -> Json:
    """The document as AWS's answers hold it. Raises PolicyDocumentError or PlanError.

    PlanError: the document holds something that can't be compared exactly, such as a fraction.
    """
    return exact(policy.text, f"{policy.name} of {owner}")


def why_unreadable(policies: Iterable[InlinePolicy], owner: str) -> str | None:
    """Why one of these documents can't be copied exactly, or None if all can."""
    return why_inexact((policy.text, f"{policy.name} of {owner}") for policy in policies)


def documents_of(policies: Iterable[InlinePolicy]) -> tuple[str, ...] | None:
    """The documents in one order, whatever the policies' names; None if one can't be compared."""
    try:
        return tuple(sorted(canonical(content_of(policy, policy.name)) for policy in policies))
    except (PolicyDocumentError, PlanError):
        return None


def covered_by_groups(grants: Grants, groups: Iterable[Group]) -> tuple[Covered, ...]:
    """The policies among `grants` that one of the `groups` has as well."""
    found: list[Covered] = []
    ordered = sorted(groups, key=lambda group: group.name)
    for arn in grants.attached:
        group = next((g for g in ordered if arn in g.attached), None)
        if group:
            found.append(Covered(group.name, Grants(attached=(arn,))))
    for policy in grants.inline:
        twins = ((g, twin) for g in ordered for twin in g.inline if same_document(policy, twin))
        group, twin = next(twins, (None, None))
        if group and twin:
            found.append(Covered(group.name, Grants(inline=(policy,)), twin.name))
    return tuple(found)


def same_document(one: InlinePolicy, other: InlinePolicy) -> bool:
    """Whether two inline policies hold the same JSON, whatever their names and white space."""
    try:
        return content_of(one, one.name) == content_of(other, other.name)
    except (PolicyDocumentError, PlanError):
        return False


def may_deny(grants: Grants, snapshot: Snapshot) -> bool:
    """Whether a policy has a Deny; True also where a text is unknown, as the safe side."""
    texts = [policy.text for policy in grants.inline]
    for arn in grants.attached:
        known = snapshot.policies_by_arn.get(arn)
        if known is None:
            return True
        texts.append(known.default.text)
    return any(_has_deny(text) for text in texts)


def _has_deny(text: str) -> bool:
    try:
        document: Document = parse_document(text, where="a policy")
    except PolicyDocumentError:
        return True
    return any(statement.effect == "Deny" for statement in document.statements)


def groups_of(user: User, snapshot: Snapshot) -> tuple[Group, ...]:
    """The groups that the user is in, as far as they were read."""
    known = snapshot.groups_by_name
    return tuple(known[name] for name in user.groups if name in known)
