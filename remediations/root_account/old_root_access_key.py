"""Root access key that is too old

Detects
-------
An account whose root user has an active access key that was made, or last changed, longer ago than
the limit (90 days), as the credential report says. It is a question of its own beside
`root-access-key`, for which it speaks where both are true: a root key that was accepted for a while
comes up here all the same once it is old.

Why it matters
--------------
Each month adds copies of the key in files, backups and the notes of people who left. Every one of
them is the whole account.

Changes
-------
Nothing: AWS lets only root itself change its keys. Locksmith lists the steps, which end in no key
at all, and looks again.

Undo
----
None is needed by Locksmith. A deleted key can't be brought back; deactivate it first and wait.

When to say no
--------------
When what uses the key can't use a role yet: rotate the key all the same, and set a date.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_delete-key.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-4
CIS AWS Foundations Benchmark 3.0: 1.4, 5.0: 1.3, 7.0: 2.4
"""

from collections.abc import Iterator, Mapping

from pydantic import Field

from bot.credentials import count, days_since, is_older, report_evidence, used_when, utc_text
from bot.model import (
    AccessKey,
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import account_resource
from remediations.root_account._root import keys, sign_in

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_delete-key.html"


class OldRootAccessKeySettings(Settings):
    """How old a root key may be while there is one."""

    max_age: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days after which an active root key is too old (CIS 5.0 1.13 and Security "
        "Hub IAM.3 for users' keys: 90).",
    )


def detect(snapshot: Snapshot, settings: OldRootAccessKeySettings) -> Iterator[Finding]:
    """One finding for the account, about its oldest key."""
    now = snapshot.taken_at
    old = [
        key for key in keys(snapshot) if key.active and is_older(key.created, settings.max_age, now)
    ]
    if not old:
        return
    age = max(days_since(key.created, now) for key in old)
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/root-keys",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"The root user has an access key that is {count(age, 'day')} old",
        evidence={
            **{f"access_key_{key.slot}": _facts(key, snapshot) for key in keys(snapshot)},
            **report_evidence(snapshot),
        },
    )


def _facts(key: AccessKey, snapshot: Snapshot) -> Mapping[str, Json]:
    return {
        "status": "active" if key.active else "inactive",
        "made_or_changed": utc_text(key.created),
        "use": used_when(key, snapshot.taken_at),
    }


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: OldRootAccessKeySettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """The steps that only root can take."""
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="only the root user itself can change its access keys",
        steps=(
            (
                "Find what uses the key: its last use is in the credential report, its calls are "
                "in CloudTrail under the user name root"
            ),
            "Let that use a role instead; if it can't yet, agree on a date",
            *sign_in(snapshot.account),
            (
                "Under Access keys, choose the old key, Actions, then Deactivate, and wait until "
                "you are sure that nothing broke"
            ),
            "Choose Actions, then Delete, and confirm with the key's id",
            "Sign out, and let Locksmith look again",
        ),
        links=(_LINK,),
    )


CONTROL = Control(
    id="old-root-access-key",
    title="Root access key that is too old",
    topic="root_account",
    severity=Severity.CRITICAL,
    risk=None,
    needs=frozenset({Part.CREDENTIAL_REPORT}),
    settings=OldRootAccessKeySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.4",), "5.0": ("1.3",), "7.0": ("2.4",)},
        fsbp=("IAM.4",),
        nist=("AC-2(1)", "AC-2(3)", "AC-3(15)", "AC-6(2)"),
        pci=("7.2.1", "7.2.2", "8.2.1", "8.2.2", "8.6.3"),
    ),
    supersedes=frozenset({"root-access-key"}),
)
