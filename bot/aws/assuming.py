"""Enters another account: a role that is assumed with the external id that its trust asks for.

The credentials are fetched when they are first needed and renewed before they run out, as
botocore does it for a profile with `role_arn`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoCredentialsError

#: How AWS names our sessions, in CloudTrail too.
SESSION_NAME = "locksmith"


@dataclass(frozen=True, slots=True)
class RoleToAssume:
    """A role by its ARN, and the external id that its trust policy asks for, if it does."""

    arn: str
    external_id: str | None = None

    @property
    def parameters(self) -> Mapping[str, str]:
        """What sts:AssumeRole is given besides the role."""
        named = {"RoleSessionName": SESSION_NAME}
        return named if self.external_id is None else {**named, "ExternalId": self.external_id}


def assumed(
    source: botocore.session.Session,
    core: botocore.session.Session,
    role: RoleToAssume,
    region: str,
) -> boto3.Session:
    """A session in the role, made of `core`, which is nobody else's; asks AWS nothing yet.

    The role is assumed with the credentials of `source`. Raises NoCredentialsError where it has
    none.
    """
    credentials = source.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    quick = Config(
        retries={"mode": "adaptive", "total_max_attempts": 2}, connect_timeout=5, read_timeout=20
    )
    fetcher = AssumeRoleCredentialFetcher(
        partial(source.create_client, region_name=region, config=quick),
        credentials,
        role.arn,
        extra_args=dict(role.parameters),
    )
    resolver = CredentialResolver([_Assuming(fetcher)])
    core.register_component("credential_provider", resolver)
    return boto3.Session(botocore_session=core, region_name=region)


class _Assuming(CredentialProvider):
    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)
