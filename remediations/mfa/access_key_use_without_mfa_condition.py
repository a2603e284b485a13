"""Administrator whose access keys work without MFA

Detects
-------
People with an active access key that alone, without MFA, administers the account: it may attach
and write policies, switch keys on and make policy versions for anyone, by the user's own rights or
through a role that the user may take on. A key proves no MFA, so `Bool` conditions on
`aws:MultiFactorAuthPresent` with `true` in an Allow hold it back and those with `BoolIfExists`
don't, while a Deny takes `BoolIfExists` with `false`: what the policies really say to a key is
worked out. People are users with an MFA device; those without one are
`privileged-user-without-mfa`'s first, and users without a device and password are programs, which
can't give a code. Break-glass users are left alone.

Why it matters
--------------
A key lies in files, shells and histories. Whoever copies one that administers the account needs no
second factor, whatever device its owner carries.

Changes
-------
Puts the inline policy `Locksmith-KeysNeedMfa` on the user. It denies the keys, and sessions
without MFA, everything but asking for a session with MFA (`aws sts get-session-token
--serial-number … --token-code …`) and looking after the user's own device. With such a session,
and in the console with MFA, nothing changes. The policy stays. Just before, Locksmith looks that
there still is a device. It is not put on users that send mail through Amazon SES: there people get
the steps.

Undo
----
Takes the policy away: one call, and the keys work alone again.

When to say no
--------------
When a program uses the key: it can't give a code. Give it a role, or a user of its own with just
the rights it needs, and then say yes.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
"""

from collections import defaultdict
from collections.abc import Iterator

from bot.credentials import count, people, report_evidence, sends_mail, utc_text
from bot.model import (
    AccessKey,
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from bot.policy import ADMINISTRATION, Proof
from remediations import _reads as reads
from remediations._fence import fence
from remediations._fence_documents import KEYS_FENCE, keys_document
from remediations._privileges import Privileges
from remediations._subjects import resource_of
from remediations.mfa._enrolment import enrolled_devices

_LINK = "https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html"


def detect(snapshot: Snapshot, _settings: Settings) -> Iterator[Finding]:
    """One finding per person whose keys administer the account by themselves."""
    powers = Privileges(snapshot, Proof.KEY, tuple(ADMINISTRATION), every=True)
    virtual = enrolled_devices(snapshot)
    active: dict[str, list[AccessKey]] = defaultdict(list)
    for key in snapshot.access_keys:
        if key.active:
            active[key.user_id].append(key)
    for user, row in people(snapshot):
        has_device = row.mfa_active or user.arn in virtual
        if user.id not in active or not has_device:
            continue
        power = powers.of(user)
        if not power or snapshot.protection.is_break_glass(user.arn):
            continue
        keys = active[user.id]
        used = [key.last_used for key in keys if key.last_used]
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/keys",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} administers the account with "
            f"{count(len(keys), 'access key')} and no MFA",
            evidence={
                **power.evidence(),
                "active_keys": len(keys),
                "key_last_used": utc_text(max(used, default=None)),
                **report_evidence(snapshot),
            },
        )


def plan(finding: Finding, snapshot: Snapshot, _settings: Settings) -> Plan | Manual:
    """Put the fence on the user."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    if sends_mail(user):
        return Manual(
            snapshot.account,
            finding.subject,
            f"{user.name} sends mail through Amazon SES, which would be refused without MFA too",
            (
                f"Make a user or role of its own for whatever else works as {user.name}",
                f"Leave {user.name} nothing but sending mail",
                "Let Locksmith scan again",
            ),
            (_LINK,),
        )
    return fence(
        finding,
        user,
        snapshot,
        name=KEYS_FENCE,
        document=keys_document(user),
        guards=(reads.with_mfa(user),),
        risk=Risk.DISRUPTIVE,
        summary=f"Deny {user.name}'s access keys everything without a session with MFA",
        breaks=(
            f"Whatever uses a key of {user.name} directly is refused; a program can't give a code",
            f"Temporary credentials of {user.name} without MFA are refused",
            f"Sessions of roles that {user.name} assumed before stay open up to 12 hours",
        ),
    )


CONTROL = Control(
    id="access-key-use-without-mfa-condition",
    title="Administrator whose access keys work without MFA",
    topic="mfa",
    severity=Severity.HIGH,
    risk=Risk.DISRUPTIVE,
    needs=frozenset(
        {
            Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES,
            Part.CREDENTIAL_REPORT,
        }
    ),
    plan_needs=frozenset({Part.VIRTUAL_MFA, Part.ACCOUNT_SUMMARY}),
    settings=Settings,
    detect=detect,
    plan=plan,
    standards=Standards(
        nist=("AC-3(15)", "IA-2(1)", "IA-2(6)", "IA-2(8)"),
        pci=("8.4.1",),
    ),
)  # fmt: skip
