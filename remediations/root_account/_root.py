"""What the controls on the root user share."""

from bot.model import AccessKey, Account, Json, Part, Snapshot

# Each fact, AWS's flag of 0 or 1 for it, and the words for 0 and for 1.
_FACTS = (
    ("root_access_key", "AccountAccessKeysPresent", ("none", "present")),
    ("root_mfa", "AccountMFAEnabled", ("off", "on")),
    ("root_password", "AccountPasswordPresent", ("none", "present")),
    ("root_signing_certificate", "AccountSigningCertificatesPresent", ("none", "present")),
)


def evidence(snapshot: Snapshot) -> dict[str, Json]:
    """What the account summary says of root, in words."""
    summary = snapshot.parts[Part.ACCOUNT_SUMMARY]
    return {
        name: "not told by AWS" if summary.get(flag) is None else words[bool(summary[flag])]
        for name, flag, words in _FACTS
    }


def sign_in(account: Account) -> tuple[str, str]:
    """The first steps of whatever only root can do."""
    return (
        f"Sign in to https://console.aws.amazon.com/ as the root user of {account.id}",
        "Choose the account's name at the top right, then Security credentials",
    )


def keys(snapshot: Snapshot) -> tuple[AccessKey, ...]:
    """Root's access keys as the credential report has them: by slot, never by id."""
    root = snapshot.credential_report.root
    return root.keys if root else ()
