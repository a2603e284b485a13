"""The credential report: rows, sentinels, quoting, its age, its states."""

import csv
import io
from datetime import timedelta

import pytest
from moto.iam.models import SigningCertificate

from bot.aws.simulated import AccountBuilder
from bot.aws.simulated.credential_report import COLUMNS
from tests.aws.simulated.conftest import NOW
from tests.aws.simulated.refusals import refused


def read(account: AccountBuilder) -> list[dict[str, str]]:
    """The rows of a report written now."""
    account.forget_report()
    iam = account.client()
    iam.generate_credential_report()
    content = iam.get_credential_report()["Content"].decode()
    return list(csv.DictReader(io.StringIO(content)))


def row(account: AccountBuilder, user: str) -> dict[str, str]:
    """The row of one user in a report written now."""
    return next(found for found in read(account) if found["user"] == user)


def test_columns_are_the_22_that_live_reports_have(account: AccountBuilder) -> None:
    """Names and order as captured from a live account."""
    (first,) = read(account)
    assert list(first) == [
        "user", "arn", "user_creation_time", "password_enabled", "password_last_used",
        "password_last_changed", "password_next_rotation", "mfa_active",
        "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
        "access_key_1_last_used_region", "access_key_1_last_used_service",
        "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
        "access_key_2_last_used_region", "access_key_2_last_used_service",
        "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
    ]  # fmt: skip


def test_additional_column_can_be_asked_for(account: AccountBuilder) -> None:
    """AWS documents a 23rd column; readers must cope with both."""
    account.iam.report_has_additional_column = True
    (first,) = read(account)
    assert list(first) == [*COLUMNS, "additional_credentials_info"]


def test_root_is_the_first_row(account: AccountBuilder) -> None:
    """Root comes before users, with not_supported where a root password has no such date."""
    account.user("alice")
    account.root(
        mfa=False, keys=1, key_last_used=account.ago(days=3), password_last_used=account.ago(days=9)
    )
    root, alice = read(account)
    assert alice["user"] == "alice"
    assert root["user"] == "<root_account>"
    assert root["arn"] == "arn:aws:iam::123456789012:root"
    assert root["password_enabled"] == "true"
    assert root["password_last_used"] == "2026-11-15T12:00:00Z"
    assert root["password_last_changed"] == "not_supported"
    assert root["password_next_rotation"] == "not_supported"
    assert root["mfa_active"] == "false"
    assert root["access_key_1_active"] == "true"
    assert root["access_key_1_last_used_date"] == "2026-11-21T12:00:00Z"
    assert root["access_key_2_active"] == "false"


def test_user_with_nothing_has_na_everywhere(account: AccountBuilder) -> None:
    """No password, no key, no certificate: N/A, never not_supported or an empty cell."""
    account.user("alice", created=account.ago(days=10))
    assert row(account, "alice") == {
        "user": "alice",
        "arn": "arn:aws:iam::123456789012:user/alice",
        "user_creation_time": "2026-11-14T12:00:00Z",
        "password_enabled": "false",
        "mfa_active": "false",
        **{name: "false" for name in COLUMNS if name.endswith("_active") and name != "mfa_active"},
        **{
            name: "N/A"
            for name in COLUMNS[4:]
            if not name.endswith("_active") and name != "mfa_active"
        },
    }


def test_password_never_used_is_no_information(account: AccountBuilder) -> None:
    """A password that exists and was never used says no_information."""
    account.user("alice", created=account.ago(days=10))
    account.password("alice", changed=account.ago(days=4))
    found = row(account, "alice")
    assert (found["password_enabled"], found["password_last_used"]) == ("true", "no_information")
    assert found["password_last_changed"] == "2026-11-20T12:00:00Z"
    assert found["password_next_rotation"] == "N/A"


def test_next_rotation_follows_the_password_policy(account: AccountBuilder) -> None:
    """With a maximum age, the next rotation is that long after the change."""
    account.password_policy(max_age=90)
    account.user("alice")
    account.password("alice", changed=account.ago(days=30), last_used=account.ago(hours=1))
    found = row(account, "alice")
    assert found["password_next_rotation"] == "2027-01-23T12:00:00Z"
    assert found["password_last_used"] == "2026-11-24T11:00:00Z"


def test_keys_show_age_and_last_use(account: AccountBuilder) -> None:
    """A used key and an inactive one that was never used; the inactive one keeps its date."""
    account.user("alice")
    ids = [
        account.key(
            "alice",
            created=account.ago(days=100),
            last_used=account.ago(days=50),
            service="sqs",
            region="eu-west-1",
        ),
        account.key("alice", created=account.ago(days=5), status="Inactive"),
    ]
    found = row(account, "alice")
    used = 1 + sorted(ids).index(ids[0])
    idle = 3 - used
    assert [found[f"access_key_{used}_{name}"] for name in _KEY] == [
        "true", "2026-08-16T12:00:00Z", "2026-10-05T12:00:00Z", "eu-west-1", "sqs",
    ]  # fmt: skip
    assert [found[f"access_key_{idle}_{name}"] for name in _KEY] == [
        "false", "2026-11-19T12:00:00Z", "N/A", "N/A", "N/A",
    ]  # fmt: skip


_KEY = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")


def test_last_rotated_is_the_last_change_of_a_key(account: AccountBuilder) -> None:
    """AWS documents it as created or last changed: seeded, and after UpdateAccessKey."""
    account.user("alice")
    key = account.key("alice", created=account.ago(days=100), changed=account.ago(days=7))
    assert row(account, "alice")["access_key_1_last_rotated"] == "2026-11-17T12:00:00Z"
    iam = account.client()
    iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
    assert row(account, "alice")["access_key_1_last_rotated"] == "2026-11-24T12:00:00Z"
    (listed,) = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
    assert listed["CreateDate"] == account.ago(days=100)


def test_a_third_key_is_not_shown(account: AccountBuilder) -> None:
    """Two slots, filled by ascending key id; AWS has let a third key through before."""
    account.user("alice")
    ids = [account.key("alice", created=account.ago(days=days)) for days in (1, 2, 3)]
    created = {key.access_key_id: key.create_date for key in account.iam.users["alice"].access_keys}
    found = row(account, "alice")
    for slot, key_id in enumerate(sorted(ids)[:2], start=1):
        shown = found[f"access_key_{slot}_last_rotated"]
        assert shown == f"{created[key_id]:%Y-%m-%dT%H:%M:%SZ}"


def test_certificates_and_mfa_show(account: AccountBuilder) -> None:
    """A signing certificate with its date; any kind of MFA device counts."""
    account.user("alice")
    account.mfa("alice", kind="fido")
    certificate = SigningCertificate("CERT", "alice", "")
    certificate.upload_date = account.ago(days=1).replace(tzinfo=None)
    account.iam.users["alice"].signing_certificates["CERT"] = certificate
    found = row(account, "alice")
    assert found["mfa_active"] == "true"
    assert (found["cert_1_active"], found["cert_1_last_rotated"]) == (
        "true",
        "2026-11-23T12:00:00Z",
    )
    assert (found["cert_2_active"], found["cert_2_last_rotated"]) == ("false", "N/A")


@pytest.mark.parametrize("name", ["ito,kenji", "a=b@c.d", "plus+minus-_."])
def test_names_survive_the_csv(account: AccountBuilder, name: str) -> None:
    """A comma is quoted, so that columns don't shift."""
    account.user(name)
    assert row(account, name)["arn"] == f"arn:aws:iam::123456789012:user/{name}"


def test_no_newline_after_the_last_row(account: AccountBuilder) -> None:
    """As live reports end."""
    iam = account.client()
    iam.generate_credential_report()
    assert not iam.get_credential_report()["Content"].endswith(b"\n")


def test_report_is_cached_for_four_hours(account: AccountBuilder) -> None:
    """Neither its bytes nor its time change after a mutation; past four hours both do."""
    iam = account.client()
    assert iam.generate_credential_report()["State"] == "STARTED"
    first = iam.get_credential_report()
    assert first["GeneratedTime"] == NOW
    assert first["ReportFormat"] == "text/csv"
    iam.create_user(UserName="late")
    account.advance(hours=4)
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    second = iam.get_credential_report()
    assert (second["Content"], second["GeneratedTime"]) == (first["Content"], NOW)
    account.advance(seconds=1)
    with refused("ReportExpired", status=410):
        iam.get_credential_report()
    assert iam.generate_credential_report()["State"] == "STARTED"
    third = iam.get_credential_report()
    assert b"late" in third["Content"]
    assert third["GeneratedTime"] == NOW + timedelta(hours=4, seconds=1)


def test_cached_report_can_be_forgotten(account: AccountBuilder) -> None:
    """A test that fixes something needs a fresh report without four hours passing."""
    iam = account.client()
    iam.generate_credential_report()
    iam.create_user(UserName="late")
    account.forget_report()
    with refused("ReportNotPresent", status=410):
        iam.get_credential_report()
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert b"late" in iam.get_credential_report()["Content"]


def test_report_can_take_polls(account: AccountBuilder) -> None:
    """STARTED, INPROGRESS as often as asked, COMPLETE; reading early is refused."""
    account.iam.report_polls = 2
    iam = account.client()
    states = [iam.generate_credential_report()["State"] for _ in range(2)]
    with refused("ReportInProgress", status=404):
        iam.get_credential_report()
    states += [iam.generate_credential_report()["State"] for _ in range(2)]
    assert states == ["STARTED", "INPROGRESS", "INPROGRESS", "COMPLETE"]
    assert iam.get_credential_report()["Content"].startswith(b"user,arn,")
