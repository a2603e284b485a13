"""Credentials for one service that nobody uses, by what AWS's last-accessed reports tell of users.

IAM doesn't tell when such a credential was used, only when its user last tried the service, by
whatever credential: who works with it in any way is taken to use all of them.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from bot.credentials import days_ago, is_older, utc_text
from bot.model import Finding, Part, Severity, Snapshot
from remediations._subjects import resource_of
from remediations._switching_off import Dated, Kind, facts_of, made_before


def unused(
    kind: Kind,
    dated: Iterable[Dated],
    days: int,
    snapshot: Snapshot,
    *,
    namespace: Callable[[Dated], str],
    control: str,
    severity: Severity,
) -> Iterator[Finding]:
    """One finding per active credential of such an age whose user didn't try its service since.

    Before the reports were read, each of such an age is one: they are read for those alone. A
    service of which the report tells nothing is not judged.
    """
    now = snapshot.taken_at
    for each in made_before(dated, days, now):
        service = namespace(each)
        report = _report(each, snapshot)
        if report is not None and service not in report:
            continue
        used = None if report is None else report[service]
        if used is not None and not is_older(used, days, now):
            continue
        when = f"last tried {service} {days_ago(used, now)}" if used else f"never tried {service}"
        yield Finding(
            control=control,
            subject=each.id,
            resource=resource_of(each.user),
            severity=severity,
            summary=f"{each.user.name} has {kind.word}, and {when}, as far as AWS knows",
            evidence={**facts_of(each, snapshot), "service_last_tried": utc_text(used)},
        )


def _report(each: Dated, snapshot: Snapshot) -> Mapping[str, datetime | None] | None:
    """What AWS says of the user; None before it was asked, nothing of a user who is gone."""
    reports: Mapping[str, Mapping[str, datetime | None]] | None
    reports = snapshot.parts.get(Part.SERVICE_USE)
    return None if reports is None else reports.get(each.user.id, {})
