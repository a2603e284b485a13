"""The steps that take root's credentials from a member account, over sessions as its root.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

from collections.abc import Iterator

from bot.model import AccessKey, Call, Expect, Json, MemberRoot, Operator, Risk, Step
from remediations import _reads as reads

_GONE = "AWS keeps no copy of what is deleted, and only root itself could make a new one"


def steps(root: MemberRoot, unused_days: int) -> Iterator[Step]:
    """Keys, certificates, the password and only then its MFA: at no time a password without it."""
    for number, key in enumerate(root.keys, 1):
        yield _delete_key(root, key, number, unused_days)
    for number, certificate in enumerate(root.certificates, 1):
        yield _delete_certificate(root, certificate, number)
    if root.password:
        yield _delete_password(root, unused_days)
    for number, device in enumerate(root.devices, 1):
        yield _deactivate(root, device, number)


def _delete_key(root: MemberRoot, key: AccessKey, number: int, unused_days: int) -> Step:
    listed = f"AccessKeyMetadata[?AccessKeyId=={reads.quoted(key.shown_id)}].AccessKeyId | [0]"
    read = _as_root(root, "ListAccessKeys")
    used = _as_root(root, "GetAccessKeyLastUsed", AccessKeyId=key.shown_id)
    unused = Expect(
        used,
        "AccessKeyLastUsed.LastUsedDate || 'never'",
        Operator.OLDER_THAN,
        unused_days,
        f"root's key {key.shown_id} was used in the last {unused_days} days",
    )
    there = Expect(read, listed, Operator.EQUALS, key.shown_id, f"{key.shown_id} is gone already")
    return Step(
        name=f"delete-key-{number}",
        summary=f"Delete the access key {key.shown_id} of root of {root.account} for good",
        risk=Risk.IRREVERSIBLE,
        before=(there, unused),
        do=_as_root(root, "DeleteAccessKey", AccessKeyId=key.shown_id),
        after=(reads.absent(there, f"{key.shown_id} is still there"),),
        irreversible_because=_GONE,
    )


def _delete_certificate(root: MemberRoot, certificate: str, number: int) -> Step:
    path = f"Certificates[?CertificateId=={reads.quoted(certificate)}].CertificateId | [0]"
    read = _as_root(root, "ListSigningCertificates")
    there = Expect(read, path, Operator.EQUALS, certificate, f"{certificate} is gone already")
    return Step(
        name=f"delete-certificate-{number}",
        summary=f"Delete the signing certificate {certificate} of root of {root.account} for good",
        risk=Risk.IRREVERSIBLE,
        before=(there,),
        do=_as_root(root, "DeleteSigningCertificate", CertificateId=certificate),
        after=(reads.absent(there, f"{certificate} is still there"),),
        irreversible_because=_GONE,
    )


def _delete_password(root: MemberRoot, unused_days: int) -> Step:
    there = Expect(
        _as_root(root, "GetLoginProfile"),
        "LoginProfile.CreateDate",
        Operator.PRESENT,
        None,
        "root has no password any more",
    )
    unused = Expect(
        _as_root(root, "GetUser"),
        "User.PasswordLastUsed || 'never'",
        Operator.OLDER_THAN,
        unused_days,
        f"root signed in within the last {unused_days} days",
    )
    return Step(
        name="delete-password",
        summary=f"Delete the password of root of {root.account}, and the way to recover it by mail",
        risk=Risk.IRREVERSIBLE,
        before=(there, unused),
        do=_as_root(root, "DeleteLoginProfile"),
        after=(reads.absent(there, "root still has a password"),),
        irreversible_because=(
            "the old password is gone; the organization can only allow root to choose a new one"
        ),
    )


def _deactivate(root: MemberRoot, serial: str, number: int) -> Step:
    path = f"MFADevices[?SerialNumber=={reads.quoted(serial)}].SerialNumber | [0]"
    read = _as_root(root, "ListMFADevices")
    there = Expect(read, path, Operator.EQUALS, serial, f"{serial} is gone already")
    return Step(
        name=f"deactivate-mfa-{number}",
        summary=f"Take the MFA device {serial} from root of {root.account}, which has no password",
        risk=Risk.IRREVERSIBLE,
        before=(there,),
        do=_as_root(root, "DeactivateMFADevice", SerialNumber=serial),
        after=(reads.absent(there, f"{serial} is still there"),),
        irreversible_because="only root itself, signed in, could enrol it again",
    )


def _as_root(root: MemberRoot, operation: str, **params: Json) -> Call:
    return Call("iam", operation, params, root_of=root.account)
