"""Gives things of a simulated account names and paths as bad as AWS allows, with all that hangs on
them.

What AWS allows in a name: users, groups, roles, policies and profiles take letters, digits and
`_+=,.@-`, and any printable mark of ASCII in their path
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). Whatever else AWS
takes more in (a tag `Name`, an alarm, a comment) seeds of tests call ANYTHING themselves.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from moto.cloudtrail.models import cloudtrail_backends
from moto.iam.models import Group, ManagedPolicy, Role, User

from bot.aws.simulated import AccountBuilder
from bot.aws.simulated.access_analyzer import analyzer_backends

#: All marks that AWS allows in the name of a user.
SUFFIX = ",o+b=1@x.y_z-"
#: Paths may have any mark of ASCII in them.
PATH = "/<!channel>/o'brien\"`\\*?[]{}$&;|/"
#: Where AWS takes any printable mark of ASCII, as in the name of an account.
PRINTABLE = '<!channel> <@U0EVIL> "o\'brien" `x` & <b>'
#: Where AWS takes any text: tags of EC2, names of alarms and filters, comments.
ANYTHING = f"{PRINTABLE} \u202elive\u2066\u200f"
#: Of Locksmith's own making and known by its name, or of AWS's and never changed.
_KEPT_INLINE, _KEPT_PATHS = "Locksmith", ("/aws-service-role/", "/aws-reserved/")
_NAME_ENDS = r"(?![\w+=,.@-])"


class _Called(NamedTuple):
    """How a thing is called."""

    arn: str
    name: str


def ids(account: AccountBuilder) -> frozenset[str]:
    """The unique ids of all that can be renamed."""
    iam = account.iam
    kinds: tuple[Iterable[Any], ...] = (
        iam.users.values(), iam.groups.values(), iam.roles.values(), iam.managed_policies.values(),
    )  # fmt: skip
    return frozenset(each.id for kind in kinds for each in kind)


def rename_all(
    account: AccountBuilder, but: Collection[str], *, suffix: str = SUFFIX, path: str = PATH
) -> None:
    """Every user, group, role, customer and inline policy but those with these ids."""
    iam = account.iam
    for name in [name for name, user in iam.users.items() if user.id not in but]:
        rename(account, name, (name + suffix)[:64], path)
    for group in [each for each in iam.groups.values() if each.id not in but]:
        _rename_group(account, group, suffix, path)
    for role in iam.roles.values():
        if role.id not in but and not role.path.startswith(_KEPT_PATHS):
            _rename_role(account, role, suffix, path)
    for policy in list(iam.managed_policies.values()):
        if policy.id not in but and policy not in iam.aws_managed_policies:
            _rename_policy(account, policy, suffix, path)
    for holder in _holders(account):
        if holder.id not in but:
            holder.policies = {
                name if name.startswith(_KEPT_INLINE) else (name + suffix)[:128]: text
                for name, text in holder.policies.items()
            }


def rename(account: AccountBuilder, old: str, new: str, path: str = PATH) -> None:
    """As UpdateUser does it; what only keeps the user's name besides comes along."""
    iam = account.iam
    before = _Called(iam.get_user(old).arn, old)
    iam.update_user(old, path, new)
    user = iam.get_user(new)
    for owned in (*user.ssh_public_keys, *user.signing_certificates.values()):
        owned.user_name = new
    for credential in iam.service_credentials.values():
        if credential.user_name == old:
            credential.user_name = new
    for device in iam.virtual_mfa_devices.values():
        owner = device.user_attribute
        if owner and owner.get("UserName") == old:
            device.user_attribute = {**owner, "Path": path, "UserName": new, "Arn": user.arn}
    _renote(account, old, new)
    _reword(account, before, _Called(user.arn, new))


def _rename_group(account: AccountBuilder, group: Group, suffix: str, path: str) -> None:
    """As UpdateGroup does it."""
    before = _Called(group.arn, group.name)
    del account.iam.groups[group.name]
    group.name, group.path = (group.name + suffix)[:128], path
    account.iam.groups[group.name] = group
    _reword(account, before, _Called(group.arn, group.name))


def _rename_role(account: AccountBuilder, role: Role, suffix: str, path: str) -> None:
    """AWS renames no role: this is as if it had been made under that name."""
    before = _Called(role.arn, role.name)
    role.name, role.path = (role.name + suffix)[:64], path
    _renote(account, before.name, role.name)
    _reword(account, before, _Called(role.arn, role.name))


def _rename_policy(account: AccountBuilder, policy: ManagedPolicy, suffix: str, path: str) -> None:
    """The same of a policy, which everybody knows by its ARN."""
    iam, before = account.iam, _Called(policy.arn, policy.name)
    del iam.managed_policies[before.arn]
    policy.name, policy.path = (policy.name + suffix)[:128], path
    iam.managed_policies[policy.arn] = policy
    for version in policy.versions:
        version.arn = policy.arn
    for holder in _holders(account):
        if holder.managed_policies.pop(before.arn, None) is not None:
            holder.managed_policies[policy.arn] = policy
    for bounded in (*iam.simulated_users(), *iam.roles.values()):
        if bounded.permissions_boundary_arn == before.arn:
            bounded.permissions_boundary_arn = policy.arn
    _reword(account, before, _Called(policy.arn, policy.name))


def _holders(account: AccountBuilder) -> Iterator[User | Group | Role]:
    iam = account.iam
    yield from (*iam.users.values(), *iam.groups.values(), *iam.roles.values())


def _renote(account: AccountBuilder, old: str, new: str) -> None:
    """What a test says that Locksmith's database knows, by names of users and roles."""
    fences = vars(account).get("fences", {})
    vars(account)["fences"] = {
        (new if name == old else name, fence): at for (name, fence), at in fences.items()
    }


def _reword(account: AccountBuilder, old: _Called, new: _Called) -> None:
    """Every document, event and finding that names the thing, by ARN or in an event by its name."""

    def by_arn(text: str) -> str:
        said, pattern = json.dumps(new.arn)[1:-1], re.escape(json.dumps(old.arn)[1:-1])
        return re.sub(pattern + _NAME_ENDS, lambda _: said, text)

    def by_either(text: str) -> str:
        return by_arn(text).replace(json.dumps(old.name), json.dumps(new.name))

    _rewrite(account, by_arn)
    for region in account.iam.regions:
        history: Any = cloudtrail_backends[account.account_id][region]
        for event in history.events:
            record = by_either(event["CloudTrailEvent"])
            event.update(json.loads(by_either(json.dumps(event))), CloudTrailEvent=record)
    _find_anew(account, old.arn, new.arn)


def _find_anew(account: AccountBuilder, old: str, new: str) -> None:
    """Analyzers' findings are about ARNs."""
    for region in account.iam.regions:
        for finding in analyzer_backends[account.account_id][region].findings:
            finding["resource"] = new if finding["resource"] == old else finding["resource"]


def _rewrite(account: AccountBuilder, reworded: Callable[[str], str]) -> None:
    """Every policy document of the account."""
    for holder in _holders(account):
        holder.policies = {name: reworded(text) for name, text in holder.policies.items()}
    for role in account.iam.roles.values():
        role.assume_role_policy_document = reworded(role.assume_role_policy_document)
    for policy in account.iam.managed_policies.values():
        for version in policy.versions:
            version.document = reworded(version.document)
