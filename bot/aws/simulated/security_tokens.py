"""STS as AWS answers: whose account a key is of is in its id, and trusts ask for external ids."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.iam.models import AccessKey, iam_backends
from moto.sts.exceptions import STSValidationError
from moto.sts.models import AssumedRole, STSBackend
from moto.sts.responses import TokenResponse
from moto.sts.urls import url_bases

from bot.aws.simulated.account_core import AccountCore
from bot.aws.simulated.entities import account_of_id
from bot.aws.simulated.errors import AccessDenied
from bot.aws.simulated.root_answers import (
    CREDENTIALS,
    features_of,
    manages_root,
    organization_of,
)
from bot.aws.simulated.root_tasks import TASKS

_GLOBAL = "sts.amazonaws.com"
_LONGEST = 900


class SimulatedTokenResponse(TokenResponse):
    """STS's front end with sts:AssumeRoot.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """

    def assume_root(self) -> ActionResult:
        """A session as root of a member, limited to one task; for whoever manages root centrally.

        What AWS answers when it refuses is not documented; here it is AccessDenied with a reason.
        """
        target, seconds = (
            str(self._get_param("TargetPrincipal")),
            self._get_int_param("DurationSeconds", _LONGEST),
        )
        task = self._task(self._get_param("TaskPolicyArn") or {})
        if not 0 <= seconds <= _LONGEST:
            raise STSValidationError(f"DurationSeconds must be at most {_LONGEST}")
        refusal = self._refusal(target)
        if refusal:
            raise AccessDenied(f"not authorized to perform: sts:AssumeRoot on {target}: {refusal}")
        iam = iam_backends[target][self.partition]
        if not isinstance(iam, AccountCore):
            raise TypeError("the member was opened before install()")
        key = AccessKey(None, prefix="ASIA", account_id=target)  # type: ignore[abstract]  # as moto
        key.access_key_id = iam.new_id("ASIA", 20)
        iam.access_keys[key.access_key_id] = key
        iam.root_sessions[key.access_key_id] = task
        credentials = {
            "AccessKeyId": key.access_key_id,
            "SecretAccessKey": key.secret_access_key,
            "SessionToken": f"root-of-{target}",
            "Expiration": utcnow() + timedelta(seconds=seconds),
        }
        return ActionResult({"Credentials": credentials})

    def get_caller_identity(self) -> ActionResult:
        """Who calls; a session of root is root, as AWS says of it."""
        iam = iam_backends[self.current_account][self.partition]
        sessions = iam.root_sessions if isinstance(iam, AccountCore) else {}
        if self.get_access_key() not in sessions:
            return super().get_caller_identity()
        account = self.current_account
        arn = f"arn:{self.partition}:iam::{account}:root"
        return ActionResult({"UserId": account, "Account": account, "Arn": arn})

    def _task(self, policy: dict[str, str]) -> str:
        arn = str(policy.get("arn"))
        task = arn.rpartition("/")[2]
        if arn != f"arn:{self.partition}:iam::aws:policy/root-task/{task}" or task not in TASKS:
            raise STSValidationError(f"{arn} is not a task policy, or not a simulated one")
        return task

    def _refusal(self, target: str) -> str | None:
        if self.parsed_url.netloc == _GLOBAL:
            return "the global endpoint does not open sessions of root"
        organization = organization_of(self.current_account, self.partition)
        if organization is None or not manages_root(organization, self.current_account):
            return "the caller's account does not manage root access"
        if CREDENTIALS not in features_of(organization):
            return f"{CREDENTIALS} is off"
        members = {each.id for each in organization.accounts} - {organization.account_id}
        return None if target in members else "it is no member of the organization"


_URLS = SimpleNamespace(url_bases=url_bases, url_paths={"{0}/$": SimulatedTokenResponse.dispatch})


class SimulatedSts(STSBackend):
    """moto's STS, which takes every key that it doesn't know for the caller's."""

    @property
    def _url_module(self) -> Any:
        return _URLS

    def get_access_key_info(self, access_key_id: str) -> dict[str, str]:
        """The account in the id, also of a key that is gone or never was, as AWS answers.

        An id of the older numbering has none in it: those are looked for among the keys there are.
        https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
        """
        account = account_of_id(access_key_id) or _with_key(access_key_id)
        if account is None:
            raise STSValidationError(f"No account is known for {access_key_id}")
        return {"Account": account}

    def assume_role(self, *args: Any, **given: Any) -> AssumedRole:
        """Refuse who doesn't give the external id that the role's trust policy asks for.

        moto asks for none; a role that isn't there is assumed as moto does it.
        """
        wanted = _external_ids(str(given["role_arn"]))
        if wanted and given["external_id"] not in wanted:
            raise AccessDenied(f"not authorized to perform: sts:AssumeRole on {given['role_arn']}")
        return super().assume_role(*args, **given)


def _external_ids(role_arn: str) -> set[str]:
    """The external ids that a role's trust takes; none where it asks for none."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    partitions = iam_backends[account].values() if account in iam_backends else ()
    wanted: set[str] = set()
    for role in (each for iam in partitions for each in iam.roles.values() if each.name == name):
        for statement in json.loads(role.assume_role_policy_document)["Statement"]:
            equals = statement.get("Condition", {}).get("StringEquals", {})
            ids = equals.get("sts:ExternalId", [])
            wanted |= {ids} if isinstance(ids, str) else set(ids)
    return wanted


def _with_key(access_key_id: str) -> str | None:
    for account, partitions in iam_backends.items():
        if any(access_key_id in each.access_keys for each in partitions.values()):
            return str(account)
    return None
