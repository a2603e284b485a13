"""What people do about a policy that allows something on everything there is."""

from bot.model import Finding, Manual, Snapshot

_LINKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-access-levels-to-review-permissions",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html",
)


def advice(finding: Finding, snapshot: Snapshot, reason: str, *what: str) -> Manual:
    """The steps, between seeing all of the policy and looking again."""
    arn = finding.resource.arn
    see = (
        f"See what it allows by access level: locksmith policy summary {arn}"
        if finding.resource.type == "policy"
        else f"Look at the inline policy of {finding.resource.name}"
    )
    return Manual(
        snapshot.account,
        finding.subject,
        reason,
        (
            see,
            *what,
            "Compare before it goes into force: locksmith policy compare OLD NEW",
            "Let Locksmith scan again",
        ),
        _LINKS,
    )


def listed(finding: Finding, name: str) -> str:
    """A list of the evidence in a sentence."""
    found = finding.evidence[name]
    return ", ".join(map(str, found)) if isinstance(found, list) else ""
