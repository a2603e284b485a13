"""The steps that take everything from a user and then delete it, in the order that AWS wants.

Whatever lets someone in goes first, while the fence still stands; the fence goes last of all that
hangs on the user. What can be read of each thing is looked at just before it goes, so that the
journal keeps it: documents of policies, public keys, certificates, the user's path and tags.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model import (
    AccessKey,
    Belongings,
    Call,
    Expect,
    Json,
    MfaKind,
    Operator,
    Risk,
    Step,
    User,
)
from remediations import _reads as reads
from remediations._membership import is_member
from remediations._policy_reads import compact, has_attached, has_inline
from remediations.groups._grants import content_of

_FINAL = "AWS keeps nothing of it; what would be made anew is another one, with other secrets"


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of thing that hangs on users: how IAM lists and deletes it, and what it is."""

    what: str
    operation: str
    answer: str
    id: str
    deletes: str


_CERTIFICATES = Listing(
    "signing certificate",
    "ListSigningCertificates",
    "Certificates",
    "CertificateId",
    "DeleteSigningCertificate",
)
_SSH = Listing(
    "SSH key", "ListSSHPublicKeys", "SSHPublicKeys", "SSHPublicKeyId", "DeleteSSHPublicKey"
)
_SERVICE = Listing(
    "credential for one service",
    "ListServiceSpecificCredentials",
    "ServiceSpecificCredentials",
    "ServiceSpecificCredentialId",
    "DeleteServiceSpecificCredential",
)
_DEVICES = Listing(
    "MFA device", "ListMFADevices", "MFADevices", "SerialNumber", "DeactivateMFADevice"
)


def has_just(user: User, keys: Sequence[AccessKey], owned: Belongings) -> tuple[Expect, ...]:
    """Nothing hangs on the user but what was seen: half a user is never deleted."""
    of_kinds = (
        (_CERTIFICATES, owned.signing_certificates),
        (_SSH, owned.ssh_keys),
        (_SERVICE, owned.service_credentials),
        (_DEVICES, owned.mfa_devices),
    )
    lists: tuple[tuple[str, str, Sequence[str]], ...] = (
        ("ListAccessKeys", "AccessKeyMetadata[].AccessKeyId", [key.shown_id for key in keys]),
        *((kind.operation, f"{kind.answer}[].{kind.id}", ids) for kind, ids in of_kinds),
        ("ListUserPolicies", "PolicyNames", [policy.name for policy in user.inline]),
        ("ListAttachedUserPolicies", "AttachedPolicies[].PolicyArn", user.attached),
        ("ListGroupsForUser", "Groups[].GroupName", user.groups),
    )
    return tuple(
        Expect(
            reads.call(operation, UserName=user.name),
            f"sort({path})",
            Operator.EQUALS,
            [*sorted(ids)],
            f"{user.name} has something else by now ({operation})",
        )
        for operation, path, ids in lists
    )


def as_recorded(user: User) -> Expect:
    """The user's own description, for the journal: path, tags, boundary, when it was made."""
    return _kept(reads.call("GetUser", UserName=user.name), "User")


def credentials(
    user: User, keys: Sequence[AccessKey], owned: Belongings, fence: Expect, *, password: bool
) -> Iterator[Step]:
    """Everything that lets somebody in, while the fence stands."""
    if password:
        yield delete_login(user, (fence,))
    for number, key in enumerate(sorted(keys, key=lambda key: key.shown_id), 1):
        yield _delete_key(user, key, number, fence)
    listed = reads.call("ListSigningCertificates", UserName=user.name)
    for number, one in enumerate(owned.signing_certificates, 1):
        body = f"Certificates[?CertificateId=={reads.quoted(one)}].CertificateBody | [0]"
        name = f"certificate-{number}"
        yield _delete_listed(user, _CERTIFICATES, one, name, fence, _kept(listed, body))
    for number, one in enumerate(owned.ssh_keys, 1):
        named: dict[str, Json] = {"UserName": user.name, "SSHPublicKeyId": one, "Encoding": "SSH"}
        kept = _kept(reads.call("GetSSHPublicKey", **named), "SSHPublicKey.SSHPublicKeyBody")
        yield _delete_listed(user, _SSH, one, f"ssh-key-{number}", fence, kept)
    for number, one in enumerate(owned.service_credentials, 1):
        yield _delete_listed(user, _SERVICE, one, f"service-credential-{number}", fence)
    for number, one in enumerate(owned.mfa_devices, 1):
        yield from _take_device(user, one, number, fence)


def rights(user: User, fence: Expect, fence_name: str) -> Iterator[Step]:
    """Policies and groups, which could still be given back before the end."""
    others = (policy for policy in user.inline if policy.name != fence_name)
    for number, policy in enumerate(others, 1):
        document = content_of(policy, user.name)
        yield take_inline(user, policy.name, document, (fence,), f"inline-{number}")
    for number, arn in enumerate(sorted(user.attached), 1):
        there, named = has_attached(user, arn), {"UserName": user.name, "PolicyArn": arn}
        yield Step(
            name=f"detach-{number}",
            summary=f"Detach {arn} from {user.name}",
            risk=Risk.DISRUPTIVE,
            before=(reads.user_is(user), fence, there),
            do=reads.call("DetachUserPolicy", **named),
            after=(reads.absent(there, f"{arn} is still attached to {user.name}"),),
            undo=reads.call("AttachUserPolicy", **named),
        )
    for number, group in enumerate(sorted(user.groups), 1):
        there, named = is_member(user.name, group), {"GroupName": group, "UserName": user.name}
        yield Step(
            name=f"leave-{number}",
            summary=f"Take {user.name} out of the group {group}",
            risk=Risk.DISRUPTIVE,
            before=(reads.user_is(user), fence, there),
            do=reads.call("RemoveUserFromGroup", **named),
            after=(reads.absent(there, f"{user.name} is still in {group}"),),
            undo=reads.call("AddUserToGroup", **named),
        )


def farewell(user: User, fence_name: str, document: Json) -> Iterator[Step]:
    """The fence, once nothing lets anybody in any more, and the user."""
    shut = (reads.without_password(user), reads.active_keys_are(user, ()))
    yield take_inline(user, fence_name, document, shut, "unfence")
    still = reads.user_is(user)
    yield Step(
        name="delete",
        summary=f"Delete the user {user.name} for good",
        risk=Risk.IRREVERSIBLE,
        before=(still, *shut),
        do=reads.call("DeleteUser", UserName=user.name),
        after=(reads.absent(still, f"{user.name} is still there"),),
        irreversible_because="a user that is made anew has another unique id, which no policy of a "
        "bucket or a role knows",
    )


def delete_login(user: User, guards: tuple[Expect, ...]) -> Step:
    """Delete the console password, if the `guards` hold."""
    there = reads.has_password(user)
    return Step(
        name="delete-login",
        summary=f"Delete the console password of {user.name} for good",
        risk=Risk.IRREVERSIBLE,
        before=(reads.user_is(user), *guards, there),
        do=reads.call("DeleteLoginProfile", UserName=user.name),
        after=(reads.absent(there, f"{user.name} still has a console password"),),
        irreversible_because="AWS keeps no copy of a password; an administrator can only set "
        "another one",
    )


def take_inline(
    user: User, policy: str, document: Json, guards: tuple[Expect, ...], name: str
) -> Step:
    """Take an inline policy away that holds this document, if the `guards` hold."""
    named = {"UserName": user.name, "PolicyName": policy}
    there = has_inline(user, policy, document)
    return Step(
        name=name,
        summary=f"Delete the inline policy {policy} of {user.name}",
        risk=Risk.DISRUPTIVE,
        before=(reads.user_is(user), *guards, there),
        do=reads.call("DeleteUserPolicy", **named),
        after=(reads.absent(there, f"{user.name} still has the inline policy {policy}"),),
        undo=reads.call("PutUserPolicy", **named, PolicyDocument=compact(document)),
    )


def _delete_key(user: User, key: AccessKey, number: int, fence: Expect) -> Step:
    gone = reads.key_gone(key)
    there = Expect(gone.read, gone.path, Operator.PRESENT, None, f"{key.shown_id} is gone already")
    return Step(
        name=f"key-{number}",
        summary=f"Delete the access key {key.shown_id} of {user.name} for good",
        risk=Risk.IRREVERSIBLE,
        before=(reads.user_is(user), fence, there),
        do=reads.call("DeleteAccessKey", UserName=user.name, AccessKeyId=key.shown_id),
        after=(gone,),
        irreversible_because=_FINAL,
    )


def _delete_listed(user: User, listing: Listing, one: str, name: str, *guards: Expect) -> Step:
    there = _listed(user, listing, one)
    return Step(
        name=name,
        summary=f"Delete the {listing.what} {one} of {user.name} for good",
        risk=Risk.IRREVERSIBLE,
        before=(reads.user_is(user), *guards, there),
        do=reads.call(listing.deletes, UserName=user.name, **{listing.id: one}),
        after=(reads.absent(there, f"{one} is still there"),),
        irreversible_because=_FINAL,
    )


def _take_device(user: User, serial: str, number: int, fence: Expect) -> Iterator[Step]:
    """Off the user, and where it is a virtual one, out of the account: nobody else can have it."""
    yield _delete_listed(user, _DEVICES, serial, f"mfa-{number}", fence)
    if MfaKind.of(serial) is not MfaKind.VIRTUAL:
        return
    free = reads.call("ListVirtualMFADevices", AssignmentStatus="Unassigned")
    path = f"VirtualMFADevices[?SerialNumber=={reads.quoted(serial)}].SerialNumber | [0]"
    there = Expect(free, path, Operator.EQUALS, serial, f"{serial} is gone, or somebody has it")
    yield Step(
        name=f"mfa-{number}-gone",
        summary=f"Delete the virtual MFA device {serial} for good",
        risk=Risk.IRREVERSIBLE,
        before=(there,),
        do=reads.call("DeleteVirtualMFADevice", SerialNumber=serial),
        after=(reads.absent(there, f"{serial} is still there"),),
        irreversible_because=_FINAL,
    )


def _listed(user: User, listing: Listing, one: str) -> Expect:
    path = f"{listing.answer}[?{listing.id}=={reads.quoted(one)}].{listing.id} | [0]"
    read = reads.call(listing.operation, UserName=user.name)
    return Expect(read, path, Operator.EQUALS, one, f"{user.name} has no {one} any more")


def _kept(read: Call, path: str) -> Expect:
    """Looked at for the journal, which keeps what was there."""
    return Expect(read, path, Operator.PRESENT, None, "what is to be deleted can't be read")
