"""The steps that make a new access key and hand its secret to its owner, and to nobody else.

Everything that can fail before the key exists comes first: the secret's place, and who may read it.
The id of the secret's version names the key that is in it, so that a lost answer is settled by
looking, and so that everyone sees which key the secret holds without reading it.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import (
    SECRETS_PREFIX,
    AccessKey,
    Call,
    Expect,
    Json,
    Operator,
    Output,
    Risk,
    SecretStore,
    Step,
    Trace,
)
from remediations import _reads as reads

_NO_KEY_YET = "locksmith-no-access-key-yet-000000"
_VERSION = "locksmith-access-key-"
_KEY_ID: Json = {"$output": "make.key_id"}
_NEW_VERSION: Json = {"$text": [_VERSION, _KEY_ID]}
# A comma is allowed in a user's name and not in a secret's.
_FIT_FOR_A_SECRET = re.compile(r"[A-Za-z0-9_+=.@-]+")


@dataclass(frozen=True, slots=True)
class Handover:
    """Where a user's new secret goes: the secret's name, who may read it, what it is sealed to."""

    secret: str
    reader: str | None
    public_key: str | None
    store: SecretStore

    def call(self, operation: str, **params: Json) -> Call:
        """A call about this secret."""
        about: dict[str, Json] = {"SecretId": self.secret, **params}
        return Call("secretsmanager", operation, about, self.store.region)

    @property
    def policy(self) -> dict[str, Json]:
        """What keeps the secret from everyone but the reader, whatever their own policies allow."""
        one: dict[str, Json] = {
            "Sid": "LocksmithReader",
            "Effect": "Allow",
            "Principal": {"AWS": self.reader},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }
        nobody_else: dict[str, Json] = {
            "Sid": "LocksmithNobodyElse",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": self.reader}},
        }
        return {"Version": "2012-10-17", "Statement": [one, nobody_else]}


def secret_name(key: AccessKey) -> str:
    """The name of the secret that holds a user's key, the same for every rotation."""
    whose = key.user if _FIT_FOR_A_SECRET.fullmatch(key.user) else key.user_id
    return f"{SECRETS_PREFIX}{whose}/access-key"


def is_kept_in(store: SecretStore, key: AccessKey) -> bool:
    """Whether the secret of this key is the current one in its user's; of one without id, no."""
    return store.current.get(secret_name(key)) == f"{_VERSION}{key.key_id}"


def new_key(old: AccessKey, handover: Handover) -> tuple[Step, ...]:
    """Make a key beside the old one and keep its secret for its owner, or nothing of it at all."""
    is_there = handover.secret in handover.store.current
    previous = handover.store.current.get(handover.secret, _NO_KEY_YET)
    preparing = () if is_there else tuple(_prepare(old, handover))
    return (*preparing, _make(old, handover), _keep(old, handover, previous))


def _prepare(old: AccessKey, handover: Handover) -> Iterator[Step]:
    place = handover.call("DescribeSecret")
    standing = "[@][?!DeletedDate].Name | [0]"
    taken = f"the secret {handover.secret} is there already"
    yield Step(
        name="place",
        summary=f"Make the secret {handover.secret}, with nothing in it yet",
        risk=Risk.REVERSIBLE,
        before=(*_alone(old), Expect(place, standing, Operator.ABSENT, None, taken)),
        do=Call(
            "secretsmanager",
            "CreateSecret",
            {
                "Name": handover.secret,
                "Description": f"An access key of the IAM user {old.user}, put here by Locksmith",
                "SecretString": "{}",
                "ClientRequestToken": _NO_KEY_YET,
            },
            handover.store.region,
        ),
        after=(
            Expect(place, standing, Operator.EQUALS, handover.secret, "the secret is not there"),
        ),
        undo=handover.call("DeleteSecret", ForceDeleteWithoutRecovery=True),
    )
    if handover.reader is None:
        return
    policy, path = handover.call("GetResourcePolicy"), "ResourcePolicy"
    yield Step(
        name="restrict",
        summary=f"Let {handover.reader} read it, and nobody else",
        risk=Risk.REVERSIBLE,
        before=(Expect(policy, path, Operator.ABSENT, None, "the secret has a policy already"),),
        do=handover.call(
            "PutResourcePolicy",
            ResourcePolicy=json.dumps(handover.policy, separators=(",", ":")),
            BlockPublicPolicy=True,
        ),
        after=(_readable_only(handover),),
        undo=handover.call("DeleteResourcePolicy"),
    )


def _alone(old: AccessKey) -> tuple[Expect, ...]:
    """The old key is its user's only one, and works: looked at before anything is made."""
    listed = reads.call("ListAccessKeys", UserName=old.user)
    ids, another = "AccessKeyMetadata[].AccessKeyId", f"{old.user} has another key by now"
    return (
        reads.owner_is(old),
        Expect(listed, ids, Operator.EQUALS, [old.shown_id], another),
        reads.key_status(old, "Active"),
    )


def _make(old: AccessKey, handover: Handover) -> Step:
    """The new key. `before` has it that the old one is the only key: a third finds no room."""
    listed = reads.call("ListAccessKeys", UserName=old.user)
    ids = "AccessKeyMetadata[].AccessKeyId"
    others = f"AccessKeyMetadata[?!contains(`{json.dumps([old.shown_id])}`, AccessKeyId)]"
    kept = (_readable_only(handover),) if handover.reader else ()
    return Step(
        name="make",
        summary=f"Make a new access key for {old.user}, beside {old.shown_id}",
        risk=Risk.REVERSIBLE,
        before=(*_alone(old), *kept),
        do=reads.call("CreateAccessKey", UserName=old.user),
        after=(
            Expect(listed, ids, Operator.CONTAINS, _KEY_ID, "the new key is not there"),
            Expect(
                reads.call("GetAccessKeyLastUsed", AccessKeyId=_KEY_ID),
                "AccessKeyLastUsed.LastUsedDate || 'never'",
                Operator.EQUALS,
                "never",
                "the new key is in use already",
            ),
        ),
        undo=reads.call("DeleteAccessKey", UserName=old.user, AccessKeyId=_KEY_ID),
        undone=(Expect(listed, ids, Operator.LACKS, _KEY_ID, "the new key is still there"),),
        outputs={
            "key_id": Output(
                "AccessKey.AccessKeyId",
                trace=Trace(listed, f"{others}.{{value: AccessKeyId, made: CreateDate}}"),
            ),
            "secret": Output("AccessKey.SecretAccessKey", secret=True),
        },
    )


def _keep(old: AccessKey, handover: Handover, previous: str) -> Step:
    listed = reads.call("ListAccessKeys", UserName=old.user)
    third = f"somebody made one more key of {old.user} meanwhile"
    versions = handover.call("ListSecretVersionIds")
    current = "Versions[?contains(VersionStages, 'AWSCURRENT')].VersionId | [0]"
    return Step(
        name="keep",
        summary=f"Put the new key into the secret {handover.secret}",
        risk=Risk.REVERSIBLE,
        before=(
            reads.owner_is(old),
            Expect(listed, "length(AccessKeyMetadata)", Operator.EQUALS, 2, third),
            Expect(versions, current, Operator.EQUALS, previous, "the secret was changed since"),
        ),
        do=handover.call(
            "PutSecretValue",
            SecretString={"$json": _value(old, handover.public_key)},
            ClientRequestToken=_NEW_VERSION,
        ),
        after=(
            Expect(versions, current, Operator.EQUALS, _NEW_VERSION, "it is not in the secret"),
        ),
        undo=handover.call(
            "UpdateSecretVersionStage",
            VersionStage="AWSCURRENT",
            RemoveFromVersionId=_NEW_VERSION,
            MoveToVersionId=previous,
        ),
    )


def _value(old: AccessKey, public_key: str | None) -> dict[str, Json]:
    secret: Json = {"$output": "make.secret"}
    named: dict[str, Json] = {"UserName": old.user, "AccessKeyId": _KEY_ID}
    if public_key is None:
        return {**named, "SecretAccessKey": secret}
    sealed: Json = {"$sealed": {"text": secret, "public_key": public_key}}
    return {**named, "SealedSecretAccessKey": sealed, "Sealed": "RSA-OAEP with SHA-256, base64"}


def _readable_only(handover: Handover) -> Expect:
    return Expect(
        handover.call("GetResourcePolicy"),
        "ResourcePolicy",
        Operator.EQUALS,
        handover.policy,
        f"the policy of {handover.secret} lets others than {handover.reader} read it: delete the "
        "secret, so that Locksmith makes it anew, or give it the policy of this plan",
    )
