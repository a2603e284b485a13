"""What the controls on users that are idle as a whole share: evidence, and the look just before."""

from bot.credentials import IdleUser, days_since, password_used_at, report_evidence, utc_text
from bot.model import AccessKey, Expect, Json, Operator, Snapshot, User
from remediations import _reads as reads

#: Credentials whose use AWS doesn't tell: how they are listed, and what is said of active ones.
_UNTOLD = (
    ("ListSSHPublicKeys", "SSHPublicKeys", "SSHPublicKeyId", "SSH key"),
    ("ListSigningCertificates", "Certificates", "CertificateId", "signing certificate"),
    (
        "ListServiceSpecificCredentials",
        "ServiceSpecificCredentials",
        "ServiceSpecificCredentialId",
        "credential for one service",
    ),
)


def signs(idle: IdleUser, snapshot: Snapshot) -> dict[str, Json]:
    """The last signs of life, for whoever decides."""
    user, row = idle.user, idle.row
    return {
        "idle_days": days_since(idle.since, snapshot.taken_at),
        "created": utc_text(user.created),
        "password": row.password_enabled,
        "password_last_used": utc_text(password_used_at(user, row, snapshot)),
        "active_keys": sum(key.active for key in idle.keys),
        "keys_last_used": utc_text(
            max((k.last_used for k in idle.keys if k.last_used), default=None)
        ),
        "groups": [*user.groups],
        "attached": [*user.attached],
        "inline": [policy.name for policy in user.inline],
        **report_evidence(snapshot),
    }


def idle_guards(user: User, snapshot: Snapshot, days: int) -> tuple[Expect, ...]:
    """The user has the credentials that were seen, all idle, and no active one of unknown use."""
    row = snapshot.report_rows[user.arn]
    keys = [key for key in snapshot.live_keys.get(user.id, row.keys) if key.active]
    password = (
        (reads.password_made_before(user, days),)
        if row.password_enabled
        else (reads.without_password(user),)
    )
    return (
        reads.user_made_before(user, days),
        reads.password_unused_for(user, days),
        *password,
        reads.active_keys_are(user, keys),
        *(guard for key in keys for guard in _key_guards(key, days)),
        *(_none_active(user, *kind) for kind in _UNTOLD),
    )


def _key_guards(key: AccessKey, days: int) -> tuple[Expect, Expect]:
    return reads.key_made_before(key, days), reads.key_unused_for(key, days)


def _none_active(user: User, operation: str, items: str, name: str, what: str) -> Expect:
    read = reads.call(operation, UserName=user.name)
    path = f"{items}[?Status=='Active'].{name}"
    why = f"{user.name} has an active {what}, and AWS doesn't tell whether it is used"
    return Expect(read, path, Operator.EQUALS, [], why)
