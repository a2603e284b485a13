"""What contains a user: the plan that shuts the doors, and the doors as AWS shows them. Pure.

The fence comes first, since it shuts everything at once: no key, session, password or SSH key of a
user can do what a policy denies that user. Switching credentials off comes on top, so that
whoever takes the fence away by hand does not let a stolen key in again. Nothing is deleted.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.engine.doors import Door, DoorState
from bot.engine.ways_in import LONGEST, PASSWORD, Credential, WaysIn
from bot.model import Account, Call, Expect, Operator, Plan, Risk, Step
from bot.policy import (
    AWS_FENCE,
    CONTAINMENT_FENCE,
    Document,
    contained_since,
    containment_document,
    document_size,
)

CONTROL = "contain-user"
_SUBJECT = "contain/"
# Default of GetAccountSummary's quota for one user's inline policies together, in characters.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ROOM = 2048
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
_LONGEST_TOKEN = timedelta(hours=36)


def subject_of(user_id: str, number: int = 1) -> str:
    """What a containment is about: the user by unique id; more than one can be open at once.

    It differs from the subjects of findings, so no open question stands in its way.
    """
    return f"{_SUBJECT}{user_id}" if number == 1 else f"{_SUBJECT}{user_id}/{number}"


def contained_user(subject: str) -> str | None:
    """The unique id of the user whom a proposal's subject says to contain, or None."""
    kind, slash, rest = subject.partition("/")
    return rest.partition("/")[0] if kind + slash == _SUBJECT else None


def fenced_since(ways: WaysIn, now: datetime) -> datetime | None:
    """When the fence that stands was put there, None where none stands.

    AWS's policy does not tell when it was attached, so with it that is `now`.
    """
    document = ways.holder.inline.get(CONTAINMENT_FENCE)
    since = contained_since(document) if isinstance(document, Document) else None
    if since is not None:
        return since
    return now if ways.account.aws_policy_arn(AWS_FENCE) in ways.holder.attached else None


def containment(
    ways: WaysIn, subject: str, now: datetime, without: frozenset[str] = frozenset()
) -> Plan | None:
    """The plan that shuts every door that Locksmith can shut, None where all are shut.

    `without` are names of steps that AWS would not do before: the others go on without them.
    """
    steps = [step for step in _steps(ways, now, without) if step.name not in without]
    if not steps:
        return None
    return Plan(
        account=ways.account,
        subject=subject,
        steps=tuple(steps),
        summary=f"Contain the user {ways.name}: deny everything, switch credentials off",
        breaks=(
            f"Whatever uses {ways.name} is refused at once, until this is undone",
            "Sessions of roles that the user assumed before go on until they expire",
            "Undoing it lets older sessions of the user in again, if they have not expired by then",
        ),
    )


def _steps(ways: WaysIn, now: datetime, without: frozenset[str]) -> Iterator[Step]:
    if fenced_since(ways, now) is None:
        own = _own_fence(ways, now)
        yield _aws_fence(ways) if own is None or own.name in without else own
    for credential in ways.credentials:
        if credential.is_active:
            yield _off(ways, credential)


def _own_fence(ways: WaysIn, now: datetime) -> Step | None:
    """The inline fence; None where its name is taken or there is no room for it."""
    document = containment_document(now)
    used = sum(_size(each) for each in ways.holder.inline.values())
    if CONTAINMENT_FENCE in ways.holder.inline or used + document_size(document) > _ROOM:
        return None
    named = {"UserName": ways.name, "PolicyName": CONTAINMENT_FENCE}
    read = Call("iam", "GetUserPolicy", named)
    text = json.dumps(document, separators=(",", ":"))
    taken = f"{ways.name} has an inline policy {CONTAINMENT_FENCE} already"
    return Step(
        name="fence",
        summary=f"Deny {ways.name} everything by the inline policy {CONTAINMENT_FENCE}",
        risk=Risk.DISRUPTIVE,
        before=(_is_still(ways), Expect(read, "PolicyDocument", Operator.ABSENT, why=taken)),
        do=Call("iam", "PutUserPolicy", {**named, "PolicyDocument": text}),
        after=(Expect(read, "PolicyDocument", Operator.EQUALS, document, "the fence is not seen"),),
        undo=Call("iam", "DeleteUserPolicy", named),
    )


def _size(document: object) -> int:
    return document_size(document.raw) if isinstance(document, Document) else 0


def _aws_fence(ways: WaysIn) -> Step:
    arn = ways.account.aws_policy_arn(AWS_FENCE)
    named = {"UserName": ways.name, "PolicyArn": arn}
    read = Call("iam", "ListAttachedUserPolicies", {"UserName": ways.name})
    path = f"AttachedPolicies[?PolicyArn=='{arn}'].PolicyArn | [0]"
    why = f"{AWS_FENCE} is attached to {ways.name}"
    return Step(
        name="aws-fence",
        summary=f"Deny {ways.name} everything by AWS's policy {AWS_FENCE}",
        risk=Risk.DISRUPTIVE,
        before=(_is_still(ways), Expect(read, path, Operator.ABSENT, why=f"{why} already")),
        do=Call("iam", "AttachUserPolicy", named),
        after=(Expect(read, path, Operator.EQUALS, arn, f"not seen: {why}"),),
        undo=Call("iam", "DetachUserPolicy", named),
    )


def _off(ways: WaysIn, credential: Credential) -> Step:
    kind = credential.kind
    read = Call("iam", kind.lists, {"UserName": ways.name})
    path = f"{kind.items}[?{kind.id}=='{credential.id}'].Status | [0]"
    named = {"UserName": ways.name, kind.id: credential.id}

    def has(status: str) -> Expect:
        why = f"the {kind.what} {credential.id} is not {status}"
        return Expect(read, path, Operator.EQUALS, status, why)

    return Step(
        name=f"off-{credential.id}",
        summary=f"Switch off the {kind.what} {credential.id} of {ways.name}",
        risk=Risk.DISRUPTIVE,
        before=(_is_still(ways), has("Active")),
        do=Call("iam", kind.update, {**named, "Status": "Inactive"}),
        after=(has("Inactive"),),
        undo=Call("iam", kind.update, {**named, "Status": "Active"}),
    )


def _is_still(ways: WaysIn) -> Expect:
    read = Call("iam", "GetUser", {"UserName": ways.name})
    why = f"{ways.name} is another user now"
    return Expect(read, "User.UserId", Operator.EQUALS, ways.id, why)


def doors(ways: WaysIn, now: datetime) -> tuple[Door, ...]:
    """Every way in as it was seen. A door is closed only where nothing gets through it."""
    since = fenced_since(ways, now)
    return (
        *_credential_doors(ways, fenced=since is not None),
        *_password_door(ways, fenced=since is not None),
        _issued_door(now, fenced=since is not None),
        *_role_doors(ways, since, now),
    )


def unseen(known: tuple[Door, ...], why: str) -> tuple[Door, ...]:
    """The same doors, where AWS can't be looked at any more."""
    return tuple(Door(each.what, DoorState.UNKNOWN, note=why) for each in known)


def _credential_doors(ways: WaysIn, *, fenced: bool) -> Iterator[Door]:
    for each in ways.credentials:
        what = f"{each.kind.what} {each.id}"
        if not each.is_active:
            yield Door(what, DoorState.CLOSED, note="it is off")
        elif fenced:
            yield Door(what, DoorState.OPEN, note="it is still on, and the fence denies its calls")
        else:
            yield Door(what, DoorState.OPEN, note="it is still on")
    for what, why in ways.unread.items():
        if what != PASSWORD:
            yield Door(f"every {what}", DoorState.UNKNOWN, note=why)


def _password_door(ways: WaysIn, *, fenced: bool) -> Iterator[Door]:
    if fenced and (ways.has_password or PASSWORD in ways.unread):
        note = "signing in still works, and the fence denies everything then; it is not deleted"
        yield Door(PASSWORD, DoorState.CLOSED, note=note)
    elif PASSWORD in ways.unread:
        yield Door(PASSWORD, DoorState.UNKNOWN, note=ways.unread[PASSWORD])
    elif ways.has_password:
        yield Door(PASSWORD, DoorState.OPEN, note="no fence stands")


def _issued_door(now: datetime, *, fenced: bool) -> Door:
    what = "sessions issued to the user: GetSessionToken, GetFederationToken, the console"
    if fenced:
        return Door(what, DoorState.CLOSED, note="the fence denies them, whenever they were issued")
    return Door(what, DoorState.OPEN, now + _LONGEST_TOKEN, "no fence stands")


def _role_doors(ways: WaysIn, since: datetime | None, now: datetime) -> Iterator[Door]:
    """Sessions of roles have the roles' rights: nothing done to the user ends them."""
    for role in ways.roles:
        note = "" if role.longest else "how long its sessions last could not be read"
        yield _role_door(f"sessions of the role {role.name}", since, now, role.longest, note)
    if ways.more_roles:
        yield _role_door(f"sessions of {ways.more_roles} more roles", since, now, None, "")
    if ways.roles_unsure:
        until = None if since is None else since + LONGEST
        what = "sessions of other roles"
        if until is not None and until <= now:
            yield Door(what, DoorState.CLOSED, note="whatever was assumed before has expired")
        else:
            yield Door(what, DoorState.UNKNOWN, until, ways.roles_unsure)
    elif not ways.roles and not ways.more_roles:
        note = "by its policies of now it can assume none"
        yield Door("sessions of roles", DoorState.CLOSED, note=note)


def _role_door(
    what: str, since: datetime | None, now: datetime, longest: timedelta | None, note: str
) -> Door:
    if since is None:
        return Door(what, DoorState.OPEN, note="no fence stands, so it can be assumed anew")
    until = since + (longest or LONGEST)
    if until <= now:
        return Door(what, DoorState.CLOSED, note="what was assumed before has expired")
    assumed = "if it was assumed before, and longer where it may assume roles in turn"
    return Door(what, DoorState.OPEN, until, f"{assumed}; {note}" if note else assumed)


def is_fence(call: Call, account: Account) -> bool:
    """Whether this call puts a fence around a user."""
    if call.operation == "PutUserPolicy":
        return call.params.get("PolicyName") == CONTAINMENT_FENCE
    deny = account.aws_policy_arn(AWS_FENCE)
    return call.operation == "AttachUserPolicy" and call.params.get("PolicyArn") == deny
