"""Server certificate that has expired or soon will

Detects
-------
TLS certificates that were uploaded to IAM and have expired, or expire within the limit (30 days).
Certificates of AWS Certificate Manager, which renews them by itself, are not in IAM's list.

Why it matters
--------------
A certificate that runs out takes its site down, and one that has run out can be put on a load
balancer by mistake, where it turns every visitor away and teaches them to ignore warnings.

Changes
-------
Deletes one that has expired. AWS refuses that while a load balancer uses it; CloudFront may not be
noticed, so look there first. Just before, Locksmith looks that it is still the same certificate,
and past its end. For one that still works people get the steps to replace it.

Undo
----
None: IAM gives nobody the private key. Whoever has the certificate's files can upload them again.

When to say no
--------------
When a device still shows the expired certificate and can't take another one yet.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-26
CIS AWS Foundations Benchmark 3.0: 1.19, 5.0: 1.18
"""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field

from bot.credentials import count, days_since, utc_text
from bot.model import (
    Control,
    Expect,
    Finding,
    Manual,
    Operator,
    Part,
    Plan,
    Resource,
    Risk,
    ServerCertificate,
    Settings,
    Severity,
    Snapshot,
    Standards,
    Step,
)
from remediations import _reads as reads

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html"


class ExpiringServerCertificateSettings(Settings):
    """How long before its end a certificate is due."""

    days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days before its end from which a certificate is reported (ACM warns 45 days "
        "ahead; CIS 5.0 1.18 and Security Hub IAM.26 only know expired ones).",
    )


def detect(snapshot: Snapshot, settings: ExpiringServerCertificateSettings) -> Iterator[Finding]:
    """One finding per certificate that is at its end."""
    now = snapshot.taken_at
    for each in snapshot.server_certificates:
        if each.expires - now >= timedelta(days=settings.days):
            continue
        if each.expires <= now:
            when = f"has expired {count(days_since(each.expires, now), 'day')} ago"
        else:
            when = f"expires in {count((each.expires - now).days, 'day')}"
        yield Finding(
            control=CONTROL.id,
            subject=each.id,
            resource=Resource("server-certificate", each.name, each.arn, each.id),
            severity=CONTROL.severity,
            summary=f"The server certificate {each.name} {when}",
            evidence={"certificate": each.name, "expires": utc_text(each.expires)},
        )


def plan(
    finding: Finding, snapshot: Snapshot, _settings: ExpiringServerCertificateSettings
) -> Plan | Manual:
    """Delete it, or have people replace it."""
    found = next(each for each in snapshot.server_certificates if each.id == finding.subject)
    if found.expires > snapshot.taken_at:
        return Manual(
            snapshot.account,
            finding.subject,
            f"the server certificate {found.name} still works, and somebody has to replace it",
            (
                "Ask for a certificate of the same names in AWS Certificate Manager",
                f"Put it on whatever uses {found.name}: load balancers, CloudFront, API Gateway",
                (
                    "Delete the old one: aws iam delete-server-certificate "
                    f"--server-certificate-name {found.name}"
                ),
                "Let Locksmith look again",
            ),
            (_LINK,),
        )
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(_delete(found),),
        summary=f"Delete the server certificate {found.name}, which has expired; this can't be "
        "undone",
        breaks=(f"Whatever still shows {found.name} to its visitors has none any more",),
    )


def _delete(found: ServerCertificate) -> Step:
    read = reads.call("GetServerCertificate", ServerCertificateName=found.name)
    of = "ServerCertificate.ServerCertificateMetadata"
    another = f"{found.name} is another certificate now"
    still = f"{found.name} has not expired"
    return Step(
        name="delete",
        summary=f"Delete the expired server certificate {found.name}",
        risk=Risk.IRREVERSIBLE,
        before=(
            Expect(read, f"{of}.ServerCertificateId", Operator.EQUALS, found.id, another),
            Expect(read, f"{of}.Expiration", Operator.OLDER_THAN, 0, still),
        ),
        do=reads.call("DeleteServerCertificate", ServerCertificateName=found.name),
        after=(
            Expect(
                read, f"{of}.ServerCertificateId", Operator.ABSENT, None, f"{found.name} is there"
            ),
        ),
        irreversible_because="IAM gives nobody the private key, so only whoever has the files can "
        "upload it again",
    )


CONTROL = Control(
    id="expiring-server-certificate",
    title="Server certificate that has expired or soon will",
    topic="rotation",
    severity=Severity.MEDIUM,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.SERVER_CERTIFICATES}),
    settings=ExpiringServerCertificateSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.19",), "5.0": ("1.18",)},
        fsbp=("IAM.26",),
        pci=("4.2.1",),
    ),
)
