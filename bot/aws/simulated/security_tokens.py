"""STS as AWS answers: whose account an access key id belongs to is read from the id itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.exceptions import STSValidationError
from moto.sts.models import STSBackend
from moto.sts.urls import url_bases, url_paths

from bot.aws.simulated.entities import account_of_id

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


def _with_key(access_key_id: str) -> str | None:
    for account, partitions in iam_backends.items():
        if any(access_key_id in each.access_keys for each in partitions.values()):
            return str(account)
    return None
