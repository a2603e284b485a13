"""Findings on what users hold themselves instead of through a group."""

from bot.model import Finding, Json, Resource, Severity, Snapshot, User


def is_left_out(user: User, snapshot: Snapshot) -> bool:
    """Whether this user's rights are none of these controls' business."""
    protection = snapshot.protection
    return protection.is_break_glass(user.arn) or protection.is_own(user.arn)


def direct_policies(
    control: str, user: User, kind: str, policies: list[str], left_alone: list[str]
) -> Finding:
    """The finding that a user holds `policies` of this `kind` (attached, inline) themselves."""
    many = "policies" if len(policies) > 1 else "policy"
    what = {"attached": f"managed {many} attached", "inline": f"inline {many}"}[kind]
    evidence: dict[str, Json] = {
        "policies": policies,
        "left_alone": left_alone,
        "groups": list(user.groups),
    }
    return Finding(
        control=control,
        subject=f"{user.id}/{kind}-policies",
        resource=Resource("user", user.name, user.arn, user.id),
        severity=Severity.LOW,
        summary=f"{user.name} has {len(policies)} {what} directly instead of through a group",
        evidence=evidence,
    )
