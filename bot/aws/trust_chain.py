"""Whom the bot comes in through: the identities that its profile assumes its role from."""

import botocore.session
from boto3 import Session
from botocore.config import Config

from bot.aws.endpoints import custom_endpoint

#: Profiles may name each other without end; botocore refuses loops, we need no longer chains.
_LONGEST = 5


def trust_chain(session: Session, core: botocore.session.Session, attempts: int) -> tuple[str, ...]:
    """The ARNs of the identities behind an assumed role, nearest first; empty without one.

    Follows `source_profile` of the profile in use and asks STS who each is, one call each, with as
    many `attempts` as any read has. What a role was assumed from outside of profiles (a variable,
    an instance) can't be told.
    Raises botocore's errors, and ConfigError for a profile whose endpoint is elsewhere.
    """
    credentials = session.get_credentials()
    if credentials is None or not str(credentials.method).startswith("assume-role"):
        return ()
    chain: list[str] = []
    profile = core.get_scoped_config().get("source_profile")
    profiles = core.full_config.get("profiles", {})
    own = core.get_config_variable("profile") or "default"
    while profile and profile != own and len(chain) < _LONGEST:
        source = Session(profile_name=profile)
        chain.append(_caller(source, session.region_name, attempts))
        settings = profiles.get(profile, {})
        own, profile = profile, settings.get("source_profile") if "role_arn" in settings else None
    return tuple(chain)


def _caller(source: Session, region: str | None, attempts: int) -> str:
    client = source.client(
        "sts",
        region_name=source.region_name or region,
        config=Config(
            retries={"mode": "adaptive", "total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=20,
        ),
    )
    try:
        custom_endpoint(source, "sts", client)
        return client.get_caller_identity()["Arn"]
    finally:
        client.close()
