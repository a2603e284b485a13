"""Server certificate that has expired

Detects
-------
TLS certificates that were uploaded to IAM and have run out. Certificates of AWS Certificate
Manager, which renews them by itself, are not in IAM's list; those that still work are for
`expiring-server-certificate`.

Why it matters
--------------
One that has run out can be put on a load balancer by mistake, where it turns every visitor away and
teaches them to ignore warnings.

Changes
-------
Deletes it. AWS refuses that while a load balancer uses it, and then nothing changes; it may not
notice CloudFront and other services, so look there first. Just before, Locksmith looks that it is
still the same certificate, and past its end.

Undo
----
None: IAM gives nobody the private key. Whoever has the certificate's files can upload them again.

When to say no
--------------
When a device still shows the expired certificate and can't take another one yet.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServerCertificate.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-26
CIS AWS Foundations Benchmark 3.0: 1.19, 5.0: 1.18, 7.0: 2.17
"""

from collections.abc import Iterator

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


def detect(snapshot: Snapshot, _settings: Settings) -> Iterator[Finding]:
    """One finding per certificate that has run out."""
    now = snapshot.taken_at
    for each in snapshot.server_certificates:
        if each.expires > now:
            continue
        ago = count(days_since(each.expires, now), "day")
        yield Finding(
            control=CONTROL.id,
            subject=each.id,
            resource=Resource("server-certificate", each.name, each.arn, each.id),
            severity=CONTROL.severity,
            summary=f"The server certificate {each.name} has expired {ago} ago",
            evidence={"certificate": each.name, "expires": utc_text(each.expires)},
        )


def plan(finding: Finding, snapshot: Snapshot, _settings: Settings) -> Plan | Manual:
    """Delete it."""
    found = next(each for each in snapshot.server_certificates if each.id == finding.subject)
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
    id="expired-server-certificate",
    title="Server certificate that has expired",
    topic="unused_credentials",
    severity=Severity.MEDIUM,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.SERVER_CERTIFICATES}),
    settings=Settings,
    detect=detect,
    plan=plan,
    standards=Standards(cis={"3.0": ("1.19",), "5.0": ("1.18",), "7.0": ("2.17",)}, pci=("4.2.1",)),
)
