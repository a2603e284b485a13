"""Root user has an access key

Detects
-------
An account whose root user has an access key, active or not, as the account summary says. Not raised
for accounts without root credentials, such as members of an organization that manages root access
centrally.

Why it matters
--------------
A root key may do everything in the account and can't be limited: no policy of the account holds for
it. Whoever finds it can close the account, and its owner out of it.

Changes
-------
Nothing: AWS lets only root itself delete its keys. Locksmith lists the steps and looks again.

Undo
----
None is needed by Locksmith. A deleted key can't be brought back; deactivate it first and wait.

When to say no
--------------
Hardly ever. When something still uses the key, make it use a role first, but set a date.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_delete-key.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-4
CIS AWS Foundations Benchmark 3.0: 1.4, 5.0: 1.3, 7.0: 2.4
"""

from collections.abc import Iterator

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import account_resource
from remediations.root_account._root import evidence, sign_in

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_delete-key.html"


class RootAccessKeySettings(Settings):
    """Nothing to set: any root key is one too many."""


def detect(snapshot: Snapshot, settings: RootAccessKeySettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding for the account."""
    if snapshot.account_summary.get("AccountAccessKeysPresent", 0) < 1:
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/root-keys",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary="The root user has an access key",
        evidence=evidence(snapshot),
    )


def plan(finding: Finding, snapshot: Snapshot, settings: RootAccessKeySettings) -> Plan | Manual:  # noqa: ARG001 - every control's signature
    """The steps that only root can take."""
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="only the root user itself can delete its access keys",
        steps=(
            *sign_in(snapshot.account),
            (
                "Under Access keys, see when and for what each key was last used; let what uses it "
                "use a role instead"
            ),
            "Choose Actions, then Deactivate, and wait until you are sure that nothing broke",
            "Choose Actions, then Delete, and confirm with the key's id",
            "Sign out, and let Locksmith look again",
        ),
        links=(_LINK,),
    )


CONTROL = Control(
    id="root-access-key",
    title="Root user has an access key",
    topic="root_account",
    severity=Severity.CRITICAL,
    risk=None,
    needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=RootAccessKeySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.4",), "5.0": ("1.3",), "7.0": ("2.4",)},
        fsbp=("IAM.4",),
        nist=("AC-2(1)", "AC-3(7)", "AC-3(15)", "AC-6", "AC-6(2)", "AC-6(10)"),
        pci=("7.2.1", "7.2.2", "8.2.1", "8.2.2"),
    ),
)
