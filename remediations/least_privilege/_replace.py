"""Gives a principal a smaller AWS-managed policy in the place of one that grants everything."""

from collections.abc import Iterator

from bot.model import Risk, Step
from remediations._policy_reads import (
    Holder,
    has_attached,
    is_attachable,
    is_still,
    of_holder,
)
from remediations._reads import absent
from remediations.least_privilege._holders import said


def replace_attached(holder: Holder, arn: str, replacement: str) -> Iterator[Step]:
    """Attach `replacement` unless it is there, look that it is, then detach `arn`."""
    replaced = has_attached(holder, replacement)
    if replacement not in holder.attached:
        yield Step(
            name="attach-replacement",
            summary=f"Attach {replacement} to {said(holder)}",
            risk=Risk.REVERSIBLE,
            before=(
                is_still(holder),
                is_attachable(replacement),
                has_attached(holder, arn),
                absent(replaced, f"{replacement} is attached to {holder.name} by now"),
            ),
            do=of_holder("Attach", "Policy", holder, PolicyArn=replacement),
            after=(replaced,),
            undo=of_holder("Detach", "Policy", holder, PolicyArn=replacement),
        )
    attached = has_attached(holder, arn)
    yield Step(
        name="detach",
        summary=f"Detach {arn} from {said(holder)}",
        risk=Risk.DISRUPTIVE,
        before=(is_still(holder), replaced, is_attachable(arn), attached),
        do=of_holder("Detach", "Policy", holder, PolicyArn=arn),
        after=(absent(attached, f"{arn} is still attached to {holder.name}"),),
        undo=of_holder("Attach", "Policy", holder, PolicyArn=arn),
    )
