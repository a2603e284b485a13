"""Nobody confirmed who keeps root

Detects
-------
An account that went live (`locksmith go-live`) for which there are no two different people who have
confirmed within a year that root's password, its mailbox and its MFA are strong and known to nobody
but those who keep them. AWS can't tell any of that, so people are asked. Not raised where root has
neither a password nor keys, such as in members of an organization that manages root access
centrally: there is nothing to keep.

Why it matters
--------------
Whoever reads root's mailbox can reset its password, and a phone with root's codes leaves with its
owner. Nothing in AWS shows that until it is needed, or misused.

Changes
-------
Nothing. Two people of the security group confirm, each with the button on the card or with
`locksmith attest root --account ID`. Their word is recorded, with their name and the day, in the
database and its audit log, and counts for a year.

Undo
----
None is needed: a confirmation runs out by itself.

When to say no
--------------
When you can't confirm it. That is the finding.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-password.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import count, is_older, utc_text
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import account_resource
from remediations.root_account._root import evidence

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"
_PEOPLE = 2


class RootCustodyUnattestedSettings(Settings):
    """How long a confirmation counts."""

    max_age: int = Field(
        default=365,
        ge=30,
        le=365,
        description="Days for which a confirmation counts (our choice: once a year).",
    )


def detect(snapshot: Snapshot, settings: RootCustodyUnattestedSettings) -> Iterator[Finding]:
    """One finding for the account, while fewer than two people's word counts."""
    custody, summary = snapshot.root_custody, snapshot.account_summary
    counting = [
        at for at in custody.confirmed if not is_older(at, settings.max_age, snapshot.taken_at)
    ]
    flags = ("AccountPasswordPresent", "AccountAccessKeysPresent")
    nothing_to_keep = all(summary.get(flag) == 0 for flag in flags)
    if not custody.asked or nothing_to_keep or len(counting) >= _PEOPLE:
        return
    who = "Only one person has" if counting else "Nobody has"
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/root-custody",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"{who} confirmed within {count(settings.max_age, 'day')} that root is well kept",
        evidence={
            **evidence(snapshot),
            "people_whose_word_counts": len(counting),
            "last_confirmed": utc_text(max(custody.confirmed, default=None)),
        },
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: RootCustodyUnattestedSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """What to look at, and how to say so."""
    account = snapshot.account.id
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="only people can tell whether root is in good hands",
        steps=(
            "Look that root's password is long, random, and in a safe that few can open",
            "Look that its mailbox is a group's, behind MFA, and that nobody reads it who left",
            "Look that its MFA devices are there, at two places, and in nobody's pocket",
            f"Confirm it, on the card or with `locksmith attest root --account {account}`",
            "Let a second person look, and confirm it too",
        ),
        links=(_LINK,),
    )


CONTROL = Control(
    id="root-custody-unattested",
    title="Nobody confirmed who keeps root",
    topic="root_account",
    severity=Severity.LOW,
    risk=None,
    needs=frozenset({Part.ACCOUNT_SUMMARY, Part.ROOT_CUSTODY}),
    settings=RootCustodyUnattestedSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2(9)", "IA-5"), pci=("8.2.2",)),
)
