"""The least that any scanner must do: read the same facts with bare boto3 and parse them.

Prints one JSON line with its calls by operation. It evaluates nothing and remembers nothing.
"""

import argparse
import csv
import io
import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config

FILTER = ["User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"]


RETRIES = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
AUDIT = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
SIGN_INS = [{"AttributeKey": "EventName", "AttributeValue": "ConsoleLogin"}]


def main() -> None:
    """Read the account that the environment points at; `--keys N` also names keys with N calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=0, help="calls to spend on naming keys")
    budget = parser.parse_args().keys
    calls: Counter[str] = Counter()
    session = boto3.Session()
    sts, iam, trail, account, organizations = (
        _client(session, service, calls)
        for service in ("sts", "iam", "cloudtrail", "account", "organizations")
    )
    sts.get_caller_identity()
    details = {
        name: [
            item
            for page in iam.get_paginator("get_account_authorization_details").paginate(
                Filter=FILTER, PaginationConfig={"PageSize": 1000}
            )
            for item in page[name]
        ]
        for name in ("UserDetailList",)
    }
    rows = _report(iam)
    iam.get_account_summary()
    _password_policy(iam)
    users = list(_pages(iam, "list_users", "Users"))
    list(_pages(iam, "list_virtual_mfa_devices", "VirtualMFADevices"))
    _service_credentials(iam)
    _trails(session, trail, calls)
    list(_pages(trail, "lookup_events", "Events", LookupAttributes=SIGN_INS))
    _certificates(iam, rows)
    _contact(account)
    iam.list_organizations_features()
    _members(session, sts, organizations, calls)
    _name_keys(iam, rows, budget)
    print(
        json.dumps({"calls": calls, "users": len(users), "details": len(details["UserDetailList"])})
    )


def _counter(calls: Counter[str]) -> Any:
    def count(model: Any, **_: Any) -> None:
        calls[f"{model.service_model.service_name}:{model.name}"] += 1

    return count


def _client(session: Any, service: str, calls: Counter[str], **chosen: str) -> Any:
    client = session.client(service, config=RETRIES, **chosen)
    client.meta.events.register("before-call", _counter(calls))
    return client


def _pages(client: Any, operation: str, key: str, **params: Any) -> Iterator[Any]:
    size = {} if operation == "lookup_events" else {"PageSize": 1000}
    for page in client.get_paginator(operation).paginate(PaginationConfig=size, **params):
        yield from page[key]


def _report(iam: Any) -> list[dict[str, str]]:
    while iam.generate_credential_report()["State"] != "COMPLETE":
        time.sleep(0.2)
    text = iam.get_credential_report()["Content"].decode()
    return list(csv.DictReader(io.StringIO(text)))


def _password_policy(iam: Any) -> None:
    try:
        iam.get_account_password_policy()
    except iam.exceptions.NoSuchEntityException:
        return


def _service_credentials(iam: Any) -> None:
    marker: dict[str, str] = {}
    while True:
        page = iam.list_service_specific_credentials(AllUsers=True, MaxItems=1000, **marker)
        if not page.get("IsTruncated"):
            return
        marker = {"Marker": page["Marker"]}


def _trails(session: Any, trail: Any, calls: Counter[str]) -> None:
    """Of this Region and of organizations, then what the other Regions alone have."""
    trails = trail.describe_trails(includeShadowTrails=True)["trailList"]
    ec2 = _client(session, "ec2", calls)
    for region in ec2.describe_regions(AllRegions=False)["Regions"]:
        name = region["RegionName"]
        if name != trail.meta.region_name:
            there = _client(session, "cloudtrail", calls, region_name=name)
            trails += there.describe_trails(includeShadowTrails=False)["trailList"]
    for found in trails:
        trail.get_trail_status(Name=found["TrailARN"])
        trail.get_event_selectors(TrailName=found["TrailARN"])


def _certificates(iam: Any, rows: list[dict[str, str]]) -> None:
    list(_pages(iam, "list_server_certificates", "ServerCertificateMetadataList"))
    for row in rows:
        has_one = "true" in (row["cert_1_active"], row["cert_2_active"])
        if has_one and row["user"] != "<root_account>":
            iam.list_signing_certificates(UserName=row["user"])


def _contact(account: Any) -> None:
    try:
        account.get_alternate_contact(AlternateContactType="SECURITY")
    except account.exceptions.ResourceNotFoundException:
        return


def _members(session: Any, sts: Any, organizations: Any, calls: Counter[str]) -> None:
    """What root has in the other accounts, where there is any of it."""
    own = organizations.describe_organization()["Organization"]["MasterAccountId"]
    for member in organizations.list_accounts()["Accounts"]:
        if member["Id"] == own or member["Status"] != "ACTIVE":
            continue
        given = sts.assume_root(
            TargetPrincipal=member["Id"], TaskPolicyArn={"arn": AUDIT}, DurationSeconds=900
        )["Credentials"]
        iam = _client(
            session,
            "iam",
            calls,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )
        summary = iam.get_account_summary()["SummaryMap"]
        if summary.get("AccountAccessKeysPresent") or summary.get("AccountPasswordPresent"):
            for key in iam.list_access_keys()["AccessKeyMetadata"]:
                iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
            iam.list_signing_certificates()
            iam.list_mfa_devices()
            _password(iam)


def _password(iam: Any) -> None:
    try:
        iam.get_login_profile()
    except iam.exceptions.NoSuchEntityException:
        return


def _name_keys(iam: Any, rows: list[dict[str, str]], budget: int) -> None:
    for row in rows:
        has_keys = any(row.get(f"access_key_{n}_last_rotated") not in (None, "N/A") for n in (1, 2))
        if not has_keys or row["user"] == "<root_account>":
            continue
        if budget < 2:
            return
        keys = iam.list_access_keys(UserName=row["user"])["AccessKeyMetadata"]
        budget -= 1
        for key in keys[:budget]:
            iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
            budget -= 1


if __name__ == "__main__":
    main()
