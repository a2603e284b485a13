"""Secrets Manager as AWS answers: staging labels, the account's clock, and who may read a value.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.iam.models import iam_backends
from moto.secretsmanager.exceptions import SecretNotFoundException
from moto.secretsmanager.models import SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.secretsmanager.urls import url_bases
from moto.sts.models import sts_backends


class SimulatedSecretsResponse(SecretsManagerResponse):
    """moto's front end, with a resource policy's Deny on the one call that gives a value away."""

    def get_secret_value(self) -> str:
        policy = json.loads(self.backend.get_resource_policy(self._get_param("SecretId")))
        caller = _principal(self.current_account, self.access_key)
        document = policy.get("ResourcePolicy")
        if document and _denies(json.loads(document), caller):
            raise JsonRESTError(
                "AccessDeniedException",
                f"User: {caller} is not authorized to perform: secretsmanager:GetSecretValue on "
                f"resource: {policy['ARN']} with an explicit deny in a resource-based policy",
            )
        return str(super().get_secret_value())


_URLS = SimpleNamespace(url_bases=url_bases, url_paths={"{0}/$": SimulatedSecretsResponse.dispatch})


class SimulatedSecrets(SecretsManagerBackend):
    """moto's Secrets Manager, which keeps giving away the version that was current first."""

    @property
    def _url_module(self) -> Any:
        return _URLS

    def get_secret_value(
        self, secret_id: str, version_id: str, version_stage: str
    ) -> dict[str, Any]:
        given = super().get_secret_value(
            secret_id, version_id, version_stage or ("" if version_id else "AWSCURRENT")
        )
        return dict(given)

    def list_secret_version_ids(self, secret_id: str) -> str:
        if secret_id not in self.secrets:
            raise SecretNotFoundException
        listed = json.loads(super().list_secret_version_ids(secret_id))
        listed["ARN"] = self.secrets[secret_id].arn
        return json.dumps({name: value for name, value in listed.items() if value != ""})

    def update_secret_version_stage(
        self,
        secret_id: str,
        version_stage: str,
        remove_from_version_id: str,
        move_to_version_id: str,
    ) -> tuple[str, str]:
        moved = super().update_secret_version_stage(
            secret_id, version_stage, remove_from_version_id, move_to_version_id
        )
        secret: Any = self.secrets[secret_id]
        if version_stage == "AWSCURRENT" and move_to_version_id:
            secret.set_default_version_id(move_to_version_id)
        return moved


def _denies(document: dict[str, Any], caller: str) -> bool:
    """Whether a Deny for all but certain principals is about this one; other statements allow."""
    for statement in document["Statement"]:
        condition = statement.get("Condition", {}).get("ArnNotEquals", {})
        spared = condition.get("aws:PrincipalArn")
        if statement["Effect"] == "Deny" and caller not in _listed(spared):
            return "secretsmanager:GetSecretValue" in _listed(statement["Action"])
    return False


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _principal(account_id: str, access_key_id: str) -> str:
    """The value of aws:PrincipalArn: a session's is its role."""
    for iam in iam_backends[account_id].values():
        key = iam.access_keys.get(access_key_id)
        if key is not None and key.user_name in iam.users:
            return str(iam.users[key.user_name].arn)
        for sts in sts_backends[account_id].values():
            session = sts.get_assumed_role_from_access_key(access_key_id)
            if session and any(role.arn == session.role_arn for role in iam.roles.values()):
                return str(session.role_arn)
    return f"arn:aws:iam::{account_id}:root"
