"""Credentials of users besides keys and passwords that are too old: found by age, switched off.

IAM tells of none of them when it was last used, so that whoever has one is asked, and told what
stops. Nothing is deleted: the same credential works again once it is switched on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.credentials import count, days_since, is_older, utc_text
from bot.model import (
    Call,
    Expect,
    Finding,
    Json,
    Operator,
    Plan,
    Resource,
    Risk,
    Severity,
    Snapshot,
    Step,
    User,
)
from remediations import _reads as reads


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of credential: what people call it, and IAM's names for its calls and answers."""

    control: str
    severity: Severity
    word: str
    listing: str
    answer: str
    id: str
    date: str
    update: str
    breaks: str


@dataclass(frozen=True, slots=True)
class Dated:
    """One credential of a user; `more` are facts that people need besides its age."""

    id: str
    user: User
    active: bool
    created: datetime
    more: tuple[tuple[str, Json], ...] = ()


def too_old(kind: Kind, dated: Iterator[Dated], days: int, snapshot: Snapshot) -> Iterator[Finding]:
    """One finding per active credential that is older than so many days."""
    now = snapshot.taken_at
    for each in dated:
        if not each.active or not is_older(each.created, days, now):
            continue
        age = count(days_since(each.created, now), "day")
        user = each.user
        yield Finding(
            control=kind.control,
            subject=each.id,
            resource=Resource("user", user.name, user.arn, user.id),
            severity=kind.severity,
            summary=f"{user.name} has {kind.word} that is {age} old",
            evidence={
                "user": user.name,
                "credential_id": each.id,
                "created": utc_text(each.created),
                "age_days": days_since(each.created, now),
                **dict(each.more),
            },
        )


def switch_off(kind: Kind, finding: Finding, days: int, snapshot: Snapshot) -> Plan:
    """Switch the credential off, if it is still on and so old."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    listed = reads.call(kind.listing, UserName=user.name)
    this = f"{kind.answer}[?{kind.id}=={reads.quoted(finding.subject)}]"
    status = f"{this}.Status | [0]"

    def update(to: str) -> Call:
        about: dict[str, Json] = {kind.id: finding.subject, "Status": to}
        return reads.call(kind.update, UserName=user.name, **about)

    off = f"the credential {finding.subject} is not off"
    step = Step(
        name="deactivate",
        summary=f"Deactivate {finding.subject} of {user.name}",
        risk=Risk.DISRUPTIVE,
        before=(
            reads.user_is(user),
            Expect(listed, status, Operator.EQUALS, "Active", f"{finding.subject} is not active"),
            Expect(
                listed,
                f"{this}.{kind.date} | [0]",
                Operator.OLDER_THAN,
                days,
                f"{finding.subject} was made less than {days} days ago",
            ),
        ),
        do=update("Inactive"),
        after=(Expect(listed, status, Operator.EQUALS, "Inactive", off),),
        undo=update("Active"),
    )
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(step,),
        summary=f"Deactivate {kind.word} of {user.name}, which is too old",
        breaks=(f"{kind.breaks} of {user.name} until it is switched on",),
    )
