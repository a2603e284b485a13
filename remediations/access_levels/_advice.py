"""What people do about a policy that allows something on everything there is."""

from bot.model import Finding, Manual, Snapshot

_LINKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-access-levels-to-review-permissions",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html",
)
_GROUPS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html"


def advice(finding: Finding, snapshot: Snapshot, reason: str, *what: str) -> Manual:
    """The steps, between seeing all of the policy and looking again."""
    see = f"See what it allows by access level: locksmith policy summary {place_of(finding)}"
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


def place_of(finding: Finding) -> str:
    """How commands name the policy: an inline one by its holder's ARN and its own name."""
    _, inline, rest = finding.subject.partition("/inline/")
    return finding.resource.arn + inline + rest.partition("/")[0]


def listed(finding: Finding, name: str) -> str:
    """A list of the evidence in a sentence."""
    found = finding.evidence[name]
    return ", ".join(map(str, found)) if isinstance(found, list) else ""


def split_by_hand(finding: Finding, snapshot: Snapshot, reason: str) -> Manual:
    """How to tell those who write to a service from those who read."""
    service = finding.evidence["service"]
    return Manual(
        snapshot.account,
        finding.subject,
        reason,
        (
            f"Look who of these has written lately (Access Advisor): {listed(finding, 'writers')}",
            f"Name those who must in controls.{finding.control}.writers: Locksmith plans it then",
            f"Or make a group with List and Read of {service}, and one with Write on what it needs",
            "Put those who write into both groups, the others into the first",
            "Take the policies off them that the groups replace; give roles two policies likewise",
            "Let Locksmith scan again",
        ),
        (_GROUPS,),
    )
