"""Server certificate that soon expires

Detects
-------
TLS certificates that were uploaded to IAM and expire within the limit (30 days). Those that have
expired are for `expired-server-certificate`; certificates of AWS Certificate Manager, which renews
them by itself, are not in IAM's list.

Why it matters
--------------
A certificate that runs out takes its site down.

Changes
-------
None by Locksmith: somebody has to get a new certificate and put it in the old one's place. The card
lists the steps.

Undo
----
Nothing to undo.

When to say no
--------------
When the site goes down on purpose before the certificate does.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
https://docs.aws.amazon.com/acm/latest/userguide/gs.html
"""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field

from bot.credentials import count, utc_text
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Resource,
    Settings,
    Severity,
    Snapshot,
    Standards,
)

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html"


class ExpiringServerCertificateSettings(Settings):
    """How long before its end a certificate is due."""

    days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days before its end from which a certificate is reported (ACM warns 45 days "
        "ahead; no standard names a number).",
    )


def detect(snapshot: Snapshot, settings: ExpiringServerCertificateSettings) -> Iterator[Finding]:
    """One finding per certificate that is near its end."""
    now = snapshot.taken_at
    for each in snapshot.server_certificates:
        if not timedelta(0) < each.expires - now < timedelta(days=settings.days):
            continue
        left = count((each.expires - now).days, "day")
        yield Finding(
            control=CONTROL.id,
            subject=each.id,
            resource=Resource("server-certificate", each.name, each.arn, each.id),
            severity=CONTROL.severity,
            summary=f"The server certificate {each.name} expires in {left}",
            evidence={"certificate": each.name, "expires": utc_text(each.expires)},
        )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    _settings: ExpiringServerCertificateSettings,
) -> Plan | Manual:
    """Have people replace it."""
    name = finding.resource.name
    return Manual(
        snapshot.account,
        finding.subject,
        f"the server certificate {name} still works, and somebody has to replace it",
        (
            "Ask for a certificate of the same names in AWS Certificate Manager",
            f"Put it on whatever uses {name}: load balancers, CloudFront, API Gateway",
            (
                "Delete the old one: aws iam delete-server-certificate "
                f"--server-certificate-name {name}"
            ),
            "Let Locksmith look again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="expiring-server-certificate",
    title="Server certificate that soon expires",
    topic="rotation",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset({Part.SERVER_CERTIFICATES}),
    settings=ExpiringServerCertificateSettings,
    detect=detect,
    plan=plan,
    standards=Standards(pci=("4.2.1",)),
)
