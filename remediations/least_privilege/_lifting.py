"""Policies that deny somebody something, and what would take each of them away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.model import Group, ManagedPolicy, Principal, Role, User
from remediations._rights import RightsReader

_Giver = User | Role | Group


@dataclass(frozen=True, slots=True)
class Lift:
    """An action on `arn` after which the policies in `lacking` deny nothing any more.

    `lacking` names them by their giver's id and their name or ARN. Where it `writes`, whoever does
    it puts what they like in their place.
    """

    action: str
    arn: str
    said: str
    lacking: frozenset[tuple[str, str]]
    writes: bool = False


def lifts(
    one: Principal, reader: RightsReader, policies: Mapping[str, ManagedPolicy]
) -> Iterator[Lift]:
    """Each way to lift one policy that holds a Deny, whether allowed or not."""
    for giver in reader.givers(one):
        kind = type(giver).__name__
        held = [*_inline(giver, reader), *_attached(giver, reader, policies)]
        for name, said, verb in held:
            lacking = frozenset({(giver.id, name)})
            yield Lift(f"iam:{verb}{kind}Policy", giver.arn, said, lacking)
            if verb == "Delete":
                yield Lift(f"iam:Put{kind}Policy", giver.arn, said, lacking, writes=True)
            elif not policies[name].by_aws:
                everywhere = frozenset((each.id, name) for each in reader.givers(one))
                yield Lift("iam:CreatePolicyVersion", name, said, everywhere, writes=True)
        if held and isinstance(giver, Group):
            all_ = (*(policy.name for policy in giver.inline), *giver.attached)
            lacking = frozenset((giver.id, name) for name in all_)
            yield Lift("iam:RemoveUserFromGroup", giver.arn, f"the group {giver.name}", lacking)


def _inline(giver: _Giver, reader: RightsReader) -> Iterator[tuple[str, str, str]]:
    for policy in giver.inline:
        if _denies(policy.text, reader):
            yield policy.name, f"{policy.name} of {giver.name}", "Delete"


def _attached(
    giver: _Giver, reader: RightsReader, policies: Mapping[str, ManagedPolicy]
) -> Iterator[tuple[str, str, str]]:
    for arn in giver.attached:
        policy = policies.get(arn)
        if policy is not None and _denies(policy.default.text, reader):
            yield arn, f"{policy.name} of {giver.name}", "Detach"


def _denies(text: str, reader: RightsReader) -> bool:
    document = reader.read(text)
    return document is not None and any(one.effect == "Deny" for one in document.statements)
