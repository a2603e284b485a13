"""Finds credentials, asks AWS whose they are, and opens the connection to that account."""

from typing import Any, NoReturn

import boto3
import botocore.session
from botocore import exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

from bot.aws.assuming import RoleToAssume, assumed
from bot.aws.connection import READ_ATTEMPTS, AwsConnection
from bot.aws.endpoints import custom_endpoint
from bot.aws.service_models import core_session
from bot.aws.trust_chain import trust_chain
from bot.errors import AwsError, ConfigError, CredentialsError
from bot.model import Account

#: IAM has no region; STS and CloudTrail need one when nothing else names it.
DEFAULT_REGION = "us-east-1"

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_INVALID = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"}
)
_WRONG_SIGNATURE = frozenset(
    {"SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed"}
)
_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.LoginError,
    exceptions.MetadataRetrievalError,
    exceptions.RefreshWithMFAUnsupportedError,
    exceptions.InvalidConfigError,
)
_UNREACHABLE = (exceptions.HTTPClientError, exceptions.ConnectionError)

BAD_CREDENTIALS = _EXPIRED | _INVALID | _WRONG_SIGNATURE


def connect(
    *,
    profile: str | None = None,
    region: str | None = None,
    read_attempts: int = READ_ATTEMPTS,
    role: RoleToAssume | None = None,
) -> AwsConnection:
    """The connection to the account that the credentials belong to, or to that of `role`.

    Credentials, profile and region come from where the AWS CLI takes them; a role is assumed with
    them. A custom endpoint (AWS_ENDPOINT_URL) is honoured on this machine only, for all services
    alike, and recorded. Raises CredentialsError (none, unknown profile, expired, invalid),
    ConfigError (an endpoint elsewhere, a broken AWS configuration) and AwsError (unreachable, no
    such region, refused).
    """
    try:
        core = core_session(profile)
        session = boto3.Session(botocore_session=core, region_name=region)
        region = session.region_name or DEFAULT_REGION
        _check_region(session, region)
        identity, endpoint = _identity(session, region)
        chain = trust_chain(session, core, read_attempts)
        asked = 1 + len(chain)
        if role is not None:
            chain = (identity["Arn"], *chain)
            session = assumed(core, core_session(profile), role, region)
            identity, endpoint = _identity(session, region)
            asked += 1
        arn, caller_id = identity["Arn"], identity["UserId"]
    except exceptions.ClientError as error:
        _refused(error, region or DEFAULT_REGION, role)
    except exceptions.BotoCoreError as error:
        _not_reached(error, region or DEFAULT_REGION)
    except (ResponseParserError, KeyError) as error:
        raise AwsError(
            "what answers sts:GetCallerIdentity is not AWS",
            hint="Check AWS_ENDPOINT_URL and any proxy between here and AWS.",
        ) from error
    connection = AwsConnection(
        session,
        account=_account(arn),
        caller_arn=arn,
        caller_id=caller_id,
        region=region,
        endpoint=endpoint,
        chain=chain,
        read_attempts=read_attempts,
    )
    connection.calls["sts:GetCallerIdentity"] = asked
    return connection


def _identity(session: boto3.Session, region: str) -> tuple[Any, str | None]:
    """Whose credentials these are, as AWS says, and the endpoint that says so."""
    client, endpoint = _sts(session, region)
    try:
        return client.get_caller_identity(), endpoint
    finally:
        client.close()


def credentials_error(code: str, region: str) -> CredentialsError | None:
    """What an AWS error code says about the credentials, or None if it isn't about them."""
    if code in _EXPIRED:
        return CredentialsError(
            f"the AWS session has expired ({code})",
            hint="Sign in again (for example `aws sso login`) and repeat the command.",
        )
    if code in _INVALID:
        return CredentialsError(
            f"AWS does not know these credentials ({code})",
            hint="The key may be deleted or inactive, or belong to another partition than "
            f"{region}: check with `aws sts get-caller-identity`.",
        )
    if code in _WRONG_SIGNATURE:
        return CredentialsError(
            f"AWS rejected the signature ({code})",
            hint="Check the secret access key and this machine's clock.",
        )
    return None


def _check_region(session: boto3.Session, region: str) -> None:
    try:
        session.get_partition_for_region(region)
    except exceptions.UnknownRegionError as error:
        raise _no_region(region) from error


def _no_region(region: str) -> AwsError:
    return AwsError(
        f"there is no AWS region {region!r}",
        hint="Give one such as us-east-1 with --region, AWS_REGION or the profile.",
    )


def _sts(session: boto3.Session, region: str) -> tuple[Any, str | None]:
    untyped: Any = session
    client = untyped.client(
        "sts",
        region_name=region,
        # The first call of all, and people wait for it: ten attempts at an endpoint that can't be
        # reached take minutes, two say so soon. What gets here is read with ten from then on.
        config=Config(
            retries={"mode": "adaptive", "total_max_attempts": 2},
            connect_timeout=5,
            read_timeout=20,
        ),
    )
    return client, custom_endpoint(session, "sts", client)


def _account(arn: str) -> Account:
    try:
        return Account.of_arn(arn)
    except ValueError as error:
        raise AwsError(
            f"AWS names the caller {arn!r}, which tells no account",
            hint="Use the credentials of a user or role of the account.",
        ) from error


def _refused(error: exceptions.ClientError, region: str, role: RoleToAssume | None) -> NoReturn:
    code = error.response.get("Error", {}).get("Code", "")
    if role is not None and error.operation_name == "AssumeRole" and "Denied" in code:
        raise AwsError(
            f"{role.arn} can't be assumed ({code})",
            hint="Its trust policy must name our identity and the external_id of `accounts`, and "
            "our identity needs sts:AssumeRole for it.",
        ) from error
    about_credentials = credentials_error(code, region)
    if about_credentials:
        raise about_credentials from error
    raise AwsError(
        f"AWS does not let us in: {error}",
        hint="Check the credentials and the region with `aws sts get-caller-identity`.",
    ) from error


def _not_reached(error: exceptions.BotoCoreError, region: str) -> NoReturn:
    match error:
        case exceptions.ProfileNotFound():
            known = ", ".join(botocore.session.Session().available_profiles)
            raise CredentialsError(
                str(error),
                hint=f"Profiles here: {known}." if known else "Create it with `aws configure`.",
            ) from error
        case _ if isinstance(error, _NO_CREDENTIALS):
            raise CredentialsError(
                f"there are no usable AWS credentials: {error}",
                hint="Sign in (`aws sso login`), set AWS_PROFILE or pass --profile.",
            ) from error
        case exceptions.InvalidRegionError() | exceptions.NoRegionError():
            raise _no_region(region) from error
        case exceptions.ConfigParseError() | exceptions.ConfigNotFound():
            raise ConfigError(str(error), hint="Mend the AWS configuration file.") from error
        case _ if isinstance(error, _UNREACHABLE):
            raise AwsError(
                f"AWS could not be reached: {error}",
                hint=f"Check the network, AWS_ENDPOINT_URL, and whether {region} is the region "
                "you mean.",
            ) from error
        case _:
            raise AwsError(f"sts:GetCallerIdentity failed: {error}") from error
