"""Where calls go: to AWS, or to a simulated account on this machine, and nowhere else."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from bot.errors import ConfigError

# What botocore took for AWS's own in this process: service, region, address. Telling takes a second
# client, which takes as long as the first.
_official: set[tuple[str, str, str]] = set()


def custom_endpoint(session: boto3.Session, service: str, client: Any) -> str | None:
    """The address that environment or profile set for a service, or None for AWS's own.

    Compares with what botocore would take without such settings, so every way of setting one
    is seen. Raises ConfigError for an address that isn't on this machine: whoever sets one
    elsewhere could feed us an account that doesn't exist.
    """
    found, region = str(client.meta.endpoint_url), str(client.meta.region_name)
    if is_loopback(found):
        return found
    if (service, region, found) not in _official:
        _official.add((service, region, _official_endpoint(session, service, region)))
    if (service, region, found) in _official:
        return None
    raise ConfigError(
        f"{service} would be called at {found}, which is neither AWS nor this machine",
        hint="Unset AWS_ENDPOINT_URL and endpoint_url in the AWS configuration.",
    )


def _official_endpoint(session: boto3.Session, service: str, region: str) -> str:
    """Where botocore would call a service if nobody had set an address."""
    untyped: Any = session
    settings: dict[str, Any] = {"ignore_configured_endpoint_urls": True}
    client = untyped.client(service, region_name=region, config=Config(**settings))
    try:
        return str(client.meta.endpoint_url)
    finally:
        client.close()


def keep_to(endpoint: str, client: Any) -> None:
    """Let S3 Control's client send to this address as it is.

    botocore puts the account's number before the host, which no address of this machine has.
    """

    def rehosted(request: Any, **_: object) -> None:
        there, asked = urlsplit(endpoint), urlsplit(request.url)
        request.url = asked._replace(netloc=there.netloc).geturl()

    client.meta.events.register_first("request-created.s3-control", rehosted)


def is_loopback(url: str) -> bool:
    """Whether a URL plainly names this machine: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
