"""The steps that controls on access keys take: switch a key off, delete it."""

from bot.model import AccessKey, Call, Risk, Step
from remediations import _reads as reads


def deactivate(key: AccessKey, unused_days: int) -> Step:
    """Switch the key off, if it is at least so old and nobody used it for so long."""
    return Step(
        name="deactivate",
        summary=f"Deactivate the key {key.shown_id} of {key.user}",
        risk=Risk.REVERSIBLE,
        before=(
            reads.owner_is(key),
            reads.key_status(key, "Active"),
            reads.key_made_before(key, unused_days),
            reads.key_unused_for(key, unused_days),
        ),
        do=_update(key, "Inactive"),
        after=(reads.key_status(key, "Inactive"),),
        undo=_update(key, "Active"),
    )


def delete(key: AccessKey, unused_days: int) -> Step:
    """Delete the inactive key, if it is at least so old and nobody used it for so long."""
    return Step(
        name="delete",
        summary=f"Delete the inactive key {key.shown_id} of {key.user} for good",
        risk=Risk.IRREVERSIBLE,
        before=(
            reads.owner_is(key),
            reads.key_status(key, "Inactive"),
            reads.key_made_before(key, unused_days),
            reads.key_unused_for(key, unused_days),
        ),
        do=reads.call("DeleteAccessKey", UserName=key.user, AccessKeyId=key.shown_id),
        after=(reads.key_gone(key),),
        irreversible_because="AWS keeps no copy of a deleted key; only a new one can replace it",
    )


def _update(key: AccessKey, status: str) -> Call:
    return reads.call("UpdateAccessKey", UserName=key.user, AccessKeyId=key.shown_id, Status=status)
