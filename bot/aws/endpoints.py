"""Where calls go: to AWS, or to a simulated account on this machine, and nowhere else."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from bot.errors import ConfigError


def custom_endpoint(session: boto3.Session, service: str, client: Any) -> str | None:
    """The address that environment or profile set for a service, or None for AWS's own.

    Compares with what botocore would take without such settings, so every way of setting one
    is seen. Raises ConfigError for an address that isn't on this machine: whoever sets one
    elsewhere could feed us an account that doesn't exist.
    """
    found = str(client.meta.endpoint_url)
    untyped: Any = session
    settings: dict[str, Any] = {"ignore_configured_endpoint_urls": True}
    official = untyped.client(
        service, region_name=client.meta.region_name, config=Config(**settings)
    )
    try:
        if found == official.meta.endpoint_url:
            return None
    finally:
        official.close()
    if not is_loopback(found):
        raise ConfigError(
            f"{service} would be called at {found}, which is neither AWS nor this machine",
            hint="Unset AWS_ENDPOINT_URL and endpoint_url in the AWS configuration.",
        )
    return found


def is_loopback(url: str) -> bool:
    """Whether a URL plainly names this machine: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
