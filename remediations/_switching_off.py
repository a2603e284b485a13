"""Credentials of users besides keys and passwords: those of an age, and the step that ends them.

IAM tells of none of them when it was last used. Nothing is deleted: the same credential works again
once it is switched on.
"""

from collections.abc import Iterable, Iterator
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
    Risk,
    Severity,
    Snapshot,
    Step,
    User,
    UserCredential,
)
from remediations import _reads as reads
from remediations._subjects import resource_of


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of credential: what people call it, and IAM's names for its calls and answers."""

    word: str
    listing: str
    answer: str
    id: str
    date: str
    update: str
    breaks: str


SSH_KEY = Kind(
    word="an SSH key for CodeCommit",
    listing="ListSSHPublicKeys",
    answer="SSHPublicKeys",
    id="SSHPublicKeyId",
    date="UploadDate",
    update="UpdateSSHPublicKey",
    breaks="Git over SSH is refused with this key",
)
SIGNING_CERTIFICATE = Kind(
    word="a signing certificate",
    listing="ListSigningCertificates",
    answer="Certificates",
    id="CertificateId",
    date="UploadDate",
    update="UpdateSigningCertificate",
    breaks="Requests that are signed with this certificate are refused, for all programs",
)
SERVICE_CREDENTIAL = Kind(
    word="a service-specific credential",
    listing="ListServiceSpecificCredentials",
    answer="ServiceSpecificCredentials",
    id="ServiceSpecificCredentialId",
    date="CreateDate",
    update="UpdateServiceSpecificCredential",
    breaks="The service refuses this credential",
)


@dataclass(frozen=True, slots=True)
class Dated:
    """One credential of a user; `more` are facts that people need besides its age."""

    id: str
    user: User
    active: bool
    created: datetime
    more: tuple[tuple[str, Json], ...] = ()


def ssh_keys(snapshot: Snapshot) -> Iterator[Dated]:
    """The SSH keys of users, as far as they were listed."""
    return _dated(snapshot.ssh_keys, snapshot)


def signing_certificates(snapshot: Snapshot) -> Iterator[Dated]:
    """The signing certificates of users."""
    return _dated(snapshot.signing_certificates, snapshot)


def _dated(owned: Iterable[UserCredential], snapshot: Snapshot) -> Iterator[Dated]:
    for each in owned:
        user = snapshot.users_by_id.get(each.user_id)
        if user is not None:
            yield Dated(each.id, user, each.active, each.created)


def service_credentials(snapshot: Snapshot) -> Iterator[Dated]:
    """The service-specific credentials of users; one that has expired by itself works no more."""
    for each in snapshot.service_credentials:
        user = snapshot.users_by_name.get(each.user)
        expired = each.expires is not None and each.expires <= snapshot.taken_at
        if user is not None and not expired:
            facts = (("service", each.service), ("expires", utc_text(each.expires)))
            yield Dated(each.id, user, each.active, each.created, facts)


def made_before(dated: Iterable[Dated], days: int, now: datetime) -> Iterator[Dated]:
    """The active ones that are older than so many days."""
    return (each for each in dated if each.active and is_older(each.created, days, now))


def too_old(
    kind: Kind,
    dated: Iterable[Dated],
    days: int,
    snapshot: Snapshot,
    *,
    control: str,
    severity: Severity,
) -> Iterator[Finding]:
    """One finding per active credential that is older than so many days."""
    for each in made_before(dated, days, snapshot.taken_at):
        age = count(days_since(each.created, snapshot.taken_at), "day")
        yield Finding(
            control=control,
            subject=each.id,
            resource=resource_of(each.user),
            severity=severity,
            summary=f"{each.user.name} has {kind.word} that is {age} old",
            evidence=facts_of(each, snapshot),
        )


def facts_of(each: Dated, snapshot: Snapshot) -> dict[str, Json]:
    """The facts about a credential that people need to decide."""
    return {
        "user": each.user.name,
        "credential_id": each.id,
        "created": utc_text(each.created),
        "age_days": days_since(each.created, snapshot.taken_at),
        **dict(each.more),
    }


def switch_off(
    kind: Kind,
    finding: Finding,
    days: int,
    snapshot: Snapshot,
    *,
    risk: Risk,
    because: str,
    guards: tuple[Expect, ...] = (),
) -> Plan:
    """Switch the credential off, if it is still on and so old, and if the `guards` hold.

    `because` ends the summary.
    """
    user = snapshot.users_by_id[finding.resource.unique_id]
    listed = reads.call(kind.listing, UserName=user.name)
    this = f"{kind.answer}[?{kind.id}=={reads.quoted(finding.subject)}]"
    status, made = f"{this}.Status | [0]", f"{this}.{kind.date} | [0]"

    def update(to: str) -> Call:
        about: dict[str, Json] = {kind.id: finding.subject, "Status": to}
        return reads.call(kind.update, UserName=user.name, **about)

    off = f"the credential {finding.subject} is not off"
    young = f"{finding.subject} was made less than {days} days ago"
    step = Step(
        name="deactivate",
        summary=f"Deactivate {finding.subject} of {user.name}",
        risk=risk,
        before=(
            reads.user_is(user),
            Expect(listed, status, Operator.EQUALS, "Active", f"{finding.subject} is not active"),
            Expect(listed, made, Operator.OLDER_THAN, days, young),
            *guards,
        ),
        do=update("Inactive"),
        after=(Expect(listed, status, Operator.EQUALS, "Inactive", off),),
        undo=update("Active"),
    )
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(step,),
        summary=f"Deactivate {kind.word} of {user.name}, {because}",
        breaks=(f"{kind.breaks} of {user.name} until it is switched on",),
    )
