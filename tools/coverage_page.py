"""Writes docs/coverage.md: what AWS's IAM best practices ask for, and the controls about each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.model import AnyControl

_SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
_HEAD = f"""\
# Coverage

What AWS's [IAM best practices]({_SOURCE})
ask for, section by section and in our own words, as the document stood while it still had these
fourteen sections. Beside each stand the controls that find where it isn't so, and the risk of what
they do about it: *by hand* is advice with exact steps, since AWS has no call for it or a person
must choose.
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that the document asks for, and the ids of the controls about it."""

    what: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the document: its topic is the folder of its controls.

    `beyond` are controls of the topic about what the document does not name.
    """

    topic: str
    anchor: str
    asks: tuple[Ask, ...]
    beyond: tuple[str, ...] = ()


def _ask(what: str, *controls: str) -> Ask:
    return Ask(what, controls)


SECTIONS: tuple[Section, ...] = (
    Section(
        "root_account",
        "lock-away-credentials",
        (
            _ask(
                "Make no access key for root, and delete one that exists",
                "root-access-key",
                "member-root-credentials-present",
                "centralized-root-access-disabled",
            ),
            _ask("Rotate a key of root that must stay", "old-root-access-key"),
            _ask(
                "Work as an administrator of your own, not as root",
                "root-used-recently",
                "root-is-the-only-administrator",
            ),
            _ask("Share root's password and keys with nobody", "root-custody-unattested"),
            _ask("Give root a strong password", "root-custody-unattested"),
            _ask(
                "Give root MFA",
                "root-without-mfa",
                "root-with-virtual-mfa-only",
                "root-custody-unattested",
            ),
        ),
        ("root-signing-certificate", "security-contact-missing"),
    ),
    Section(
        "individual_users",
        "create-iam-users",
        (
            _ask("Don't use root's credentials for work", "root-used-recently"),
            _ask("Give your credentials to nobody else", "shared-user"),
            _ask(
                "Make a user of their own for everyone who needs access",
                "shared-user",
                "user-without-owner",
                "human-user-beside-identity-center",
            ),
            _ask(
                "Have an administrator besides root, and use it for all work",
                "root-is-the-only-administrator",
            ),
        ),
    ),
    Section(
        "groups",
        "use-groups-for-permissions",
        (
            _ask(
                "Make groups for job functions, and give them the permissions",
                "same-direct-policies-on-several-users",
                "empty-group",
                "duplicate-groups",
            ),
            _ask(
                "Give permissions to groups instead of single users",
                "policy-attached-to-user",
                "inline-policy-on-user",
            ),
            _ask("Put every user into the groups of their work", "user-in-no-group"),
            _ask("When people move on, change which groups they are in", "stale-group-membership"),
        ),
    ),
    Section(
        "managed_policies",
        "bp-use-aws-defined-policies",
        (
            _ask(
                "Use the policies that AWS makes and keeps up to date",
                "policy-duplicates-aws-managed",
                "policy-close-to-aws-managed",
                "deprecated-aws-policy-attached",
                "aws-managed-policy-changed",
            ),
            _ask(
                "Choose those for a single service or a job over broad ones",
                "broad-aws-managed-policy-attached",
            ),
        ),
        ("unattached-customer-policy", "inline-policy-on-role", "inline-policy-on-group"),
    ),
    Section(
        "least_privilege",
        "grant-least-privilege",
        (
            _ask(
                "Grant only what a task needs",
                "full-admin-policy",
                "service-wildcard-policy",
                "privilege-escalation-path",
            ),
            _ask(
                "Begin with little and add what turns out to be needed",
                "customer-policy-widened",
                "needed-action-denied",
            ),
            _ask(
                "Look at what was used, and take away the rest",
                "unused-service-permissions",
                "unused-action-permissions",
                "unused-role",
                "fenced-unused-role",
            ),
        ),
        (
            "support-role-missing",
            "broad-cloudshell-access",
            "unused-access-analyzer-findings",
        ),
    ),
    Section(
        "access_levels",
        "use-access-levels-to-review-permissions",
        (
            _ask("Review each policy regularly", "policy-review-overdue"),
            _ask("Let few people write", "write-granted-broadly", "write-without-resource-limits"),
            _ask(
                "Let administrators alone manage permissions",
                "permissions-management-granted-broadly",
            ),
        ),
        ("credentials-exposure", "data-exfiltration"),
    ),
    Section(
        "password_policy",
        "configure-strong-password-policy",
        (
            _ask("Require strong passwords", "weak-password-policy"),
            _ask("Require that passwords are changed", "password-never-expires"),
        ),
    ),
    Section(
        "mfa",
        "enable-mfa-for-privileged-users",
        (
            _ask(
                "MFA for every user who can reach what is sensitive",
                "privileged-user-without-mfa",
                "console-user-without-mfa",
                "privileged-user-with-weak-mfa",
            ),
            _ask(
                "Ask for the code beside the usual credentials, keys included",
                "access-key-use-without-mfa-condition",
            ),
        ),
        ("mfa-fence-no-longer-needed",),
    ),
    Section(
        "ec2_roles",
        "use-roles-with-ec2",
        (
            _ask(
                "Give programs on instances a role instead of keys",
                "instance-without-profile",
                "access-key-used-from-instance",
                "credentials-in-user-data",
                "credentials-in-function-environment",
            ),
            _ask("Name the role at launch", "launch-template-without-instance-profile"),
            _ask("Let the role have what the program needs", "instance-profile-with-admin"),
        ),
    ),
    Section(
        "delegation",
        "delegate-using-roles",
        (
            _ask("Share no credentials between accounts", "user-for-another-account"),
            _ask(
                "Let a role say who of another account may do what",
                "wildcard-trust-policy",
                "cross-account-trust-without-external-id",
                "trust-to-unknown-account",
                "oidc-trust-without-subject",
            ),
        ),
        ("trust-to-deleted-principal",),
    ),
    Section(
        "rotation",
        "rotate-credentials",
        (
            _ask("Change passwords regularly", "old-password"),
            _ask(
                "Change access keys regularly",
                "old-access-key",
                "superseded-access-key",
                "inactive-access-key",
            ),
            _ask("Let the password policy require it, and say how often", "password-never-expires"),
            _ask(
                "See to it that all users do so, with every kind of credential",
                "old-ssh-key",
                "old-signing-certificate",
                "old-service-specific-credential",
                "expiring-server-certificate",
            ),
        ),
    ),
    Section(
        "unused_credentials",
        "remove-credentials",
        (
            _ask(
                "Remove passwords and keys that are not needed",
                "inactive-user",
                "fenced-inactive-user",
                "fenced-console-password",
                "inactive-access-key",
                "orphaned-virtual-mfa-device",
                "expired-server-certificate",
            ),
            _ask("A program's user needs no password", "console-password-on-service-user"),
            _ask(
                "Whoever uses no access keys needs none",
                "never-used-access-key",
                "second-active-key-unused",
            ),
            _ask(
                "Look at what was not used lately",
                "unused-access-key",
                "unused-console-password",
                "unused-ssh-key",
                "unused-service-specific-credential",
            ),
        ),
        ("compromised-key-quarantined",),
    ),
    Section(
        "policy_conditions",
        "use-policy-conditions",
        (
            _ask(
                "Say from which addresses requests may come",
                "access-without-source-ip-or-org-condition",
            ),
            _ask(
                "Say until when something is allowed",
                "temporary-access-without-end-date",
                "lapsed-date-condition",
            ),
            _ask(
                "Require TLS",
                "bucket-policy-without-secure-transport",
                "queue-or-topic-policy-without-secure-transport",
            ),
            _ask("Require MFA for what can do harm", "sensitive-action-without-mfa-condition"),
        ),
        (
            "pass-role-without-service-condition",
            "service-trust-without-source-condition",
            "public-bucket-policy-or-acl",
        ),
    ),
    Section(
        "monitoring",
        "keep-a-log",
        (
            _ask(
                "Let CloudTrail record every call",
                "no-multi-region-trail",
                "trail-not-logging",
                "trail-without-log-validation",
            ),
            _ask(
                "Let CloudWatch alarm",
                "trail-not-in-cloudwatch-logs",
                "security-event-without-alarm",
                "alarm-nobody-hears",
            ),
            _ask(
                "Let AWS Config remember how things were",
                "config-recorder-off",
                "config-recorder-without-iam-types",
            ),
            _ask(
                "Let S3 log who reads buckets",
                "bucket-without-access-logging",
                "trail-bucket-without-access-logging",
            ),
            _ask("Let CloudFront log requests", "distribution-without-logging"),
        ),
        ("access-analyzer-missing", "trail-not-encrypted", "trail-bucket-public"),
    ),
)


def coverage_page(controls: Mapping[str, AnyControl], practices: Mapping[str, str]) -> str:
    """The page; `controls` are those that there are, `practices` the titles of their topics."""
    return "\n".join([_HEAD, *_sections(controls, practices)])


def _sections(controls: Mapping[str, AnyControl], practices: Mapping[str, str]) -> Iterator[str]:
    for section in SECTIONS:
        title = practices.get(section.topic, section.topic.replace("_", " ").capitalize())
        yield f"## {title}\n\n[{section.topic}]({_SOURCE}#{section.anchor})\n"
        yield "| AWS asks | controls, and the risk of what they do |\n|---|---|"
        for ask in section.asks:
            yield f"| {ask.what} | {_linked(ask.controls, controls) or 'nothing yet'} |"
        if beyond := _linked(section.beyond, controls):
            yield f"| *besides* | {beyond} |"
        yield ""


def _linked(ids: tuple[str, ...], controls: Mapping[str, AnyControl]) -> str:
    return "<br>".join(
        f"[{each}](controls/{each}.md) ({controls[each].risk or 'by hand'})"
        for each in ids
        if each in controls
    )
