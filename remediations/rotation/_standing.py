"""Where the rotation of a key stands, by the other keys of its user, and what people do then."""

from collections.abc import Mapping

from bot.credentials import keys_beside, named, smtp_reason, utc_text
from bot.model import AccessKey, Json, Manual, Part, Snapshot, User
from remediations.rotation._new_key import is_kept_in, secret_name

LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html"
_SMTP_LINK = "https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html"


def successor(key: AccessKey, snapshot: Snapshot) -> AccessKey | None:
    """The newest active key that was made after this one; None where there is none."""
    newer = [
        each for each in keys_beside(key, snapshot) if each.active and each.created > key.created
    ]
    return newer[-1] if newer else None


def rotation_evidence(key: AccessKey, snapshot: Snapshot) -> dict[str, Json]:
    """How far the rotation is: the newer key, when it was used, and where its secret is."""
    newer = successor(key, snapshot)
    if newer is None:
        return {}
    return {
        "newer_key": newer.key_id,
        "newer_key_created": utc_text(newer.created),
        "newer_key_last_used": utc_text(newer.last_used),
        **_kept(newer, snapshot),
    }


def _kept(newer: AccessKey, snapshot: Snapshot) -> Mapping[str, Json]:
    return {"newer_key_secret": place} if (place := _place(newer, snapshot)) else {}


def _place(newer: AccessKey, snapshot: Snapshot) -> str | None:
    """The secret that holds this key now, where Locksmith looked and put it there."""
    store = snapshot.parts.get(Part.SECRETS)
    return secret_name(newer) if store is not None and is_kept_in(store, newer) else None


def smtp_by_hand(user: User, key: AccessKey, subject: str, snapshot: Snapshot) -> Manual:
    """How the key of an SMTP user is changed."""
    return Manual(
        snapshot.account,
        subject,
        smtp_reason(user),
        (
            f"Find the mail servers and vendors that sign in with {key.shown_id}",
            "Make new SMTP credentials in the SES console and put them there",
            f"Once mail goes out with them: {_off(key)}",
            "Let Locksmith look again",
        ),
        (_SMTP_LINK,),
    )


def switch_over(key: AccessKey, newer: AccessKey, subject: str, snapshot: Snapshot) -> Manual:
    """The new key is there; its owner moves what uses the old one."""
    place = _place(newer, snapshot)
    fetch = (
        f"Read the secret {place} as whoever may: aws secretsmanager get-secret-value "
        f"--secret-id {place}"
        if place
        else f"Find the secret of {newer.shown_id} where it was put when the key was made"
    )
    return Manual(
        snapshot.account,
        subject,
        f"{named(key)} of {key.user} is still in use, and {newer.shown_id} was made to follow it",
        (
            fetch,
            (
                f"Give it to whatever still uses {key.shown_id}; this shows when and for what that "
                f"was: {_look(key)}"
            ),
            (
                f"Wait: once {newer.shown_id} is used and {key.shown_id} is idle, Locksmith asks "
                "to switch the old key off"
            ),
        ),
        (LINK,),
    )


def no_room(
    key: AccessKey, others: tuple[AccessKey, ...], subject: str, snapshot: Snapshot
) -> Manual:
    """AWS allows two keys, and a person must say which of them goes first."""
    inactive = [each for each in others if not each.active]
    if len(others) == 1 and inactive:
        return Manual(
            snapshot.account,
            subject,
            f"{named(key)} of {key.user} is in use, and the inactive {named(inactive[0])} takes "
            "the place of the one that would follow it",
            (
                f"See whether {inactive[0].shown_id} shall ever work again: {_look(inactive[0])}",
                f"If not, delete it; this can't be undone: {_delete(inactive[0])}",
                "Let Locksmith look again: then there is room for a new key",
            ),
            (LINK,),
        )
    every = ", ".join(sorted(each.shown_id for each in (key, *others)))
    return Manual(
        snapshot.account,
        subject,
        f"{key.user} has {len(others) + 1} keys ({every}), and {named(key)} is in use: only a "
        "person can say which of them goes first",
        (
            *(
                f"See what uses {each.shown_id}: {_look(each)}"
                for each in sorted((key, *others), key=lambda each: each.shown_id)
            ),
            (
                "Move what uses one of them to the other, and switch it off: aws iam "
                f"update-access-key --user-name {key.user} --access-key-id … --status Inactive"
            ),
            "Delete it when nothing was missed, and let Locksmith look again",
        ),
        (LINK,),
    )


def by_hand(key: AccessKey, why: str, subject: str, snapshot: Snapshot) -> Manual:
    """The whole rotation, where Locksmith has nowhere to put a new secret."""
    user, key_id = key.user, key.shown_id
    return Manual(
        snapshot.account,
        subject,
        f"{named(key)} of {user} is in use: switching it off would stop what uses it, and {why}",
        (
            (
                f"See that {user} has one key only, since AWS allows two; settle another one "
                f"first: aws iam list-access-keys --user-name {user}"
            ),
            (
                "Make the new key; put its secret, which AWS shows once, where the program reads "
                f"it: aws iam create-access-key --user-name {user}"
            ),
            f"Wait until the new key is used and {key_id} is not: {_look(key)}",
            f"Switch the old key off, and on again should anything break: {_off(key)}",
            "Let Locksmith look again",
        ),
        (LINK,),
    )


def _look(key: AccessKey) -> str:
    return f"aws iam get-access-key-last-used --access-key-id {key.shown_id}"


def _off(key: AccessKey) -> str:
    return (
        f"aws iam update-access-key --user-name {key.user} --access-key-id {key.shown_id} "
        "--status Inactive"
    )


def _delete(key: AccessKey) -> str:
    return f"aws iam delete-access-key --user-name {key.user} --access-key-id {key.shown_id}"
