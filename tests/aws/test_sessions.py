"""Connecting: whose account it is, where calls go, and every way that it can't work."""

import os
import socket
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import exceptions

from bot.aws.connection import own_arns
from bot.aws.inventory import take_snapshot
from bot.aws.sessions import connect, credentials_error
from bot.aws.simulated import DEFAULT_ACCOUNT, AccountBuilder, start
from bot.errors import AwsError, ConfigError, CredentialsError
from bot.model import Account, Part, Protection
from tests.aws.conftest import NOW


@pytest.fixture
def keys(clean_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Credentials that no AWS knows."""
    clean_environment.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    clean_environment.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    return clean_environment


def _closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_the_caller_tells_the_account(account: AccountBuilder) -> None:
    connection = connect()
    assert connection.account == Account(DEFAULT_ACCOUNT, "aws")
    assert connection.caller_arn.startswith("arn:aws:")
    assert connection.region == "us-east-1"
    assert connection.endpoint is None
    connection.close()


@pytest.mark.parametrize(
    ("region", "partition"), [("us-west-2", "aws"), ("cn-north-1", "aws-cn")], ids=str
)
def test_the_partition_comes_from_the_caller(
    account: AccountBuilder, region: str, partition: str
) -> None:
    with connect(region=region) as connection:
        assert connection.account.partition == partition
        assert connection.region == region


def test_no_credentials(clean_environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(CredentialsError, match="no usable AWS credentials") as caught:
        connect()
    assert "--profile" in caught.value.hint


def test_half_credentials(clean_environment: pytest.MonkeyPatch) -> None:
    clean_environment.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    with pytest.raises(CredentialsError, match="no usable AWS credentials"):
        connect()


def test_unknown_profile_names_those_that_exist(clean_environment: pytest.MonkeyPatch) -> None:
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[profile audit]\nregion = eu-west-1\n")
    with pytest.raises(CredentialsError, match="adit") as caught:
        connect(profile="adit")
    assert "audit" in caught.value.hint


def test_a_broken_aws_configuration(clean_environment: pytest.MonkeyPatch) -> None:
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("not a section\n")
    with pytest.raises(ConfigError, match="parse"):
        connect()


@pytest.mark.parametrize("region", ["mars-1", "us_east_1", "us east 1", "-"])
def test_no_such_region(keys: pytest.MonkeyPatch, region: str) -> None:
    with pytest.raises(AwsError, match="no AWS region") as caught:
        connect(region=region)
    assert "--region" in caught.value.hint


def test_unreachable_endpoint(keys: pytest.MonkeyPatch) -> None:
    keys.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{_closed_port()}")
    with pytest.raises(AwsError, match="could not be reached") as caught:
        connect(region="eu-west-1")
    assert "eu-west-1" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "https://iam.evil.test",
        "https://abc.execute-api.us-east-1.amazonaws.com",
        "http://169.254.169.254",
        "http://0x7f.1",
        "http://10.0.0.8:4566",
        "http://localhost.evil.test",
    ],
)
@pytest.mark.parametrize("where", ["environment", "service", "profile"])
def test_an_endpoint_elsewhere_is_refused_before_any_call(
    keys: pytest.MonkeyPatch, url: str, where: str
) -> None:
    if where == "environment":
        keys.setenv("AWS_ENDPOINT_URL", url)
    elif where == "service":
        keys.setenv("AWS_ENDPOINT_URL_STS", url)
    else:
        Path(os.environ["AWS_CONFIG_FILE"]).write_text(f"[default]\nendpoint_url = {url}\n")

    def sent(*_: Any, **__: Any) -> None:
        raise AssertionError("something was sent")

    keys.setattr("botocore.httpsession.URLLib3Session.send", sent)
    with pytest.raises(ConfigError, match="neither AWS nor this machine"):
        connect()


def test_one_service_elsewhere_than_the_others_is_refused(account: AccountBuilder) -> None:
    with connect() as connection:
        os.environ["AWS_ENDPOINT_URL_IAM"] = "http://localhost:5000"
        try:
            with pytest.raises(ConfigError, match="endpoint of iam"):
                connection.reader("iam")
        finally:
            del os.environ["AWS_ENDPOINT_URL_IAM"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredToken", "expired"),
        ("ExpiredTokenException", "expired"),
        ("InvalidClientTokenId", "does not know"),
        ("UnrecognizedClientException", "does not know"),
        ("SignatureDoesNotMatch", "signature"),
    ],
)
def test_what_codes_say_about_credentials(
    account: AccountBuilder, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise exceptions.ClientError(
            {"Error": {"Code": code, "Message": "no"}}, "GetCallerIdentity"
        )

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", refused)
    with pytest.raises(CredentialsError, match=words) as caught:
        connect()
    assert caught.value.hint


def test_other_codes_say_nothing_about_credentials() -> None:
    assert credentials_error("AccessDenied", "us-east-1") is None


def test_another_refusal_names_the_cause(
    account: AccountBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise exceptions.ClientError({"Error": {"Code": "AccessDenied"}}, "AssumeRole")

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", refused)
    with pytest.raises(AwsError, match="AssumeRole"):
        connect()


class TestOwnArns:
    """Which ARNs are the bot's own."""

    def test_a_user_is_its_own_arn(self, account: AccountBuilder) -> None:
        with connect() as connection:
            assert own_arns(connection) == (connection.caller_arn,)

    def test_an_assumed_role_is_found_with_its_path(self, account: AccountBuilder) -> None:
        arn = account.role("locksmith", path="/security/")
        credentials = boto3.client("sts", region_name="us-east-1").assume_role(
            RoleArn=arn, RoleSessionName="scan"
        )["Credentials"]
        os.environ["AWS_ACCESS_KEY_ID"] = credentials["AccessKeyId"]
        os.environ["AWS_SECRET_ACCESS_KEY"] = credentials["SecretAccessKey"]
        os.environ["AWS_SESSION_TOKEN"] = credentials["SessionToken"]
        with connect() as connection:
            assert ":assumed-role/locksmith/" in connection.caller_arn
            bare = f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/locksmith"
            assert own_arns(connection) == (bare,)

    def test_a_profile_s_source_is_its_trust_chain(self, account: AccountBuilder) -> None:
        arn = account.role("locksmith")
        account.user("operator", path="/people/")
        key = boto3.client("iam").create_access_key(UserName="operator")["AccessKey"]
        Path(os.environ["AWS_CONFIG_FILE"]).write_text(
            f"[profile bot]\nrole_arn = {arn}\nsource_profile = person\nregion = eu-west-1\n"
        )
        Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
            f"[person]\naws_access_key_id = {key['AccessKeyId']}\n"
            f"aws_secret_access_key = {key['SecretAccessKey']}\n"
        )
        with connect(profile="bot") as connection:
            person = f"arn:aws:iam::{DEFAULT_ACCOUNT}:user/people/operator"
            assert connection.chain == (person,)
            assert own_arns(connection) == (arn, person)
            assert connection.calls["sts:GetCallerIdentity"] == 2

    @pytest.mark.parametrize(("times", "gets_in"), [(3, True), (4, False)])
    def test_a_busy_source_is_asked_as_often_as_any_read(
        self, clean_environment: pytest.MonkeyPatch, times: int, gets_in: bool
    ) -> None:
        clean_environment.setattr(
            "botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0
        )
        with start(users=0, now=NOW) as served:
            clean_environment.setenv("AWS_ENDPOINT_URL", served.environment()["AWS_ENDPOINT_URL"])
            account = served.account
            arn = account.role("locksmith")
            account.user("operator")
            key = account.iam.access_keys[account.key("operator")]
            Path(os.environ["AWS_CONFIG_FILE"]).write_text(
                f"[profile bot]\nrole_arn = {arn}\nsource_profile = person\nregion = us-east-1\n"
            )
            Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
                f"[person]\naws_access_key_id = {key.access_key_id}\n"
                f"aws_secret_access_key = {key.secret_access_key}\n"
            )
            served.fault("sts:GetCallerIdentity", "error:ServiceUnavailable", nth=2, times=times)
            if gets_in:
                with connect(profile="bot", read_attempts=4) as connection:
                    assert connection.chain == (f"arn:aws:iam::{DEFAULT_ACCOUNT}:user/operator",)
            else:
                with pytest.raises(AwsError, match="ServiceUnavailable"):
                    connect(profile="bot", read_attempts=4)

    def test_a_chain_through_an_endpoint_elsewhere_is_refused(
        self, account: AccountBuilder
    ) -> None:
        arn = account.role("locksmith")
        Path(os.environ["AWS_CONFIG_FILE"]).write_text(
            f"[profile bot]\nrole_arn = {arn}\nsource_profile = person\n"
            "[profile person]\nendpoint_url = https://sts.evil.test\n"
        )
        Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
            "[person]\naws_access_key_id = a\naws_secret_access_key = b\n"
        )
        with pytest.raises(ConfigError, match="neither AWS nor this machine"):
            connect(profile="bot")

    @pytest.mark.parametrize(
        ("role_account", "expected"),
        [(DEFAULT_ACCOUNT, "role/deep/path/jump"), ("999988887777", None)],
    )
    def test_a_role_in_the_chain_is_found_in_its_own_account_only(
        self, account: AccountBuilder, role_account: str, expected: str | None
    ) -> None:
        account.role("jump", path="/deep/path/")
        with connect() as connection:
            connection.chain = (f"arn:aws:sts::{role_account}:assumed-role/jump/x",)
            roles = take_snapshot(
                connection,
                frozenset({Part.ROLES}),
                clock=lambda: account.now,
                protection=Protection(),
                progress=lambda _: None,
            ).roles
            bare = f"arn:aws:iam::{role_account}:role/jump"
            found = f"arn:aws:iam::{role_account}:{expected}" if expected else bare
            assert own_arns(connection, roles) == (connection.caller_arn, found)
