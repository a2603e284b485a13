"""An account in which no control finds anything, with neighbours that look like violations."""

from bot.aws.simulated import AccountBuilder

_READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}],
}
_WRITE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::y/*"}],
}

_OWNED = {"owner": "neighbour@example.org"}


def healthy(account: AccountBuilder) -> None:
    """A strong password policy, a trail, and people and programs that keep every rule."""
    account.password_policy(max_age=90)
    account.trail("everything", multi_region=True, validation=True)
    account.group("readers")
    account.attach(account.policy("read", _READ), group="readers")
    account.inline("read-more", _READ, group="readers")
    _person(account)
    _program(account)
    account.identity_center_role("AdministratorAccess")
    account.role("app", last_used=account.ago(days=1))
    account.inline("read", _READ, role="app")
    account.role("support", last_used=account.ago(days=40), attached=["AWSSupportAccess"])
    account.role("other-app", last_used=account.ago(days=1))
    account.inline("read", _WRITE, role="other-app")


def _person(account: AccountBuilder) -> None:
    """Signs in with MFA, and once had a key, which is off but not for long."""
    name = "neighbour+one,two@example.org"
    old = account.ago(days=700)
    account.user(name, path="/people/", created=old, groups=["readers"], tags=_OWNED)
    account.password(name, changed=account.ago(days=30), last_used=account.ago(days=2))
    account.mfa(name, kind="fido")
    account.key(
        name,
        created=account.ago(days=400),
        last_used=account.ago(days=200),
        status="Inactive",
        changed=account.ago(days=10),
    )


def _program(account: AccountBuilder) -> None:
    """Has a young key in use, no password, and so no MFA."""
    account.user("neighbour", created=account.ago(days=700), groups=["readers"], tags=_OWNED)
    account.key("neighbour", created=account.ago(days=60), last_used=account.ago(days=1))
    account.key("neighbour", created=account.ago(days=10))
