"""What the controls on the root user share."""

from bot.model import Account, Json, Part, Resource, Snapshot


def resource(account: Account) -> Resource:
    """The root user, which is the account itself."""
    return Resource("account", account.id, account.iam_arn("root"), account.id)


def evidence(snapshot: Snapshot) -> dict[str, Json]:
    """What the account summary says of root; the flags are 0 or 1, None where it says nothing."""
    summary = snapshot.parts[Part.ACCOUNT_SUMMARY]
    flags = ("AccountAccessKeysPresent", "AccountMFAEnabled", "AccountPasswordPresent")
    return {flag: summary.get(flag) for flag in flags}
