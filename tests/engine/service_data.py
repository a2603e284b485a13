"""boto3's service descriptions, read once per process: each session would parse megabytes anew."""

from functools import lru_cache

import botocore.loaders
import pytest

from bot.aws.service_models import core_session


def share(patch: pytest.MonkeyPatch) -> None:
    """Give every botocore session of this process the same, already warm, loader."""
    patch.setattr(botocore.loaders, "create_loader", lru_cache(botocore.loaders.create_loader))
    session = core_session()
    for service in ("iam", "sts"):
        session.create_client(
            service,
            region_name="us-east-1",
            aws_access_key_id="warm",
            aws_secret_access_key="up",
        )
