"""Puts the corrected services into moto, once and on request; importing changes nothing.

What is corrected, what each was checked against and what still differs: docs/simulated-account.md.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.account.models import account_backends
from moto.cloudtrail.models import cloudtrail_backends
from moto.iam.models import iam_backends
from moto.iam.urls import url_bases
from moto.organizations.models import organizations_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sts.models import sts_backends

from bot.aws.simulated import dispatching, root_tasks, services
from bot.aws.simulated.contacts import SimulatedContacts
from bot.aws.simulated.organizations import SimulatedOrganizations
from bot.aws.simulated.root_answers import CentralRootResponse
from bot.aws.simulated.secrets import SimulatedSecrets
from bot.aws.simulated.security_tokens import SimulatedSts
from bot.aws.simulated.service_credentials import ServiceCredentials
from bot.aws.simulated.trails import SimulatedCloudTrail

_URLS = SimpleNamespace(url_bases=url_bases, url_paths={"{0}/$": CentralRootResponse.dispatch})


class SimulatedIam(ServiceCredentials):
    """The whole corrected IAM account; each base corrects one thing."""

    @property
    def _url_module(self) -> Any:
        return _URLS


def install() -> None:
    """Make every account that moto opens from now on a corrected one. Doing it again is harmless.

    Accounts that moto opened before are forgotten, since they can't be corrected in place.
    """
    root_tasks.install()
    services.install()
    dispatching.install()
    if iam_backends.backend is not SimulatedIam:
        iam_backends.backend = SimulatedIam
        iam_backends.clear()
    if cloudtrail_backends.backend is not SimulatedCloudTrail:
        cloudtrail_backends.backend = SimulatedCloudTrail
        cloudtrail_backends.clear()
    if account_backends.backend is not SimulatedContacts:
        account_backends.backend = SimulatedContacts
        account_backends.clear()
    if secretsmanager_backends.backend is not SimulatedSecrets:
        secretsmanager_backends.backend = SimulatedSecrets
        secretsmanager_backends.clear()
    if organizations_backends.backend is not SimulatedOrganizations:
        organizations_backends.backend = SimulatedOrganizations
        organizations_backends.clear()
    if sts_backends.backend is not SimulatedSts:
        sts_backends.backend = SimulatedSts
        sts_backends.clear()


def iam_account(account_id: str, partition: str = "aws") -> SimulatedIam:
    """The corrected IAM account with that number, opened when it isn't yet."""
    install()
    account = iam_backends[account_id][partition]
    if not isinstance(account, SimulatedIam):
        raise TypeError(f"account {account_id} was opened before install()")
    return account
