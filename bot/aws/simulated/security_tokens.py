"""STS as AWS answers: whose account a key is of is in its id, and trusts ask for external ids."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.exceptions import STSValidationError
from moto.sts.models import AssumedRole, STSBackend
from moto.sts.urls import url_bases, url_paths

from bot.aws.simulated.entities import account_of_id
from bot.aws.simulated.errors import AccessDenied

_URLS = SimpleNamespace(url_bases=url_bases, url_paths=url_paths)


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
