"""Temporary access that never ends

Detects
-------
Policies of your own, and inline ones, that call themselves temporary and have stood for more than
`days` with an Allow that has no end: their name or a statement's Sid says it (`words`: temporary,
interim, temp …), or a tag such as `expires` or `valid-until` of the user or role that an inline one
lives in. A Sid speaks for its own statement, name and tags for all. An Allow has an end where a
condition says that the time of the request is before a moment (`aws:CurrentTime`, `aws:EpochTime`).
Words like these that tell what a policy is about, not how long it stays, don't count:
`temporary-credentials`, `temp-bucket`. Of an inline policy AWS tells no age, so that of its holder
counts.

Why it matters
--------------
What was meant for a week is there years later, and nobody remembers for whom. A date in the policy
takes the access away by itself.

Changes
-------
Each Allow that has no end gets one, as a condition on `aws:CurrentTime`: the date of the tag, where
there is one that is still to come, else a day that lies between one and two times `days` ahead.
Nothing stops until then. A managed policy gets a new version and keeps the old one; an inline one
is overwritten. The rest of the document stays word for word.

Undo
----
The old version is put in force again and the new one deleted; the old text is written back.

When to say no
--------------
When the access has come to stay: give the policy a name that says so. When the work ends on another
day: write that day into the policy.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-policy-conditions
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws-dates.html
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from pydantic import Field

from bot.credentials import is_older, utc_text
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import Statement, Tightening, ends_at, tightened, until
from remediations.policy_conditions._rewrite import rewrite
from remediations.policy_conditions._written import Written, written, written_at

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
#: What follows the word where it tells what a policy is about.
_ABOUT = (
    "bucket buckets credential credentials data dir directory file files folder password passwords "
    "s space storage table tables token tokens upload uploads"
)
_THINGS = frozenset(_ABOUT.split())
_DATED = ("expires", "expiry", "expiration", "valid-until", "until", "end-date")


class TemporaryAccessWithoutEndDateSettings(Settings):
    """What calls itself temporary, and for how long that may be."""

    days: int = Field(
        default=14,
        ge=1,
        le=400,
        description="Days that something temporary may stand without an end; the end that it gets "
        "lies between one and two times as many days ahead.",
    )
    words: tuple[str, ...] = Field(
        default=("temporary", "temporarily", "interim", "temp", "tmp"),
        strict=False,
        description="Words in names and Sids that say so.",
    )


def detect(
    snapshot: Snapshot, settings: TemporaryAccessWithoutEndDateSettings
) -> Iterator[Finding]:
    """One finding per policy."""
    for policy in written(snapshot):
        endless = _endless(policy, settings)
        if not endless or not is_older(policy.since, settings.days, snapshot.taken_at):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=policy.subject,
            resource=policy.resource,
            severity=CONTROL.severity,
            summary=f"{policy.label} calls itself temporary and has no end",
            evidence={
                "statements": [each.label for each in endless],
                "since": utc_text(policy.since),
                **policy.evidence(snapshot),
            },
        )


def _endless(
    policy: Written, settings: TemporaryAccessWithoutEndDateSettings
) -> tuple[Statement, ...]:
    """The Allow statements that are said to be temporary, and have no end."""
    words = frozenset(each.casefold() for each in settings.words)
    whole = _says_so(policy.name, words) or any(
        key.casefold() in words or key.casefold() in _DATED for key in policy.tags
    )
    return tuple(
        each
        for each in policy.document.statements
        if each.effect == "Allow" and (whole or _says_so(each.sid, words)) and ends_at(each) is None
    )


def _says_so(name: str, words: frozenset[str]) -> bool:
    found = [each.casefold() for each in _WORD.findall(name)]
    followed = zip(found, [*found, ""][1:], strict=True)
    return any(word in words and after not in _THINGS for word, after in followed)


def plan(
    finding: Finding, snapshot: Snapshot, settings: TemporaryAccessWithoutEndDateSettings
) -> Plan | Manual:
    """Give each of the statements an end."""
    policy = written_at(finding.resource, finding.subject, snapshot)
    end = _end(policy, snapshot.taken_at, settings.days)
    change = Tightening(until(end))
    new = tightened(policy.document, {each.index: change for each in _endless(policy, settings)})
    return rewrite(
        finding,
        policy,
        new,
        snapshot,
        summary=f"Let what {policy.label} allows for a time end on {end:%Y-%m-%d}",
        breaks=(
            f"What it allows is refused from {end:%Y-%m-%d} on, unless someone moves the date",
        ),
    )


def _end(policy: Written, now: datetime, days: int) -> datetime:
    """What the tag says, or the first of the days since it was written that lies far enough ahead.

    Counted from when it was written and not from today, so that the plan is the same tomorrow.
    """
    for key, value in policy.tags.items():
        if key.casefold() in _DATED and (said := _date(value)) is not None and said > now:
            return said
    start = datetime.combine(policy.since.astimezone(UTC).date(), time(), UTC)
    span = timedelta(days=days)
    return start + span * (-((start - now - span) // span))


def _date(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


CONTROL = Control(
    id="temporary-access-without-end-date",
    title="Temporary access that never ends",
    topic="policy_conditions",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=TemporaryAccessWithoutEndDateSettings,
    detect=detect,
    plan=plan,
)
