"""The steps that controls on access keys take: switch a key off, delete it."""

from bot.credentials import key_in, named, quarantines
from bot.model import AccessKey, Call, Expect, Finding, Plan, Risk, Snapshot, Step
from remediations import _reads as reads

#: Until when what a key has opened stays open once the key is off.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
OPEN_SESSIONS = (
    "Sessions made with the key are not ended: those of GetSessionToken and GetFederationToken "
    "stay open up to 36 hours after they were made, those of assumed roles up to 12 hours"
)
_LEAKED = (
    "AWS knows a key of this user as leaked (the user is under quarantine), so Locksmith never "
    "switches this key on again"
)


def deactivation(
    finding: Finding,
    snapshot: Snapshot,
    unused_days: int,
    because: str = "",
    guards: tuple[Expect, ...] = (),
) -> Plan:
    """The plan that switches the finding's key off. `because` ends its summary: `which is old`."""
    key = key_in(finding, snapshot)
    leaked = bool(quarantines(key, snapshot))
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(deactivate(key, unused_days, leaked=leaked, guards=guards),),
        summary=f"Deactivate {named(key)} of {key.user}" + (f", {because}" if because else ""),
        breaks=deactivation_breaks(key, leaked=leaked),
    )


def deactivate(
    key: AccessKey, unused_days: int, *, leaked: bool, guards: tuple[Expect, ...] = ()
) -> Step:
    """Switch the key off, if it is at least so old, nobody used it for so long, and `guards` hold.

    A key that AWS knows as `leaked` is never switched on again, so that has no undo.
    """
    return Step(
        name="deactivate",
        summary=f"Deactivate the key {key.shown_id} of {key.user}",
        risk=Risk.IRREVERSIBLE if leaked else Risk.REVERSIBLE,
        before=(
            reads.owner_is(key),
            reads.key_status(key, "Active"),
            reads.key_made_before(key, unused_days),
            reads.key_unused_for(key, unused_days),
            *guards,
        ),
        do=_update(key, "Inactive"),
        after=(reads.key_status(key, "Inactive"),),
        undo=None if leaked else _update(key, "Active"),
        irreversible_because=_LEAKED if leaked else "",
    )


def deactivation_breaks(key: AccessKey, *, leaked: bool) -> tuple[str, ...]:
    """What could stop working once the key is off, and what goes on for a while."""
    end = (
        "for good: AWS knows a key of this user as leaked" if leaked else "until it is switched on"
    )
    return (f"Whatever still has this key of {key.user} is refused {end}", OPEN_SESSIONS)


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
