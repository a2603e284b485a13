"""Which policies that grant full administration a user, group or role has by itself."""

from collections.abc import Iterator, Mapping

from bot.model import Snapshot
from bot.policy import FullAccess
from remediations._policy_reads import Holder
from remediations.least_privilege._documents import full_access
from remediations.least_privilege._holders import said


def full_access_of_aws(snapshot: Snapshot) -> dict[str, FullAccess]:
    """AWS's policies that grant it, by their ARN."""
    return {
        policy.arn: full
        for policy in snapshot.aws_policies
        if (full := full_access(policy.default.text, policy.name, snapshot.account))
    }


def full_attached(
    holder: Holder, aws: Mapping[str, FullAccess]
) -> Iterator[tuple[str, str, FullAccess]]:
    """Those of AWS's that the holder has attached: ARN, name, and what in it amounts to that."""
    for arn in sorted(set(holder.attached) & aws.keys()):
        yield arn, arn.rpartition("/")[2], aws[arn]


def full_inline(holder: Holder, snapshot: Snapshot) -> Iterator[tuple[str, str, FullAccess]]:
    """The holder's inline ones: `inline/` and the name, the name, and what amounts to that."""
    for policy in holder.inline:
        full = full_access(policy.text, f"{policy.name} of {said(holder)}", snapshot.account)
        if full:
            yield f"inline/{policy.name}", policy.name, full
