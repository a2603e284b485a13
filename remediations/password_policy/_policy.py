"""Reading, merging and writing the account's password policy, always all of its fields.

UpdateAccountPasswordPolicy puts a default in place of every field that is left out.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
"""

from dataclasses import replace

from bot.model import (
    Account,
    Call,
    Expect,
    Json,
    Operator,
    PasswordPolicy,
    Resource,
    Risk,
    Step,
)
from remediations import _reads as reads

#: Each field as AWS calls it, and what stands for it in JMESPath where AWS leaves it out.
_FIELDS = {
    "minimum_length": ("MinimumPasswordLength", "`null`"),
    "symbols": ("RequireSymbols", "`false`"),
    "numbers": ("RequireNumbers", "`false`"),
    "uppercase": ("RequireUppercaseCharacters", "`false`"),
    "lowercase": ("RequireLowercaseCharacters", "`false`"),
    "users_may_change": ("AllowUsersToChangePassword", "`false`"),
    "max_age": ("MaxPasswordAge", "`0`"),
    "reuse": ("PasswordReusePrevention", "`0`"),
    "hard_expiry": ("HardExpiry", "`false`"),
}
_CHOSEN = ", ".join(f"{name}: {aws} || {absent}" for name, (aws, absent) in _FIELDS.items())
_PATH = "PasswordPolicy.{" + _CHOSEN + "}"


def subject(account: Account) -> str:
    """What every control on the password policy changes."""
    return f"{account.id}/password-policy"


def resource(account: Account) -> Resource:
    """The password policy, which has no ARN: the account's stands for it."""
    return Resource("password-policy", "password policy", account.iam_arn("root"), account.id)


def basis(policy: PasswordPolicy) -> PasswordPolicy:
    """What a new policy builds upon: the present one, or one no weaker than AWS's default.

    The default asks for three of the four kinds of characters, which no policy can say, so a
    policy in its place asks for all four.
    """
    if policy.exists:
        return policy
    return replace(policy, exists=True, symbols=True, numbers=True, uppercase=True, lowercase=True)


def update(old: PasswordPolicy, new: PasswordPolicy, summary: str, risk: Risk) -> Step:
    """Put `new` in place of `old`, if the account still has exactly `old`."""
    changed = "the password policy was changed in the meantime"
    return Step(
        name="update",
        summary=summary,
        risk=risk,
        before=(_is(old, changed) if old.exists else _is_absent(changed),),
        do=_write(new),
        after=(_is(new, "the password policy is not as Locksmith set it"),),
        undo=_write(old) if old.exists else reads.call("DeleteAccountPasswordPolicy"),
    )


def _is(policy: PasswordPolicy, why: str) -> Expect:
    fields: dict[str, Json] = {name: getattr(policy, name) for name in _FIELDS}
    read = reads.call("GetAccountPasswordPolicy")
    return Expect(read, _PATH, Operator.EQUALS, fields, why)


def _is_absent(why: str) -> Expect:
    return Expect(reads.call("GetAccountPasswordPolicy"), _PATH, Operator.ABSENT, None, why)


def _write(policy: PasswordPolicy) -> Call:
    params: dict[str, Json] = {aws: getattr(policy, name) for name, (aws, _) in _FIELDS.items()}
    # AWS refuses a 0 for what is not set.
    unset = [_FIELDS[name][0] for name in ("max_age", "reuse") if not getattr(policy, name)]
    return reads.call(
        "UpdateAccountPasswordPolicy",
        **{name: value for name, value in params.items() if name not in unset},
    )
